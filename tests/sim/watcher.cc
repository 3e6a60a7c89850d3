#include "sim/watcher.h"

#include <algorithm>

#include "model/event_frame.h"

namespace enrich::sim {

Watcher::Watcher(World& world, const Weather& weather, const Journal& journal,
                 FindGateway gateway, std::string tenant, SeenLog& seen)
    : world_(world),
      weather_(weather),
      journal_(journal),
      gateway_(std::move(gateway)),
      tenant_(std::move(tenant)),
      seen_(seen) {}

void Watcher::LookAgain(absl::Duration pause) {
  world_.After(pause, [this] { Look(); });
}

void Watcher::Look() {
  Gateway* gateway = gateway_();
  if (process_ != nullptr &&
      (gateway == nullptr || process_ != gateway->process())) {
    Disconnect();
  }
  if (gateway == nullptr) return LookAgain(absl::Seconds(3));
  if (process_ == nullptr) Connect(*gateway);
  const bool breaks = !calm_ && world_.Chance(weather_.stream_breaks);
  if (breaks || !ReadSome(*gateway)) {
    world_.Count("stream breaks");
    Disconnect();
    LookAgain(world_.Span(absl::Milliseconds(10), absl::Minutes(1)));
  }
}

void Watcher::Connect(Gateway& gateway) {
  process_ = gateway.process();
  behind_ = true;
  sequences_.clear();
  // What was not taken up before the stream broke is asked for again.
  if (!calm_ && world_.Chance(0.2)) position_ = world_.Int(0, position_);
  resumed_at_ = position_;
  world_.Count("stream opened");
  const auto buffer = static_cast<size_t>(world_.Int(100, 100'000));
  reader_ = gateway.feed().Open({.tenant = tenant_}, position_, buffer, [this] {
    LookAgain(world_.Span(absl::Microseconds(50), absl::Milliseconds(20)));
  });
}

void Watcher::Disconnect() {
  reader_ = nullptr;
  process_ = nullptr;
}

bool Watcher::ReadSome(Gateway& gateway) {
  const auto most = static_cast<size_t>(world_.Int(1, 20'000));
  if (!behind_) {
    for (const LogSegmentPtr& segment : reader_->Take(most, &behind_)) {
      Take(*segment);
      LookAgain(absl::Microseconds(10));
    }
    if (!behind_) return true;
    world_.Count("stream falls behind");
  }
  const auto segments =
      gateway.store().ReadLog(tenant_, std::nullopt, reader_->cursor(), most);
  if (!segments.ok()) return false;
  int64_t cursor = reader_->cursor();
  for (const LogSegmentPtr& segment : *segments) {
    Take(*segment);
    cursor = std::max(cursor, segment->last_revision);
  }
  behind_ = !reader_->Advance(cursor);
  LookAgain(world_.Span(absl::Microseconds(50), absl::Milliseconds(20)));
  return true;
}

void Watcher::Take(const LogSegment& segment) {
  const auto batch = journal_.batches().find(segment.batch_key);
  if (segment.tenant != tenant_ || batch == journal_.batches().end() ||
      batch->second.tenant != tenant_) {
    world_.Violate("I7", absl::StrCat(tenant_, " sees events of batch ",
                                      segment.batch_key));
  }
  absl::string_view frames = segment.frames;
  while (const auto frame = NextEventFrame(frames)) {
    // A segment may begin before what was asked for.
    if (frame->position.revision > position_) TakeEvent(segment, *frame);
  }
  if (!frames.empty()) world_.Violate("I4", "a segment that does not read");
}

void Watcher::TakeEvent(const LogSegment& segment, const EventFrame& frame) {
  const auto [revision, sequence] = frame.position;
  position_ = revision;
  const auto id = [&] {
    return absl::StrCat("event ", sequence, " of batch ", segment.batch_key);
  };
  const auto [row, added] = seen_.try_emplace(
      {segment.batch_key, sequence},
      SeenRow{.revision = revision, .entry = std::string(frame.entry)});
  if (!added &&
      (row->second.entry != frame.entry || row->second.revision != revision)) {
    world_.Violate("I4", absl::StrCat(id(), " has changed"));
  }
  const auto [last, first] =
      sequences_.try_emplace(segment.batch_key, sequence - 1);
  if (last->second != sequence - 1) {
    world_.Violate("I4", absl::StrCat(id(), " comes after ", last->second));
  }
  last->second = sequence;
  if (!first || sequence == 1) return;
  // The stream's first of this batch: those before were seen earlier.
  const auto before = seen_.find({segment.batch_key, sequence - 1});
  if (before == seen_.end() || before->second.revision > resumed_at_) {
    world_.Violate("I4",
                   absl::StrCat(id(), " comes first after ", resumed_at_));
  }
}

}  // namespace enrich::sim
