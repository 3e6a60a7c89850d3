#ifndef ENRICH_CLI_WEBHOOK_COMMANDS_H_
#define ENRICH_CLI_WEBHOOK_COMMANDS_H_

#include <cstdint>
#include <string>
#include <vector>

#include "absl/status/statusor.h"
#include "cli/command.h"
#include "cli/exit_code.h"

// The commands about what providers pushed.
namespace enrich::cli {

// Which webhooks are meant, as on the command line.
struct WebhookFlags {
  std::string account = {};
  std::string job = {};
  // RFC 3339, or a span before now; empty for no bound.
  std::string since = {};
  std::string until = {};
  bool quarantined = false;
  // Of a replay only.
  std::vector<int64_t> ids = {};
  bool dry_run = false;
};

// Prints them in the order they came; at most `limit`, 0 for all.
// INVALID_ARGUMENT for a time that is none.
absl::StatusOr<ExitCode> ListWebhooksCommand(CommandContext& context,
                                             const WebhookFlags& flags,
                                             int64_t limit);

// Runs them again, call after call, and prints what came of it as one record.
// Those that are in quarantine afterwards are named on standard error.
// kInterrupted when stopped: repeated, it goes on without harm.
absl::StatusOr<ExitCode> ReplayWebhooksCommand(CommandContext& context,
                                               const WebhookFlags& flags);

}  // namespace enrich::cli

#endif  // ENRICH_CLI_WEBHOOK_COMMANDS_H_
