#ifndef ENRICH_BASE_CLOCK_H_
#define ENRICH_BASE_CLOCK_H_

#include <chrono>

#include "absl/time/clock.h"
#include "absl/time/time.h"

namespace enrich {

// Where the time comes from. Thread-safe.
class Clock {
 public:
  virtual ~Clock() = default;
  // What is stored and told. It may be set, to later or to earlier.
  virtual absl::Time Now() const = 0;
  // What is waited for: it goes on at its pace whatever becomes of Now. Its
  // beginning means nothing, and each process has its own.
  virtual absl::Time Steady() const = 0;
};

// The machine's clock.
class SystemClock final : public Clock {
 public:
  absl::Time Now() const override { return absl::Now(); }
  absl::Time Steady() const override {
    return absl::UnixEpoch() +
           absl::FromChrono(
               std::chrono::steady_clock::now().time_since_epoch());
  }
};

}  // namespace enrich

#endif  // ENRICH_BASE_CLOCK_H_
