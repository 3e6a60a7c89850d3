#include "cli/job_options.h"

#include <CLI/Config.hpp>
#include <CLI/Formatter.hpp>

namespace enrich::cli {

void AddJobListFlags(CLI::App& command, JobListFlags& flags) {
  command.add_option("--provider", flags.provider, "one provider account");
  command.add_flag("--all", flags.all, "all jobs that are not over");
  command.add_option("--limit", flags.limit, "how many; 0 for all")
      ->capture_default_str()
      ->check(CLI::NonNegativeNumber);
}

void AddJobDecisionFlags(CLI::App& command, JobDecisionFlags& flags) {
  command.add_option("job_id", flags.job_id, "the gateway's id of the job")
      ->required();
  command
      .add_option("--as", flags.decided_by, "who decides, for the audit log")
      ->envname("USER");
  command.add_option("--note", flags.note, "why, for the audit log");
  command.add_flag("-y,--yes", flags.yes, "do not ask");
}

}  // namespace enrich::cli
