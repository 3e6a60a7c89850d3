#ifndef ENRICH_CLI_RETRY_H_
#define ENRICH_CLI_RETRY_H_

#include <stop_token>

#include "absl/time/time.h"
#include "base/clock.h"
#include "base/mutex.h"
#include "base/random.h"

namespace enrich::cli {

// How to go on when the gateway does not answer.
struct RetryPolicy {
  absl::Duration initial_delay = absl::Milliseconds(500);
  absl::Duration max_delay = absl::Seconds(30);
  // Patience with a gateway that has never answered: the address may be wrong.
  absl::Duration max_first_wait = absl::Seconds(30);
  // Patience since the last answer to any of the run's calls.
  absl::Duration max_wait = absl::Minutes(10);
};

// Delays that double up to a limit, each between half and all of its nominal
// length so that clients do not come back in step.
class Backoff {
 public:
  explicit Backoff(const RetryPolicy& policy)
      : initial_(policy.initial_delay),
        max_(policy.max_delay),
        next_(initial_) {}

  absl::Duration Next(Random& random);
  void Reset() { next_ = initial_; }

 private:
  absl::Duration initial_;
  absl::Duration max_;
  absl::Duration next_;
};

// Knows when to give up; shared by all calls of a run. Thread-safe.
class Patience {
 public:
  // `clock` must outlive it.
  Patience(const RetryPolicy& policy, const Clock& clock)
      : policy_(policy), clock_(clock), since_(clock.Now()) {}

  // The gateway has answered something.
  void SignOfLife();
  // It is there, but asks to come back later.
  void Answered();
  // Whether it has been silent for too long.
  bool Exhausted() const;

 private:
  const RetryPolicy policy_;
  const Clock& clock_;
  mutable Mutex mu_;
  absl::Time since_ ABSL_GUARDED_BY(mu_);
  bool answered_ ABSL_GUARDED_BY(mu_) = false;
};

// Waits; false as soon as `stop` is requested.
bool WaitUnlessStopped(absl::Duration duration, std::stop_token stop);

}  // namespace enrich::cli

#endif  // ENRICH_CLI_RETRY_H_
