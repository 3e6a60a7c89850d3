#ifndef ENRICH_PROVIDER_ACCOUNT_GATE_H_
#define ENRICH_PROVIDER_ACCOUNT_GATE_H_

#include <cstdint>
#include <deque>
#include <vector>

#include "absl/time/time.h"
#include "provider/adapter.h"
#include "provider/retry_budget.h"
#include "provider/slowdown.h"

namespace enrich {

enum class BreakerState { kClosed, kOpen, kHalfOpen };

struct BreakerOptions {
  // Failures in a row that open it.
  int failures = 5;
  // Pause before one request is let through to find out.
  absl::Duration pause = absl::Seconds(30);
};

// Says when an account may be called: the rate and the concurrency its provider
// allows, less of it after refusals, pauses it asked for, a circuit breaker,
// and a budget for calls that are repeated. Pure bookkeeping: time is passed
// in, of the steady clock. Not thread-safe.
class AccountGate {
 public:
  AccountGate(const PacingSpec& pacing, const BreakerOptions& breaker);

  // How many of `wanted` contacts may be submitted beside those running. 0
  // while it would be less than half of them: small requests waste the rate. A
  // limit below one request lets one go alone. 0 too while as many requests run
  // as may.
  int Room(int wanted) const;

  // The earliest time a submission may start: not after `now` when it may at
  // once, InfiniteFuture when an exchange must end first.
  absl::Time NextSubmit(absl::Time now) const;
  // Likewise for a fetch or a balance read.
  absl::Time NextCall(absl::Time now) const;
  // What one that repeats a call that failed must wait for besides.
  absl::Time NextRepeat(absl::Time now) const { return repeats_.Next(now); }

  // An exchange starts. REQUIRES: NextSubmit or NextCall said so.
  void StartSubmit(absl::Time now);
  void StartCall(absl::Time now);
  // The one that starts next repeats a call that failed.
  void CountRepeat(absl::Time now) { repeats_.OnRepeat(now); }
  // Instead of EndExchange, for a submission started at `start` that turned out
  // to have nothing to send: it does not count against the rate.
  void CancelSubmit(absl::Time start);
  // An exchange has ended, whatever way.
  void EndExchange() {
    --exchanges_;
    probing_ = false;
  }

  // Contacts at the provider: from the decision to submit until the job ends.
  void AddRunning(int contacts) {
    running_contacts_ += contacts;
    ++running_jobs_;
  }
  void RemoveRunning(int contacts) {
    running_contacts_ -= contacts;
    --running_jobs_;
  }

  // The provider answered sensibly.
  void OnSuccess();
  // It was down, or answered with an error of its own.
  void OnFailure(absl::Time now);
  // It asked for a pause. One that ends earlier than another changes nothing.
  void Pause(absl::Time until);
  // It refused a request because they are too many, and asked for a pause: they
  // become fewer for a while.
  void OnRateLimited(absl::Time now, absl::Time until);

  BreakerState breaker(absl::Time now) const;
  // Since when the breaker has not been closed; InfiniteFuture while it is.
  absl::Time broken_since() const { return broken_since_; }
  // Requests the rate limit allows at once.
  double requests_available(absl::Time now) const;
  // The share of the declared rate that is used.
  double share(absl::Time now) const { return slowdown_.Share(now); }
  int64_t running_contacts() const { return running_contacts_; }
  int64_t running_jobs() const { return running_jobs_; }

 private:
  // The requests of one window.
  class Window {
   public:
    explicit Window(const RateLimit& limit) : limit_(limit) {}

    absl::Time Next(absl::Time now, const Slowdown& slowdown) const;
    void Count(absl::Time now);
    // Takes back a Count.
    void Uncount(absl::Time start);
    int64_t Available(absl::Time now, const Slowdown& slowdown) const;

   private:
    RateLimit limit_;
    // Start times that may still matter, oldest first.
    std::deque<absl::Time> starts_;
  };
  using Windows = std::vector<Window>;

  static Windows WindowsOf(const std::vector<RateLimit>& limits);
  absl::Time NextBy(const Windows& windows, absl::Time now) const;
  static void Count(Windows& windows, absl::Time now);
  absl::Time NextByBreaker(absl::Time now) const;
  // Exchanges at once. Where no rate is declared, refusals lessen these.
  int MaxExchanges(absl::Time now) const;

  PacingSpec pacing_;
  BreakerOptions options_;
  Windows submit_windows_;
  Windows call_windows_;
  int exchanges_ = 0;
  int64_t running_contacts_ = 0;
  int64_t running_jobs_ = 0;
  absl::Time paused_until_ = absl::InfinitePast();
  Slowdown slowdown_ = {};
  RetryBudget repeats_ = {};
  int failures_in_row_ = 0;
  absl::Time open_until_ = absl::InfinitePast();
  absl::Time broken_since_ = absl::InfiniteFuture();
  // A probe of the half-open breaker is under way.
  bool probing_ = false;
};

}  // namespace enrich

#endif  // ENRICH_PROVIDER_ACCOUNT_GATE_H_
