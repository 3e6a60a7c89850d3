#ifndef ENRICH_TESTS_SCALE_LOAD_H_
#define ENRICH_TESTS_SCALE_LOAD_H_

#include <cstdint>
#include <string>

#include "absl/status/statusor.h"
#include "absl/time/time.h"
#include "scale/requests.h"

namespace enrich::scale {

struct LoadOptions {
  int port = 0;
  // Request ids begin with it.
  std::string run = "run";
  RequestPlan plan = {};
  // How many contacts are asked for; or, when `duration` is set, for how long.
  int64_t contacts = 1'000'000'000;
  absl::Duration duration;
  // Contacts a second; 0 for as fast as they are answered.
  double rate = 0;
  // The most that wait for an answer.
  int64_t max_open = 50'000;
  // Streams of everything from before the first request on.
  int watchers = 1;
  // Of the events that were recorded before, which is gone on from.
  std::string digest = {};
  // Between the last of them being live and the first request.
  absl::Duration idle;
  // Others that look at batches, cancel some, and read streams from the oldest
  // event or from somewhere in between.
  bool onlookers = false;
};

struct LoadReport {
  int64_t contacts = 0;
  int64_t batches = 0;
  // What every watcher saw, and its digest.
  int64_t events = 0;
  std::string digest = {};
  // Where the first watcher is.
  std::string token = {};
  // Until all watchers were live; from then until they saw the end.
  absl::Duration open_duration;
  absl::Duration duration;
  // Of EnrichBatch.
  absl::Duration median_latency;
  absl::Duration longest_latency;
  // Refused for now, and made again.
  int64_t retries = 0;
  int64_t looks = 0;
};

// Opens the watchers, makes the requests, and waits until every watcher has
// seen every batch end. An error when one saw what it should not, or not what
// the others did.
absl::StatusOr<LoadReport> RunLoad(const LoadOptions& options);

}  // namespace enrich::scale

#endif  // ENRICH_TESTS_SCALE_LOAD_H_
