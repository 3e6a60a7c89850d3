#include "store/sqlite/event_log.h"

#include <algorithm>
#include <memory>
#include <numeric>
#include <string>
#include <utility>

#include "absl/container/flat_hash_map.h"
#include "base/status_macros.h"
#include "model/event_frame.h"
#include "store/sqlite/batch_rows.h"
#include "store/sqlite/rows.h"

namespace enrich {
namespace {

constexpr char kInsertSegment[] =
    "INSERT INTO result_log VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7)";

// A reader takes whole segments, so they must not grow with the batch.
constexpr size_t kMaxSegmentBytes = 256 * 1024;
// Tag, length and position of a frame, at most.
constexpr size_t kFrameOverhead = 32;

// Writes a run of events of one batch as segments.
class SegmentWriter {
 public:
  SegmentWriter(Transaction& tx, Batch& batch) : tx_(tx), batch_(batch) {}

  // Makes room for what is known to come.
  void Reserve(size_t bytes) {
    reserve_ = std::min(bytes, kMaxSegmentBytes + kFrameOverhead);
  }

  // Returns the event's sequence.
  absl::StatusOr<int64_t> Add(absl::string_view body) {
    if (segment_ != nullptr &&
        segment_->frames.size() + body.size() > kMaxSegmentBytes) {
      RETURN_IF_ERROR(Flush());
    }
    const EventPosition position = {.revision = ++tx_.heads.revision,
                                    .sequence = ++batch_.last_sequence};
    if (segment_ == nullptr) Begin(position);
    AppendEventFrame(segment_->frames, position, body);
    segment_->last_revision = position.revision;
    segment_->last_sequence = position.sequence;
    return position.sequence;
  }

  absl::Status Flush() {
    if (segment_ == nullptr) return absl::OkStatus();
    const LogSegment& segment = *segment_;
    RETURN_IF_ERROR(tx_.db.Use(kInsertSegment)
                        .Run(segment.last_revision, segment.first_revision,
                             segment.tenant, segment.batch_key,
                             segment.first_sequence, segment.last_sequence,
                             SqlBlob{segment.frames}));
    tx_.segments.push_back(std::move(segment_));
    return absl::OkStatus();
  }

 private:
  void Begin(EventPosition position) {
    segment_ = std::make_shared<LogSegment>(
        LogSegment{.tenant = batch_.tenant,
                   .batch_key = batch_.key,
                   .first_revision = position.revision,
                   .first_sequence = position.sequence});
    segment_->frames.reserve(reserve_);
  }

  Transaction& tx_;
  Batch& batch_;
  size_t reserve_ = 0;
  std::shared_ptr<LogSegment> segment_;
};

// Ends the batch if its last contact is closed.
absl::Status FinishIfDone(const StoreHooks& hooks, absl::Time now, Batch& batch,
                          SegmentWriter& writer) {
  if (batch.finish_time.has_value() ||
      batch.counters.contacts_done < batch.counters.contacts) {
    return absl::OkStatus();
  }
  batch.state = batch.state == BatchState::kCancelling ? BatchState::kCancelled
                                                       : BatchState::kFinished;
  batch.finish_time = ToStored(now);
  Batch ended = batch;
  ++ended.last_sequence;
  return writer.Add(hooks.encode_batch_finished(ended)).status();
}

// Appends those of `events` that `indexes` names.
absl::Status AppendToBatch(Transaction& tx, absl::Span<const NewEvent> events,
                           absl::Span<const size_t> indexes, absl::Time now,
                           Batch& batch, std::vector<int64_t>& sequences) {
  SegmentWriter writer(tx, batch);
  size_t bytes = 0;
  for (const size_t i : indexes)
    bytes += events[i].body.size() + kFrameOverhead;
  writer.Reserve(bytes);
  for (const size_t i : indexes) {
    ASSIGN_OR_RETURN(sequences[i], writer.Add(events[i].body));
    batch.counters += events[i].delta;
  }
  RETURN_IF_ERROR(FinishIfDone(tx.hooks, now, batch, writer));
  return writer.Flush();
}

struct BatchEvents {
  int64_t batch_key = 0;
  std::vector<size_t> indexes = {};
};

// By batch, in the order of their first events. A write touches few batches.
std::vector<BatchEvents> GroupByBatch(absl::Span<const NewEvent> events) {
  std::vector<BatchEvents> groups;
  absl::flat_hash_map<int64_t, size_t> group_of;
  for (size_t i = 0; i < events.size(); ++i) {
    const auto [it, added] =
        group_of.try_emplace(events[i].batch_key, groups.size());
    if (added) groups.push_back({.batch_key = events[i].batch_key});
    groups[it->second].indexes.push_back(i);
  }
  return groups;
}

}  // namespace

absl::StatusOr<std::vector<int64_t>> AppendEvents(
    Transaction& tx, absl::Span<const NewEvent> events, absl::Time now) {
  std::vector<int64_t> sequences(events.size(), 0);
  for (const BatchEvents& group : GroupByBatch(events)) {
    ASSIGN_OR_RETURN(Batch * batch, tx.batches.Change(group.batch_key));
    if (batch == nullptr) continue;
    RETURN_IF_ERROR(
        AppendToBatch(tx, events, group.indexes, now, *batch, sequences));
  }
  return sequences;
}

absl::StatusOr<std::vector<int64_t>> AppendFirstEvents(
    Transaction& tx, absl::Span<const NewEvent> events, absl::Time now,
    Batch& batch) {
  std::vector<int64_t> sequences(events.size(), 0);
  if (events.empty() && batch.counters.contacts > 0) return sequences;
  std::vector<size_t> indexes(events.size());
  std::iota(indexes.begin(), indexes.end(), 0);
  RETURN_IF_ERROR(AppendToBatch(tx, events, indexes, now, batch, sequences));
  RETURN_IF_ERROR(UpdateBatch(tx.db, batch));
  return sequences;
}

}  // namespace enrich
