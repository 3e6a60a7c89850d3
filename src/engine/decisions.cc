// How a chunk is changed.

#include <optional>
#include <utility>

#include "base/log.h"
#include "engine/engine_core.h"

namespace enrich {

void EngineCore::ChangeChunk(int64_t chunk_key, DecideChunk decide,
                             absl::AnyInvocable<void()> then,
                             PutOffHook put_off) {
  // The decision, between decide and commit.
  struct Pending {
    DecideChunk decide;
    std::optional<Decided> decided = {};
  };
  auto pending = std::make_shared<Pending>();
  pending->decide = std::move(decide);
  operations_.Run(
      {.decide =
           [this, chunk_key, pending](OperationQueue::Locks& locks) {
             return DecideOnChunk(locks, chunk_key, pending->decide,
                                  pending->decided);
           },
       .committed =
           [this, chunk_key, pending,
            then = std::move(then)](const Written& written) mutable {
             if (pending->decided.has_value()) {
               Decided& decided = *pending->decided;
               decided.chunk.version = written.chunk_version;
               decided.chunk.attempt.key = written.attempt_key;
               if (decided.double_spend) NoteDoubleSpend(decided.chunk);
               TakeUp(decided.ledger);
               TakeUp(decided.chunk.lane.tenant, decided.saved);
               NoteCharges(*FindState(decided.chunk.lane.account), decided);
               Adopt(std::move(decided.chunk));
               if (decided.resend.has_value()) {
                 decided.resend->key = written.resend_key;
                 ++decided.resend->version;
                 Adopt(*std::move(decided.resend));
               }
               Enqueue(std::move(decided.work), written,
                       std::move(decided.waiting));
               if (decided.cursor.has_value()) {
                 TakeCursor(chunk_key, *std::move(decided.cursor));
               }
             }
             then();
             Tick();
           },
       .put_off = std::move(put_off)});
}

OperationQueue::Decision EngineCore::DecideOnChunk(
    OperationQueue::Locks& locks, int64_t chunk_key, DecideChunk& decide,
    std::optional<Decided>& decided) {
  using Decision = OperationQueue::Decision;
  decided.reset();
  if (!locks.Acquire({RowKey::Kind::kChunk, chunk_key})) {
    return Decision::Blocked();
  }
  absl::StatusOr<Chunk> ended;
  const auto live = live_.find(chunk_key);
  if (live == live_.end()) {
    ended = seams_.store.ReadChunk(chunk_key);
    if (absl::IsNotFound(ended.status())) return Decision::Nothing();
    if (!ended.ok()) return Decision::Failed(ended.status());
  }
  const Chunk& before = live == live_.end() ? *ended : live->second.chunk;
  AccountState* account = FindState(before.lane.account);
  if (account == nullptr) return Decision::Nothing();
  const absl::Time now = seams_.clock.Now();
  const chunk_machine::Policy policy = PolicyFor(*account, before);
  ChunkDecision decision = {.locks = locks,
                            .now = now,
                            .account = *account,
                            .policy = policy,
                            .chunk = before,
                            .changes = ContactChanges(ChangesContext(now)),
                            .write = {.now = now}};
  const bool changed = decide(decision);
  if (decision.blocked) return Decision::Blocked();
  if (!decision.failed.ok()) return Decision::Failed(decision.failed);
  if (!changed) return Decision::Nothing();
  decision.changes.MoveTo(decision.write);
  std::vector<WaitingRow> waiting = TakeWaiting(decision);
  decided = Decided{.resend = decision.write.resend,
                    .work = decision.write.work,
                    .waiting = std::move(waiting),
                    .cursor = std::move(decision.cursor),
                    .double_spend = decision.double_spend,
                    .saved = std::move(decision.saved)};
  FillInLedger(decision, before, *decided);
  decision.write.chunk = decision.chunk;
  decided->chunk = std::move(decision.chunk);
  return Decision::Commit(std::move(decision.write));
}

void EngineCore::FillInLedger(ChunkDecision& decision, const Chunk& before,
                              Decided& decided) {
  Chunk& chunk = decision.chunk;
  const Credits difference = ChargeRest(chunk, decision.charges);
  // Told anew by an answer that came later, it is no news.
  const bool news =
      !IsTerminal(before.state) || before.attempt.spent != chunk.attempt.spent;
  decided.job_drift = news ? difference : Credits();
  decided.over_price = decision.over_price;
  decided.ledger = ChangeOfFunds(&before, chunk, decision.charges);
  decision.write.ledger = decided.ledger;
}

absl::StatusOr<Chunk> EngineCore::CurrentChunk(int64_t chunk_key) {
  const auto live = live_.find(chunk_key);
  if (live != live_.end()) return live->second.chunk;
  return seams_.store.ReadChunk(chunk_key);
}

chunk_machine::Policy EngineCore::PolicyFor(const AccountState& account,
                                            const Chunk& chunk) const {
  chunk_machine::Policy policy = account.policy;
  const ProviderAdapter& adapter = *account.account.adapter;
  policy.can_fetch =
      adapter.capabilities().Find(chunk.lane.operation) != nullptr &&
      adapter.CanFetch(JobOf(chunk, chunk.attempt));
  const auto live = live_.find(chunk.key);
  policy.reading = live != live_.end() && !live->second.cursor.empty();
  return policy;
}

bool EngineCore::LoadContacts(ChunkDecision& decision,
                              const std::vector<WorkItem>& items) {
  decision.blocked = !ContactChanges::Lock(decision.locks, items);
  if (decision.blocked) return false;
  decision.failed = decision.changes.Load(items);
  return decision.failed.ok();
}

ContactChanges::Context EngineCore::ChangesContext(absl::Time now) {
  return {.store = seams_.store,
          .batches = batches_,
          .contacts = contacts_,
          .accounts = accounts_,
          .encoder = seams_.encoder,
          .now = now};
}

void EngineCore::Adopt(Chunk chunk) {
  AccountState* account = FindState(chunk.lane.account);
  const auto live = live_.find(chunk.key);
  const Chunk* before = live == live_.end() ? nullptr : &live->second.chunk;
  NoteTransition(*account, before, chunk);
  for (OpenWork& work : account->in_flight.Update(before, chunk)) {
    Lane& lane = account->lanes[work.lane];
    lane.Add(std::move(work));
  }
  if (before != nullptr) due_.erase({live->second.due, chunk.key});
  if (IsTerminal(chunk.state)) {
    live_.erase(chunk.key);
    return;
  }
  // A clock that is set changes nothing of what is waited for already.
  const bool waits = before != nullptr && before->due == chunk.due;
  const absl::Time due = waits ? live->second.due : SteadyOf(chunk.due);
  due_.insert({due, chunk.key});
  LiveChunk& adopted = live_[chunk.key];
  adopted.due = due;
  adopted.chunk = std::move(chunk);
}

void EngineCore::NoteTransition(AccountState& account, const Chunk* before,
                                const Chunk& after) {
  // One in doubt is not waited for: it may stay so for a day.
  const auto at_provider = [](const Chunk& chunk) {
    return chunk.state == ChunkState::kSending ||
           chunk.state == ChunkState::kAccepted;
  };
  const auto moves = [](const Chunk* chunk) {
    return chunk != nullptr && !IsTerminal(chunk->state) &&
           !IsInDoubt(chunk->state);
  };
  const auto contacts = static_cast<int>(after.items.size());
  const auto open = [](const Chunk& chunk) {
    const bool over =
        IsTerminal(chunk.state) || chunk.state == ChunkState::kParked;
    return over ? 0 : static_cast<int64_t>(chunk.items.size());
  };
  const int64_t more = open(after) - (before == nullptr ? 0 : open(*before));
  in_chunks_.all += more;
  if (more != 0 && admission_.counts_tenants()) {
    in_chunks_.tenants[after.lane.tenant] += more;
  }
  if (moves(&after) != moves(before)) {
    account.moving[after.lane.tenant] += moves(&after) ? 1 : -1;
  }
  const bool was = before != nullptr && at_provider(*before);
  if (!was && at_provider(after)) account.gate.AddRunning(contacts);
  if (was && !at_provider(after)) account.gate.RemoveRunning(contacts);
  NoteDoubt(account, before, after);
  if (before == nullptr || before->state != after.state) {
    log::Info("chunk", {{"chunk", after.key},
                        {"account", after.lane.account},
                        {"operation", after.lane.operation},
                        {"state", ChunkStateName(after.state)},
                        {"contacts", contacts},
                        {"attempt", after.attempt_count}});
  }
}

}  // namespace enrich
