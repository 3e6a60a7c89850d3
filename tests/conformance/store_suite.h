#ifndef ENRICH_TESTS_CONFORMANCE_STORE_SUITE_H_
#define ENRICH_TESTS_CONFORMANCE_STORE_SUITE_H_

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <chrono>
#include <functional>
#include <future>
#include <memory>
#include <optional>
#include <ostream>
#include <string>
#include <utility>
#include <vector>

#include "absl/status/statusor.h"
#include "base/mutex.h"
#include "store/store.h"
#include "support/status_matchers.h"

namespace enrich {

// A database that outlives the stores opened on it.
class StoreBackend {
 public:
  virtual ~StoreBackend() = default;
  virtual absl::StatusOr<std::unique_ptr<Store>> Open(StoreHooks hooks) = 0;
};

// An engine that the suite holds to the contract.
struct StoreEngine {
  std::string name = {};
  std::function<std::unique_ptr<StoreBackend>()> new_backend = {};

  friend std::ostream& operator<<(std::ostream& out,
                                  const StoreEngine& engine) {
    return out << engine.name;
  }
};

// All of them. Each is run through every test of the suite.
std::vector<StoreEngine> StoreEngines();

// The outcome of a write, waited for with a bound.
template <typename T>
absl::StatusOr<T> Await(std::function<void(StoreCallback<T>)> start) {
  auto promise = std::make_shared<std::promise<absl::StatusOr<T>>>();
  std::future<absl::StatusOr<T>> result = promise->get_future();
  start([promise](absl::StatusOr<T> value) {
    promise->set_value(std::move(value));
  });
  if (result.wait_for(std::chrono::seconds(30)) != std::future_status::ready) {
    return absl::DeadlineExceededError("the store did not complete");
  }
  return result.get();
}

absl::StatusOr<CreatedBatch> Create(Store& store, NewBatch batch);
absl::StatusOr<Written> Apply(Store& store, Write write);
// Keeps a webhook body that nothing became of yet. Nothing when it was there.
absl::StatusOr<std::optional<InboxEvent>> AppendInbox(Store& store,
                                                      NewInboxEvent event);
absl::StatusOr<int64_t> DeleteFinishedBefore(Store& store, absl::Time before,
                                             int max_batches);

// The time of the suite, and times after it.
absl::Time At(int64_t seconds);

// A serialised event, recognisable by `text`.
std::string EventBody(absl::string_view text);

// A batch of `contacts` contacts for tenant "acme", ids made from `name`.
NewBatch MakeBatch(absl::string_view name, int contacts);

// An event that closes one contact.
NewEvent ClosingEvent(int64_t batch_key, absl::string_view text);

// A chunk to insert, with one item per contact key and an attempt under way.
Chunk MakeChunk(const CreatedBatch& created, absl::string_view token_hash);

// An event as read back.
struct ReadEvent {
  int64_t revision = 0;
  int64_t sequence = 0;
  std::string text = {};
  bool operator==(const ReadEvent&) const = default;
};
std::vector<ReadEvent> EventsOf(const std::vector<LogSegmentPtr>& segments);
std::vector<std::string> TextsOf(const std::vector<LogSegmentPtr>& segments);

// Collects what on_commit gets.
class CommitLog {
 public:
  void Add(std::vector<LogSegmentPtr> segments) {
    MutexLock lock(&mu_);
    for (LogSegmentPtr& segment : segments) {
      segments_.push_back(std::move(segment));
    }
  }
  std::vector<LogSegmentPtr> segments() const {
    MutexLock lock(&mu_);
    return segments_;
  }

 private:
  mutable Mutex mu_;
  std::vector<LogSegmentPtr> segments_ ABSL_GUARDED_BY(mu_);
};

// A store of the engine under test, on an empty database.
class StoreTest : public testing::TestWithParam<StoreEngine> {
 protected:
  void SetUp() override;
  // Closes the store and opens it again.
  void Reopen();
  // Hooks that write to `commits` and encode the end of a batch as
  // "end <id> <state> <contacts done> <last sequence>".
  StoreHooks Hooks();

  CommitLog commits;
  std::unique_ptr<StoreBackend> backend;
  std::unique_ptr<Store> store;
};

}  // namespace enrich

// Runs the tests of `Suite`, a StoreTest, on every engine.
#define ENRICH_STORE_SUITE(Suite)                                       \
  INSTANTIATE_TEST_SUITE_P(                                             \
      Engines, Suite, testing::ValuesIn(::enrich::StoreEngines()),      \
      [](const testing::TestParamInfo<::enrich::StoreEngine>& engine) { \
        return engine.param.name;                                       \
      })

#endif  // ENRICH_TESTS_CONFORMANCE_STORE_SUITE_H_
