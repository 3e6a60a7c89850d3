#include "bench/measurements.h"

#include <algorithm>
#include <cstdint>

#include "absl/time/clock.h"
#include "base/json.h"

namespace enrich::bench {

void Measurements::Add(const std::string& work, const std::string& subject,
                       const std::string& metric, double value) {
  rounds_[{work, subject, metric}].push_back(value);
}

std::string Measurements::ToJson() const {
  json::Writer out;
  out.StartObject().Key("measurements").StartArray();
  for (const auto& [key, rounds] : rounds_) {
    const auto& [work, subject, metric] = key;
    out.StartObject();
    out.Member("work", work).Member("subject", subject);
    out.Member("metric", metric).Key("rounds").StartArray();
    for (const double value : rounds) out.Double(value);
    out.EndArray().EndObject();
  }
  out.EndArray().EndObject();
  return out.Take();
}

double PercentileMs(std::vector<absl::Duration> durations, double share) {
  if (durations.empty()) return 0;
  const auto rank =
      static_cast<ptrdiff_t>(share * static_cast<double>(durations.size() - 1));
  std::nth_element(durations.begin(), durations.begin() + rank,
                   durations.end());
  return absl::ToDoubleMilliseconds(durations[static_cast<size_t>(rank)]);
}

absl::Duration Spin() {
  constexpr int kSteps = 50'000'000;
  const absl::Time start = absl::Now();
  uint64_t state = 1;
  for (int i = 0; i < kSteps; ++i) {
    state = state * 6364136223846793005u + 1442695040888963407u;
  }
  // Keeps the compiler from dropping the loop.
  volatile uint64_t sink = state;
  static_cast<void>(sink);
  return absl::Now() - start;
}

}  // namespace enrich::bench
