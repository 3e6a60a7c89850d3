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

// Items failed in one transaction when an account stays down.
constexpr int64_t kFailWaitingAtOnce = 1000;

std::string CallbackUrl(const std::string& public_url,
                        absl::string_view provider, absl::string_view token) {
  if (public_url.empty()) return "";
  return absl::StrCat(public_url, "/v1/webhooks/", provider, "/", token);
}

}  // namespace

std::string ItemKey(const ChunkAttempt& attempt, size_t index) {
  return absl::StrCat(attempt.reference, ".", index);
}

std::optional<size_t> ItemIndex(const ChunkAttempt& attempt,
                                absl::string_view key, size_t item_count) {
  const absl::string_view reference = attempt.reference;
  if (reference.empty() || key.size() <= reference.size() + 1 ||
      key.substr(0, reference.size()) != reference ||
      key[reference.size()] != '.') {
    return std::nullopt;
  }
  size_t index = 0;
  if (!absl::SimpleAtoi(key.substr(reference.size() + 1), &index) ||
      index >= item_count) {
    return std::nullopt;
  }
  return index;
}

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
  absl::Time next = absl::InfiniteFuture();
  if (!stopping_) {
    for (const auto& account : states_) {
      next =
          std::min({next, PumpFetches(*account, now), PumpSends(*account, now),
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
    switch (chunk_machine::WhenDue(now, account.policy, live.chunk)) {
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
        log::Error("a paid request stays in doubt; parked",
                   {{"chunk", key}, {"account", account.account.name}});
        ChangeChunk(key, [this](ChunkDecision& decision) {
          if (decision.chunk.state != ChunkState::kUnknown) return false;
          decision.chunk.state = ChunkState::kParked;
          decision.chunk.due = absl::InfiniteFuture();
          return FailItems(decision, {}, FailureReason::kOutcomeUnknown,
                           "the request may have been accepted");
        });
        break;
    }
  }
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
    const absl::Time when = account.gate.NextCall(now);
    if (when > now) return when;
    const int64_t key = account.to_fetch.front();
    account.to_fetch.pop_front();
    Fetch(account, key);
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
    const absl::Time give_up =
        chunk.create_time + account.policy.give_up_sending_after;
    const bool known = account.account.adapter->capabilities().Find(
                           chunk.lane.operation) != nullptr;
    if (now >= give_up || !known) {
      account.to_send.pop_front();
      GiveUpSending(key);
      continue;
    }
    const auto contacts = static_cast<int>(chunk.items.size());
    const absl::Time when = account.gate.Room(contacts) > 0
                                ? account.gate.NextSubmit(now)
                                : absl::InfiniteFuture();
    if (when > now) return std::min(when, give_up);
    account.to_send.pop_front();
    account.gate.StartSubmit(now);
    account.gate.AddRunning(contacts);
    auto request = std::make_shared<HttpRequest>();
    auto sending = std::make_shared<bool>(false);
    ChangeChunk(
        key,
        [this, request, sending](ChunkDecision& decision) {
          *sending = false;
          if (decision.chunk.state != ChunkState::kPlanned) return false;
          *sending = PrepareAttempt(decision, *request);
          return true;
        },
        [this, key, contacts, request, sending, &account] {
          account.gate.RemoveRunning(contacts);
          if (*sending) {
            Send(account, key, std::move(*request));
          } else {
            account.gate.EndExchange();
          }
        });
  }
  return absl::InfiniteFuture();
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
  const absl::Time give_up =
      account.gate.broken_since() + options_.give_up_sending_after;
  bool progressed = true;
  while (progressed) {
    progressed = false;
    for (const LaneKey& key : LanesInTurn(account)) {
      Lane& lane = account.lanes[key];
      const OperationSpec* operation =
          account.account.adapter->capabilities().Find(key.operation);
      // Only while calls are shut off: otherwise the next request finds out.
      const bool down =
          now >= give_up && account.gate.breaker(now) == BreakerState::kOpen;
      if (operation == nullptr || down) {
        FailWaiting(account, key, lane);
        continue;
      }
      const auto wanted = static_cast<int>(
          std::min<int64_t>(lane.size(), operation->max_contacts));
      const int room = account.gate.Room(wanted);
      if (room == 0) continue;
      const absl::Time when =
          std::max(LaneReady(lane, operation->max_contacts, options_.linger),
                   account.gate.NextSubmit(now));
      if (when > now) {
        next = std::min(next, give_up > now ? std::min(when, give_up) : when);
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
  account.gate.StartSubmit(seams_.clock.Now());
  account.gate.AddRunning(contacts);
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
             if (decision.retry) return Decision::Retry();
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
             SettleLane(account, key, pending->taken);
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
           }});
}

void EngineCore::SettleLane(AccountState& account, const LaneKey& key,
                            const Lane::Taken& taken) {
  account.lanes[key].Settle(taken);
  // A cancellation passed over the row while it was in use.
  absl::flat_hash_set<int64_t> passed_over;
  for (const WorkItem& item : taken.items) {
    if (cancelled_.contains(item.batch_key)) passed_over.insert(item.batch_key);
  }
  for (const int64_t batch_key : passed_over) CancelWaiting(batch_key, [] {});
}

bool EngineCore::LoadContacts(ChunkDecision& decision,
                              const std::vector<WorkItem>& items) {
  decision.blocked = !ContactChanges::Lock(decision.locks, items);
  if (decision.blocked) return false;
  const absl::Status loaded = decision.changes.Load(items);
  decision.retry = !loaded.ok();
  return loaded.ok();
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
       .callback_url = callback});
  request.paid = true;
  chunk.attempt = std::move(attempt);
  chunk.state = ChunkState::kSending;
  chunk.due = absl::InfiniteFuture();
  ++chunk.attempt_count;
  return true;
}

