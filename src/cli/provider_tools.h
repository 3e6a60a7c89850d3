#ifndef ENRICH_CLI_PROVIDER_TOOLS_H_
#define ENRICH_CLI_PROVIDER_TOOLS_H_

#include <string>
#include <vector>

namespace enrich::cli {

// The commands for provider files: each prints what it has to say and returns
// an exit code (see exit_code.h).
struct ProviderTools {
  int (*lint)(const std::vector<std::string>& files) = nullptr;
  int (*test)(const std::vector<std::string>& files) = nullptr;
  int (*explain)(const std::string& file, const std::string& fixture) = nullptr;
  // An empty folder prints.
  int (*create)(const std::string& id, const std::string& folder) = nullptr;
};

}  // namespace enrich::cli

#endif  // ENRICH_CLI_PROVIDER_TOOLS_H_
