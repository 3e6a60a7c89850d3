#ifndef ENRICH_SIMULATOR_REPLAYABLE_RANDOM_H_
#define ENRICH_SIMULATOR_REPLAYABLE_RANDOM_H_

#include <cstdint>
#include <random>

#include "absl/base/thread_annotations.h"
#include "absl/types/span.h"
#include "base/mutex.h"
#include "base/random.h"

namespace enrich::simulator {

// The same bytes for the same seed. Thread-safe.
class ReplayableRandom final : public Random {
 public:
  explicit ReplayableRandom(uint64_t seed) : engine_(seed) {}

  void Fill(absl::Span<uint8_t> bytes) override {
    MutexLock lock(&mu_);
    for (uint8_t& byte : bytes) byte = static_cast<uint8_t>(engine_() >> 56);
  }

 private:
  Mutex mu_;
  std::mt19937_64 engine_ ABSL_GUARDED_BY(mu_);
};

}  // namespace enrich::simulator

#endif  // ENRICH_SIMULATOR_REPLAYABLE_RANDOM_H_
