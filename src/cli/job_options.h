#ifndef ENRICH_CLI_JOB_OPTIONS_H_
#define ENRICH_CLI_JOB_OPTIONS_H_

#include <CLI/App.hpp>

#include "cli/job_commands.h"

namespace enrich::cli {

// Fill `flags`, which must outlive the command.
void AddJobListFlags(CLI::App& command, JobListFlags& flags);
void AddJobDecisionFlags(CLI::App& command, JobDecisionFlags& flags);

}  // namespace enrich::cli

#endif  // ENRICH_CLI_JOB_OPTIONS_H_
