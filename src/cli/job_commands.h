#ifndef ENRICH_CLI_JOB_COMMANDS_H_
#define ENRICH_CLI_JOB_COMMANDS_H_

#include <cstdint>
#include <optional>
#include <string>

#include "absl/status/statusor.h"
#include "cli/command.h"
#include "cli/exit_code.h"

// The commands about jobs in doubt. Each prints on standard output in the
// context's format and returns the exit code, or the error.
namespace enrich::cli {

struct JobListFlags {
  // Of one provider account; empty for all.
  std::string provider = {};
  // All that are not over, rather than those in doubt.
  bool all = false;
  // 0 for all.
  int64_t limit = 50;
};
absl::StatusOr<ExitCode> ListJobsCommand(CommandContext& context,
                                         const JobListFlags& flags);

// A decision about one job.
struct JobDecisionFlags {
  std::string job_id = {};
  // Who decides, and why, for the audit log.
  std::string decided_by = {};
  std::string note = {};
  // Does not ask.
  bool yes = false;
  // Instead of the exposure that is shown.
  std::optional<double> max_credits = {};
};

// Shows the job and what it can cost once more, asks, and has it sent again.
// INVALID_ARGUMENT when nobody can be asked; kFailed when the answer is no.
absl::StatusOr<ExitCode> ApproveJobCommand(CommandContext& context,
                                           const JobDecisionFlags& flags);
// Likewise gives it up.
absl::StatusOr<ExitCode> AbandonJobCommand(CommandContext& context,
                                           const JobDecisionFlags& flags);

// The newest `limit` lines of the audit log; 0 for all.
absl::StatusOr<ExitCode> ListAuditCommand(CommandContext& context,
                                          int64_t limit);

}  // namespace enrich::cli

#endif  // ENRICH_CLI_JOB_COMMANDS_H_
