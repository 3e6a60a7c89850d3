#ifndef ENRICH_TESTS_SIM_EVENTS_H_
#define ENRICH_TESTS_SIM_EVENTS_H_

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "absl/strings/string_view.h"
#include "engine/event_encoder.h"
#include "model/event_frame.h"

namespace enrich::sim {

// What an event says, as the checks read it.
struct SeenAttempt {
  std::string provider = {};
  std::string outcome = {};
  std::string reason = {};
  int64_t millicredits = 0;
  // Answered by what was bought for somebody alike.
  bool cached = false;
};
struct SeenField {
  std::string name = {};
  std::string outcome = {};
  std::vector<std::string> values = {};
  std::vector<SeenAttempt> attempts = {};
};
struct SeenEvent {
  std::string batch_id = {};
  // The end of the batch, not a contact's result.
  bool finished = false;
  int64_t contacts_done = 0;
  int64_t index = 0;
  int64_t supersedes = 0;
  std::string contact_ref = {};
  std::vector<SeenField> fields = {};
};

// Writes events as text that Parse reads.
class SimEventEncoder final : public EventEncoder {
 public:
  std::string EncodeContactResult(absl::string_view batch_id,
                                  absl::Time event_time, int64_t index,
                                  const Contact& contact,
                                  const ContactProgress& progress,
                                  int64_t supersedes) const override;
  std::string EncodeBatchFinished(const Batch& batch) const override;
  std::optional<int64_t> ContactIndexOf(absl::string_view event) const override;
  // UNIMPLEMENTED: no webhook is run again here.
  absl::StatusOr<ContactProgress> DecodeContactResult(
      absl::string_view event) const override;

  // Empty for what is no event of ours.
  static std::optional<SeenEvent> Parse(absl::string_view body);
};

// The body of an event, without its position.
absl::string_view BodyOf(const EventFrame& frame);

}  // namespace enrich::sim

#endif  // ENRICH_TESTS_SIM_EVENTS_H_
