#ifndef ENRICH_TESTS_BENCH_MEASUREMENTS_H_
#define ENRICH_TESTS_BENCH_MEASUREMENTS_H_

#include <map>
#include <string>
#include <tuple>
#include <vector>

#include "absl/time/time.h"

namespace enrich::bench {

// What was measured. Not thread-safe.
class Measurements {
 public:
  // Adds the value of one round. `subject` is what was measured: "gateway" or
  // something that limits it.
  void Add(const std::string& work, const std::string& subject,
           const std::string& metric, double value);

  // {"measurements":[{"work","subject","metric","rounds":[..]},..]}
  std::string ToJson() const;

 private:
  std::map<std::tuple<std::string, std::string, std::string>,
           std::vector<double>>
      rounds_;
};

// The value below which `share` of the durations lie, in milliseconds.
double PercentileMs(std::vector<absl::Duration> durations, double share);

// How long a fixed amount of arithmetic takes: what it varies by is the noise
// of the machine.
absl::Duration Spin();

}  // namespace enrich::bench

#endif  // ENRICH_TESTS_BENCH_MEASUREMENTS_H_
