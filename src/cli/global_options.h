#ifndef ENRICH_CLI_GLOBAL_OPTIONS_H_
#define ENRICH_CLI_GLOBAL_OPTIONS_H_

#include <CLI/App.hpp>
#include <string>

#include "absl/status/statusor.h"
#include "absl/time/time.h"
#include "base/secret.h"
#include "cli/gateway_client.h"
#include "cli/record_writer.h"

// The flags that every command has.
namespace enrich::cli {

// As given.
struct GlobalFlags {
  ConnectOptions connect = {};
  std::string token = {};
  std::string token_file = {};
  std::string timeout = "30s";
  std::string max_wait = "10m";
  std::string format = {};
  bool quiet = false;
};

// Fills `flags`, which must outlive the application.
void AddGlobalFlags(CLI::App& app, GlobalFlags& flags);

// What they mean.
struct GlobalOptions {
  Secret token = Secret();
  OutputFormat format = OutputFormat::kText;
  absl::Duration timeout = absl::ZeroDuration();
  absl::Duration max_wait = absl::ZeroDuration();
};

// `format` is that of the command, which the flags may change.
// INVALID_ARGUMENT names the flag that makes no sense.
absl::StatusOr<GlobalOptions> ReadGlobalFlags(const GlobalFlags& flags,
                                              OutputFormat format);

// Whether others can read the token on its way.
bool IsExposed(const Secret& token, const ConnectOptions& options);

}  // namespace enrich::cli

#endif  // ENRICH_CLI_GLOBAL_OPTIONS_H_
