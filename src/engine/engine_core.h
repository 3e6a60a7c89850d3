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

#include "absl/container/btree_map.h"
#include "absl/container/btree_set.h"
#include "absl/container/flat_hash_map.h"
#include "absl/container/flat_hash_set.h"
#include "engine/account_state.h"
#include "engine/admission.h"
#include "engine/answer_match.h"
#include "engine/batch_cache.h"
#include "engine/budgets.h"
#include "engine/chunk_decision.h"
#include "engine/chunk_machine.h"
#include "engine/contact_cache.h"
#include "engine/contact_changes.h"
#include "engine/engine.h"
#include "engine/in_flight.h"
#include "engine/lanes.h"
#include "engine/ledger.h"
#include "engine/live_chunk.h"
#include "engine/next_step.h"
#include "engine/operation_queue.h"
#include "engine/time_left.h"
#include "provider/token_holder.h"

namespace enrich {

// The engine's state and its moves. Everything but the four methods of Engine
// that say so runs on the executor.
//
//   engine.cc       the outside: start, accept, cancel
//   outlook.cc      what is open, and when it may be over
//   decisions.cc    how a chunk is changed
//   dispatch.cc     what is due, and whose turn it is
//   duplicates.cc   lookups that need not be bought
//   submissions.cc  from lookups whose turn it is to requests to be sent
//   exchanges.cc    every exchange with a provider, up to its answer
//   answers.cc      from replies and fetches to results
//   pushes.cc       from pushes to results
//   doubt.cc        requests of which nobody knows what became of them
//   replay.cc       from pushes that came before to corrections
//   departed.cc     work of accounts that are no longer configured
//   money.cc        ledger, ceilings and drift
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
  void ApproveResend(JobOrder order, Credits most,
                     StoreCallback<DecidedJob> done) override;
  void AbandonJob(JobOrder order, StoreCallback<DecidedJob> done) override;
  void TakePush(AttemptRef attempt, NewInboxEvent push, PushKept kept) override;
  void HandleRefusedPush(AttemptRef attempt) override;
  void ReplayInbox(InboxFilter filter, int64_t after_key,
                   StoreCallback<ReplayPage> done) override;
  const ProviderAdapter* FindAdapter(absl::string_view account) const override;
  void ReadAccounts(
      absl::AnyInvocable<void(std::vector<AccountStatus>)> done) override;
  void ReadTotals(absl::AnyInvocable<void(EngineTotals)> done) override;
  absl::Duration TimeLeft(const Batch& batch) const override
      ABSL_LOCKS_EXCLUDED(outlook_mu_);

 private:
  // What the reply to a submission is read with.
  struct SentAttempt {
    int64_t key = 0;
    std::string operation = {};
    std::string reference = {};
    bool want_raw = false;
    TokenHolder::Use token = {};
  };

  // A webhook body whose decision is not committed yet.
  struct Push {
    // Of its row in the inbox, if it has one.
    int64_t inbox_key = 0;
    std::shared_ptr<const NewInboxEvent> event = {};
    // Of one that has none yet.
    PushKept kept = {};
    // Whether the decision as last taken keeps it, or notes what became of it.
    bool noted = false;
    // Parsed once, however often the decision is taken.
    std::optional<absl::StatusOr<WebhookAnswer>> news = {};
  };

  // Returns whether anything is to be written.
  using DecideChunk = absl::AnyInvocable<bool(ChunkDecision&)>;
  using PutOffHook = absl::AnyInvocable<void(absl::Duration, Task)>;

  // ---- engine.cc
  // Posts `task` so that it is dropped once the engine is gone.
  template <typename F>
  void Post(F task) {
    seams_.executor.Post(std::move(task));
  }
  absl::Status Identify(Chunk& chunk);
  // Takes up what a commit added to the lanes, and which batches it ended.
  // `waiting`: the last rows of `work`, which wait.
  void Enqueue(std::vector<NewWork> work, const Written& written,
               std::vector<WaitingRow> waiting = {});
  void BeginCancel(const Batch& batch, StoreCallback<Batch> done);
  void CancelWaiting(int64_t batch_key, absl::AnyInvocable<void()> done);
  // Tells the one who stopped the engine once nothing is under way.
  void CheckIdle();
  AccountState* FindState(absl::string_view account);

