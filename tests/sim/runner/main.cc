// enrich_sim: lives through the worlds of many seeds.
//
//   enrich_sim --seeds A..B    prints the seeds that fail, each with the
//   command
//                              that replays it, and how often what happened
//     --jobs N                 in N processes, with the same outcome
//     --progress               how far it is, every few seconds, to standard
//                              error; always when that is a terminal
//   enrich_sim --trace SEED    prints everything that happens in one
//
// Exits with 1 when a seed fails.

#include <unistd.h>

#include <cinttypes>
#include <cstdio>
#include <string>
#include <utility>

#include "absl/strings/numbers.h"
#include "absl/strings/str_split.h"
#include "base/log.h"
#include "sim/runner/jobs.h"
#include "sim/runner/tally.h"
#include "sim/simulation.h"
#include "support/temp_dir.h"

namespace enrich::sim {
namespace {

struct Options {
  Seeds seeds = {.first = 1, .last = 2000};
  int jobs = 1;
  bool progress = isatty(STDERR_FILENO) == 1;
  bool tracing = false;
};

bool ParseSeeds(absl::string_view text, Seeds& seeds) {
  const std::pair<std::string, std::string> ends =
      absl::StrSplit(text, absl::MaxSplits("..", 1));
  return absl::SimpleAtoi(ends.first, &seeds.first) &&
         absl::SimpleAtoi(ends.second, &seeds.last) &&
         seeds.first <= seeds.last;
}

bool ParseOne(absl::string_view name, absl::string_view value,
              Options& options) {
  if (name == "--seeds") return ParseSeeds(value, options.seeds);
  if (name == "--jobs") {
    return absl::SimpleAtoi(value, &options.jobs) && options.jobs > 0;
  }
  if (name != "--trace") return false;
  options.tracing = true;
  return absl::SimpleAtoi(value, &options.seeds.first);
}

bool Parse(int count, char** arguments, Options& options) {
  for (int i = 1; i < count; ++i) {
    const absl::string_view name = arguments[i];
    if (name == "--progress") {
      options.progress = true;
    } else if (++i == count || !ParseOne(name, arguments[i], options)) {
      return false;
    }
  }
  return true;
}

int Run(const Options& options, const std::string& program) {
  if (options.tracing) {
    const TempDir folder(MemoryFolder());
    Tally tally(program, 1, false);
    tally.Add(Simulate(options.seeds.first, folder.path(), true));
    return tally.Finish();
  }
  Tally tally(program, options.seeds.last - options.seeds.first + 1,
              options.progress);
  LiveInProcesses(options.seeds, options.jobs,
                  [&tally](const Report& report) { tally.Add(report); });
  return tally.Finish();
}

}  // namespace
}  // namespace enrich::sim

int main(int count, char** arguments) {
  enrich::sim::Options options;
  if (!enrich::sim::Parse(count, arguments, options)) {
    std::fprintf(stderr,
                 "usage: enrich_sim --seeds A..B [--jobs N] [--progress] | "
                 "--trace SEED\n");
    return 2;
  }
  enrich::log::SetLevel(enrich::log::Level::kOff);
  return enrich::sim::Run(options, arguments[0]);
}
