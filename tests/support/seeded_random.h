#ifndef ENRICH_TESTS_SUPPORT_SEEDED_RANDOM_H_
#define ENRICH_TESTS_SUPPORT_SEEDED_RANDOM_H_

#include <cstdint>
#include <random>

#include "absl/types/span.h"
#include "base/mutex.h"
#include "base/random.h"

namespace enrich {

// The same bytes for the same seed. Thread-safe.
class SeededRandom final : public Random {
 public:
  explicit SeededRandom(uint64_t seed = 1) : engine_(seed) {}

  void Fill(absl::Span<uint8_t> bytes) override {
    MutexLock lock(&mu_);
    for (uint8_t& byte : bytes) byte = static_cast<uint8_t>(engine_());
  }

 private:
  Mutex mu_;
  std::mt19937_64 engine_ ABSL_GUARDED_BY(mu_);
};

}  // namespace enrich

#endif  // ENRICH_TESTS_SUPPORT_SEEDED_RANDOM_H_