  // ---- outlook.cc
  // When open work will be over, as far as can be told.
  struct Outlook {
    // When it was taken, by the wall clock and by the steady one.
    absl::Time time = absl::InfinitePast();
    absl::Time steady = absl::InfinitePast();
    // By batch, for lookups that wait for an account.
    absl::flat_hash_map<int64_t, absl::Duration> batches = {};
    // By tenant, for those that are being asked.
    absl::flat_hash_map<std::string, absl::Duration> tenants = {};
  };
  AccountStatus StatusOf(AccountState& state) const;
  // Returns when it wants to be called again.
  absl::Time UpdateTotals(absl::Time now);
  void UpdateOutlook(absl::Time now) ABSL_LOCKS_EXCLUDED(outlook_mu_);
  AccountLoad LoadOf(const AccountState& state, absl::Time now) const;

  // ---- decisions.cc
  // Decides about a chunk and commits it. A chunk that is over is read from the
  // store. `then` runs after the commit, or when there was nothing to write.
  void ChangeChunk(
      int64_t chunk_key, DecideChunk decide,
      absl::AnyInvocable<void()> then = [] {}, PutOffHook put_off = {});
  OperationQueue::Decision DecideOnChunk(OperationQueue::Locks& locks,
                                         int64_t chunk_key, DecideChunk& decide,
                                         std::optional<Decided>& decided);
  // A chunk as it stands. NOT_FOUND when retention has deleted it.
  absl::StatusOr<Chunk> CurrentChunk(int64_t chunk_key);
  // The machine's rules for this chunk.
  chunk_machine::Policy PolicyFor(const AccountState& account,
                                  const Chunk& chunk) const;
  // Fills in what the decision does to the ledger.
  static void FillInLedger(ChunkDecision& decision, const Chunk& before,
                           Decided& decided);
  // Takes up a chunk as it was committed.
  void Adopt(Chunk chunk);
  void NoteTransition(AccountState& account, const Chunk* before,
                      const Chunk& after);
  ContactChanges::Context ChangesContext(absl::Time now);
  // Locks and reads the contacts of `items`. False when the decision must wait.
  bool LoadContacts(ChunkDecision& decision,
                    const std::vector<WorkItem>& items);

  // ---- dispatch.cc
  // Does everything that is due and arms the timer for what comes next.
  void Tick();
  absl::Time TickOnce();
  // `now` and all times from here on are of the steady clock: docs/adr/0023.
  void ArmTimer(absl::Time when);
  void HandleDue(absl::Time now);
  // What is stored is of the wall clock: when that comes, as things are.
  absl::Time SteadyOf(absl::Time when) const;
  // Likewise when that was: not later than now, though the clock may have been
  // set back since.
  absl::Time SteadyPast(absl::Time when) const;
  // Each returns when it wants to be called again.
  absl::Time PumpFetches(AccountState& account, absl::Time now);
  absl::Time PumpPutOff(AccountState& account, absl::Time now);
  absl::Time PumpSends(AccountState& account, absl::Time now);
  absl::Time PumpLanes(AccountState& account, absl::Time now);
  // When the lane can send its next request, if there is room: not after `now`
  // when it can. Fails what waits in it when that will never be.
  absl::Time NextOfLane(AccountState& account, const LaneKey& key, Lane& lane,
                        absl::Time now);
  // How many contacts that request may have.
  static int RoomFor(const AccountState& account, const LaneKey& key,
                     const Lane& lane);
  void SendFromLane(AccountState& account, const LaneKey& key, Lane& lane);
  // What the gate says, once there is a token; and room, for so many contacts.
  absl::Time NextSubmit(const AccountState& account, absl::Time now) const;
  absl::Time NextSubmit(const AccountState& account, int contacts,
                        absl::Time now) const;
  absl::Time NextCall(const AccountState& account, absl::Time now) const;
  // When the lookups that wait for the account go on without it, as things
  // stand.
  absl::Time GivenUpAt(const AccountState& account, absl::Time now) const;

