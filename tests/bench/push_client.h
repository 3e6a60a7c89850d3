#ifndef ENRICH_TESTS_BENCH_PUSH_CLIENT_H_
#define ENRICH_TESTS_BENCH_PUSH_CLIENT_H_

#include <string>
#include <vector>

#include "absl/status/statusor.h"
#include "absl/strings/string_view.h"
#include "absl/time/time.h"

namespace enrich::bench {

// A POST as it goes over the wire, signed as FullEnrich signs.
std::string MakePush(absl::string_view path, absl::string_view body);

struct PushLoad {
  int connections = 1;
  // Pushes a second; 0 for as fast as they are answered.
  double rate = 0;
};

struct PushResult {
  absl::Time start;
  // Until the last answer.
  absl::Duration duration;
  // When each push was due; with a rate, whether or not the server was ready
  // for it.
  std::vector<absl::Time> due = {};
  std::vector<absl::Duration> latencies = {};
};

// Sends every push once, on kept connections. An error when one is not answered
// 200.
absl::StatusOr<PushResult> RunPushes(int port, const PushLoad& load,
                                     const std::vector<std::string>& pushes);

}  // namespace enrich::bench

#endif  // ENRICH_TESTS_BENCH_PUSH_CLIENT_H_
