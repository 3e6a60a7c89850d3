#include "provider/account_gate.h"

#include <gtest/gtest.h>

namespace enrich {
namespace {

const absl::Time kNow = absl::UnixEpoch() + absl::Hours(500'000);
constexpr BreakerOptions kBreaker = {.failures = 3, .pause = absl::Seconds(30)};

TEST(AccountGate, IsOpenToBeginWith) {
  const AccountGate gate({}, kBreaker);
  EXPECT_LE(gate.NextSubmit(kNow), kNow);
  EXPECT_LE(gate.NextCall(kNow), kNow);
  EXPECT_EQ(gate.breaker(kNow), BreakerState::kClosed);
  EXPECT_EQ(gate.broken_since(), absl::InfiniteFuture());
}

TEST(AccountGate, NoWindowSeesMoreRequestsThanAllowed) {
  AccountGate gate(
      {.submit_limits = {{.requests = 2, .window = absl::Seconds(10)}}},
      kBreaker);
  EXPECT_EQ(gate.requests_available(kNow), 2);
  gate.StartSubmit(kNow);
  gate.StartSubmit(kNow + absl::Seconds(4));
  const absl::Time later = kNow + absl::Seconds(5);
  EXPECT_EQ(gate.requests_available(later), 0);
  EXPECT_EQ(gate.NextSubmit(later), kNow + absl::Seconds(10));
  EXPECT_LE(gate.NextSubmit(kNow + absl::Seconds(10)),
            kNow + absl::Seconds(10));
  gate.StartSubmit(kNow + absl::Seconds(10));
  EXPECT_EQ(gate.NextSubmit(kNow + absl::Seconds(10)),
            kNow + absl::Seconds(14));
}

TEST(AccountGate, ASubmissionWithNothingToSendDoesNotCount) {
  AccountGate gate(
      {.submit_limits = {{.requests = 2, .window = absl::Seconds(10)}},
       .max_concurrent_requests = 2},
      kBreaker);
  gate.StartSubmit(kNow);
  const absl::Time second = kNow + absl::Seconds(1);
  gate.StartSubmit(second);
  EXPECT_GT(gate.NextSubmit(second), second);
  gate.CancelSubmit(second);
  EXPECT_EQ(gate.requests_available(second), 1);
  EXPECT_LE(gate.NextSubmit(second), second);
  gate.StartSubmit(second);
  gate.EndExchange();
  EXPECT_EQ(gate.NextSubmit(second), kNow + absl::Seconds(10));
}

TEST(AccountGate, CallsShareTheRateOnlyWhereTheProviderSaysSo) {
  for (const bool shared : {false, true}) {
    AccountGate gate(
        {.submit_limits = {{.requests = 1}}, .all_calls_share_rate = shared},
        kBreaker);
    gate.StartCall(kNow);
    EXPECT_EQ(gate.NextSubmit(kNow) > kNow, shared);
    AccountGate other(
        {.submit_limits = {{.requests = 1}}, .all_calls_share_rate = shared},
        kBreaker);
    other.StartSubmit(kNow);
    EXPECT_EQ(other.NextCall(kNow) > kNow, shared);
  }
}

TEST(AccountGate, AFullHouseWaitsForAnExchangeToEnd) {
  AccountGate gate({.max_concurrent_requests = 2}, kBreaker);
  gate.StartSubmit(kNow);
  gate.StartCall(kNow);
  EXPECT_EQ(gate.requests_available(kNow), 0);
  EXPECT_EQ(gate.NextSubmit(kNow), absl::InfiniteFuture());
  EXPECT_EQ(gate.NextCall(kNow), absl::InfiniteFuture());
  gate.EndExchange();
  EXPECT_LE(gate.NextSubmit(kNow), kNow);
}

TEST(AccountGate, HoldsBackContactsPastTheLimitButNeverFetches) {
  AccountGate gate({.max_running_contacts = 100}, kBreaker);
  gate.AddRunning(60);
  EXPECT_EQ(gate.running_contacts(), 60);
  EXPECT_EQ(gate.running_jobs(), 1);
  EXPECT_EQ(gate.Room(40), 40);
  EXPECT_EQ(gate.Room(41), 40);
  EXPECT_EQ(gate.Room(80), 40);
  EXPECT_EQ(gate.Room(81), 0) << "small requests waste the rate";
  EXPECT_LE(gate.NextCall(kNow), kNow);
  gate.RemoveRunning(60);
  EXPECT_EQ(gate.running_jobs(), 0);
  EXPECT_EQ(gate.Room(101), 101) << "too large: it goes alone";
}

TEST(AccountGate, KeepsThePauseTheProviderAskedFor) {
  AccountGate gate({}, kBreaker);
  gate.Pause(kNow + absl::Minutes(2));
  gate.Pause(kNow + absl::Minutes(1));
  EXPECT_EQ(gate.NextSubmit(kNow), kNow + absl::Minutes(2));
  EXPECT_EQ(gate.NextCall(kNow), kNow + absl::Minutes(2));
  gate.OnSuccess();
  EXPECT_EQ(gate.NextSubmit(kNow), kNow + absl::Minutes(2));
}

TEST(AccountGate, ARefusalHalvesTheRateAndQuietMinutesBringItBack) {
  AccountGate gate(
      {.submit_limits = {{.requests = 20, .window = absl::Minutes(1)}}},
      kBreaker);
  const absl::Time on = kNow + absl::Seconds(10);
  gate.OnRateLimited(kNow, on);
  EXPECT_EQ(gate.NextSubmit(kNow), on) << "the pause is kept";
  EXPECT_EQ(gate.requests_available(on), 10);
  for (int i = 0; i < 10; ++i) gate.StartSubmit(on);
  for (int i = 0; i < 8; ++i) gate.EndExchange();
  EXPECT_EQ(gate.NextSubmit(on), on + absl::Minutes(1));
  EXPECT_EQ(gate.requests_available(on + absl::Minutes(1)), 12);
  EXPECT_EQ(gate.requests_available(on + absl::Minutes(5)), 20);
}

TEST(AccountGate, ARefusalNeverStopsAnAccountForLong) {
  // Half of the day's requests are gone when it is told to slow down.
  AccountGate gate(
      {.submit_limits = {{.requests = 8, .window = absl::Hours(24)}}},
      kBreaker);
  for (int i = 0; i < 6; ++i) gate.StartSubmit(kNow);
  for (int i = 0; i < 6; ++i) gate.EndExchange();
  gate.OnRateLimited(kNow, kNow);
  EXPECT_EQ(gate.requests_available(kNow), 0);
  absl::Time now = kNow;
  while (gate.NextSubmit(now) > now) now = gate.NextSubmit(now);
  EXPECT_LE(now, kNow + absl::Minutes(6));
}

TEST(AccountGate, WithoutADeclaredRateARefusalLessensWhatRunsAtOnce) {
  AccountGate gate({.max_concurrent_requests = 4}, kBreaker);
  gate.OnRateLimited(kNow, kNow);
  EXPECT_EQ(gate.requests_available(kNow), 2);
  gate.StartSubmit(kNow);
  gate.StartSubmit(kNow);
  EXPECT_GT(gate.NextSubmit(kNow), kNow);
  gate.EndExchange();
  EXPECT_LE(gate.NextSubmit(kNow), kNow);
}

class BreakerTest : public ::testing::Test {
 protected:
  void Open() {
    for (int i = 0; i < kBreaker.failures; ++i) gate.OnFailure(kNow);
  }
  AccountGate gate{PacingSpec{}, kBreaker};
  const absl::Time half_open_ = kNow + kBreaker.pause;
};

TEST_F(BreakerTest, OpensAfterFailuresInARow) {
  gate.OnFailure(kNow);
  gate.OnFailure(kNow);
  gate.OnSuccess();
  gate.OnFailure(kNow);
  gate.OnFailure(kNow);
  EXPECT_EQ(gate.breaker(kNow), BreakerState::kClosed);
  gate.OnFailure(kNow);
  EXPECT_EQ(gate.breaker(kNow), BreakerState::kOpen);
  EXPECT_EQ(gate.NextSubmit(kNow), half_open_);
  EXPECT_EQ(gate.NextCall(kNow), half_open_);
}

TEST_F(BreakerTest, LetsOneProbeThroughAfterThePause) {
  Open();
  EXPECT_EQ(gate.breaker(half_open_), BreakerState::kHalfOpen);
  EXPECT_LE(gate.NextSubmit(half_open_), half_open_);
  gate.StartSubmit(half_open_);
  EXPECT_EQ(gate.NextSubmit(half_open_), absl::InfiniteFuture());
  EXPECT_EQ(gate.NextCall(half_open_), absl::InfiniteFuture());
}

TEST_F(BreakerTest, ClosesWhenTheProbeSucceeds) {
  Open();
  gate.StartCall(half_open_);
  gate.EndExchange();
  gate.OnSuccess();
  EXPECT_EQ(gate.breaker(half_open_), BreakerState::kClosed);
  EXPECT_LE(gate.NextSubmit(half_open_), half_open_);
}

TEST_F(BreakerTest, PausesAgainWhenTheProbeFails) {
  Open();
  gate.StartSubmit(half_open_);
  gate.EndExchange();
  gate.OnFailure(half_open_);
  EXPECT_EQ(gate.breaker(half_open_), BreakerState::kOpen);
  EXPECT_EQ(gate.NextSubmit(half_open_), half_open_ + kBreaker.pause);
}

TEST_F(BreakerTest, ARateLimitEndsTheProbeWithoutAVerdict) {
  Open();
  gate.StartSubmit(half_open_);
  gate.EndExchange();
  gate.OnRateLimited(half_open_, half_open_ + absl::Seconds(5));
  EXPECT_EQ(gate.breaker(half_open_), BreakerState::kHalfOpen);
  EXPECT_EQ(gate.NextSubmit(half_open_), half_open_ + absl::Seconds(5));
}

TEST_F(BreakerTest, RemembersSinceWhenItIsNotClosed) {
  gate.OnFailure(kNow);
  EXPECT_EQ(gate.broken_since(), absl::InfiniteFuture());
  gate.OnFailure(kNow + absl::Minutes(1));
  gate.OnFailure(kNow + absl::Minutes(2));
  EXPECT_EQ(gate.broken_since(), kNow + absl::Minutes(2));
  gate.OnFailure(kNow + absl::Minutes(3));
  EXPECT_EQ(gate.broken_since(), kNow + absl::Minutes(2));
  gate.OnSuccess();
  EXPECT_EQ(gate.broken_since(), absl::InfiniteFuture());
}

}  // namespace
}  // namespace enrich
