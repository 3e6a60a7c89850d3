#ifndef ENRICH_PROVIDER_SLOWDOWN_H_
#define ENRICH_PROVIDER_SLOWDOWN_H_

#include <cstdint>

#include "absl/time/time.h"

namespace enrich {

// The share of its declared rate that an account is called at: half of what it
// was after each refusal, and a tenth of the rate more for every minute without
// one. Pure bookkeeping: time is passed in. Not thread-safe.
class Slowdown {
 public:
  // A call was refused because they are too many, with a pause until then.
  // Those that were under way at the last refusal say nothing new.
  void OnRefused(absl::Time now, absl::Time until);

  // Above 0, and 1 while all is well.
  double Share(absl::Time now) const;
  // Of `limit`, what may be used: at least 1.
  int Of(int limit, absl::Time now) const;
  // When the share grows next; InfiniteFuture when it is whole.
  absl::Time NextStep(absl::Time now) const;

 private:
  int64_t StepsUntil(absl::Time now) const;

  // As of `since_`.
  double share_ = 1;
  // When the last pause ended.
  absl::Time since_ = absl::UnixEpoch();
};

}  // namespace enrich

#endif  // ENRICH_PROVIDER_SLOWDOWN_H_
