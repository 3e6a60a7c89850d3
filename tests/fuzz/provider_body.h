#ifndef ENRICH_TESTS_FUZZ_PROVIDER_BODY_H_
#define ENRICH_TESTS_FUZZ_PROVIDER_BODY_H_

#include <string>

#include "provider/adapter.h"

namespace enrich {

// Has `adapter` read `body` as every kind of answer it knows: to each
// operation's submission and fetch, as a webhook and as a balance. Aborts when
// an answer contradicts itself.
void ReadAsEverything(const ProviderAdapter& adapter, const std::string& body);

}  // namespace enrich

#endif  // ENRICH_TESTS_FUZZ_PROVIDER_BODY_H_
