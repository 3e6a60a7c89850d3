#ifndef ENRICH_ENGINE_EVENT_ENCODER_H_
#define ENRICH_ENGINE_EVENT_ENCODER_H_

#include <cstdint>
#include <optional>
#include <string>

#include "absl/status/statusor.h"
#include "absl/strings/string_view.h"
#include "absl/time/time.h"
#include "model/batch.h"
#include "model/contact.h"
#include "model/result.h"

namespace enrich {

// Serialises result events and reads them again, so that the engine needs to
// know no wire format. Thread-safe. What is encoded is an enrich.v1.ResultEvent
// without revision and sequence, which the store adds.
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

  // The position of the contact whose result an event of the log is; empty for
  // an event of another kind. Cheap: reads no more than it must.
  virtual std::optional<int64_t> ContactIndexOf(
      absl::string_view event) const = 0;

  // The result that an event of the log holds, without its sequence. DATA_LOSS
  // when it holds none.
  virtual absl::StatusOr<ContactProgress> DecodeContactResult(
      absl::string_view event) const = 0;
};

}  // namespace enrich

#endif  // ENRICH_ENGINE_EVENT_ENCODER_H_
