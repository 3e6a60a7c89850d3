// Whose lookups go out next.

#include <vector>

#include "absl/container/btree_set.h"
#include "absl/strings/str_cat.h"
#include "bench/micro.h"
#include "benchmark/benchmark.h"
#include "engine/lanes.h"
#include "engine/turns.h"

namespace enrich::bench {
namespace {

// Fills an empty lane with as many lookups whatever the number of batches: a
// row for each.
void Fill(Lane& lane, int64_t batches) {
  constexpr int64_t kLookups = 100'000;
  for (int64_t batch = 1; batch <= batches; ++batch) {
    OpenWork work = {.work_key = batch};
    work.items.resize(static_cast<size_t>(kLookups / batches),
                      {.batch_key = batch, .fields = ContactField::kWorkEmail});
    lane.Add(std::move(work));
  }
}

// A request's worth out of a lane that many batches share, which is committed
// before the next.
void TakeFromLane(benchmark::State& state) {
  Lane lane;
  for (auto _ : state) {
    if (lane.empty()) {
      state.PauseTiming();
      Fill(lane, state.range(0));
      state.ResumeTiming();
    }
    const Lane::Taken taken = lane.Take(kContacts);
    lane.Settle(taken);
    benchmark::DoNotOptimize(taken.items.data());
  }
  CountContacts(state, kContacts);
}
BENCHMARK(TakeFromLane)->Arg(1)->Arg(10)->Arg(1000);

// The next turn at an account of so many tenants, who all have work; counts
// turns.
void NextTurn(benchmark::State& state) {
  std::vector<LaneKey> lanes;
  for (int64_t tenant = 0; tenant < state.range(0); ++tenant) {
    lanes.push_back({.tenant = absl::StrCat("tenant-", tenant),
                     .account = "fullenrich",
                     .operation = "enrich"});
  }
  Turns turns;
  absl::btree_set<Turns::Turn> ready;
  for (const LaneKey& lane : lanes) ready.insert(turns.Of(lane));
  for (auto _ : state) {
    const LaneKey& next = *ready.begin()->lane;
    ready.erase(ready.begin());
    turns.Take(next, kContacts);
    ready.insert(turns.Of(next));
  }
  CountContacts(state, 1);
}
BENCHMARK(NextTurn)->Arg(1)->Arg(10)->Arg(1000);

}  // namespace
}  // namespace enrich::bench
