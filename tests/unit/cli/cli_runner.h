#ifndef ENRICH_TESTS_UNIT_CLI_CLI_RUNNER_H_
#define ENRICH_TESTS_UNIT_CLI_CLI_RUNNER_H_

#include <fstream>
#include <sstream>
#include <stop_token>
#include <string>
#include <utility>
#include <vector>

#include "cli/app.h"

namespace enrich::cli {

// What a run of enrichctl did.
struct CliRun {
  int code = -1;
  std::string out = {};
  std::string err = {};
};

// Runs enrichctl against `server` with impatient retries. With `can_ask`, a
// person answers with `input`.
inline CliRun RunCli(const std::string& server, std::vector<std::string> args,
                     const std::string& input = "", std::stop_token stop = {},
                     std::stringbuf* out_buffer = nullptr,
                     bool can_ask = false) {
  std::istringstream in(input);
  std::stringbuf own;
  std::ostream out(out_buffer == nullptr ? &own : out_buffer);
  std::ostringstream err;
  Terminal terminal{.in = in,
                    .out = out,
                    .err = err,
                    .can_ask = can_ask,
                    .stop = std::move(stop)};
  AppHooks hooks;
  hooks.retry.initial_delay = absl::Milliseconds(1);
  hooks.retry.max_delay = absl::Milliseconds(4);
  args.insert(args.end(), {"--server", server});
  CliRun run;
  run.code = RunEnrichctl(args, terminal, hooks);
  run.out = own.str();
  run.err = err.str();
  return run;
}

inline std::string ReadText(const std::string& path) {
  std::ifstream in(path, std::ios::binary);
  std::stringstream text;
  text << in.rdbuf();
  return text.str();
}

inline void WriteText(const std::string& path, const std::string& text) {
  std::ofstream(path, std::ios::binary) << text;
}

}  // namespace enrich::cli

#endif  // ENRICH_TESTS_UNIT_CLI_CLI_RUNNER_H_
