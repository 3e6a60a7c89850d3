// From lookups whose turn it is to requests ready to be sent.

#include <algorithm>
#include <utility>

#include "absl/strings/str_cat.h"
#include "base/crypto.h"
#include "base/log.h"
#include "engine/engine_core.h"
#include "engine/next_step.h"

namespace enrich {
namespace {

// Lookups failed in one transaction when an account stays down.
constexpr int64_t kFailWaitingAtOnce = 1000;

std::string CallbackUrl(const std::string& public_url,
                        absl::string_view provider, absl::string_view token) {
  if (public_url.empty()) return "";
  return absl::StrCat(public_url, "/v1/webhooks/", provider, "/", token);
}

}  // namespace

std::vector<size_t> UnansweredItems(const Chunk& chunk) {
  std::vector<size_t> indexes;
  for (size_t i = 0; i < chunk.items.size(); ++i) {
    if (!chunk.answered[i].HasAll(chunk.items[i].fields)) indexes.push_back(i);
  }
  return indexes;
}

// ---- A place at the gate ----------------------------------------------------

absl::Time EngineCore::SetAside(AccountState& account, int contacts) {
  const absl::Time now = seams_.clock.Steady();
  account.gate.StartSubmit(now);
  account.gate.AddRunning(contacts);
  return now;
}

void EngineCore::GiveBack(AccountState& account, int contacts) {
  account.gate.EndExchange();
  account.gate.RemoveRunning(contacts);
}

EngineCore::PutOffHook EngineCore::PutOffSubmit(AccountState& account,
                                                int contacts) {
  return [this, &account, contacts](absl::Duration pause, Task again) {
    GiveBack(account, contacts);
    seams_.executor.PostAfter(
        pause, [this, &account, contacts, again = std::move(again)]() mutable {
          account.put_off.push_back({contacts, std::move(again)});
          Tick();
        });
  };
}

// ---- Chunks -----------------------------------------------------------------

void EngineCore::SendAgain(AccountState& account, int64_t chunk_key,
                           int contacts) {
  SetAside(account, contacts);
  auto request = std::make_shared<HttpRequest>();
  auto sending = std::make_shared<bool>(false);
  ChangeChunk(
      chunk_key,
      [this, request, sending](ChunkDecision& decision) {
        *sending = false;
        if (decision.chunk.state != ChunkState::kPlanned) return false;
        *sending = PrepareAttempt(decision, *request);
        return true;
      },
      [this, chunk_key, contacts, request, sending, &account] {
        // Counted anew by Adopt.
        account.gate.RemoveRunning(contacts);
        if (*sending) {
          Send(account, chunk_key, std::move(*request));
        } else {
          account.gate.EndExchange();
        }
      },
      PutOffSubmit(account, contacts));
}

void EngineCore::FormChunk(AccountState& account, const LaneKey& key,
                           Lane::Taken taken) {
  // Counted from now on, and by Adopt once the chunk is committed.
  const auto contacts = static_cast<int>(taken.items.size());
  const absl::Time start = SetAside(account, contacts);
  const OperationSpec& operation =
      *account.account.adapter->capabilities().Find(key.operation);
  struct Pending {
    Lane::Taken taken;
    Chunk chunk = {};
    HttpRequest request = {};
    bool sending = false;
    std::vector<NewWork> work = {};
    std::vector<WaitingRow> waiting = {};
    LedgerChange ledger = {};
    Saved saved = {};
  };
  auto pending = std::make_shared<Pending>();
  pending->taken = std::move(taken);
  operations_.Run(
      {.decide =
           [this, pending, key, &account](OperationQueue::Locks& locks) {
             using Decision = OperationQueue::Decision;
             const absl::Time now = seams_.clock.Now();
             const Lane::Taken& taken = pending->taken;
             for (const WorkConsumption& row : taken.consumed) {
               if (!locks.Acquire({RowKey::Kind::kWork, row.work_key})) {
                 return Decision::Blocked();
               }
             }
             ChunkDecision decision = {
                 .locks = locks,
                 .now = now,
                 .account = account,
                 .policy = account.policy,
                 .chunk = {.lane = key,
                           .items = taken.items,
                           .answered =
                               std::vector<FieldSet>(taken.items.size()),
                           .settled = std::vector<FieldSet>(taken.items.size()),
                           .create_time = now},
                 .changes = ContactChanges(ChangesContext(now)),
                 .write = {.now = now}};
             pending->sending = PrepareAttempt(decision, pending->request);
             if (decision.blocked) return Decision::Blocked();
             if (!decision.failed.ok())
               return Decision::Failed(decision.failed);
             decision.changes.MoveTo(decision.write);
             pending->waiting = TakeWaiting(decision);
             decision.write.consumed = taken.consumed;
             pending->work = decision.write.work;
             pending->saved = std::move(decision.saved);
             pending->ledger = {};
             if (pending->sending) {
               pending->ledger = ChangeOfFunds(nullptr, decision.chunk, {});
               decision.write.ledger = pending->ledger;
               decision.write.new_chunk = decision.chunk;
               pending->chunk = std::move(decision.chunk);
             }
             return Decision::Commit(std::move(decision.write));
           },
       .committed =
           [this, pending, contacts, key, start, &account,
            &operation](const Written& written) {
             account.gate.RemoveRunning(contacts);
             budgets_.Drop(key.account, operation, pending->taken.items);
             TakeUp(pending->ledger);
             TakeUp(key.tenant, pending->saved);
             if (pending->sending) {
               Chunk& chunk = pending->chunk;
               chunk.key = written.chunk_key;
               chunk.version = written.chunk_version;
               chunk.attempt.key = written.attempt_key;
               chunk.attempt.chunk_key = written.chunk_key;
               for (WaitingRow& row : pending->waiting) {
                 if (row.chunk_key == 0) row.chunk_key = written.chunk_key;
               }
               Adopt(std::move(chunk));
               live_.at(written.chunk_key).pushes.emplace();
               Send(account, written.chunk_key, std::move(pending->request));
             } else {
               account.gate.CancelSubmit(start);
             }
             Enqueue(std::move(pending->work), written,
                     std::move(pending->waiting));
             SettleLane(account.lanes.at(key), pending->taken);
             Tick();
           },
       .put_off = PutOffSubmit(account, contacts)});
}

void EngineCore::SettleLane(Lane& lane, const Lane::Taken& taken) {
  lane.Settle(taken);
  // A cancellation passed over the row while it was in use.
  absl::btree_set<int64_t> passed_over;
  for (const WorkItem& item : taken.items) {
    if (cancelled_.contains(item.batch_key)) passed_over.insert(item.batch_key);
  }
  for (const int64_t batch_key : passed_over) CancelWaiting(batch_key, [] {});
}

// A chunk holds what its latest attempt sent, no more: positions in an answer
// are then positions in the chunk. Dropping the others is safe because no
// earlier attempt of a PLANNED chunk can have results.
bool EngineCore::KeepWhatCanBeSent(ChunkDecision& decision) {
  Chunk& chunk = decision.chunk;
  std::vector<WorkItem> open;
  for (const size_t i : UnansweredItems(chunk)) {
    open.push_back(chunk.items[i]);
    open.back().fields -= chunk.answered[i];
  }
  if (!LoadContacts(decision, open)) return false;
  const std::vector<Identity> identities =
      decision.changes.IdentitiesOf(chunk.lane.tenant, open);
  decision.failed = AnswerWhatIsKnown(chunk.lane, identities, decision.changes,
                                      open, decision.saved);
  if (!decision.failed.ok()) return false;
  chunk.items.clear();
  chunk.identities.clear();
  absl::flat_hash_map<int64_t, size_t> position;
  absl::flat_hash_set<uint64_t> asked;
  for (size_t i = 0; i < open.size(); ++i) {
    WorkItem& item = open[i];
    if (decision.changes.IsCancelled(item)) {
      // The fields of a cancelled batch are closed by Apply.
      decision.changes.Apply(item, [&](const BatchPlan&, ContactProgress&) {
        return item.fields;
      });
      continue;
    }
    // An answer may have closed a field while it waited here, or just now. What
    // a resend asks for is closed already, as unknown.
    item.fields = chunk.resend_of == 0 ? decision.changes.OpenFields(item)
                                       : decision.changes.FieldsInDoubt(
                                             item, chunk.lane.account);
    if (!HoldBack(decision, identities[i], asked, item)) return false;
    if (item.fields.empty()) continue;
    // A contact may wait twice: for its first provider of one field and the
    // second of another. One request, one entry.
    const auto [it, added] =
        position.try_emplace(item.contact_key, chunk.items.size());
    if (added) {
      chunk.items.push_back(item);
      chunk.identities.push_back(identities[i]);
    } else {
      chunk.items[it->second].fields |= item.fields;
    }
  }
  chunk.answered.assign(chunk.items.size(), FieldSet());
  chunk.settled.assign(chunk.items.size(), FieldSet());
  return true;
}

bool EngineCore::PrepareAttempt(ChunkDecision& decision, HttpRequest& request) {
  Chunk& chunk = decision.chunk;
  const bool needless = EarlierWasTaken(decision);
  if (decision.given_up() || !KeepWhatCanBeSent(decision)) return false;
  if (needless || chunk.items.empty()) {
    chunk_machine::OnSettled(chunk);
    return false;
  }

  ChunkAttempt attempt = {.chunk_key = chunk.key,
                          .reference = NewReference(seams_.random),
                          .start_time = decision.now};
  const OperationSpec* operation =
      decision.account.account.adapter->capabilities().Find(
          chunk.lane.operation);
  for (const ContactField field : kAllContactFields) {
    attempt.prices.Set(field, operation->PriceOf(field));
  }
  decision.changes.Remember(chunk.items);
  std::vector<SubmitItem> items;
  for (size_t i = 0; i < chunk.items.size(); ++i) {
    const WorkItem& item = chunk.items[i];
    items.push_back({.key = ItemKey(attempt, i),
                     .contact = decision.changes.FindContact(item),
                     .fields = item.fields});
    attempt.max_cost += attempt.prices.Of(item.fields);
  }

  const std::string token = NewToken(seams_.random);
  attempt.token_hash = Sha256(token);
  const std::string callback = CallbackUrl(
      options_.public_url, decision.account.account.adapter->name(), token);
  request = decision.account.account.adapter->BuildSubmit(
      {.operation = chunk.lane.operation,
       .reference = attempt.reference,
       .items = items,
       .callback_url = callback,
       .want_raw = WantsRaw(chunk.items)});
  request.paid = true;
  return chunk_machine::OnIntent(std::move(attempt), chunk);
}

// ---- Giving up --------------------------------------------------------------

void EngineCore::GiveUpSending(int64_t chunk_key) {
  ChangeChunk(chunk_key, [this](ChunkDecision& decision) {
    if (decision.chunk.state != ChunkState::kPlanned) return false;
    chunk_machine::OnGaveUp(decision.chunk);
    return FailItems(decision, {}, FailureReason::kProviderUnavailable,
                     "the provider could not be reached in time");
  });
}

void EngineCore::FailWaiting(const LaneKey& key, Lane& lane,
                             absl::string_view why) {
  if (!CanFail()) return;
  // Money is no matter any more.
  lane.ResumeAll();
  Lane::Taken taken = lane.Take(kFailWaitingAtOnce);
  if (taken.items.empty()) return;
  log::Warning("lookups go on without an account",
               {{"account", key.account},
                {"why", why},
                {"contacts", taken.items.size()}});
  FailTaken(key, lane, std::move(taken), FailureReason::kProviderUnavailable,
            why);
}

void EngineCore::FailTaken(const LaneKey& key, Lane& lane, Lane::Taken what,
                           FailureReason reason, absl::string_view why) {
  ++failing_;
  auto taken = std::make_shared<Lane::Taken>(std::move(what));
  auto work = std::make_shared<std::vector<NewWork>>();
  auto saved = std::make_shared<Saved>();
  operations_.Run(
      {.decide =
           [this, taken, work, saved, key, reason,
            why = std::string(why)](OperationQueue::Locks& locks) {
             using Decision = OperationQueue::Decision;
             for (const WorkConsumption& row : taken->consumed) {
               if (!locks.Acquire({RowKey::Kind::kWork, row.work_key})) {
                 return Decision::Blocked();
               }
             }
             if (!ContactChanges::Lock(locks, taken->items)) {
               return Decision::Blocked();
             }
             const absl::Time now = seams_.clock.Now();
             ContactChanges changes(ChangesContext(now));
             if (const absl::Status loaded = changes.Load(taken->items);
                 !loaded.ok()) {
               return Decision::Failed(loaded);
             }
             // What was bought before needs no provider.
             std::vector<WorkItem> left = taken->items;
             saved->clear();
             if (const absl::Status known = AnswerWhatIsKnown(
                     key, changes.IdentitiesOf(key.tenant, left), changes, left,
                     *saved);
                 !known.ok()) {
               return Decision::Failed(known);
             }
             const AttemptContext context = {
                 .account = key.account, .start_time = now, .now = now};
             for (const WorkItem& item : left) {
               if (item.fields.empty()) continue;
               changes.Apply(
                   item, [&](const BatchPlan&, ContactProgress& progress) {
                     ApplyFailure(context, item.fields, reason, why, progress);
                     return item.fields;
                   });
             }
             Write write = {.now = now};
             write.consumed = taken->consumed;
             changes.MoveTo(write);
             *work = write.work;
             return Decision::Commit(std::move(write));
           },
       .committed =
           [this, taken, work, saved, tenant = key.tenant,
            &lane](const Written& written) {
             --failing_;
             TakeUp(tenant, *saved);
             SettleLane(lane, *taken);
             Enqueue(std::move(*work), written);
             Tick();
           }});
}

}  // namespace enrich
