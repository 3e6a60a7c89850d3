// What is open, and when it may be over.

#include <algorithm>
#include <utility>

#include "engine/engine_core.h"
#include "engine/time_left.h"

namespace enrich {
namespace {

// How long an outlook is good for: it is too much to take with each push.
// Longer the more batches wait, so that it takes a small part of the time.
constexpr absl::Duration kOutlookAge = absl::Seconds(1);
constexpr absl::Duration kOutlookAgePerBatch = absl::Microseconds(20);

}  // namespace

void EngineCore::ReadAccounts(
    absl::AnyInvocable<void(std::vector<AccountStatus>)> done) {
  Post([this, done = std::move(done)]() mutable {
    if (auto counts = seams_.store.CountQuarantined(); counts.ok()) {
      quarantined_ = *std::move(counts);
    }
    std::vector<AccountStatus> all;
    for (const auto& state : states_) all.push_back(StatusOf(*state));
    done(std::move(all));
  });
}

AccountStatus EngineCore::StatusOf(AccountState& state) const {
  const auto unknown = static_cast<int64_t>(state.unknown.size());
  const absl::Time steady = seams_.clock.Steady();
  AccountStatus status = {
      .name = state.account.name,
      .adapter = state.account.adapter.get(),
      .breaker = state.gate.breaker(steady),
      .last_error = state.last_error,
      .last_error_time = state.last_error_time,
      .requests_available = state.gate.requests_available(steady),
      .rate_share = state.gate.share(steady),
      .jobs_in_flight = state.gate.running_jobs(),
      .contacts_in_flight = state.gate.running_contacts(),
      .jobs_unknown = unknown + state.jobs_parked,
      .jobs_parked = state.jobs_parked,
      .exposed = state.exposed,
      .suspected_double_spends = state.double_spends,
      .balance = state.balance,
      .balance_time = state.balance_time,
      .contract_drift_count = state.drift_count,
      .last_contract_drift = state.last_drift,
      .last_contract_drift_time = state.last_drift_time,
      .funds = ledger_.Of(state.account.name),
      .saved = state.saved,
      .money_drift = state.money_drift};
  if (const absl::Time end = DoubtPauseEnd(state); end > steady) {
    status.doubt_pause_until = seams_.clock.Now() + (end - steady);
  }
  status.lookups_waiting = state.in_flight.waiting();
  for (const auto& [key, lane] : state.lanes) {
    status.lookups_waiting += lane.size();
  }
  // Nothing saved is told too: a counter that comes late hides its first step.
  for (const auto& [tenant, funds] : status.funds) {
    status.saved.try_emplace(tenant);
  }
  for (const auto& [account, bodies] : quarantined_) {
    if (account == status.name) status.webhooks_quarantined = bodies;
  }
  return status;
}

void EngineCore::ReadTotals(absl::AnyInvocable<void(EngineTotals)> done) {
  Post([this, done = std::move(done)]() mutable {
    EngineTotals totals = {.contacts_open = contacts_open_,
                           .chunks_open = static_cast<int64_t>(live_.size()),
                           .decisions_open = operations_.unfinished(),
                           .ledger_errors = ledger_errors_};
    for (const auto& [chunk_key, pushes] : pushes_) {
      totals.pushes_waiting += static_cast<int64_t>(pushes.size());
    }
    done(totals);
  });
}

absl::Time EngineCore::UpdateTotals(absl::Time now) {
  Admission::Count open = in_chunks_;
  for (const auto& state : states_) {
    open.all += state->in_flight.waiting();
    for (const auto& [key, lane] : state->lanes) {
      open.all += lane.size();
      if (admission_.counts_tenants()) open.tenants[key.tenant] += lane.size();
    }
  }
  contacts_open_ = open.all;
  admission_.Update(now, open);
  if (now < outlook_due_) return outlook_due_;
  UpdateOutlook(now);
  return absl::InfiniteFuture();
}

void EngineCore::UpdateOutlook(absl::Time now) {
  Outlook outlook = {.time = seams_.clock.Now(), .steady = now};
  std::vector<AccountLoad> loads;
  outlook_due_ = now + kOutlookAge;
  for (const auto& state : states_) {
    loads.push_back(LoadOf(*state, now));
    for (const auto& [tenant, batches] : loads.back().waiting) {
      outlook_due_ += kOutlookAgePerBatch * batches.size();
    }
    const absl::Duration latency =
        state->account.adapter->capabilities().typical_latency;
    for (const auto& [tenant, chunks] : state->moving) {
      if (chunks == 0) continue;
      absl::Duration& longest = outlook.tenants[tenant];
      longest = std::max(longest, latency);
    }
  }
  outlook.batches = TimesLeft(loads);
  MutexLock lock(&outlook_mu_);
  outlook_ = std::move(outlook);
}

AccountLoad EngineCore::LoadOf(const AccountState& state,
                               absl::Time now) const {
  const AccountGate& gate = state.gate;
  AccountLoad load = {
      .account = &state.account,
      .share = gate.share(now),
      .running = {.requests = static_cast<double>(gate.running_jobs()),
                  .contacts = static_cast<double>(gate.running_contacts())}};
  const absl::Time next = std::max(gate.NextSubmit(now), DoubtPauseEnd(state));
  // What must wait for an exchange to end does not wait for long.
  if (next > now && next < absl::InfiniteFuture()) load.pause = next - now;
  for (const auto& [key, lane] : state.lanes) {
    if (lane.empty()) continue;
    const OperationSpec* operation =
        state.account.adapter->capabilities().Find(key.operation);
    if (operation == nullptr) continue;
    const int most = std::max(MaxContacts(state.account, *operation), 1);
    auto& batches = load.waiting[key.tenant];
    lane.ForEachBatch([&](int64_t batch_key, int64_t size) {
      const auto contacts = static_cast<double>(size);
      batches[batch_key] +=
          Demand{.requests = contacts / most, .contacts = contacts};
    });
  }
  return load;
}

absl::Duration EngineCore::TimeLeft(const Batch& batch) const {
  if (batch.finish_time.has_value()) return absl::ZeroDuration();
  absl::Duration left;
  MutexLock lock(&outlook_mu_);
  if (const auto waits = outlook_.batches.find(batch.key);
      waits != outlook_.batches.end()) {
    // Nothing may have happened since that would have told better.
    const absl::Duration age = seams_.clock.Steady() - outlook_.steady;
    left = std::max(waits->second - age, absl::ZeroDuration());
  } else if (batch.create_time > outlook_.time) {
    // It is missing because it is too new.
    return left;
  }
  if (const auto moves = outlook_.tenants.find(batch.tenant);
      moves != outlook_.tenants.end()) {
    left = std::max(left, moves->second);
  }
  return left;
}

}  // namespace enrich