  // ---- duplicates.cc
  // Applies the answers that were bought before, takes the fields they are
  // about out of `items`, and adds to `saved` what they spared.
  absl::Status AnswerWhatIsKnown(const LaneKey& lane,
                                 const std::vector<Identity>& identities,
                                 ContactChanges& changes,
                                 std::vector<WorkItem>& items, Saved& saved);
  // Takes out of `item` what is being asked already, to wait for it or, when
  // nobody knows whether it was, to end as unknown; `asked` is what this
  // request asks so far. False when the decision must wait.
  bool HoldBack(ChunkDecision& decision, const Identity& identity,
                absl::flat_hash_set<uint64_t>& asked, WorkItem& item);
  // Whether the item's batch buys anew what was asked before it, though nobody
  // knows what became of that.
  static bool MayAskAgain(const ChunkDecision& decision, const Chunk& parked,
                          const WorkItem& item);
  static void EndInDoubt(ChunkDecision& decision, const WorkItem& item,
                         FieldSet fields);
  // Adds the rows that wait to the write.
  std::vector<WaitingRow> TakeWaiting(ChunkDecision& decision);
  // Keeps a committed row until what it waits for is answered.
  void KeepWaiting(AccountState& account, WaitingRow row);
  // Keeps what the provider said of an item's `fields`.
  void KeepAnswers(ChunkDecision& decision, const ChunkAttempt& attempt,
                   size_t index, const ItemAnswer& answer, FieldSet fields);

  // ---- submissions.cc
  // Takes what a submission needs of the gate before its intent is committed,
  // and gives back what Adopt counts anew, or all of it. Returns the time at
  // which it counts.
  absl::Time SetAside(AccountState& account, int contacts);
  void GiveBack(AccountState& account, int contacts);
  PutOffHook PutOffSubmit(AccountState& account, int contacts);
  void SendAgain(AccountState& account, int64_t chunk_key, int contacts);
  void FormChunk(AccountState& account, const LaneKey& key, Lane::Taken taken);
  // Lets what can be taken from the lane go on without the account, a bounded
  // number of lookups at a time.
  void FailWaiting(const LaneKey& key, Lane& lane, absl::string_view why);
  // Likewise, what was taken: something. REQUIRES: CanFail().
  void FailTaken(const LaneKey& key, Lane& lane, Lane::Taken taken,
                 FailureReason reason, absl::string_view why);
  bool CanFail() const { return failing_ < kFailuresAtOnce; }
  void GiveUpSending(int64_t chunk_key);
  // What was taken from a lane is committed.
  void SettleLane(Lane& lane, const Lane::Taken& taken);
  bool KeepWhatCanBeSent(ChunkDecision& decision);
  // Turns the chunk to SENDING with a new attempt and builds the request. False
  // when nothing is left to be sent.
  bool PrepareAttempt(ChunkDecision& decision, HttpRequest& request);

  // ---- exchanges.cc
  // Sends a request whose place at the gate is taken, and calls `done` once it
  // is over.
  void Exchange(AccountState& account, HttpRequest request,
                absl::Duration timeout,
                absl::AnyInvocable<void(const HttpOutcome&)> done);
  absl::Duration TimeoutOf(const AccountState& account,
                           absl::string_view operation) const;
  void Send(AccountState& account, int64_t chunk_key, HttpRequest request);
  void Fetch(AccountState& account, int64_t chunk_key);
  absl::Time PumpBalance(AccountState& account, absl::Time now);
  void ReadBalance(AccountState& account);
  absl::Time PumpToken(AccountState& account, absl::Time now);
  void HandleToken(AccountState& account, const HttpOutcome& outcome);
  // Whether somebody asked for what was received of these contacts.
  bool WantsRaw(const std::vector<WorkItem>& items);
  void NoteCallResult(AccountState& account, bool provider_ok,
                      absl::string_view error);
  void NoteDrift(AccountState& account, const std::vector<std::string>& drift);
  // The pause that an answer asks for.
  absl::Duration PauseOf(const AccountState& account,
                         const RateLimited& limited) const;
  void OnRateLimited(AccountState& account, absl::Duration pause);

