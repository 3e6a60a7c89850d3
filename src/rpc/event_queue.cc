#include "rpc/event_queue.h"

#include <optional>
#include <utility>

#include "base/status_macros.h"
#include "enrich/v1/result.pb.h"
#include "google/protobuf/io/coded_stream.h"
#include "google/protobuf/wire_format_lite.h"
#include "model/event_frame.h"

namespace enrich {
namespace {

// From here on a reference count costs less than a copy.
constexpr size_t kShareBytes = 4096;

grpc::Slice Share(LogSegmentPtr owner, absl::string_view bytes) {
  return grpc::Slice(
      const_cast<char*>(bytes.data()), bytes.size(),
      [](void* kept) { delete static_cast<LogSegmentPtr*>(kept); },
      new LogSegmentPtr(std::move(owner)));
}

}  // namespace

// Collects the bytes of one message.
class EventQueue::Packer {
 public:
  Packer(PackLimits limits, std::vector<grpc::Slice>* out)
      : limits_(limits), out_(out) {}
  ~Packer() { FlushCopied(); }

  bool Fits(int64_t events, size_t bytes) const {
    return events_ + events <= limits_.events &&
           bytes_ + bytes <= limits_.bytes;
  }
  bool empty() const { return events_ == 0; }
  void Count(int64_t events, size_t bytes) {
    events_ += events;
    bytes_ += bytes;
  }
  void Append(const LogSegmentPtr& owner, absl::string_view bytes) {
    if (bytes.size() < kShareBytes) {
      copied_.append(bytes.data(), bytes.size());
      return;
    }
    FlushCopied();
    out_->push_back(Share(owner, bytes));
  }

 private:
  void FlushCopied() {
    if (copied_.empty()) return;
    out_->emplace_back(copied_);
    copied_.clear();
  }

  const PackLimits limits_;
  std::vector<grpc::Slice>* const out_;
  int64_t events_ = 0;
  size_t bytes_ = 0;
  std::string copied_;
};

void EventQueue::Push(LogSegmentPtr segment) {
  if (segments_.empty()) rest_ = segment->frames;
  segments_.push_back(std::move(segment));
}

absl::Status EventQueue::Pack(PackLimits limits,
                              std::vector<grpc::Slice>* out) {
  Packer packer(limits, out);
  while (!segments_.empty()) {
    if (!TakeWhole(packer)) RETURN_IF_ERROR(TakeFrames(packer));
    if (!rest_.empty()) break;
    segments_.pop_front();
    if (!segments_.empty()) rest_ = segments_.front()->frames;
  }
  return absl::OkStatus();
}

bool EventQueue::TakeWhole(Packer& packer) {
  const LogSegmentPtr& segment = segments_.front();
  const int64_t events = segment->last_sequence - segment->first_sequence + 1;
  if (watch_for_end_ || rest_.size() != segment->frames.size() ||
      segment->first_revision <= revision_ ||
      !packer.Fits(events, rest_.size())) {
    return false;
  }
  packer.Count(events, rest_.size());
  packer.Append(segment, rest_);
  revision_ = segment->last_revision;
  rest_ = {};
  return true;
}

absl::Status EventQueue::TakeFrames(Packer& packer) {
  // Events that go into one message are next to each other.
  const char* begin = nullptr;
  const char* end = nullptr;
  while (!rest_.empty()) {
    absl::string_view after = rest_;
    const std::optional<EventFrame> frame = NextEventFrame(after);
    if (!frame) return absl::DataLossError("the result log is damaged");
    if (frame->position.revision > revision_) {
      const size_t size = frame->entry.size();
      if (!packer.empty() && !packer.Fits(1, size)) break;
      packer.Count(1, size);
      if (begin == nullptr) begin = frame->entry.data();
      end = frame->entry.data() + size;
      revision_ = frame->position.revision;
      saw_end_ |= watch_for_end_ && IsBatchFinished(frame->message);
    }
    rest_ = after;
  }
  if (begin != nullptr) {
    packer.Append(segments_.front(), {begin, static_cast<size_t>(end - begin)});
  }
  return absl::OkStatus();
}

bool IsBatchFinished(absl::string_view message) {
  using google::protobuf::internal::WireFormatLite;
  google::protobuf::io::CodedInputStream in(
      reinterpret_cast<const uint8_t*>(message.data()),
      static_cast<int>(message.size()));
  while (const uint32_t tag = in.ReadTag()) {
    if (WireFormatLite::GetTagFieldNumber(tag) ==
        v1::ResultEvent::kBatchFinishedFieldNumber) {
      return true;
    }
    if (!WireFormatLite::SkipField(&in, tag)) return false;
  }
  return false;
}

}  // namespace enrich
