#ifndef ENRICH_ENGINE_RESULT_FEED_H_
#define ENRICH_ENGINE_RESULT_FEED_H_

#include <cstdint>
#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "absl/container/flat_hash_map.h"
#include "absl/strings/string_view.h"
#include "base/mutex.h"
#include "store/store.h"

namespace enrich {

// What a reader follows.
struct FeedScope {
  std::string tenant = {};
  // One batch, or all of the tenant.
  std::optional<int64_t> batch_key = {};
};

// Fans committed events out to readers. The store calls Publish after each
// commit; a reader pulls. Segments are shared, never copied. A reader that does
// not keep up costs `max_buffer_bytes` at most: its buffer is then dropped and
// it reads the log again from its cursor, at its own pace.
class ResultFeed {
 public:
  // One reader's place. Thread-safe.
  class Reader {
   public:
    virtual ~Reader() = default;

    // Takes the buffered segments that follow the cursor, about `max_bytes` of
    // them, and moves the cursor. Empty with `*behind` false: nothing new;
    // `wake` will be called. Empty with `*behind` true: the buffer does not
    // reach back to the cursor; read the log after `cursor()` and hand the
    // segments to Advance.
    virtual std::vector<LogSegmentPtr> Take(size_t max_bytes, bool* behind) = 0;

    // The log was read up to and including `revision`; pass `cursor()` when the
    // read found nothing more. Returns true once the reader has caught up and
    // lives on what is published.
    virtual bool Advance(int64_t revision) = 0;

    virtual int64_t cursor() const = 0;
  };

  // Segments given to Publish for a tenant after this call reach the reader, or
  // mark it as behind. Starts behind, at `after_revision`. `wake` is called
  // without locks, on the publishing thread, when something can be taken after
  // Take returned nothing; it must not block, and may be called while or just
  // after the reader is destroyed.
  std::unique_ptr<Reader> Open(FeedScope scope, int64_t after_revision,
                               size_t max_buffer_bytes,
                               std::function<void()> wake);

  // In revision order per tenant. Called from one thread at a time.
  void Publish(const std::vector<LogSegmentPtr>& segments);

 private:
  struct Subscription;
  class ReaderImpl;
  Mutex mu_;
  // By tenant: the newest revision published and the readers.
  struct Tenant {
    int64_t head = 0;
    std::vector<std::weak_ptr<Subscription>> subscriptions = {};
  };
  absl::flat_hash_map<std::string, Tenant> tenants_ ABSL_GUARDED_BY(mu_);
};

}  // namespace enrich

#endif  // ENRICH_ENGINE_RESULT_FEED_H_
