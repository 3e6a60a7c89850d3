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
#include "sim/journal.h"
#include "sim/weather.h"
#include "sim/world.h"
#include "store/store.h"

namespace enrich::sim {

// The embedded store, whose writes happen when the world says so: each is
// committed in one event and completed in a later one, in order, or goes wrong
// as the weather has it. What was not completed when it is destroyed never is.
class SimStore final : public Store {
 public:
  // As StoreHooks; the store must not be destroyed from within either.
  struct Hooks {
    std::function<void(std::vector<LogSegmentPtr>)> on_commit = {};
    std::function<void(const absl::Status&)> on_fatal = {};
  };

  static absl::StatusOr<std::unique_ptr<SimStore>> Open(
      World& world, const Weather& weather, Journal& journal,
      const std::string& path, const EventEncoder& encoder, Hooks hooks);

  const std::string& store_id() const override { return store_->store_id(); }

  void CreateBatch(NewBatch batch, StoreCallback<CreatedBatch> done) override;
  void Apply(Write write, StoreCallback<Written> done) override;
  void DeleteFinishedBefore(absl::Time before, int max_batches,
                            StoreCallback<int64_t> done) override;
  void DeleteInboxBodies(absl::Time before, int max_bodies,
                         StoreCallback<int64_t> done) override;
  void DeleteAnswersBefore(absl::Time found, absl::Time not_found,
                           int max_answers,
                           StoreCallback<int64_t> done) override;

  absl::StatusOr<Batch> ReadBatch(absl::string_view tenant,
                                  absl::string_view batch_id) override;
  absl::StatusOr<std::vector<Batch>> ListBatches(absl::string_view tenant,
                                                 int64_t before_key,
                                                 int limit) override;
  absl::StatusOr<std::vector<BatchInfo>> ReadBatchInfos(
      absl::Span<const int64_t> batch_keys) override;
  absl::StatusOr<std::vector<StoredContact>> ReadContacts(
      absl::Span<const int64_t> contact_keys) override;
  absl::StatusOr<std::vector<BoughtAnswer>> ReadAnswers(
      absl::Span<const Identity> identities) override;
  absl::StatusOr<AttemptRef> FindAttempt(absl::string_view token_hash) override;
  absl::StatusOr<AttemptRef> FindAttemptByJob(absl::string_view account,
                                              absl::string_view job) override;
  absl::StatusOr<std::vector<Chunk>> ListJobs(const JobFilter& filter,
                                              int64_t before_key,
                                              int limit) override;
  absl::StatusOr<std::vector<AuditEntry>> ListAudit(absl::string_view tenant,
                                                    int64_t before_key,
                                                    int limit) override;
  absl::Status VerifyAudit() override;
  absl::StatusOr<bool> HasInboxBody(int64_t attempt_key,
                                    absl::string_view body_hash) override;
  absl::StatusOr<Chunk> ReadChunk(int64_t chunk_key) override;
  absl::StatusOr<std::vector<ChunkAttempt>> ReadAttempts(
      int64_t chunk_key) override;
  absl::StatusOr<std::vector<LogSegmentPtr>> ReadLog(
      absl::string_view tenant, std::optional<int64_t> batch_key,
      int64_t revision, size_t max_bytes) override;
  absl::StatusOr<std::vector<LogSegmentPtr>> ReadBatchLog(
      int64_t batch_key, int64_t sequence, size_t max_bytes) override;
  absl::StatusOr<int64_t> LastRevision(absl::string_view tenant) override;
  absl::StatusOr<int64_t> CompactedRevision(absl::string_view tenant) override;
  absl::Status ReadOpenWork(absl::FunctionRef<void(OpenWork)> visit) override;
  absl::Status ReadOpenChunks(absl::FunctionRef<void(Chunk)> visit) override;
  absl::StatusOr<std::vector<InboxEvent>> ReadUnappliedInbox() override;
  absl::StatusOr<InboxPage> ReadInbox(const InboxFilter& filter,
                                      int64_t after_key, int limit) override;
  absl::StatusOr<std::string> ReadInboxBody(int64_t key) override;
  absl::StatusOr<std::vector<std::pair<std::string, int64_t>>>
  CountQuarantined() override;
  absl::StatusOr<std::vector<LedgerRow>> ReadLedger() override;

  // Writes that wait or whose completion does.
  size_t pending() const { return waiting_.size() + completions_.size(); }
  // Without faults, for those who look on.
  Store& inner() { return *store_; }

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
  // The error of a read that goes wrong, OK for one that does not.
  absl::Status ReadFault();

  World& world_;
  const Weather& weather_;
  Journal& journal_;
  const Hooks hooks_;
  std::unique_ptr<Store> store_;
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
