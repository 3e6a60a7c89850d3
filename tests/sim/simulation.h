#ifndef ENRICH_TESTS_SIM_SIMULATION_H_
#define ENRICH_TESTS_SIM_SIMULATION_H_

#include <cstdint>
#include <filesystem>
#include <map>
#include <string>
#include <vector>

namespace enrich::sim {

// What came of one world.
struct Report {
  uint64_t seed = 0;
  // Empty when every invariant held.
  std::vector<std::string> violations = {};
  // How often what happened. The names are those of the world's Count calls.
  std::map<std::string, int64_t, std::less<>> counts = {};
  // Stands for everything that happened, in order.
  uint64_t hash = 0;
  int64_t steps = 0;
};

// Where a file is in memory: a store in a folder there is fastest. The usual
// place for temporary files where there is none.
std::filesystem::path MemoryFolder();

// Lives through the world of one seed: installations of the gateway, each with
// processes that follow each other on its store and with its callers, providers
// and the network between them, until the weather has cleared and everything
// has come to rest. `folder` is for the stores' files, for one world at a time.
// With `tracing`, prints everything that happens.
Report Simulate(uint64_t seed, const std::string& folder, bool tracing = false);

}  // namespace enrich::sim

#endif  // ENRICH_TESTS_SIM_SIMULATION_H_
