#include "engine/engine.h"

#include <algorithm>
#include <utility>

#include "base/log.h"
#include "base/status_macros.h"
#include "engine/engine_core.h"
#include "engine/next_step.h"
#include "engine/planner.h"
#include "model/errors.h"

namespace enrich {
namespace {

// How long a failed commit is waited out before it is tried again.
constexpr absl::Duration kCommitRetryPause = absl::Seconds(1);

// Accounts are handed to the directory; options keep the rest.
Accounts TakeAccounts(EngineOptions& options) {
  return Accounts(std::move(options.accounts));
}

}  // namespace

EngineCore::AccountState::AccountState(const Account& account,
                                       const EngineOptions& options)
    : account(account),
      policy{.poll = account.adapter->capabilities().poll,
             .can_fetch = account.adapter->capabilities().can_fetch,
             .give_up_sending_after = options.give_up_sending_after,
             .park_unknown_after = options.park_unknown_after},
      gate(account.adapter->capabilities().pacing,
           {.failures = options.breaker_failures,
            .pause = options.breaker_pause}) {}

EngineCore::EngineCore(EngineOptions options, EngineSeams seams)
    : accounts_(TakeAccounts(options)),
      options_(std::move(options)),
      seams_(seams),
      batches_(seams.store),
      operations_(seams.store, seams.executor, kCommitRetryPause) {
  for (const Account& account : accounts_.all()) {
    states_.push_back(std::make_unique<AccountState>(account, options_));
  }
}

// ---- Start and stop ---------------------------------------------------------

absl::Status EngineCore::Start() {
  int64_t waiting = 0;
  RETURN_IF_ERROR(seams_.store.ReadOpenWork([&](OpenWork work) {
    AccountState* state = FindState(work.lane.account);
    if (state == nullptr) {
      log::Warning("work waits for an account that is not configured",
                   {{"account", work.lane.account}});
      return;
    }
    waiting += static_cast<int64_t>(work.items.size());
    state->lanes[work.lane].Add(std::move(work));
  }));
  std::vector<int64_t> orphans;
  RETURN_IF_ERROR(seams_.store.ReadOpenChunks([&](Chunk chunk) {
    AccountState* state = FindState(chunk.lane.account);
    if (state == nullptr) {
      log::Warning("a chunk is open for an account that is not configured",
                   {{"account", chunk.lane.account}, {"chunk", chunk.key}});
      return;
    }
    if (chunk.state == ChunkState::kSending) orphans.push_back(chunk.key);
    waiting += static_cast<int64_t>(chunk.items.size());
    Adopt(std::move(chunk));
  }));
  ASSIGN_OR_RETURN(const std::vector<InboxEvent> inbox,
                   seams_.store.ReadUnappliedInbox());
  log::Info("taking up open work", {{"lookups", waiting},
                                    {"chunks", live_.size()},
                                    {"orphans", orphans.size()},
                                    {"inbox", inbox.size()}});
  Post([this, orphans = std::move(orphans), inbox]() {
    // Nobody knows whether an orphan left: never PLANNED again.
    for (const int64_t key : orphans) {
      ChangeChunk(key, [](ChunkDecision& decision) {
        return chunk_machine::OnIndeterminate(
            decision.now, decision.account.policy, decision.chunk);
      });
    }
    for (const InboxEvent& event : inbox) HandleInbox(event);
    Tick();
  });
  return absl::OkStatus();
}

void EngineCore::Stop(absl::AnyInvocable<void()> idle) {
  stopping_ = true;
  Post([this, idle = std::move(idle)]() mutable {
    on_idle_ = std::move(idle);
    CheckIdle();
  });
}

void EngineCore::CheckIdle() {
  if (on_idle_ && exchanges_ == 0 && operations_.idle()) {
    std::exchange(on_idle_, nullptr)();
  }
}

// ---- Accepting --------------------------------------------------------------

absl::StatusOr<EnrichPlan> EngineCore::Plan(const BatchRequest& request) const {
  ASSIGN_OR_RETURN(const BatchPlan plan,
                   MakePlan(request, accounts_, options_.waterfalls));
  return Estimate(request, plan, accounts_);
}

void EngineCore::SubmitBatch(BatchRequest request,
                             StoreCallback<CreatedBatch> done) {
  if (stopping_) return done(error::ShuttingDown());
  auto plan = MakePlan(request, accounts_, options_.waterfalls);
  if (!plan.ok()) return done(plan.status());
  const auto contacts = static_cast<int64_t>(request.contacts.size());
  const int64_t open = just_accepted_.fetch_add(contacts) + open_contacts_;
  if (open + contacts > options_.max_open_contacts) {
    just_accepted_ -= contacts;
    return done(error::TooManyOpenContacts(open, options_.max_open_contacts,
                                           absl::Seconds(30)));
  }
  NewBatch batch =
      MakeBatch(std::move(request), *std::move(plan), accounts_, seams_.encoder,
                NewUuid(seams_.clock, seams_.random), seams_.clock.Now());
  std::vector<NewWork> work = batch.work;
  Executor& executor = seams_.executor;
  seams_.store.CreateBatch(
      std::move(batch),
      [this, &executor, contacts, work = std::move(work),
       done = std::move(done)](absl::StatusOr<CreatedBatch> created) mutable {
        std::vector<int64_t> keys;
        if (created.ok() && !created->existed) {
          const Batch& batch = created->batch;
          for (NewWork& lane : work) {
            for (WorkItem& item : lane.items) {
              item.contact_key += batch.first_contact_key;
              item.batch_key = batch.key;
            }
          }
          keys = created->work_keys;
        } else {
          work.clear();
        }
        executor.Post([this, contacts, work = std::move(work),
                       keys = std::move(keys)]() mutable {
          Enqueue(std::move(work), keys);
          Tick();
          just_accepted_ -= contacts;
        });
        done(std::move(created));
      });
}

void EngineCore::Enqueue(std::vector<NewWork> work,
                         const std::vector<int64_t>& keys) {
  for (size_t i = 0; i < work.size(); ++i) {
    AccountState* state = FindState(work[i].lane.account);
    if (state == nullptr) continue;
    state->lanes[work[i].lane].Add({.work_key = keys[i],
                                    .lane = work[i].lane,
                                    .items = std::move(work[i].items),
                                    .enqueue_time = work[i].enqueue_time});
  }
}

// ---- Cancelling -------------------------------------------------------------

void EngineCore::CancelBatch(std::string tenant, std::string batch_id,
                             StoreCallback<Batch> done) {
  Post([this, tenant = std::move(tenant), batch_id = std::move(batch_id),
        done = std::move(done)]() mutable {
    auto batch = seams_.store.ReadBatch(tenant, batch_id);
    if (!batch.ok() || batch->state != BatchState::kRunning) {
      return done(std::move(batch));
    }
    BeginCancel(*std::move(batch), std::move(done));
  });
}

void EngineCore::BeginCancel(Batch batch, StoreCallback<Batch> done) {
  operations_.Run(
      {.decide =
           [this, key = batch.key](OperationQueue::Locks& locks) {
             if (!locks.Acquire({RowKey::Kind::kBatch, key})) {
               return OperationQueue::Decision::Blocked();
             }
             Write write = {.now = seams_.clock.Now()};
             write.cancel_batch = key;
             return OperationQueue::Decision::Commit(std::move(write));
           },
       .committed =
           [this, batch, done = std::move(done)](const Written&) mutable {
             batches_.Forget(batch.key);
             cancelled_.insert(batch.key);
             CancelWaiting(
                 batch.key, [this, batch, done = std::move(done)]() mutable {
                   done(seams_.store.ReadBatch(batch.tenant, batch.id));
                 });
           }});
}

void EngineCore::CancelWaiting(int64_t batch_key,
                               absl::AnyInvocable<void()> done) {
  struct Row {
    OpenWork work = {};
    std::vector<NewWork> rest = {};
  };
  std::vector<std::shared_ptr<Row>> rows;
  for (const auto& state : states_) {
    for (auto& [key, lane] : state->lanes) {
      for (OpenWork& work : lane.ExtractRowsOf(batch_key)) {
        rows.push_back(std::make_shared<Row>(Row{.work = std::move(work)}));
      }
    }
  }
  if (rows.empty()) return done();
  auto left = std::make_shared<size_t>(rows.size());
  auto shared_done =
      std::make_shared<absl::AnyInvocable<void()>>(std::move(done));
  for (const std::shared_ptr<Row>& row : rows) {
    operations_.Run(
        {.decide =
             [this, row, batch_key](OperationQueue::Locks& locks) {
               using Decision = OperationQueue::Decision;
               std::vector<WorkItem> cancelled;
               NewWork rest = {.lane = row->work.lane,
                               .enqueue_time = row->work.enqueue_time};
               for (const WorkItem& item : row->work.items) {
                 (item.batch_key == batch_key ? cancelled : rest.items)
                     .push_back(item);
               }
               if (!locks.Acquire({RowKey::Kind::kWork, row->work.work_key}) ||
                   !ContactChanges::Lock(locks, cancelled)) {
                 return Decision::Blocked();
               }
               ContactChanges changes(ChangesContext(seams_.clock.Now()));
               if (!changes.Load(cancelled).ok()) return Decision::Retry();
               for (const WorkItem& item : cancelled) {
                 // A cancelled batch's open fields are closed by Apply.
                 changes.Apply(item, [&](const BatchPlan&, ContactProgress&) {
                   return item.fields;
                 });
               }
               Write write = {.now = seams_.clock.Now()};
               write.consumed.push_back(
                   {.work_key = row->work.work_key, .exhausted = true});
               changes.MoveTo(write);
               row->rest.clear();
               if (!rest.items.empty()) row->rest.push_back(std::move(rest));
               write.work = row->rest;
               return Decision::Commit(std::move(write));
             },
         .committed =
             [this, row, left, shared_done](const Written& written) {
               Enqueue(std::move(row->rest), written.work_keys);
               if (--*left == 0) (*shared_done)();
               Tick();
             }});
  }
}

// ---- Deciding about chunks --------------------------------------------------

void EngineCore::ChangeChunk(int64_t chunk_key, DecideChunk decide,
                             absl::AnyInvocable<void()> then) {
  // The decision, between decide and commit.
  struct Pending {
    DecideChunk decide;
    std::optional<Chunk> chunk = {};
    std::vector<NewWork> work = {};
  };
  auto pending = std::make_shared<Pending>();
  pending->decide = std::move(decide);
  operations_.Run(
      {.decide =
           [this, chunk_key, pending](OperationQueue::Locks& locks) {
             return DecideOnChunk(locks, chunk_key, pending->decide,
                                  pending->chunk, pending->work);
           },
       .committed =
           [this, pending,
            then = std::move(then)](const Written& written) mutable {
             if (pending->chunk.has_value()) {
               Chunk& chunk = *pending->chunk;
               chunk.version = written.chunk_version;
               chunk.attempt.key = written.attempt_key;
               Enqueue(std::move(pending->work), written.work_keys);
               Adopt(std::move(chunk));
             }
             then();
             Tick();
           }});
}

OperationQueue::Decision EngineCore::DecideOnChunk(
    OperationQueue::Locks& locks, int64_t chunk_key, DecideChunk& decide,
    std::optional<Chunk>& decided, std::vector<NewWork>& work) {
  using Decision = OperationQueue::Decision;
  decided.reset();
  if (!locks.Acquire({RowKey::Kind::kChunk, chunk_key})) {
    return Decision::Blocked();
  }
  Chunk chunk;
  if (const auto live = live_.find(chunk_key); live != live_.end()) {
    chunk = live->second.chunk;
  } else {
    auto stored = seams_.store.ReadChunk(chunk_key);
    if (absl::IsNotFound(stored.status())) return Decision::Nothing();
    if (!stored.ok()) return Decision::Retry();
    chunk = *std::move(stored);
  }
  AccountState* account = FindState(chunk.lane.account);
  if (account == nullptr) return Decision::Nothing();
  const absl::Time now = seams_.clock.Now();
  ChunkDecision decision = {.locks = locks,
                            .now = now,
                            .account = *account,
                            .chunk = std::move(chunk),
                            .changes = ContactChanges(ChangesContext(now)),
                            .write = {.now = now}};
  const bool changed = decide(decision);
  if (decision.blocked) return Decision::Blocked();
  if (decision.retry) return Decision::Retry();
  if (!changed) return Decision::Nothing();
  decision.changes.MoveTo(decision.write);
  work = decision.write.work;
  decision.write.chunk = decision.chunk;
  decided = std::move(decision.chunk);
  return Decision::Commit(std::move(decision.write));
}

void EngineCore::Adopt(Chunk chunk) {
  AccountState* account = FindState(chunk.lane.account);
  const auto live = live_.find(chunk.key);
  const Chunk* before = live == live_.end() ? nullptr : &live->second.chunk;
  NoteTransition(*account, before, chunk);
  if (before != nullptr) due_.erase({before->due, chunk.key});
  if (IsTerminal(chunk.state)) {
    live_.erase(chunk.key);
    return;
  }
  due_.insert({chunk.due, chunk.key});
  if (live == live_.end()) {
    const int64_t key = chunk.key;
    live_.emplace(key, LiveChunk{.chunk = std::move(chunk)});
  } else {
    live->second.chunk = std::move(chunk);
  }
}

void EngineCore::NoteTransition(AccountState& account, const Chunk* before,
                                const Chunk& after) {
  // One in doubt is not waited for: it may stay so for a day.
  const auto at_provider = [](const Chunk& chunk) {
    return chunk.state == ChunkState::kSending ||
           chunk.state == ChunkState::kAccepted;
  };
  const auto in_doubt = [](const Chunk& chunk) {
    return chunk.state == ChunkState::kUnknown ||
           chunk.state == ChunkState::kParked;
  };
  const auto contacts = static_cast<int>(after.items.size());
  const auto open = [](const Chunk& chunk) {
    const bool over =
        IsTerminal(chunk.state) || chunk.state == ChunkState::kParked;
    return over ? 0 : static_cast<int64_t>(chunk.items.size());
  };
  contacts_in_chunks_ += open(after) - (before == nullptr ? 0 : open(*before));
  const bool was = before != nullptr && at_provider(*before);
  if (!was && at_provider(after)) account.gate.AddRunning(contacts);
  if (was && !at_provider(after)) account.gate.RemoveRunning(contacts);
  account.jobs_unknown += in_doubt(after) ? 1 : 0;
  account.jobs_unknown -= before != nullptr && in_doubt(*before) ? 1 : 0;
  if (before == nullptr || before->state != after.state) {
    log::Info("chunk", {{"chunk", after.key},
                        {"account", after.lane.account},
                        {"operation", after.lane.operation},
                        {"state", ChunkStateName(after.state)},
                        {"contacts", contacts},
                        {"attempt", after.attempt_count}});
  }
}

// ---- Reporting --------------------------------------------------------------

const ProviderAdapter* EngineCore::FindAdapter(
    absl::string_view account) const {
  const Account* found = accounts_.Find(account);
  return found == nullptr ? nullptr : found->adapter.get();
}

EngineCore::AccountState* EngineCore::FindState(absl::string_view account) {
  for (const auto& state : states_) {
    if (state->account.name == account) return state.get();
  }
  return nullptr;
}

void EngineCore::ReadAccounts(
    absl::AnyInvocable<void(std::vector<AccountStatus>)> done) {
  Post([this, done = std::move(done)]() mutable {
    const absl::Time now = seams_.clock.Now();
    std::vector<AccountStatus> all;
    for (const auto& state : states_) all.push_back(StatusOf(*state, now));
    done(std::move(all));
  });
}

AccountStatus EngineCore::StatusOf(AccountState& state, absl::Time now) const {
  AccountStatus status = {
      .name = state.account.name,
      .adapter = state.account.adapter.get(),
      .breaker = state.gate.breaker(now),
      .last_error = state.last_error,
      .last_error_time = state.last_error_time,
      .requests_available = state.gate.requests_available(now),
      .jobs_in_flight = state.gate.running_jobs(),
      .contacts_in_flight = state.gate.running_contacts(),
      .jobs_unknown = state.jobs_unknown,
      .balance = state.balance,
      .balance_time = state.balance_time};
  for (const auto& [key, lane] : state.lanes) {
    status.lookups_waiting += lane.size();
  }
  return status;
}

void EngineCore::UpdateTotals() {
  int64_t open = contacts_in_chunks_;
  absl::Duration longest;
  for (const auto& state : states_) {
    absl::Duration left;
    for (const auto& [key, lane] : state->lanes) {
      open += lane.size();
      const OperationSpec* operation =
          state->account.adapter->capabilities().Find(key.operation);
      if (operation == nullptr) continue;
      left += TimeFor(state->account, *operation, lane.size());
    }
    if (state->gate.running_jobs() > 0) {
      left = std::max(left,
                      state->account.adapter->capabilities().typical_latency);
    }
    longest = std::max(longest, left);
  }
  time_left_us_ = absl::ToInt64Microseconds(longest);
  open_contacts_ = open;
}

absl::Duration EngineCore::TimeLeft() const {
  return absl::Microseconds(time_left_us_.load());
}

ContactChanges::Context EngineCore::ChangesContext(absl::Time now) {
  return {.store = seams_.store,
          .batches = batches_,
          .accounts = accounts_,
          .encoder = seams_.encoder,
          .now = now};
}

std::unique_ptr<Engine> NewEngine(EngineOptions options, EngineSeams seams) {
  return std::make_unique<EngineCore>(std::move(options), seams);
}

}  // namespace enrich
