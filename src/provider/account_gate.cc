#include "provider/account_gate.h"

#include <algorithm>

namespace enrich {

absl::Time AccountGate::NextByRate(absl::Time now) const {
  const RateLimit& rate = pacing_.submit_rate;
  if (rate.requests <= 0) return now;
  if (starts_.size() < static_cast<size_t>(rate.requests)) return now;
  // The request that must have left the window before one more may start.
  return starts_[starts_.size() - static_cast<size_t>(rate.requests)] +
         rate.window;
}

absl::Time AccountGate::NextByBreaker(absl::Time now) const {
  switch (breaker(now)) {
    case BreakerState::kClosed:
      return now;
    case BreakerState::kOpen:
      return open_until_;
    case BreakerState::kHalfOpen:
      return probing_ ? absl::InfiniteFuture() : now;
  }
  return now;
}

int AccountGate::Room(int wanted) const {
  if (pacing_.max_running_contacts <= 0 || running_contacts_ <= 0) {
    return wanted;
  }
  const int64_t room = std::clamp<int64_t>(
      pacing_.max_running_contacts - running_contacts_, 0, wanted);
  return room * 2 >= wanted ? static_cast<int>(room) : 0;
}

absl::Time AccountGate::NextSubmit(absl::Time now) const {
  if (exchanges_ >= pacing_.max_concurrent_requests) {
    return absl::InfiniteFuture();
  }
  return std::max({NextByRate(now), NextByBreaker(now), paused_until_});
}

absl::Time AccountGate::NextCall(absl::Time now) const {
  if (exchanges_ >= pacing_.max_concurrent_requests) {
    return absl::InfiniteFuture();
  }
  const absl::Time by_rate =
      pacing_.all_calls_share_rate ? NextByRate(now) : now;
  return std::max({by_rate, NextByBreaker(now), paused_until_});
}

void AccountGate::CountAgainstRate(absl::Time now) {
  const RateLimit& rate = pacing_.submit_rate;
  if (rate.requests <= 0) return;
  starts_.push_back(now);
  while (starts_.size() > static_cast<size_t>(rate.requests)) {
    starts_.pop_front();
  }
}

void AccountGate::StartSubmit(absl::Time now) {
  probing_ = breaker(now) == BreakerState::kHalfOpen;
  CountAgainstRate(now);
  ++exchanges_;
}

void AccountGate::StartCall(absl::Time now) {
  probing_ = breaker(now) == BreakerState::kHalfOpen;
  if (pacing_.all_calls_share_rate) CountAgainstRate(now);
  ++exchanges_;
}

void AccountGate::OnSuccess() {
  failures_in_row_ = 0;
  open_until_ = absl::InfinitePast();
  broken_since_ = absl::InfiniteFuture();
  probing_ = false;
}

void AccountGate::OnFailure(absl::Time now) {
  probing_ = false;
  if (++failures_in_row_ >= options_.failures) {
    broken_since_ = std::min(broken_since_, now);
    open_until_ = now + options_.pause;
  }
}

void AccountGate::OnRateLimited(absl::Time until) {
  probing_ = false;
  paused_until_ = std::max(paused_until_, until);
}

BreakerState AccountGate::breaker(absl::Time now) const {
  if (failures_in_row_ < options_.failures) return BreakerState::kClosed;
  return now < open_until_ ? BreakerState::kOpen : BreakerState::kHalfOpen;
}

double AccountGate::requests_available(absl::Time now) const {
  const RateLimit& rate = pacing_.submit_rate;
  if (rate.requests <= 0) return pacing_.max_concurrent_requests - exchanges_;
  const auto in_window = std::count_if(
      starts_.begin(), starts_.end(),
      [&](absl::Time start) { return start + rate.window > now; });
  return static_cast<double>(rate.requests - in_window);
}

}  // namespace enrich
