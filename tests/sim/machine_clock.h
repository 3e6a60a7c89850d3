#ifndef ENRICH_TESTS_SIM_MACHINE_CLOCK_H_
#define ENRICH_TESTS_SIM_MACHINE_CLOCK_H_

#include "base/clock.h"
#include "sim/world.h"

namespace enrich::sim {

// The clock of one machine: goes at the world's pace, and is set now and then.
// Its steady time begins elsewhere, so that who takes one for the other waits
// for decades.
class MachineClock final : public Clock {
 public:
  explicit MachineClock(const World& world)
      : world_(world), start_(world.now()) {}

  absl::Time Now() const override { return world_.now() + set_by_; }
  absl::Time Steady() const override {
    return absl::UnixEpoch() + (world_.now() - start_);
  }
  void Set(absl::Duration by) { set_by_ += by; }

 private:
  const World& world_;
  const absl::Time start_;
  absl::Duration set_by_;
};

}  // namespace enrich::sim

#endif  // ENRICH_TESTS_SIM_MACHINE_CLOCK_H_
