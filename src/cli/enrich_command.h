#ifndef ENRICH_CLI_ENRICH_COMMAND_H_
#define ENRICH_CLI_ENRICH_COMMAND_H_

#include <CLI/App.hpp>
#include <cstdint>
#include <string>
#include <vector>

#include "absl/status/statusor.h"
#include "cli/command.h"
#include "cli/enrich_options.h"
#include "cli/exit_code.h"

namespace enrich::cli {

// The flags of `enrichctl enrich` as they were typed.
struct EnrichFlags {
  std::string in = "-";
  std::string out = "-";
  std::string in_format = {};
  std::string out_format = {};
  std::string delimiter = {};
  std::vector<std::string> maps = {};
  std::vector<std::string> fields = {"work_email"};
  std::vector<std::string> providers = {};
  std::string min_quality = {};
  std::vector<std::string> max_credits = {};
  std::string max_cost = {};
  std::string run = {};
  bool no_cache = false;
  int64_t batch_size = 1000;
  int window = 4;
  bool unordered = false;
  bool safe_cells = false;
  bool restart = false;
  bool dry_run = false;
};

// Adds the flags to `command`, writing into `flags`, which must outlive it.
void AddEnrichFlags(CLI::App& command, EnrichFlags& flags);

// Checks and converts. INVALID_ARGUMENT naming the flag.
absl::StatusOr<EnrichOptions> ParseEnrichFlags(const EnrichFlags& flags);

// The command line that continues a run started with `args`: the same without
// the token and --restart, quoted for a shell.
std::string ContinueCommand(const std::vector<std::string>& args);

// Runs. kContactFailures when lookups failed or are unknown.
absl::StatusOr<ExitCode> EnrichCommand(CommandContext& context,
                                       const EnrichFlags& flags,
                                       const std::vector<std::string>& args);

}  // namespace enrich::cli

#endif  // ENRICH_CLI_ENRICH_COMMAND_H_
