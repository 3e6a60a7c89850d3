#ifndef ENRICH_CLI_APP_H_
#define ENRICH_CLI_APP_H_

#include <string>
#include <vector>

#include "cli/config_check.h"
#include "cli/provider_tools.h"
#include "cli/retry.h"
#include "cli/terminal.h"

namespace enrich::cli {

// What `main` adds to the commands of this layer.
struct AppHooks {
  // `enrichctl config check FILE`; without one there is no such command.
  ConfigCheck config_check = nullptr;
  // `enrichctl provider lint`, `test`, `explain` and `new`; likewise.
  ProviderTools provider_tools = {};
  // How to retry; --max-wait and --timeout replace the patience in it.
  RetryPolicy retry = {};
};

// Runs enrichctl with `args` (without the program's name) and returns its exit
// code. Data goes to `terminal.out` only.
int RunEnrichctl(const std::vector<std::string>& args, Terminal& terminal,
                 const AppHooks& hooks);

}  // namespace enrich::cli

#endif  // ENRICH_CLI_APP_H_