  // ---- answers.cc
  void HandleSubmitOutcome(AccountState& account, int64_t chunk_key,
                           const SentAttempt& attempt,
                           const HttpOutcome& outcome);
  // Whether it names a job that another request has and still waits for.
  bool IsAnothersJob(const AccountState& account, int64_t chunk_key,
                     const SubmitReply& reply) const;
  // What a submission that got a response came to.
  SubmitReply ReadSubmitReply(AccountState& account, int64_t chunk_key,
                              const SentAttempt& attempt,
                              const HttpResponse& response);
  // The reply says that nothing was taken, but a push came for it all the same:
  // the request is in doubt.
  static bool IsContradicted(ChunkDecision& decision);
  bool ApplyNotSent(ChunkDecision& decision);
  // chunk_machine::OnAccepted; what can be fetched may depend on the id.
  bool ApplyAccepted(ChunkDecision& decision, const std::string& job_id);
  bool ApplySubmitReply(ChunkDecision& decision, const SubmitReply& reply);
  bool ApplyRejection(ChunkDecision& decision, const Rejected& rejected);
  void HandleFetchOutcome(AccountState& account, int64_t chunk_key,
                          const JobRef& job, TokenHolder::Use token,
                          const HttpOutcome& outcome);
  bool ApplyFetchReply(ChunkDecision& decision, const FetchReply& reply,
                       int unknown_in_a_row);
  // Takes up what a provider said of a job. `by_fetch`: we asked for this very
  // job, so that a position stands for a missing key.
  bool ApplyJobAnswer(ChunkDecision& decision, const ChunkAttempt& attempt,
                      const JobAnswer& answer, bool by_fetch);
  bool ApplyItems(ChunkDecision& decision, const ChunkAttempt& attempt,
                  const JobAnswer& answer, bool by_fetch);
  // Takes up what was said of one contact for the first time.
  void ApplyItem(ChunkDecision& decision, const ChunkAttempt& attempt,
                 const AttemptContext& context,
                 const AnswerMatches::Match& match);
  // Notes what the answer to `fields` of an item was charged.
  static void Charge(ChunkDecision& decision, const WorkItem& item,
                     FieldSet fields, const ItemAnswer& answer);
  // Whether there is more to read at once; notes where.
  bool ReadOn(ChunkDecision& decision, const JobAnswer& answer);
  // Where reading goes on, as committed.
  void TakeCursor(int64_t chunk_key, std::string cursor);
  // Notes for every field of the given items that is not answered that there
  // was no answer. `items` are indexes into the chunk; empty for all.
  bool FailItems(ChunkDecision& decision, std::vector<size_t> items,
                 FailureReason reason, absl::string_view message);

  // ---- pushes.cc
  // One that is kept and waits to be taken up.
  void TakeUpInbox(InboxEvent event);
  void AddPush(int64_t chunk_key, Push push);
  // Decides about the pushes that wait for a chunk, all in one.
  void DrainPushes(int64_t chunk_key);
  // Those that are not kept; whether no others wait.
  bool RefusePushes(int64_t chunk_key);
  bool ApplyPush(ChunkDecision& decision, Push& push);
  // Whether it was kept before. False, too, when the decision is given up.
  bool IsRepeated(ChunkDecision& decision, const NewInboxEvent& push);
  // The attempt a push belongs to: not always the latest.
  std::optional<ChunkAttempt> AttemptOf(ChunkDecision& decision,
                                        int64_t attempt_key);
  // Reads a body with the adapter as it is.
  absl::StatusOr<WebhookAnswer> ReadPush(ChunkDecision& decision,
                                         const ChunkAttempt& attempt,
                                         absl::string_view body);
  void NoteUnusable(ChunkDecision& decision, const ChunkAttempt& attempt,
                    QuarantineReason reason, absl::string_view detail);
  // Why nothing of a body can be used; kNone when it can.
  static QuarantineReason WhyUnusable(
      const Chunk& chunk, const ChunkAttempt& attempt,
      const absl::StatusOr<WebhookAnswer>& news);
  // Why a part of a body that was taken up could not be used; kNone for all of
  // it.
  static QuarantineReason WhyIncomplete(const ChunkDecision& decision,
                                        const WebhookAnswer& news);
  // False when the decision was given up.
  bool ApplyWebhook(ChunkDecision& decision, ChunkAttempt attempt,
                    const WebhookAnswer& news);
  // Keeps a body aside without a decision about its chunk.
  void Quarantine(int64_t inbox_key, QuarantineReason reason,
                  absl::AnyInvocable<void()> then);

  // ---- replay.cc
  struct Replay;
  struct ReplayRun;
  void ReplayNext(const std::shared_ptr<Replay>& replay);
  void ReplayOne(const InboxRow& row,
                 absl::AnyInvocable<void(absl::StatusOr<ReplayedBody>)> done);
  bool ApplyReplay(ChunkDecision& decision, ReplayRun& run);
  // What a body whose job is still open means for the job: one that was in
  // quarantine is a push that comes now. False when the decision was given up.
  bool TakeUpInTime(ChunkDecision& decision, ChunkAttempt attempt,
                    ReplayRun& run);
  // False when the decision was given up.
  bool CorrectItems(ChunkDecision& decision, const ChunkAttempt& attempt,
                    const JobAnswer& answer, ReplayRun& run);

