// What is due, and whose turn it is.

#include <algorithm>
#include <utility>

#include "engine/engine_core.h"

namespace enrich {

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
  const absl::Time now = seams_.clock.Steady();
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

absl::Time EngineCore::SteadyOf(absl::Time when) const {
  return seams_.clock.Steady() + (when - seams_.clock.Now());
}

absl::Time EngineCore::SteadyPast(absl::Time when) const {
  return std::min(SteadyOf(when), seams_.clock.Steady());
}

void EngineCore::ArmTimer(absl::Time when) {
  if (when >= armed_for_) return;
  armed_for_ = when;
  const absl::Duration delay =
      std::max(when - seams_.clock.Steady(), absl::ZeroDuration());
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
    // It has come, though the wall clock may have been set back since.
    const absl::Time when = std::max(seams_.clock.Now(), live.chunk.due);
    switch (chunk_machine::WhenDue(when, policy, live.chunk)) {
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
      case Due::kReplay:
        ReplayQuietly(key);
        break;
    }
  }
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
  return std::max(account.gate.NextSubmit(now), DoubtPauseEnd(account));
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
        SteadyOf(chunk.create_time + account.policy.give_up_sending_after);
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

std::vector<LaneKey> EngineCore::LanesInTurn(
    const AccountState& account) const {
  std::vector<LaneKey> keys;
  for (const auto& [key, lane] : account.lanes) {
    if (lane.size() > 0) keys.push_back(key);
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
      ReviewOnHold(key, lane, *operation);
      const int most = MaxContacts(account.account, *operation);
      const auto wanted =
          static_cast<int>(std::min<int64_t>(lane.ready(), most));
      const int room = account.gate.Room(wanted);
      const absl::Time when = std::max(LaneReady(lane, most, options_.linger),
                                       NextSubmit(account, wanted, now));
      if (when > now) {
        next = std::min({next, when, give_up});
        continue;
      }
      progressed = true;
      Lane::Taken taken = TakeAffordable(lane, *operation, key.account, room);
      if (taken.items.empty()) continue;
      FormChunk(account, key, std::move(taken));
      account.next_lane = key;
      // The next one in turn stands behind this key.
      account.next_lane.operation.push_back('\0');
    }
  }
  return next;
}

}  // namespace enrich
