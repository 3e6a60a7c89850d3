// Two thousand worlds, and every invariant in each of them; see
// docs/adr/0021-simulate-the-gateway-from-a-seed.md.

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <cstdint>

#include "base/log.h"
#include "sim/simulation.h"
#include "support/temp_dir.h"

namespace enrich::sim {
namespace {

using ::testing::IsEmpty;

// So that as many tests share the cores.
constexpr uint64_t kShards = 4;
#ifdef ENRICH_SANITIZED
constexpr uint64_t kSeedsPerShard = 15;
#else
constexpr uint64_t kSeedsPerShard = 500;
#endif

class Worlds : public ::testing::TestWithParam<uint64_t> {
 protected:
  Worlds() { log::SetLevel(log::Level::kOff); }
  ~Worlds() override { log::SetLevel(log::Level::kInfo); }

  const TempDir folder_{MemoryFolder()};
};

// enrich_sim --trace SEED tells the story of a seed that fails.
TEST_P(Worlds, KeepEveryInvariant) {
  for (uint64_t i = 0; i < kSeedsPerShard; ++i) {
    const uint64_t seed = GetParam() * kSeedsPerShard + i + 1;
    const Report report = Simulate(seed, folder_.path());
    EXPECT_THAT(report.violations, IsEmpty()) << "seed " << seed;
  }
}

INSTANTIATE_TEST_SUITE_P(Shard, Worlds, ::testing::Range(uint64_t{0}, kShards));

using World = Worlds;

TEST_F(World, OfASeedIsAlwaysTheSame) {
  for (uint64_t seed = 1; seed <= 20; ++seed) {
    const Report once = Simulate(seed, folder_.path());
    const Report again = Simulate(seed, folder_.path());
    EXPECT_EQ(once.hash, again.hash) << "seed " << seed;
    EXPECT_EQ(once.counts, again.counts) << "seed " << seed;
  }
}

}  // namespace
}  // namespace enrich::sim
