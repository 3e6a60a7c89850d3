#ifndef ENRICH_TESTS_SUPPORT_FAKE_CLOCK_H_
#define ENRICH_TESTS_SUPPORT_FAKE_CLOCK_H_

#include "absl/time/civil_time.h"
#include "absl/time/time.h"
#include "base/clock.h"
#include "base/mutex.h"

namespace enrich {

// A clock that moves only when told to. Thread-safe.
class FakeClock final : public Clock {
 public:
  FakeClock()
      : now_(absl::FromCivil(absl::CivilHour(2026, 11, 1, 12),
                             absl::UTCTimeZone())) {}

  absl::Time Now() const override {
    MutexLock lock(&mu_);
    return now_;
  }
  // Far from Now, so that one is not taken for the other.
  absl::Time Steady() const override {
    MutexLock lock(&mu_);
    return steady_;
  }
  void Advance(absl::Duration by) {
    MutexLock lock(&mu_);
    now_ += by;
    steady_ += by;
  }
  // No time passes, but another is shown.
  void Set(absl::Duration by) {
    MutexLock lock(&mu_);
    now_ += by;
  }

 private:
  mutable Mutex mu_;
  absl::Time now_ ABSL_GUARDED_BY(mu_);
  absl::Time steady_ ABSL_GUARDED_BY(mu_) = absl::UnixEpoch();
};

}  // namespace enrich

#endif  // ENRICH_TESTS_SUPPORT_FAKE_CLOCK_H_
