#ifndef ENRICH_BASE_CLOCK_H_
#define ENRICH_BASE_CLOCK_H_

#include "absl/time/clock.h"
#include "absl/time/time.h"

namespace enrich {

// Where the time comes from. Thread-safe.
class Clock {
 public:
  virtual ~Clock() = default;
  virtual absl::Time Now() const = 0;
};

// The machine's clock.
class SystemClock final : public Clock {
 public:
  absl::Time Now() const override { return absl::Now(); }
};

}  // namespace enrich

#endif  // ENRICH_BASE_CLOCK_H_
