#ifndef ENRICH_TESTS_BENCH_CASES_H_
#define ENRICH_TESTS_BENCH_CASES_H_

#include <string>

#include "absl/status/status.h"
#include "bench/measurements.h"

namespace enrich::bench {

struct BenchOptions {
  // Where the stores are: on the disk whose speed counts.
  std::string folder = ".";
  int rounds = 5;
  // Of the amount of work, for a quick look.
  double scale = 1;
  // Only works whose name contains this.
  std::string filter = {};
  // Whether other servers do the same work.
  bool peers = false;
};

// Runs every work, gateway and limits in turn, once per round. The first error
// ends it.
absl::Status RunAll(const BenchOptions& options, Measurements& out);

}  // namespace enrich::bench

#endif  // ENRICH_TESTS_BENCH_CASES_H_
