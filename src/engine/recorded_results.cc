#include "engine/recorded_results.h"

#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "base/status_macros.h"
#include "model/event_frame.h"

namespace enrich {
namespace {

constexpr size_t kPortionBytes = 1 << 20;

struct RecordedEvent {
  int64_t sequence = 0;
  std::string message = {};
};

}  // namespace

absl::StatusOr<absl::flat_hash_map<int64_t, ContactProgress>>
ReadRecordedResults(Store& store, const EventEncoder& encoder,
                    int64_t batch_key,
                    const absl::flat_hash_set<int64_t>& positions) {
  absl::flat_hash_map<int64_t, RecordedEvent> newest;
  int64_t sequence = 0;
  while (true) {
    ASSIGN_OR_RETURN(const std::vector<LogSegmentPtr> segments,
                     store.ReadBatchLog(batch_key, sequence, kPortionBytes));
    if (segments.empty()) break;
    for (const LogSegmentPtr& segment : segments) {
      absl::string_view frames = segment->frames;
      while (const auto frame = NextEventFrame(frames)) {
        const auto position = encoder.ContactIndexOf(frame->message);
        if (!position.has_value() || !positions.contains(*position)) continue;
        newest[*position] = {.sequence = frame->position.sequence,
                             .message = std::string(frame->message)};
      }
      sequence = segment->last_sequence;
    }
  }
  absl::flat_hash_map<int64_t, ContactProgress> results;
  for (const auto& [position, event] : newest) {
    ASSIGN_OR_RETURN(ContactProgress progress,
                     encoder.DecodeContactResult(event.message));
    progress.sequence = event.sequence;
    results.emplace(position, std::move(progress));
  }
  return results;
}

}  // namespace enrich
