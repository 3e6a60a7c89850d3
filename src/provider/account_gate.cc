#include "provider/account_gate.h"

#include <algorithm>
#include <limits>

namespace enrich {

absl::Time AccountGate::Window::Next(absl::Time now,
                                     const Slowdown& slowdown) const {
  const auto allowed = static_cast<size_t>(slowdown.Of(limit_.requests, now));
  if (starts_.size() < allowed) return now;
  // The request that must have left the window before one more may start.
  return starts_[starts_.size() - allowed] + limit_.window;
}

void AccountGate::Window::Count(absl::Time now) {
  starts_.push_back(now);
  while (starts_.size() > static_cast<size_t>(limit_.requests)) {
    starts_.pop_front();
  }
}

// What Count dropped had left the window by then.
void AccountGate::Window::Uncount(absl::Time start) {
  const auto it = std::find(starts_.begin(), starts_.end(), start);
  if (it != starts_.end()) starts_.erase(it);
}

int64_t AccountGate::Window::Available(absl::Time now,
                                       const Slowdown& slowdown) const {
  const auto in_window = std::count_if(
      starts_.begin(), starts_.end(),
      [&](absl::Time start) { return start + limit_.window > now; });
  return std::max<int64_t>(slowdown.Of(limit_.requests, now) - in_window, 0);
}

AccountGate::AccountGate(const PacingSpec& pacing,
                         const BreakerOptions& breaker)
    : pacing_(pacing),
      options_(breaker),
      submit_windows_(WindowsOf(pacing.submit_limits)),
      call_windows_(WindowsOf(pacing.call_limits)) {}

AccountGate::Windows AccountGate::WindowsOf(
    const std::vector<RateLimit>& limits) {
  Windows windows;
  for (const RateLimit& limit : limits) {
    if (limit.requests > 0) windows.emplace_back(limit);
  }
  return windows;
}

absl::Time AccountGate::NextBy(const Windows& windows, absl::Time now) const {
  absl::Time next = now;
  for (const Window& window : windows) {
    next = std::max(next, window.Next(now, slowdown_));
  }
  // By then more is let through.
  return std::min(next, slowdown_.NextStep(now));
}

int AccountGate::MaxExchanges(absl::Time now) const {
  const int most = pacing_.max_concurrent_requests;
  return submit_windows_.empty() ? slowdown_.Of(most, now) : most;
}

void AccountGate::Count(Windows& windows, absl::Time now) {
  for (Window& window : windows) window.Count(now);
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
  if (pacing_.max_running_jobs > 0 &&
      running_jobs_ >= pacing_.max_running_jobs) {
    return 0;
  }
  if (pacing_.max_running_contacts <= 0 || running_contacts_ <= 0) {
    return wanted;
  }
  const int64_t room = std::clamp<int64_t>(
      pacing_.max_running_contacts - running_contacts_, 0, wanted);
  return room * 2 >= wanted ? static_cast<int>(room) : 0;
}

absl::Time AccountGate::NextSubmit(absl::Time now) const {
  if (exchanges_ >= MaxExchanges(now)) return slowdown_.NextStep(now);
  return std::max(
      {NextBy(submit_windows_, now), NextByBreaker(now), paused_until_});
}

absl::Time AccountGate::NextCall(absl::Time now) const {
  if (exchanges_ >= MaxExchanges(now)) return slowdown_.NextStep(now);
  const absl::Time shared =
      pacing_.all_calls_share_rate ? NextBy(submit_windows_, now) : now;
  return std::max(
      {NextBy(call_windows_, now), shared, NextByBreaker(now), paused_until_});
}

void AccountGate::StartSubmit(absl::Time now) {
  probing_ = breaker(now) == BreakerState::kHalfOpen;
  Count(submit_windows_, now);
  repeats_.OnCall();
  ++exchanges_;
}

void AccountGate::StartCall(absl::Time now) {
  probing_ = breaker(now) == BreakerState::kHalfOpen;
  Count(call_windows_, now);
  if (pacing_.all_calls_share_rate) Count(submit_windows_, now);
  repeats_.OnCall();
  ++exchanges_;
}

void AccountGate::CancelSubmit(absl::Time start) {
  for (Window& window : submit_windows_) window.Uncount(start);
  EndExchange();
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

void AccountGate::Pause(absl::Time until) {
  probing_ = false;
  paused_until_ = std::max(paused_until_, until);
}

void AccountGate::OnRateLimited(absl::Time now, absl::Time until) {
  slowdown_.OnRefused(now, until);
  Pause(until);
}

BreakerState AccountGate::breaker(absl::Time now) const {
  if (failures_in_row_ < options_.failures) return BreakerState::kClosed;
  return now < open_until_ ? BreakerState::kOpen : BreakerState::kHalfOpen;
}

double AccountGate::requests_available(absl::Time now) const {
  if (submit_windows_.empty()) {
    return std::max(MaxExchanges(now) - exchanges_, 0);
  }
  int64_t available = std::numeric_limits<int64_t>::max();
  for (const Window& window : submit_windows_) {
    available = std::min(available, window.Available(now, slowdown_));
  }
  return static_cast<double>(available);
}

}  // namespace enrich
