#ifndef ENRICH_CLI_RICH_ERROR_H_
#define ENRICH_CLI_RICH_ERROR_H_

#include <grpcpp/support/status.h>

#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "absl/status/status.h"
#include "absl/time/time.h"

namespace enrich::cli {

// The details of a google.rpc.Status that people and retries need.
struct RichError {
  // The gateway's stable reason, empty when there is none.
  std::string reason = {};
  // Path and description.
  std::vector<std::pair<std::string, std::string>> violations = {};
  std::optional<absl::Duration> retry_delay = {};
};

// Converts a call's status; the details travel as a payload.
absl::Status FromGrpc(const grpc::Status& status);

// The details of a status made by `FromGrpc`, empty for any other.
RichError RichErrorOf(const absl::Status& status);

// Whether the same call may succeed later: the gateway is away, over-loaded or
// shutting down, or the connection broke.
bool IsTransient(const absl::Status& status);

// The error as lines for a person, without a final line break.
std::string DescribeError(const absl::Status& status);

}  // namespace enrich::cli

#endif  // ENRICH_CLI_RICH_ERROR_H_