// The one place a paid request leaves from. Its intent is committed.
void EngineCore::Send(AccountState& account, int64_t chunk_key,
                      HttpRequest request) {
  const Chunk& chunk = live_.at(chunk_key).chunk;
  SentAttempt attempt = {.key = chunk.attempt.key,
                         .operation = chunk.lane.operation,
                         .reference = chunk.attempt.reference};
  ++exchanges_;
  Executor& executor = seams_.executor;
  seams_.http.Send(
      std::move(request), options_.request_timeout,
      [this, &executor, &account, chunk_key,
       attempt = std::move(attempt)](HttpOutcome outcome) mutable {
        executor.Post([this, &account, chunk_key, attempt = std::move(attempt),
                       outcome = std::move(outcome)] {
          HandleSubmitOutcome(account, chunk_key, attempt, outcome);
        });
      });
}

// The account has been down for too long: its waiting lookups go on without it.
void EngineCore::FailWaiting(AccountState& account, const LaneKey& key,
                             Lane& lane) {
  auto taken = std::make_shared<Lane::Taken>(lane.Take(kFailWaitingAtOnce));
  auto work = std::make_shared<std::vector<NewWork>>();
  operations_.Run(
      {.decide =
           [this, taken, work, key](OperationQueue::Locks& locks) {
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
             if (!changes.Load(taken->items).ok()) return Decision::Retry();
             for (const WorkItem& item : taken->items) {
               changes.Apply(item, [&](const BatchPlan&,
                                       ContactProgress& progress) {
                 ApplyFailure(
                     {.account = key.account, .start_time = now, .now = now},
                     item.fields, FailureReason::kProviderUnavailable,
                     "the provider is down", progress);
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
           [this, taken, work, key, &account](const Written& written) {
             SettleLane(account, key, *taken);
             Enqueue(std::move(*work), written.work_keys);
             Tick();
           }});
  log::Warning(
      "an account stays down; its lookups go on without it",
      {{"account", account.account.name}, {"contacts", taken->items.size()}});
}

// ---- Fetching ---------------------------------------------------------------

void EngineCore::Fetch(AccountState& account, int64_t chunk_key) {
  const auto live = live_.find(chunk_key);
  if (live == live_.end()) return;
  if (live->second.fetching) {
    live->second.fetch_again = true;
    return;
  }
  const Chunk& chunk = live->second.chunk;
  if (chunk.state != ChunkState::kAccepted ||
      chunk.attempt.provider_job_id.empty()) {
    return;
  }
  live->second.fetching = true;
  account.gate.StartCall(seams_.clock.Now());
  const JobRef job = {.operation = chunk.lane.operation,
                      .provider_job_id = chunk.attempt.provider_job_id,
                      .item_count = static_cast<int>(chunk.items.size()),
                      .debited = chunk.attempt.debited};
  ++exchanges_;
  Executor& executor = seams_.executor;
  seams_.http.Send(
      account.account.adapter->BuildFetch(job), options_.request_timeout,
      [this, &executor, &account, chunk_key, job](HttpOutcome outcome) mutable {
        executor.Post(
            [this, &account, chunk_key, job, outcome = std::move(outcome)] {
              HandleFetchOutcome(account, chunk_key, job, outcome);
            });
      });
}

absl::Time EngineCore::PumpBalance(AccountState& account, absl::Time now) {
  if (options_.balance_interval == absl::ZeroDuration()) {
    return absl::InfiniteFuture();
  }
  if (now < account.next_balance) return account.next_balance;
  const absl::Time when = account.gate.NextCall(now);
  if (when > now) return when;
  account.next_balance = now + options_.balance_interval;
  ReadBalance(account);
  return account.next_balance;
}

void EngineCore::ReadBalance(AccountState& account) {
  std::optional<HttpRequest> request = account.account.adapter->BuildBalance();
  if (!request.has_value()) {
    account.next_balance = absl::InfiniteFuture();
    return;
  }
  account.gate.StartCall(seams_.clock.Now());
  ++exchanges_;
  Executor& executor = seams_.executor;
  seams_.http.Send(
      *std::move(request), options_.request_timeout,
      [this, &executor, &account](HttpOutcome outcome) mutable {
        executor.Post([this, &account, outcome = std::move(outcome)] {
          --exchanges_;
          account.gate.EndExchange();
          // Says nothing of how submissions fare: the breaker is not told.
          if (outcome.transport.ok()) {
            const auto balance =
                account.account.adapter->ParseBalance(*outcome.response);
            if (balance.ok()) {
              account.balance = *balance;
              account.balance_time = seams_.clock.Now();
            }
          }
          Tick();
        });
      });
}

}  // namespace enrich
