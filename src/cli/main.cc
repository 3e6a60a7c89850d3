#include <iostream>
#include <string>
#include <vector>

#include "cli/app.h"
#include "cli/stop_signals.h"
#include "cli/terminal.h"
#include "server/config.h"

int main(int argc, char** argv) {
  // First: every later thread inherits its signal mask.
  const enrich::cli::StopSignals signals;
  enrich::cli::Terminal terminal =
      enrich::cli::ProcessTerminal(signals.token());
  const std::vector<std::string> args(argv + 1, argv + argc);
  return enrich::cli::RunEnrichctl(
      args, terminal, {.config_check = [](const std::string& path) {
        return enrich::RunConfigCheck(path, std::cout, std::cerr);
      }});
}
