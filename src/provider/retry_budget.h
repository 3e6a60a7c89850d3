#ifndef ENRICH_PROVIDER_RETRY_BUDGET_H_
#define ENRICH_PROVIDER_RETRY_BUDGET_H_

#include <algorithm>

#include "absl/time/time.h"

namespace enrich {

// Bounds how often calls that failed are repeated: once a second, and a fifth
// of what is called for the first time. So that a provider in trouble is not
// asked several times for everything. Pure bookkeeping: time is passed in. Not
// thread-safe.
class RetryBudget {
 public:
  // Not after `now` when a call may be repeated.
  absl::Time Next(absl::Time now) const {
    const double missing = 1 - CreditAt(now);
    return missing < kRounding ? now : now + absl::Seconds(missing);
  }
  void OnCall() { credit_ = std::min(credit_ + kShare, kMost); }
  // One of the calls is a repeat.
  void OnRepeat(absl::Time now) {
    credit_ = CreditAt(now) - kShare - 1;
    time_ = now;
  }

 private:
  static constexpr double kShare = 0.2;
  // What may be saved up, so that a few that fail together are repeated at
  // once.
  static constexpr double kMost = 10;
  static constexpr double kRounding = 1e-6;

  double CreditAt(absl::Time now) const {
    return std::min(credit_ + absl::ToDoubleSeconds(now - time_), kMost);
  }

  // As of the last repeat, and of the calls since.
  double credit_ = kMost;
  absl::Time time_ = absl::UnixEpoch();
};

}  // namespace enrich

#endif  // ENRICH_PROVIDER_RETRY_BUDGET_H_
