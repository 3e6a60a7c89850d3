// Two thousand worlds, and every invariant in each of them; see
// docs/adr/0021-simulate-the-gateway-from-a-seed.md.

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <cstdint>
#include <map>
#include <string>

#include "base/log.h"
#include "sim/simulation.h"
#include "support/temp_dir.h"

namespace enrich::sim {
namespace {

using ::testing::IsEmpty;

#ifdef ENRICH_SANITIZED
constexpr bool kSanitized = true;
#else
constexpr bool kSanitized = false;
#endif
// So that as many tests share the cores.
constexpr uint64_t kShards = 4;
// Under a sanitizer a few, for what it finds in the code.
constexpr uint64_t kSeedsPerShard = kSanitized ? 15 : 500;

// What must have happened in every shard: every fault and every move of a
// chunk. One that does not is no longer tested; its likelihood is in
// weather.cc.
constexpr const char* kMustHappen[] = {
    "attempt JOB_CANCELLED",
    "attempt JOB_FAILED",
    "attempt OUTCOME_UNKNOWN",
    "attempt OUT_OF_CREDITS",
    "attempt PROVIDER_UNAVAILABLE",
    "attempt RESULT_EXPIRED",
    "balance fell by another's spending",
    "caller asks again",
    "caller cancels",
    "caller finds nobody",
    "caller is refused",
    "caller is told",
    "caller learns later",
    "caller misses an acknowledgement",
    "caller reuses an id",
    "chunk accepted>done",
    "chunk done>accepted",
    "chunk new>sending",
    "chunk parked>accepted",
    "chunk parked>done",
    "chunk planned>done",
    "chunk planned>failed",
    "chunk planned>sending",
    "chunk sending>accepted",
    "chunk sending>done",
    "chunk sending>failed",
    "chunk sending>planned",
    "chunk sending>unknown",
    "chunk unknown>accepted",
    "chunk unknown>done",
    "chunk unknown>parked",
    "clock corrected",
    "clock set back",
    "clock set forward",
    "contact alike",
    "gateway ends: kill -9",
    "gateway ends: kill -9 after a request",
    "gateway ends: start failed",
    "gateway ends: stopped",
    "gateway ends: the store failed",
    "gateway starts",
    "gateway started twice",
    "gateway starts without an account",
    "installations share accounts",
    "net not sent",
    "net reply cut",
    "net reply lost",
    "net request late",
    "net request lost",
    "net request of a dead process",
    "outcome cancelled",
    "outcome failed",
    "outcome found",
    "outcome invalid",
    "outcome not_found",
    "outcome unknown",
    "provider 429",
    "provider 429 with a time",
    "provider account http_500 before",
    "provider fetch drift after",
    "provider fetch hang before",
    "provider fetch http_429 before",
    "provider fetch http_500 before",
    "provider fetch http_503 after",
    "provider fetch malformed after",
    "provider fetch reset after",
    "provider forgets soon",
    "provider limits calls",
    "provider outage",
    "provider short of credits",
    "provider submit drift after",
    "provider submit hang after",
    "provider submit hang before",
    "provider submit http_429 before",
    "provider submit http_500 after",
    "provider submit http_500 before",
    "provider submit http_503 after",
    "provider submit http_503 before",
    "provider submit job_canceled after",
    "provider submit job_failed after",
    "provider submit late after",
    "provider submit malformed after",
    "provider submit reset after",
    "provider submit reset before",
    "provider webhook duplicate after",
    "provider webhook forge after",
    "provider webhook late after",
    "provider webhook lost after",
    "provider webhook malformed after",
    "provider webhook reorder after",
    "push answered 200",
    "push answered 400",
    "push answered 404",
    "push answered 503",
    "push forged",
    "push to another installation",
    "push while down",
    "result corrected",
    "store away",
    "store commit lost",
    "store commit unseen",
    "store full",
    "store read fails",
    "store stalls",
    "stream breaks",
    "stream falls behind",
    "stream opened",
};

class Worlds : public ::testing::TestWithParam<uint64_t> {
 protected:
  Worlds() { log::SetLevel(log::Level::kOff); }
  ~Worlds() override { log::SetLevel(log::Level::kInfo); }

  const TempDir folder_{MemoryFolder()};
};

// enrich_sim --trace SEED tells the story of a seed that fails.
TEST_P(Worlds, KeepEveryInvariant) {
  std::map<std::string, int64_t> happened;
  for (uint64_t i = 0; i < kSeedsPerShard; ++i) {
    const uint64_t seed = GetParam() * kSeedsPerShard + i + 1;
    const Report report = Simulate(seed, folder_.path());
    EXPECT_THAT(report.violations, IsEmpty()) << "seed " << seed;
    for (const auto& [what, times] : report.counts) happened[what] += times;
  }
  if (kSanitized) return;
  for (const char* what : kMustHappen) {
    EXPECT_GT(happened[what], 0) << what << " never happened";
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
