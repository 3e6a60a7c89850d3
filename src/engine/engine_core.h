#ifndef ENRICH_ENGINE_ENGINE_CORE_H_
#define ENRICH_ENGINE_ENGINE_CORE_H_

#include <atomic>
#include <cstdint>
#include <deque>
#include <map>
#include <memory>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "absl/container/btree_set.h"
#include "absl/container/flat_hash_map.h"
#include "absl/container/flat_hash_set.h"
#include "engine/batch_cache.h"
#include "engine/chunk_machine.h"
#include "engine/contact_changes.h"
#include "engine/engine.h"
#include "engine/lanes.h"
#include "engine/operation_queue.h"
#include "provider/account_gate.h"

namespace enrich {

// The engine's state and its moves. Everything but the four methods of Engine
// that say so runs on the executor.
//
//   engine.cc    the outside: start, accept, cancel, report
//   dispatch.cc  from waiting lookups to requests sent
//   answers.cc   from replies, pushes and fetches to results
class EngineCore final : public Engine {
 public:
  EngineCore(EngineOptions options, EngineSeams seams);

  absl::Status Start() override;
  void Stop(absl::AnyInvocable<void()> idle) override;
  absl::StatusOr<EnrichPlan> Plan(const BatchRequest& request) const override;
  void SubmitBatch(BatchRequest request,
                   StoreCallback<CreatedBatch> done) override;
  void CancelBatch(std::string tenant, std::string batch_id,
                   StoreCallback<Batch> done) override;
  void HandleInbox(InboxEvent event) override;
  void HandleRefusedPush(AttemptRef attempt) override;
  const ProviderAdapter* FindAdapter(absl::string_view account) const override;
  void ReadAccounts(
      absl::AnyInvocable<void(std::vector<AccountStatus>)> done) override;
  absl::Duration TimeLeft() const override;

 private:
  // A chunk that is not over.
  struct LiveChunk {
    Chunk chunk = {};
    bool fetching = false;
    // News came while a fetch was under way.
    bool fetch_again = false;
    // Fetches in a row that found no such job.
    int unknown_in_a_row = 0;
  };

  // What is known of an account while the process runs.
  struct AccountState {
    AccountState(const Account& account, const EngineOptions& options);

    const Account& account;
    chunk_machine::Policy policy;
    AccountGate gate;
    // By tenant and operation.
    std::map<LaneKey, Lane> lanes = {};
    // The lane to look at first: tenants take turns.
    LaneKey next_lane = {};
    // Chunks to send again and to fetch, in the order they became due.
    std::deque<int64_t> to_send = {};
    std::deque<int64_t> to_fetch = {};
    int64_t jobs_unknown = 0;
    std::string last_error = {};
    std::optional<absl::Time> last_error_time = {};
    std::optional<Credits> balance = {};
    std::optional<absl::Time> balance_time = {};
    absl::Time next_balance = absl::InfinitePast();
  };

  // What the reply to a submission is read with.
  struct SentAttempt {
    int64_t key = 0;
    std::string operation = {};
    std::string reference = {};
  };

  // One decision about a chunk: a copy to change, and what else to write.
  struct ChunkDecision {
    OperationQueue::Locks& locks;
    absl::Time now;
    AccountState& account;
    Chunk chunk;
    // Every change to contacts goes through this one, so that later steps see
    // what earlier ones did.
    ContactChanges changes;
    Write write = {};
    // Set to give up the decision for now.
    bool blocked = false;
    bool retry = false;
  };
  // Returns whether anything is to be written.
  using DecideChunk = absl::AnyInvocable<bool(ChunkDecision&)>;

  // ---- engine.cc
  // Posts `task` so that it is dropped once the engine is gone.
  template <typename F>
  void Post(F task) {
    seams_.executor.Post(std::move(task));
  }
  void Enqueue(std::vector<NewWork> work, const std::vector<int64_t>& keys);
  void BeginCancel(Batch batch, StoreCallback<Batch> done);
  void CancelWaiting(int64_t batch_key, absl::AnyInvocable<void()> done);
  AccountStatus StatusOf(AccountState& state, absl::Time now) const;
  void UpdateTotals();
  // Tells the one who stopped the engine once nothing is under way.
  void CheckIdle();
  AccountState* FindState(absl::string_view account);

  // Decides about a chunk and commits it. A chunk that is over is read from the
  // store. `then` runs after the commit, or when there was nothing to write.
  void ChangeChunk(
      int64_t chunk_key, DecideChunk decide,
      absl::AnyInvocable<void()> then = [] {});
  OperationQueue::Decision DecideOnChunk(OperationQueue::Locks& locks,
                                         int64_t chunk_key, DecideChunk& decide,
                                         std::optional<Chunk>& decided,
                                         std::vector<NewWork>& work);
  // Takes up a chunk as it was committed.
  void Adopt(Chunk chunk);
  void NoteTransition(AccountState& account, const Chunk* before,
                      const Chunk& after);

