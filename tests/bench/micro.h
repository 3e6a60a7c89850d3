#ifndef ENRICH_TESTS_BENCH_MICRO_H_
#define ENRICH_TESTS_BENCH_MICRO_H_

#include <cstdint>
#include <memory>
#include <string>

#include "adapters/all.h"
#include "benchmark/benchmark.h"

// What the parts that enrich_micro times have in common.
namespace enrich::bench {

// In one job.
inline constexpr int kContacts = 100;

inline AccountConfig ConfigOf(const std::string& adapter) {
  return {
      .name = adapter, .adapter = adapter, .api_key = Secret("benchmark-key")};
}

inline std::unique_ptr<ProviderAdapter> MakeAdapter(const std::string& name) {
  return AllAdapters().Create(ConfigOf(name)).value();
}

// What `items_per_second` counts: contacts, unless the part says otherwise.
inline void CountContacts(benchmark::State& state, int64_t per_iteration) {
  state.SetItemsProcessed(state.iterations() * per_iteration);
}

}  // namespace enrich::bench

#endif  // ENRICH_TESTS_BENCH_MICRO_H_
