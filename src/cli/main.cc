#include <iostream>
#include <string>
#include <vector>

#include "cli/app.h"
#include "cli/stop_signals.h"
#include "cli/terminal.h"
#include "server/config.h"
#include "server/provider_files.h"

namespace {

using Paths = std::vector<std::string>;

// The gateway's own code, which the layer of the commands does not know.
enrich::cli::AppHooks Hooks() {
  return {.config_check =
              [](const std::string& path) {
                return enrich::RunConfigCheck(path, std::cout, std::cerr);
              },
          .provider_tools = {
              .lint =
                  [](const Paths& files) {
                    return enrich::RunProviderLint(files, std::cout, std::cerr);
                  },
              .test =
                  [](const Paths& files) {
                    return enrich::RunProviderTest(files, std::cout, std::cerr);
                  },
              .explain =
                  [](const std::string& file, const std::string& fixture) {
                    return enrich::RunProviderExplain(file, fixture, std::cout,
                                                      std::cerr);
                  },
              .create =
                  [](const std::string& id, const std::string& folder) {
                    return enrich::RunProviderNew(id, folder, std::cout,
                                                  std::cerr);
                  }}};
}

}  // namespace

int main(int argc, char** argv) {
  // First: every later thread inherits its signal mask.
  const enrich::cli::StopSignals signals;
  enrich::cli::Terminal terminal =
      enrich::cli::ProcessTerminal(signals.token());
  const std::vector<std::string> args(argv + 1, argv + argc);
  return enrich::cli::RunEnrichctl(args, terminal, Hooks());
}
