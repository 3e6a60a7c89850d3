#ifndef ENRICH_TESTS_SIM_SIM_STORE_H_
#define ENRICH_TESTS_SIM_SIM_STORE_H_

#include <deque>
#include <functional>
#include <future>
#include <memory>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "absl/status/statusor.h"
#include "engine/event_encoder.h"
#include "fakes/delegating_store.h"
#include "sim/journal.h"
#include "sim/weather.h"
#include "sim/world.h"

namespace enrich::sim {

// The embedded store, whose writes happen when the world says so: each is
// committed in one event and completed in a later one, in order, or goes wrong
// as the weather has it. What was not completed when it is destroyed never is.
class SimStore final : public DelegatingStore {
 public:
  // As StoreHooks; the store must not be destroyed from within either.
  struct Hooks {
    std::function<void(std::vector<LogSegmentPtr>)> on_commit = {};
    std::function<void(const absl::Status&)> on_fatal = {};
  };

  static absl::StatusOr<std::unique_ptr<SimStore>> Open(
      World& world, const Weather& weather, Journal& journal,
      const std::string& path, const EventEncoder& encoder, Hooks hooks);

  void CreateBatch(NewBatch batch, StoreCallback<CreatedBatch> done) override;
  void Apply(Write write, StoreCallback<Written> done) override;
  void DeleteFinishedBefore(absl::Time before, int max_batches,
                            StoreCallback<int64_t> done) override;
  void DeleteInboxBodies(absl::Time before, int max_bodies,
                         StoreCallback<int64_t> done) override;
  void DeleteAnswersBefore(absl::Time found, absl::Time not_found,
                           int max_answers,
                           StoreCallback<int64_t> done) override;

  // Writes that wait or whose completion does.
  size_t pending() const { return waiting_.size() + completions_.size(); }

 private:
  using Segments = std::vector<LogSegmentPtr>;

  // A write on its way. Commits it, unless `refusal` says not to; the result is
  // a completion to be run later.
  using Operation = absl::AnyInvocable<Task(const absl::Status& refusal)>;

  SimStore(World& world, const Weather& weather, Journal& journal, Hooks hooks)
      : world_(world),
        weather_(weather),
        journal_(journal),
        hooks_(std::move(hooks)) {}

  // Wraps a write of the store below, which reports to the journal by
  // `committed`.
  template <typename T>
  Operation Make(absl::AnyInvocable<void(StoreCallback<T>)> run,
                 absl::AnyInvocable<void(const T&)> committed,
                 StoreCallback<T> done) {
    return [this, run = std::move(run), committed = std::move(committed),
            done = std::move(done)](const absl::Status& refusal) mutable {
      absl::StatusOr<T> result = absl::UnknownError("");
      if (!refusal.ok()) {
        result = refusal;
      } else {
        // Here the one thread of the world waits for the store's own.
        std::promise<absl::StatusOr<T>> promise;
        run([&promise](absl::StatusOr<T> value) {
          promise.set_value(std::move(value));
        });
        result = promise.get_future().get();
        if (result.ok()) committed(*result);
      }
      return Task([this, done = std::move(done), result = std::move(result),
                   segments = std::exchange(*segments_, {})]() mutable {
        if (!segments.empty()) hooks_.on_commit(std::move(segments));
        done(std::move(result));
      });
    };
  }

  void Enqueue(absl::string_view what, Operation operation);
  void ScheduleNext();
  void RunNext();
  void CompleteNext();
  void Fatal(absl::string_view why);
  absl::Status ReadFault() override;

  World& world_;
  const Weather& weather_;
  Journal& journal_;
  const Hooks hooks_;
  // Those of the commit under way; filled on the store's thread.
  const std::shared_ptr<Segments> segments_ = std::make_shared<Segments>();
  std::deque<std::pair<std::string, Operation>> waiting_;
  std::deque<Task> completions_;
  absl::Time last_completion_ = absl::InfinitePast();
  bool fatal_ = false;
  // Events hold it weakly: gone with the store.
  const std::shared_ptr<SimStore*> self_ = std::make_shared<SimStore*>(this);
};

}  // namespace enrich::sim

#endif  // ENRICH_TESTS_SIM_SIM_STORE_H_
