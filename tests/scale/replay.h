#ifndef ENRICH_TESTS_SCALE_REPLAY_H_
#define ENRICH_TESTS_SCALE_REPLAY_H_

#include <cstdint>
#include <string>

#include "absl/status/statusor.h"
#include "absl/time/time.h"

namespace enrich::scale {

struct ReplayOptions {
  int port = 0;
  // Where to begin, and the digest of all events up to there; empty for the
  // oldest event that is kept.
  std::string token = {};
  std::string digest = {};
  // Whether no batch begins before that.
  bool whole = false;
};

struct ReplayReport {
  // OK, or the name of the code that the stream ended with.
  std::string status = {};
  // When history is gone: where it begins.
  std::string oldest_token = {};
  int64_t contacts = 0;
  int64_t batches = 0;
  int64_t events = 0;
  // Of all events, those before the token included.
  std::string digest = {};
  absl::Duration duration;
};

// Reads what is recorded up to now. An error when it breaks a rule, or does not
// come to an end.
absl::StatusOr<ReplayReport> RunReplay(const ReplayOptions& options);

}  // namespace enrich::scale

#endif  // ENRICH_TESTS_SCALE_REPLAY_H_
