#ifndef ENRICH_ENGINE_READING_H_
#define ENRICH_ENGINE_READING_H_

#include <string>

#include "provider/adapter.h"

namespace enrich {

// Fingerprint of what an adapter read in a webhook body: equal for equal
// readings. Kept with the body, so that running it again touches no result
// unless the adapter reads it in another way than it did. What was received of
// an item (`raw`) does not count: it is the body's.
std::string ReadingOf(const WebhookAnswer& answer);

}  // namespace enrich

#endif  // ENRICH_ENGINE_READING_H_
