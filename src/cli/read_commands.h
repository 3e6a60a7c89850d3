#ifndef ENRICH_CLI_READ_COMMANDS_H_
#define ENRICH_CLI_READ_COMMANDS_H_

#include <cstdint>
#include <string>

#include "absl/status/statusor.h"
#include "cli/command.h"
#include "cli/exit_code.h"

// The commands that print what the gateway knows. Each prints on standard
// output in the context's format and returns the exit code, or the error.
namespace enrich::cli {

absl::StatusOr<ExitCode> GetBatchCommand(CommandContext& context,
                                         const std::string& batch_id);

// The newest `limit` batches; 0 for all.
absl::StatusOr<ExitCode> ListBatchesCommand(CommandContext& context,
                                            int64_t limit);

// Prints events as they come until the batch has finished, over any number of
// streams. Starts after `resume_token` unless it is empty. When interrupted,
// prints the token that continues on standard error. kContactFailures when
// lookups failed or are unknown.
absl::StatusOr<ExitCode> WatchBatchCommand(CommandContext& context,
                                           const std::string& batch_id,
                                           const std::string& resume_token);

absl::StatusOr<ExitCode> CancelBatchCommand(CommandContext& context,
                                            const std::string& batch_id);

// Every event that is recorded now, page by page.
absl::StatusOr<ExitCode> ResultsCommand(CommandContext& context,
                                        const std::string& batch_id);

absl::StatusOr<ExitCode> ListProvidersCommand(CommandContext& context);

// Prints SERVING; UNAVAILABLE when the gateway says that it does not serve.
absl::StatusOr<ExitCode> HealthCommand(CommandContext& context,
                                       const std::string& service);

}  // namespace enrich::cli

#endif  // ENRICH_CLI_READ_COMMANDS_H_