  // ---- dispatch.cc
  // Does everything that is due and arms the timer for what comes next.
  void Tick();
  absl::Time TickOnce();
  void ArmTimer(absl::Time when);
  void HandleDue(absl::Time now);
  // Each returns when it wants to be called again.
  absl::Time PumpFetches(AccountState& account, absl::Time now);
  absl::Time PumpSends(AccountState& account, absl::Time now);
  absl::Time PumpLanes(AccountState& account, absl::Time now);
  absl::Time PumpBalance(AccountState& account, absl::Time now);
  std::vector<LaneKey> LanesInTurn(const AccountState& account) const;
  void FormChunk(AccountState& account, const LaneKey& key, Lane::Taken taken);
  void FailWaiting(AccountState& account, const LaneKey& key, Lane& lane);
  void GiveUpSending(int64_t chunk_key);
  // What was taken from a lane is committed.
  void SettleLane(AccountState& account, const LaneKey& key,
                  const Lane::Taken& taken);
  // Locks and reads the contacts of `items`. False when the decision must wait.
  bool LoadContacts(ChunkDecision& decision,
                    const std::vector<WorkItem>& items);
  bool KeepWhatCanBeSent(ChunkDecision& decision);
  // Turns the chunk to SENDING with a new attempt and builds the request. False
  // when nothing is left to be sent.
  bool PrepareAttempt(ChunkDecision& decision, HttpRequest& request);
  void Send(AccountState& account, int64_t chunk_key, HttpRequest request);
  void Fetch(AccountState& account, int64_t chunk_key);
  void ReadBalance(AccountState& account);

  // ---- answers.cc
  void HandleSubmitOutcome(AccountState& account, int64_t chunk_key,
                           const SentAttempt& attempt,
                           const HttpOutcome& outcome);
  // What a submission that got a response came to.
  SubmitReply ReadSubmitReply(AccountState& account, int64_t chunk_key,
                              const SentAttempt& attempt,
                              const HttpResponse& response);
  bool ApplyNotSent(ChunkDecision& decision);
  bool ApplySubmitReply(ChunkDecision& decision, const SubmitReply& reply);
  bool ApplyRejection(ChunkDecision& decision, const Rejected& rejected);
  void HandleFetchOutcome(AccountState& account, int64_t chunk_key,
                          const JobRef& job, const HttpOutcome& outcome);
  bool ApplyFetchReply(ChunkDecision& decision, const FetchReply& reply,
                       int unknown_in_a_row);
  // The attempt a push belongs to: not always the latest.
  std::optional<ChunkAttempt> AttemptOf(ChunkDecision& decision,
                                        int64_t attempt_key);
  bool ApplyWebhook(ChunkDecision& decision, ChunkAttempt attempt,
                    const absl::StatusOr<WebhookAnswer>& news);
  // Takes up what a provider said of a job. `by_fetch`: we asked for this very
  // job, so that a position stands for a missing key.
  bool ApplyJobAnswer(ChunkDecision& decision, const ChunkAttempt& attempt,
                      const JobAnswer& answer, bool by_fetch);
  // Notes for every field of the given items that is not answered that there
  // was no answer. `items` are indexes into the chunk; empty for all.
  bool FailItems(ChunkDecision& decision, std::vector<size_t> items,
                 FailureReason reason, absl::string_view message);
  void NoteCallResult(AccountState& account, bool provider_ok,
                      absl::string_view error);
  ContactChanges::Context ChangesContext(absl::Time now);

  const Accounts accounts_;
  // Without the accounts.
  const EngineOptions options_;
  const EngineSeams seams_;
  std::atomic<bool> stopping_ = false;
  // As of the last tick, and those accepted since.
  std::atomic<int64_t> open_contacts_ = 0;
  std::atomic<int64_t> just_accepted_ = 0;
  std::atomic<int64_t> time_left_us_ = 0;

  // Only on the executor from here on.
  std::vector<std::unique_ptr<AccountState>> states_;
  BatchCache batches_;
  OperationQueue operations_;
  absl::flat_hash_map<int64_t, LiveChunk> live_;
  // Live chunks by when they are due.
  absl::btree_set<std::pair<absl::Time, int64_t>> due_;
  // Contacts in live chunks that are not parked.
  int64_t contacts_in_chunks_ = 0;
  // Exchanges with providers under way.
  int64_t exchanges_ = 0;
  absl::AnyInvocable<void()> on_idle_;
  // Batches cancelled while this process runs.
  absl::flat_hash_set<int64_t> cancelled_;
  absl::Time armed_for_ = absl::InfiniteFuture();
  bool ticking_ = false;
  bool tick_again_ = false;
};

// Indexes of the items that still have a field to be asked for: those a request
// for the chunk names, in order.
std::vector<size_t> UnansweredItems(const Chunk& chunk);

// The key of an item in the provider's echo field, and back.
std::string ItemKey(const ChunkAttempt& attempt, size_t index);
std::optional<size_t> ItemIndex(const ChunkAttempt& attempt,
                                absl::string_view key, size_t item_count);

}  // namespace enrich

#endif  // ENRICH_ENGINE_ENGINE_CORE_H_
