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
  ArmTimer(std::min(next, UpdateTotals(seams_.clock.Steady())));
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

absl::Time EngineCore::NextSubmit(const AccountState& account,
                                  absl::Time now) const {
  if (!account.token.Usable(now)) return absl::InfiniteFuture();
  return std::max(account.gate.NextSubmit(now), DoubtPauseEnd(account));
}

absl::Time EngineCore::NextSubmit(const AccountState& account, int contacts,
                                  absl::Time now) const {
  return account.gate.Room(contacts) == 0 ? absl::InfiniteFuture()
                                          : NextSubmit(account, now);
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
    const bool repeats = chunk.attempt_count > 0;
    absl::Time when = NextSubmit(account, contacts, now);
    if (repeats) when = std::max(when, account.gate.NextRepeat(now));
    if (when > now) return std::min(when, give_up);
    account.to_send.pop_front();
    if (repeats) account.gate.CountRepeat(now);
    SendAgain(account, key, contacts);
  }
  return absl::InfiniteFuture();
}

absl::Time EngineCore::NextOfLane(AccountState& account, const LaneKey& key,
                                  Lane& lane, absl::Time now) {
  const absl::Time give_up = GivenUpAt(account, now);
  const OperationSpec* operation =
      account.account.adapter->capabilities().Find(key.operation);
  // The configuration may have changed since the work came.
  const int most =
      operation == nullptr ? 0 : MaxContacts(account.account, *operation);
  if (most == 0 || now >= give_up) {
    FailWaiting(key, lane,
                most == 0 ? "the account has no such operation"
                          : "the provider is down");
    return absl::InfiniteFuture();
  }
  ReviewOnHold(key, lane, *operation);
  const absl::Time when = std::max(LaneReady(lane, most, options_.linger),
                                   NextSubmit(account, now));
  return when > now ? std::min(when, give_up) : when;
}

int EngineCore::RoomFor(const AccountState& account, const LaneKey& key,
                        const Lane& lane) {
  const int most =
      MaxContacts(account.account,
                  *account.account.adapter->capabilities().Find(key.operation));
  return account.gate.Room(
      static_cast<int>(std::min<int64_t>(lane.ready(), most)));
}

void EngineCore::SendFromLane(AccountState& account, const LaneKey& key,
                              Lane& lane) {
  const Capabilities& capabilities = account.account.adapter->capabilities();
  const OperationSpec& operation = *capabilities.Find(key.operation);
  Lane::Taken taken =
      TakeAffordable(lane, operation, key.account, RoomFor(account, key, lane));
  if (taken.items.empty()) return;
  account.turns.Take(
      key, CostOfTurn(capabilities, MaxContacts(account.account, operation),
                      taken.items));
  FormChunk(account, key, std::move(taken));
}

absl::Time EngineCore::PumpLanes(AccountState& account, absl::Time now) {
  absl::Time next = absl::InfiniteFuture();
  absl::btree_set<Turns::Turn> ready;
  const auto look_at = [&](const LaneKey& key, Lane& lane) {
    const absl::Time when = NextOfLane(account, key, lane, now);
    if (when > now) {
      next = std::min(next, when);
    } else {
      ready.insert(account.turns.Of(key));
    }
  };
  for (auto& [key, lane] : account.lanes) {
    if (lane.size() > 0) look_at(key, lane);
  }
  bool passed_over = false;
  while (!ready.empty() && account.gate.Room(1) > 0) {
    const Turns::Turn turn = *ready.begin();
    ready.erase(ready.begin());
    const LaneKey& key = *turn.lane;
    Lane& lane = account.lanes.at(key);
    // Another lane may have had the turn of its tenant.
    if (turn == account.turns.Of(key) &&
        NextOfLane(account, key, lane, now) <= now) {
      if (RoomFor(account, key, lane) == 0) {
        // The small requests of others would take what becomes free for ever:
        // they are held back, every other while.
        const absl::Duration wait =
            account.account.adapter->capabilities().typical_latency;
        if (account.no_room_since + 2 * wait <= now ||
            account.no_room_since > now) {
          account.no_room_since = now;
        }
        const absl::Time until = account.no_room_since + wait;
        if (now < until) return std::min(next, until);
        passed_over = true;
        continue;
      }
      SendFromLane(account, key, lane);
      if (!passed_over) account.no_room_since = absl::InfiniteFuture();
    }
    look_at(key, lane);
  }
  return next;
}

}  // namespace enrich
