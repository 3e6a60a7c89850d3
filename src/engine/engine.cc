#include "engine/engine.h"

#include <utility>

#include "base/log.h"
#include "base/status_macros.h"
#include "engine/engine_core.h"
#include "engine/next_step.h"
#include "engine/planner.h"
#include "model/errors.h"

namespace enrich {
namespace {

// Accounts are handed to the directory; options keep the rest.
Accounts TakeAccounts(EngineOptions& options) {
  for (Account& account : options.accounts) {
    account.has_push_address = !options.public_url.empty();
  }
  return Accounts(std::move(options.accounts));
}

}  // namespace

EngineCore::EngineCore(EngineOptions options, EngineSeams seams)
    : accounts_(TakeAccounts(options)),
      options_(std::move(options)),
      seams_(std::move(seams)),
      admission_({.all = options_.max_open_contacts,
                  .per_tenant = options_.max_open_contacts_per_tenant},
                 seams_.clock.Steady()),
      batches_(seams_.store),
      operations_(seams_.store, seams_.executor, {}, seams_.on_fatal) {
  for (const Account& account : accounts_.all()) {
    states_.push_back(std::make_unique<AccountState>(account, options_));
  }
}

// ---- Start and stop ---------------------------------------------------------

absl::Status EngineCore::Start() {
  int64_t waiting = 0;
  absl::btree_set<int64_t> batches;
  RETURN_IF_ERROR(LoadLedger());
  RETURN_IF_ERROR(seams_.store.ReadOpenWork([&](OpenWork work) {
    work.enqueue_time = SteadyPast(work.enqueue_time);
    if (!work.items.empty()) batches.insert(work.items.front().batch_key);
    AccountState* state = FindState(work.lane.account);
    if (state == nullptr) {
      Lane& lane = departed_[work.lane];
      lane.Add(std::move(work));
      return;
    }
    waiting += static_cast<int64_t>(work.items.size());
    Lane& lane = state->lanes[work.lane];
    lane.Add(std::move(work));
  }));
  std::vector<Chunk> chunks;
  RETURN_IF_ERROR(seams_.store.ReadOpenChunks(
      [&](Chunk chunk) { chunks.push_back(std::move(chunk)); }));
  std::vector<int64_t> orphans;
  std::vector<Chunk> departed;
  for (Chunk& chunk : chunks) {
    ledger_.Load(chunk);
    int64_t last = 0;
    for (const WorkItem& item : chunk.items) {
      // Neighbours mostly share their batch.
      if (std::exchange(last, item.batch_key) == item.batch_key) continue;
      batches.insert(item.batch_key);
    }
    AccountState* state = FindState(chunk.lane.account);
    if (state == nullptr) {
      departed.push_back(std::move(chunk));
      continue;
    }
    if (chunk.state == ChunkState::kSending) orphans.push_back(chunk.key);
    waiting += static_cast<int64_t>(chunk.items.size());
    RETURN_IF_ERROR(Identify(chunk));
    Adopt(std::move(chunk));
  }
  if (!ledger_.Balanced()) ++ledger_errors_;
  RETURN_IF_ERROR(OpenBudgets(batches));
  ASSIGN_OR_RETURN(std::vector<InboxEvent> inbox,
                   seams_.store.ReadUnappliedInbox());
  log::Info("taking up open work", {{"lookups", waiting},
                                    {"chunks", live_.size()},
                                    {"orphans", orphans.size()},
                                    {"inbox", inbox.size()}});
  Post([this, orphans = std::move(orphans), departed = std::move(departed),
        inbox = std::move(inbox)]() mutable {
    for (Chunk& chunk : departed) CloseDeparted(std::move(chunk));
    // Nobody knows whether an orphan left: never PLANNED again.
    for (const int64_t key : orphans) {
      ChangeChunk(key, [](ChunkDecision& decision) {
        return chunk_machine::OnIndeterminate(decision.now, decision.policy,
                                              decision.chunk);
      });
    }
    for (InboxEvent& event : inbox) TakeUpInbox(std::move(event));
    Tick();
  });
  return absl::OkStatus();
}

// Only a chunk that an older version sent does not say whom it is about.
absl::Status EngineCore::Identify(Chunk& chunk) {
  if (chunk.identities.size() == chunk.items.size()) return absl::OkStatus();
  ContactChanges changes(ChangesContext(seams_.clock.Now()));
  RETURN_IF_ERROR(changes.Load(chunk.items));
  chunk.identities = changes.IdentitiesOf(chunk.lane.tenant, chunk.items);
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
  const absl::Status admitted =
      admission_.Admit(request.tenant, contacts, seams_.clock.Steady());
  if (!admitted.ok()) return done(admitted);
  std::string tenant = request.tenant;
  Ceilings ceilings = plan->ceilings;
  NewBatch batch =
      MakeBatch(std::move(request), *std::move(plan), accounts_, seams_.encoder,
                NewUuid(seams_.clock, seams_.random), seams_.clock.Now());
  std::vector<NewWork> work = batch.work;
  Executor& executor = seams_.executor;
  seams_.store.CreateBatch(
      std::move(batch),
      [this, &executor, contacts, tenant = std::move(tenant),
       work = std::move(work), ceilings = std::move(ceilings),
       done = std::move(done)](absl::StatusOr<CreatedBatch> created) mutable {
        Written written;
        int64_t batch_key = 0;
        if (created.ok() && !created->existed) {
          const Batch& batch = created->batch;
          batch_key = batch.finish_time.has_value() ? 0 : batch.key;
          for (NewWork& lane : work) {
            for (WorkItem& item : lane.items) {
              item.contact_key += batch.first_contact_key;
              item.batch_key = batch.key;
            }
          }
          written.work_keys = created->work_keys;
        } else {
          work.clear();
        }
        executor.Post([this, contacts, batch_key, tenant = std::move(tenant),
                       work = std::move(work), ceilings = std::move(ceilings),
                       written = std::move(written)]() mutable {
          if (batch_key != 0) budgets_.Open(batch_key, ceilings, {});
          Enqueue(std::move(work), written);
          Tick();
          admission_.Settle(tenant, contacts, batch_key != 0);
        });
        done(std::move(created));
      });
}

void EngineCore::Enqueue(std::vector<NewWork> work, const Written& written,
                         std::vector<WaitingRow> waiting) {
  for (const int64_t batch_key : written.ended_batches) {
    budgets_.Close(batch_key);
    cancelled_.erase(batch_key);
  }
  const size_t first_waiting = work.size() - waiting.size();
  for (size_t i = 0; i < work.size(); ++i) {
    AccountState* state = FindState(work[i].lane.account);
    if (state == nullptr) continue;
    OpenWork row = {.work_key = written.work_keys[i],
                    .lane = work[i].lane,
                    .items = std::move(work[i].items),
                    .enqueue_time = SteadyPast(work[i].enqueue_time)};
    if (i < first_waiting) {
      Lane& lane = state->lanes[row.lane];
      lane.Add(std::move(row));
    } else {
      WaitingRow& kept = waiting[i - first_waiting];
      kept.work = std::move(row);
      KeepWaiting(*state, std::move(kept));
    }
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
    BeginCancel(*batch, std::move(done));
  });
}

