#ifndef ENRICH_TESTS_SIM_RUNNER_TALLY_H_
#define ENRICH_TESTS_SIM_RUNNER_TALLY_H_

#include <cstdint>
#include <map>
#include <string>

#include "absl/time/time.h"
#include "sim/simulation.h"

namespace enrich::sim {

// What became of many seeds. Prints those that fail as they are added.
class Tally {
 public:
  // `program` is what to call to replay one, `seeds` how many there will be.
  Tally(std::string program, uint64_t seeds, bool progress);

  void Add(const Report& report);
  // Prints the totals. Returns the exit code.
  int Finish() const;

 private:
  void ShowProgress(absl::Time now);

  const std::string program_;
  const uint64_t expected_;
  const absl::Time start_;
  absl::Time next_progress_;
  uint64_t seeds_ = 0;
  uint64_t failed_ = 0;
  int64_t steps_ = 0;
  std::map<std::string, int64_t> counts_;
};

}  // namespace enrich::sim

#endif  // ENRICH_TESTS_SIM_RUNNER_TALLY_H_
