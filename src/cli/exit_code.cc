#include "cli/exit_code.h"

namespace enrich::cli {

ExitCode ExitCodeOf(const absl::Status& status) {
  switch (status.code()) {
    case absl::StatusCode::kOk:
      return ExitCode::kDone;
    case absl::StatusCode::kInvalidArgument:
    case absl::StatusCode::kFailedPrecondition:
      return ExitCode::kUsage;
    case absl::StatusCode::kUnauthenticated:
    case absl::StatusCode::kPermissionDenied:
      return ExitCode::kAuthentication;
    case absl::StatusCode::kResourceExhausted:
      return ExitCode::kQuota;
    case absl::StatusCode::kUnavailable:
    case absl::StatusCode::kDeadlineExceeded:
    case absl::StatusCode::kAborted:
      return ExitCode::kUnavailable;
    case absl::StatusCode::kCancelled:
      return ExitCode::kInterrupted;
    default:
      return ExitCode::kFailed;
  }
}

const char* ExitCodeHelp() {
  return "Exit codes:\n"
         "  0    all done\n"
         "  1    failed\n"
         "  2    usage, bad input or configuration\n"
         "  3    finished, but some lookups failed or are unknown\n"
         "  4    authentication\n"
         "  5    quota or credits\n"
         "  6    gateway unavailable or timed out\n"
         "  130  interrupted";
}

}  // namespace enrich::cli