void EngineCore::BeginCancel(const Batch& batch, StoreCallback<Batch> done) {
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
  std::vector<std::shared_ptr<const OpenWork>> rows;
  const auto take = [&rows](std::vector<OpenWork> extracted) {
    for (OpenWork& work : extracted) {
      rows.push_back(std::make_shared<const OpenWork>(std::move(work)));
    }
  };
  for (const auto& state : states_) {
    for (auto& [key, lane] : state->lanes) take(lane.ExtractRowsOf(batch_key));
    take(state->in_flight.ExtractRowsOf(batch_key));
  }
  if (rows.empty()) return done();
  auto left = std::make_shared<size_t>(rows.size());
  auto shared_done =
      std::make_shared<absl::AnyInvocable<void()>>(std::move(done));
  for (const std::shared_ptr<const OpenWork>& row : rows) {
    operations_.Run(
        {.decide =
             [this, row](OperationQueue::Locks& locks) {
               using Decision = OperationQueue::Decision;
               if (!locks.Acquire({RowKey::Kind::kWork, row->work_key}) ||
                   !ContactChanges::Lock(locks, row->items)) {
                 return Decision::Blocked();
               }
               ContactChanges changes(ChangesContext(seams_.clock.Now()));
               if (const absl::Status loaded = changes.Load(row->items);
                   !loaded.ok()) {
                 return Decision::Failed(loaded);
               }
               for (const WorkItem& item : row->items) {
                 // A cancelled batch's open fields are closed by Apply.
                 changes.Apply(item, [&](const BatchPlan&, ContactProgress&) {
                   return item.fields;
                 });
               }
               Write write = {.now = seams_.clock.Now()};
               write.consumed.push_back(
                   {.work_key = row->work_key, .exhausted = true});
               changes.MoveTo(write);
               return Decision::Commit(std::move(write));
             },
         .committed =
             [this, left, shared_done](const Written& written) {
               Enqueue({}, written);
               if (--*left == 0) (*shared_done)();
               Tick();
             }});
  }
}

// ---- Accounts ---------------------------------------------------------------

const ProviderAdapter* EngineCore::FindAdapter(
    absl::string_view account) const {
  const Account* found = accounts_.Find(account);
  return found == nullptr ? nullptr : found->adapter.get();
}

AccountState* EngineCore::FindState(absl::string_view account) {
  for (const auto& state : states_) {
    if (state->account.name == account) return state.get();
  }
  return nullptr;
}

std::unique_ptr<Engine> NewEngine(EngineOptions options, EngineSeams seams) {
  return std::make_unique<EngineCore>(std::move(options), std::move(seams));
}

}  // namespace enrich
