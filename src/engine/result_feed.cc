#include "engine/result_feed.h"

#include <algorithm>
#include <deque>
#include <utility>

namespace enrich {

// The buffer holds, in order and without gap, every segment in scope that was
// published after `dropped_revision`.
struct ResultFeed::Subscription {
  Subscription(FeedScope scope, int64_t cursor, int64_t head,
               size_t max_buffer_bytes, std::function<void()> wake)
      : scope(std::move(scope)),
        max_buffer_bytes(max_buffer_bytes),
        wake(std::move(wake)),
        head_at_open(head),
        cursor(cursor) {}

  const FeedScope scope;
  const size_t max_buffer_bytes;
  const std::function<void()> wake;
  // The newest revision published before the subscription; 0 when nothing was
  // published yet, which says nothing about the log.
  const int64_t head_at_open;

  Mutex mu;
  std::deque<LogSegmentPtr> buffer ABSL_GUARDED_BY(mu);
  size_t buffer_bytes ABSL_GUARDED_BY(mu) = 0;
  int64_t cursor ABSL_GUARDED_BY(mu);
  // Newest revision that was published to this subscription and not kept.
  int64_t dropped_revision ABSL_GUARDED_BY(mu) = 0;
  // Whether everything before the subscription was read from the log.
  bool history_read ABSL_GUARDED_BY(mu) = false;
  // Whether the reader waits to be woken.
  bool waiting ABSL_GUARDED_BY(mu) = false;

  bool Behind() const ABSL_EXCLUSIVE_LOCKS_REQUIRED(mu) {
    return !history_read || dropped_revision > cursor;
  }

  bool InScope(const LogSegment& segment) const {
    return !scope.batch_key || *scope.batch_key == segment.batch_key;
  }

  // Returns whether the reader must be woken.
  bool Add(const LogSegmentPtr& segment) ABSL_LOCKS_EXCLUDED(mu) {
    if (!InScope(*segment)) return false;
    MutexLock lock(&mu);
    if (segment->last_revision <= cursor) return false;
    if (buffer_bytes + segment->frames.size() > max_buffer_bytes) {
      buffer.clear();
      buffer_bytes = 0;
      dropped_revision = segment->last_revision;
    } else {
      buffer.push_back(segment);
      buffer_bytes += segment->frames.size();
    }
    return std::exchange(waiting, false);
  }

  LogSegmentPtr PopFront() ABSL_EXCLUSIVE_LOCKS_REQUIRED(mu) {
    LogSegmentPtr segment = std::move(buffer.front());
    buffer.pop_front();
    buffer_bytes -= segment->frames.size();
    return segment;
  }
};

class ResultFeed::ReaderImpl final : public ResultFeed::Reader {
 public:
  explicit ReaderImpl(std::shared_ptr<Subscription> subscription)
      : subscription_(std::move(subscription)) {}

  std::vector<LogSegmentPtr> Take(size_t max_bytes, bool* behind) override {
    Subscription& s = *subscription_;
    MutexLock lock(&s.mu);
    std::vector<LogSegmentPtr> taken;
    *behind = s.Behind();
    if (*behind) return taken;
    size_t bytes = 0;
    while (!s.buffer.empty() && (taken.empty() || bytes < max_bytes)) {
      taken.push_back(s.PopFront());
      bytes += taken.back()->frames.size();
      s.cursor = taken.back()->last_revision;
    }
    s.waiting = taken.empty();
    return taken;
  }

  bool Advance(int64_t revision) override {
    Subscription& s = *subscription_;
    MutexLock lock(&s.mu);
    const bool nothing_found = revision <= s.cursor;
    s.cursor = std::max(s.cursor, revision);
    if (nothing_found || (s.head_at_open > 0 && s.cursor >= s.head_at_open)) {
      s.history_read = true;
    }
    while (!s.buffer.empty() && s.buffer.front()->last_revision <= s.cursor) {
      s.PopFront();
    }
    return !s.Behind();
  }

  int64_t cursor() const override {
    MutexLock lock(&subscription_->mu);
    return subscription_->cursor;
  }

 private:
  const std::shared_ptr<Subscription> subscription_;
};

std::unique_ptr<ResultFeed::Reader> ResultFeed::Open(
    FeedScope scope, int64_t after_revision, size_t max_buffer_bytes,
    std::function<void()> wake) {
  MutexLock lock(&mu_);
  Tenant& tenant = tenants_[scope.tenant];
  auto& subscriptions = tenant.subscriptions;
  // Only when the vector would grow: constant cost per call in the long run.
  if (subscriptions.size() == subscriptions.capacity()) {
    std::erase_if(subscriptions, [](const auto& s) { return s.expired(); });
  }
  auto subscription = std::make_shared<Subscription>(
      std::move(scope), after_revision, tenant.head, max_buffer_bytes,
      std::move(wake));
  subscriptions.push_back(subscription);
  return std::make_unique<ReaderImpl>(std::move(subscription));
}

void ResultFeed::Publish(const std::vector<LogSegmentPtr>& segments) {
  std::vector<std::shared_ptr<Subscription>> woken;
  {
    MutexLock lock(&mu_);
    for (const LogSegmentPtr& segment : segments) {
      Tenant& tenant = tenants_[segment->tenant];
      tenant.head = std::max(tenant.head, segment->last_revision);
      std::erase_if(tenant.subscriptions, [&](const auto& weak) {
        std::shared_ptr<Subscription> subscription = weak.lock();
        if (subscription == nullptr) return true;
        if (subscription->Add(segment)) woken.push_back(subscription);
        return false;
      });
    }
  }
  for (const auto& subscription : woken) subscription->wake();
}

}  // namespace enrich
