// From waiting lookups to requests sent.

#include <algorithm>
#include <utility>

#include "absl/strings/str_cat.h"
#include "base/crypto.h"
#include "base/log.h"
#include "engine/engine_core.h"
#include "engine/next_step.h"

namespace enrich {
namespace {

// Lookups failed in one transaction when an account stays down, and such
// transactions at once.
constexpr int64_t kFailWaitingAtOnce = 1000;
constexpr int kFailuresAtOnce = 4;

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

// ---- The clockwork ----------------------------------------------------------

void EngineCore::Tick() {
  // A decision that ends at once asks for a tick from within one.
  if (std::exchange(ticking_, true)) {
    tick_again_ = true;
    return;
  }
  absl::Time next;
  do {
    tick_again_ = false;
    next = TickOnce();
  } while (tick_again_);
  ticking_ = false;
  UpdateTotals();
  ArmTimer(next);
  CheckIdle();
}

absl::Time EngineCore::TickOnce() {
  const absl::Time now = seams_.clock.Now();
  HandleDue(now);
  PumpDeparted();
  absl::Time next = absl::InfiniteFuture();
  if (!stopping_) {
    for (const auto& account : states_) {
      next =
          std::min({next, PumpToken(*account, now), PumpFetches(*account, now),
                    PumpPutOff(*account, now), PumpSends(*account, now),
                    PumpLanes(*account, now), PumpBalance(*account, now)});
    }
  }
  return due_.empty() ? next : std::min(next, due_.begin()->first);
}

void EngineCore::ArmTimer(absl::Time when) {
  if (when >= armed_for_) return;
  armed_for_ = when;
  const absl::Duration delay =
      std::max(when - seams_.clock.Now(), absl::ZeroDuration());
  seams_.executor.PostAfter(delay, [this, when] {
    // A timer that an earlier one has overtaken does nothing.
    if (armed_for_ == when) {
      armed_for_ = absl::InfiniteFuture();
      Tick();
    }
  });
}

void EngineCore::HandleDue(absl::Time now) {
  using chunk_machine::Due;
  while (!due_.empty() && due_.begin()->first <= now) {
    const int64_t key = due_.begin()->second;
    due_.erase(due_.begin());
    const LiveChunk& live = live_.at(key);
    AccountState& account = *FindState(live.chunk.lane.account);
    const chunk_machine::Policy policy = PolicyFor(account, live.chunk);
    switch (chunk_machine::WhenDue(now, policy, live.chunk)) {
      case Due::kNothing:
        break;
      case Due::kSend:
        account.to_send.push_back(key);
        break;
      case Due::kFetch:
        account.to_fetch.push_back(key);
        break;
      case Due::kGiveUpSending:
        GiveUpSending(key);
        break;
      case Due::kGiveUpJob:
        ChangeChunk(key, [this](ChunkDecision& decision) {
          if (decision.chunk.state != ChunkState::kAccepted) return false;
          return FailItems(decision, {}, FailureReason::kResultExpired,
                           "the provider never delivered");
        });
        break;
      case Due::kPark:
        Park(account, key);
        break;
    }
  }
}

void EngineCore::Park(AccountState& account, int64_t chunk_key) {
  log::Error("a paid request stays in doubt; parked",
             {{"chunk", chunk_key}, {"account", account.account.name}});
  const absl::string_view why =
      account.policy.push
          ? "the request may have been accepted"
          : "the request may have been accepted, and without pushes from the "
            "provider nothing will tell";
  ChangeChunk(chunk_key, [this, why](ChunkDecision& decision) {
    return chunk_machine::OnParked(decision.chunk) &&
           FailItems(decision, {}, FailureReason::kOutcomeUnknown, why);
  });
}

void EngineCore::GiveUpSending(int64_t chunk_key) {
  ChangeChunk(chunk_key, [this](ChunkDecision& decision) {
    if (decision.chunk.state != ChunkState::kPlanned) return false;
    chunk_machine::OnGaveUp(decision.chunk);
    return FailItems(decision, {}, FailureReason::kProviderUnavailable,
                     "the provider could not be reached in time");
  });
}

absl::Time EngineCore::PumpFetches(AccountState& account, absl::Time now) {
  while (!account.to_fetch.empty()) {
    const absl::Time when = NextCall(account, now);
    if (when > now) return when;
    const int64_t key = account.to_fetch.front();
    account.to_fetch.pop_front();
    Fetch(account, key);
  }
  return absl::InfiniteFuture();
}

absl::Time EngineCore::NextSubmit(const AccountState& account, int contacts,
                                  absl::Time now) const {
  if (!account.token.Usable(now) || account.gate.Room(contacts) == 0) {
    return absl::InfiniteFuture();
  }
  return account.gate.NextSubmit(now);
}

absl::Time EngineCore::NextCall(const AccountState& account,
                                absl::Time now) const {
  return account.token.Usable(now) ? account.gate.NextCall(now)
                                   : absl::InfiniteFuture();
}

absl::Time EngineCore::GivenUpAt(const AccountState& account,
                                 absl::Time now) const {
  absl::Time since = absl::InfiniteFuture();
  // Only while calls are shut off: otherwise the next request finds out.
  if (account.gate.breaker(now) == BreakerState::kOpen) {
    since = account.gate.broken_since();
  }
  if (!account.token.Usable(now)) {
    since = std::min(since, account.token.missing_since());
  }
  return since + options_.give_up_sending_after;
}

void EngineCore::SetAside(AccountState& account, int contacts) {
  account.gate.StartSubmit(seams_.clock.Now());
  account.gate.AddRunning(contacts);
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

absl::Time EngineCore::PumpPutOff(AccountState& account, absl::Time now) {
  while (!account.put_off.empty()) {
    const int contacts = account.put_off.front().contacts;
    const absl::Time when = NextSubmit(account, contacts, now);
    if (when > now) return when;
    Task again = std::move(account.put_off.front().again);
    account.put_off.pop_front();
    SetAside(account, contacts);
    again();
  }
  return absl::InfiniteFuture();
}

absl::Time EngineCore::PumpSends(AccountState& account, absl::Time now) {
  while (!account.to_send.empty()) {
    const int64_t key = account.to_send.front();
    const auto live = live_.find(key);
    if (live == live_.end() ||
        live->second.chunk.state != ChunkState::kPlanned) {
      account.to_send.pop_front();
      continue;
    }
    const Chunk& chunk = live->second.chunk;
    const auto contacts = static_cast<int>(chunk.items.size());
    const absl::Time give_up =
        chunk.create_time + account.policy.give_up_sending_after;
    const OperationSpec* operation =
        account.account.adapter->capabilities().Find(chunk.lane.operation);
    // The configuration may have changed since the chunk was formed.
    const bool fits = operation != nullptr &&
                      contacts <= MaxContacts(account.account, *operation);
    if (now >= give_up || !fits) {
      account.to_send.pop_front();
      GiveUpSending(key);
      continue;
    }
    const absl::Time when = NextSubmit(account, contacts, now);
    if (when > now) return std::min(when, give_up);
    account.to_send.pop_front();
    SendAgain(account, key, contacts);
  }
  return absl::InfiniteFuture();
}

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

std::vector<LaneKey> EngineCore::LanesInTurn(
    const AccountState& account) const {
  std::vector<LaneKey> keys;
  for (const auto& [key, lane] : account.lanes) {
    if (lane.available()) keys.push_back(key);
  }
  const auto first =
      std::lower_bound(keys.begin(), keys.end(), account.next_lane);
  std::rotate(keys.begin(), first, keys.end());
  return keys;
}

absl::Time EngineCore::PumpLanes(AccountState& account, absl::Time now) {
  absl::Time next = absl::InfiniteFuture();
  const absl::Time give_up = GivenUpAt(account, now);
  bool progressed = true;
  while (progressed) {
    progressed = false;
    for (const LaneKey& key : LanesInTurn(account)) {
      Lane& lane = account.lanes[key];
      const OperationSpec* operation =
          account.account.adapter->capabilities().Find(key.operation);
      if (operation == nullptr || now >= give_up) {
        FailWaiting(key, lane,
                    operation == nullptr ? "the account has no such operation"
                                         : "the provider is down");
        continue;
      }
      const int most = MaxContacts(account.account, *operation);
      const auto wanted =
          static_cast<int>(std::min<int64_t>(lane.size(), most));
      const int room = account.gate.Room(wanted);
      const absl::Time when = std::max(LaneReady(lane, most, options_.linger),
                                       NextSubmit(account, wanted, now));
      if (when > now) {
        next = std::min({next, when, give_up});
        continue;
      }
      FormChunk(account, key, lane.Take(room));
      account.next_lane = key;
      // The next one in turn stands behind this key.
      account.next_lane.operation.push_back('\0');
      progressed = true;
    }
  }
  return next;
}

// ---- Sending ----------------------------------------------------------------

void EngineCore::FormChunk(AccountState& account, const LaneKey& key,
                           Lane::Taken taken) {
  // Counted from now on, and by Adopt once the chunk is committed.
  const auto contacts = static_cast<int>(taken.items.size());
  SetAside(account, contacts);
  struct Pending {
    Lane::Taken taken;
    Chunk chunk = {};
    HttpRequest request = {};
    bool sending = false;
    std::vector<NewWork> work = {};
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
             decision.write.consumed = taken.consumed;
             pending->work = decision.write.work;
             if (pending->sending) {
               decision.write.new_chunk = decision.chunk;
               pending->chunk = std::move(decision.chunk);
             }
             return Decision::Commit(std::move(decision.write));
           },
       .committed =
           [this, pending, contacts, key, &account](const Written& written) {
             account.gate.RemoveRunning(contacts);
             SettleLane(account.lanes.at(key), pending->taken);
             Enqueue(std::move(pending->work), written.work_keys);
             if (pending->sending) {
               Chunk& chunk = pending->chunk;
               chunk.key = written.chunk_key;
               chunk.version = written.chunk_version;
               chunk.attempt.key = written.attempt_key;
               chunk.attempt.chunk_key = written.chunk_key;
               Adopt(std::move(chunk));
               Send(account, written.chunk_key, std::move(pending->request));
             } else {
               account.gate.EndExchange();
             }
             Tick();
           },
       .put_off = PutOffSubmit(account, contacts)});
}

void EngineCore::SettleLane(Lane& lane, const Lane::Taken& taken) {
  lane.Settle(taken);
  // A cancellation passed over the row while it was in use.
  absl::flat_hash_set<int64_t> passed_over;
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
  chunk.items.clear();
  absl::flat_hash_map<int64_t, size_t> position;
  for (WorkItem& item : open) {
    if (decision.changes.IsCancelled(item)) {
      // The fields of a cancelled batch are closed by Apply.
      decision.changes.Apply(item, [&](const BatchPlan&, ContactProgress&) {
        return item.fields;
      });
      continue;
    }
    // A late answer may have closed a field while it waited here.
    item.fields = decision.changes.OpenFields(item);
    if (item.fields.empty()) continue;
    // A contact may wait twice: for its first provider of one field and the
    // second of another. One request, one entry.
    const auto [it, added] =
        position.try_emplace(item.contact_key, chunk.items.size());
    if (added) {
      chunk.items.push_back(item);
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
  if (!KeepWhatCanBeSent(decision)) return false;
  if (chunk.items.empty()) {
    chunk_machine::OnSettled(chunk);
    return false;
  }

  ChunkAttempt attempt = {.chunk_key = chunk.key,
                          .reference = NewReference(seams_.random),
                          .start_time = decision.now};
  const OperationSpec* operation =
      decision.account.account.adapter->capabilities().Find(
          chunk.lane.operation);
  std::vector<SubmitItem> items;
  for (size_t i = 0; i < chunk.items.size(); ++i) {
    const WorkItem& item = chunk.items[i];
    items.push_back({.key = ItemKey(attempt, i),
                     .contact = decision.changes.FindContact(item),
                     .fields = item.fields});
    attempt.max_cost += operation->PriceOf(item.fields);
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

void EngineCore::FailWaiting(const LaneKey& key, Lane& lane,
                             absl::string_view why) {
  if (failing_ == kFailuresAtOnce) return;
  ++failing_;
  auto taken = std::make_shared<Lane::Taken>(lane.Take(kFailWaitingAtOnce));
  auto work = std::make_shared<std::vector<NewWork>>();
  log::Warning("lookups go on without an account",
               {{"account", key.account},
                {"why", why},
                {"contacts", taken->items.size()}});
  operations_.Run(
      {.decide =
           [this, taken, work, account = key.account,
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
             const AttemptContext context = {
                 .account = account, .start_time = now, .now = now};
             for (const WorkItem& item : taken->items) {
               changes.Apply(item,
                             [&](const BatchPlan&, ContactProgress& progress) {
                               ApplyFailure(context, item.fields,
                                            FailureReason::kProviderUnavailable,
                                            why, progress);
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
           [this, taken, work, &lane](const Written& written) {
             --failing_;
             SettleLane(lane, *taken);
             Enqueue(std::move(*work), written.work_keys);
             Tick();
           }});
}

}  // namespace enrich
