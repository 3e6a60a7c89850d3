// enrich_sim: lives through the worlds of many seeds.
//
//   enrich_sim --seeds A..B    prints the seeds that fail, and how often what
//                              happened
//   enrich_sim --trace SEED    prints everything that happens in one
//
// Exits with 1 when a seed fails.

#include <cinttypes>
#include <cstdio>
#include <cstring>
#include <map>
#include <string>
#include <utility>

#include "absl/strings/numbers.h"
#include "absl/strings/str_split.h"
#include "base/log.h"
#include "sim/simulation.h"
#include "support/temp_dir.h"

namespace enrich::sim {
namespace {

struct Options {
  uint64_t first = 1;
  uint64_t last = 2000;
  bool tracing = false;
};

bool Parse(int count, char** arguments, Options& options) {
  for (int i = 1; i + 1 < count; i += 2) {
    const absl::string_view name = arguments[i];
    const absl::string_view value = arguments[i + 1];
    if (name == "--seeds") {
      const std::pair<std::string, std::string> ends =
          absl::StrSplit(value, absl::MaxSplits("..", 1));
      if (!absl::SimpleAtoi(ends.first, &options.first) ||
          !absl::SimpleAtoi(ends.second, &options.last)) {
        return false;
      }
    } else if (name == "--trace") {
      if (!absl::SimpleAtoi(value, &options.first)) return false;
      options.last = options.first;
      options.tracing = true;
    } else {
      return false;
    }
  }
  return count % 2 == 1;
}

int Run(const Options& options) {
  const TempDir folder(MemoryFolder());
  std::map<std::string, int64_t> counts;
  uint64_t failed = 0;
  int64_t steps = 0;
  for (uint64_t seed = options.first; seed <= options.last; ++seed) {
    const Report report = Simulate(seed, folder.path(), options.tracing);
    steps += report.steps;
    for (const auto& [what, times] : report.counts) counts[what] += times;
    if (report.violations.empty()) continue;
    ++failed;
    std::printf("seed %" PRIu64 " fails\n", seed);
    for (const std::string& violation : report.violations) {
      std::printf("  %s\n", violation.c_str());
    }
    std::fflush(stdout);
  }
  for (const auto& [what, times] : counts) {
    std::printf("%10" PRId64 "  %s\n", times, what.c_str());
  }
  std::printf("%" PRIu64 " seeds, %" PRId64 " events, %" PRIu64 " failed\n",
              options.last - options.first + 1, steps, failed);
  return failed == 0 ? 0 : 1;
}

}  // namespace
}  // namespace enrich::sim

int main(int count, char** arguments) {
  enrich::sim::Options options;
  if (!enrich::sim::Parse(count, arguments, options)) {
    std::fprintf(stderr, "usage: enrich_sim --seeds A..B | --trace SEED\n");
    return 2;
  }
  enrich::log::SetLevel(enrich::log::Level::kOff);
  return enrich::sim::Run(options);
}
