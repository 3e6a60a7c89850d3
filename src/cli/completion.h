#ifndef ENRICH_CLI_COMPLETION_H_
#define ENRICH_CLI_COMPLETION_H_

#include <CLI/App.hpp>
#include <string>

namespace enrich::cli {

// A bash script that completes the commands and flags of `app`.
std::string BashCompletion(const CLI::App& app);

}  // namespace enrich::cli

#endif  // ENRICH_CLI_COMPLETION_H_
