#ifndef ENRICH_ENGINE_EVENT_ENCODER_H_
#define ENRICH_ENGINE_EVENT_ENCODER_H_

#include <cstdint>
#include <string>

#include "absl/strings/string_view.h"
#include "absl/time/time.h"
#include "model/batch.h"
#include "model/contact.h"
#include "model/result.h"

namespace enrich {

// Serialises result events, so that the engine needs to know no wire format.
// Thread-safe. Each returns a serialised enrich.v1.ResultEvent without revision
// and sequence, which the store adds.
class EventEncoder {
 public:
  virtual ~EventEncoder() = default;

  // `index` is the contact's position in its batch; `supersedes` the sequence
  // of the event corrected, 0 for none.
  virtual std::string EncodeContactResult(absl::string_view batch_id,
                                          absl::Time event_time, int64_t index,
                                          const Contact& contact,
                                          const ContactProgress& progress,
                                          int64_t supersedes) const = 0;

  virtual std::string EncodeBatchFinished(const Batch& batch) const = 0;
};

}  // namespace enrich

#endif  // ENRICH_ENGINE_EVENT_ENCODER_H_
