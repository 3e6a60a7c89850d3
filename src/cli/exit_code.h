#ifndef ENRICH_CLI_EXIT_CODE_H_
#define ENRICH_CLI_EXIT_CODE_H_

#include "absl/status/status.h"

namespace enrich::cli {

// What enrichctl tells its caller; documented in docs/enrichctl.md and --help.
enum class ExitCode : int {
  kDone = 0,
  kFailed = 1,
  // Usage, bad input, configuration.
  kUsage = 2,
  // Finished, but some lookups failed or have an unknown outcome.
  kContactFailures = 3,
  kAuthentication = 4,
  kQuota = 5,
  // The gateway cannot be reached or does not answer in time.
  kUnavailable = 6,
  kInterrupted = 130,
};

// The code for a command that ended with `status`.
ExitCode ExitCodeOf(const absl::Status& status);

// The codes and their meanings, a line each, for --help.
const char* ExitCodeHelp();

}  // namespace enrich::cli

#endif  // ENRICH_CLI_EXIT_CODE_H_