  // ---- doubt.cc
  using DecideOrder =
      absl::AnyInvocable<absl::Status(ChunkDecision&, const JobOrder&)>;
  void CarryOut(JobOrder order, DecideOrder decide,
                StoreCallback<DecidedJob> done);
  absl::StatusOr<DecidedJob> ReadDecided(int64_t chunk_key);
  // Ends the lookups of the chunk that are still open.
  bool CloseAsUnknown(ChunkDecision& decision, absl::string_view why);
  void Park(AccountState& account, int64_t chunk_key);
  absl::Status Abandon(ChunkDecision& decision, const JobOrder& order);
  // Has what is in doubt of the chunk asked for by another one.
  absl::Status Resend(ChunkDecision& decision, const JobOrder& order,
                      AuditAction action, std::optional<Credits> most);
  void ReplayQuietly(int64_t chunk_key);
  // What can be asked for again.
  std::vector<WorkItem> ItemsInDoubt(ChunkDecision& decision);
  // Another chunk of the same chain, locked; empty when it is gone or the
  // decision is given up.
  std::optional<Chunk> LockRelative(ChunkDecision& decision, int64_t chunk_key);
  // Whether one of the chunks before it turned out to be at the provider.
  bool EarlierWasTaken(ChunkDecision& decision);
  // What the chunk's job has cost. False when the decision is given up.
  bool TakeCost(ChunkDecision& decision, Credits cost);
  void NoteDoubt(AccountState& account, const Chunk* before,
                 const Chunk& after);
  void NoteDoubleSpend(const Chunk& chunk);
  // When few enough requests are in doubt to send further ones.
  absl::Time DoubtPauseEnd(const AccountState& account) const;

  // ---- money.cc
  // Reads what the store has of money, the chunks that are open aside.
  absl::Status LoadLedger();
  // Opens the budgets of those among the batches that have ceilings.
  absl::Status OpenBudgets(const absl::btree_set<int64_t>& batch_keys);
  // A change is committed.
  void TakeUp(const LedgerChange& change);
  void TakeUp(const std::string& tenant, const Saved& saved);
  // Takes what fits under the ceilings of the batches; FormChunk gives back
  // what was held for it.
  Lane::Taken TakeAffordable(Lane& lane, const OperationSpec& operation,
                             absl::string_view account, int64_t max_items);
  // Looks again at what a ceiling has stopped: lets it go on, or fails what
  // nothing can make room for.
  void ReviewOnHold(const LaneKey& key, Lane& lane,
                    const OperationSpec& operation);
  // Notes how the charges of a decision differ from what was reckoned with.
  void NoteCharges(AccountState& account, const Decided& decided);
  void AuditBalance(AccountState& account, Credits balance);
  void NoteMoneyDrift(AccountState& account, std::string what);

  // ---- departed.cc
  void PumpDeparted();
  void CloseDeparted(Chunk chunk);

  // Transactions at once that fail waiting lookups.
  static constexpr int kFailuresAtOnce = 4;

  const Accounts accounts_;
  // Without the accounts.
  const EngineOptions options_;
  const EngineSeams seams_;
  std::atomic<bool> stopping_ = false;
  Admission admission_;
  mutable Mutex outlook_mu_;
  Outlook outlook_ ABSL_GUARDED_BY(outlook_mu_);

  // Only on the executor from here on.
  std::vector<std::unique_ptr<AccountState>> states_;
  BatchCache batches_;
  ContactCache contacts_;
  OperationQueue operations_;
  absl::flat_hash_map<int64_t, LiveChunk> live_;
  // Live chunks by when they are due, by the steady clock.
  absl::btree_set<std::pair<absl::Time, int64_t>> due_;
  Ledger ledger_;
  Budgets budgets_;
  // How often a start found that the ledger does not balance.
  int64_t ledger_errors_ = 0;
  // By chunk, in the order they came. They stay until they are committed.
  absl::flat_hash_map<int64_t, std::deque<Push>> pushes_;
  // Work of accounts that are no longer configured.
  std::map<LaneKey, Lane> departed_;
  // Bodies in quarantine by account, as last read.
  std::vector<std::pair<std::string, int64_t>> quarantined_;
  // Runs of waiting lookups that are being failed.
  int failing_ = 0;
  // Contacts in live chunks that are not parked.
  Admission::Count in_chunks_;
  // As of the last tick.
  int64_t contacts_open_ = 0;
  // When it is taken anew, by the steady clock.
  absl::Time outlook_due_ = absl::InfinitePast();
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

// How an adapter is told of a job of the chunk.
JobRef JobOf(const Chunk& chunk, const ChunkAttempt& attempt);

}  // namespace enrich

#endif  // ENRICH_ENGINE_ENGINE_CORE_H_
