#include "simulator/command_line.h"

#include <pthread.h>
#include <signal.h>

#include <CLI/CLI.hpp>
#include <fstream>
#include <iostream>
#include <map>
#include <memory>
#include <optional>
#include <sstream>
#include <string>
#include <utility>
#include <vector>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "absl/strings/str_cat.h"
#include "absl/time/time.h"
#include "base/clock.h"
#include "base/executor.h"
#include "base/status_macros.h"
#include "simulator/provider_script.h"
#include "simulator/simulator.h"

namespace enrich::simulator {
namespace {

// What the command line says, as text where CLI11 has no type for it.
struct Arguments {
  SimulatorOptions options = {};
  std::string latency = "2s";
  std::string results_ttl = "2160h";
  double balance = 100000;
  std::string faults = {};
  std::vector<std::string> provider_files = {};
  std::vector<std::string> provider_secrets = {};
  std::vector<std::string> registered_urls = {};
  bool quiet = false;
};

void AddOptions(Arguments& arguments, CLI::App& app) {
  SimulatorOptions& options = arguments.options;
  options.listen = "127.0.0.1:8090";
  app.add_option("--listen", options.listen, "Address and port; port 0 for any")
      ->capture_default_str();
  app.add_option("--latency", arguments.latency,
                 "Mean time from submit to answer, such as 250ms")
      ->capture_default_str();
  app.add_option("--time-scale", options.time_scale,
                 "How much faster the providers' clocks run: rate windows, "
                 "webhook retries, expiry")
      ->capture_default_str();
  app.add_option("--results-ttl", arguments.results_ttl,
                 "How long results are kept, in the providers' time")
      ->capture_default_str();
  app.add_option("--seed", options.seed, "Decides who is found")
      ->capture_default_str();
  app.add_option("--faults", arguments.faults,
                 "Fault rules: JSON, or a file of it");
  app.add_option("--enrow-key", options.enrow.api_keys,
                 "API key of an Enrow account; repeatable")
      ->capture_default_str();
  app.add_option("--fullenrich-key", options.fullenrich.api_keys,
                 "API key of a FullEnrich account; repeatable")
      ->capture_default_str();
  app.add_option("--balance", arguments.balance,
                 "Credits of every account at the start")
      ->capture_default_str();
  app.add_option("--enrow-rate", options.enrow.rate_limit,
                 "Enrow: POSTs per second; 0 for no limit")
      ->capture_default_str();
  app.add_option("--fullenrich-rate", options.fullenrich.rate_limit,
                 "FullEnrich: calls per minute; 0 for no limit")
      ->capture_default_str();
  app.add_option("--fullenrich-concurrency", options.fullenrich.concurrency,
                 "FullEnrich: contacts worked on at once; 0 for no limit")
      ->capture_default_str();
  app.add_flag("--fullenrich-running-is-200", options.fullenrich.running_is_200,
               "FullEnrich: answer 200 for a running job, as seen live");
  app.add_option("--pronto-key", options.pronto.api_keys,
                 "API key of a Pronto account; repeatable")
      ->capture_default_str();
  app.add_option("--pronto-rate", options.pronto.rate_limit,
                 "Pronto: calls per second; 0 for no limit")
      ->capture_default_str();
  app.add_option("--pronto-concurrency", options.pronto.concurrency,
                 "Pronto: requests worked on at once; 0 for no limit")
      ->capture_default_str();
  app.add_flag("--pronto-no-consent", options.pronto.no_consent,
               "Pronto: refuse personal e-mails, as without consent");
  app.add_option("--provider-file", arguments.provider_files,
                 "Play a provider file by its fixtures, under /ID; repeatable");
  app.add_option("--provider-secret", arguments.provider_secrets,
                 "ID:NAME=VALUE: a credential of a played account, else its "
                 "own name; repeatable");
  app.add_option("--registered-url", arguments.registered_urls,
                 "ID=URL: where a played account that has registered a URL "
                 "pushes to; repeatable");
  app.add_option("--ledger-file", options.ledger_file,
                 "Append every submission to this file, as JSON lines");
  app.add_flag("--quiet", arguments.quiet, "Say nothing but the address");
}

absl::StatusOr<std::string> ReadFaults(const std::string& argument) {
  if (argument.empty() || argument[0] == '[' || argument[0] == '{') {
    return argument;
  }
  const std::ifstream in(argument);
  if (!in) return absl::NotFoundError("cannot read the file given by --faults");
  std::stringstream text;
  text << in.rdbuf();
  return text.str();
}

// URLs by the id of their file.
absl::StatusOr<std::map<std::string, std::string>> ReadRegisteredUrls(
    const Arguments& arguments) {
  std::map<std::string, std::string> urls;
  for (const std::string& text : arguments.registered_urls) {
    const size_t equals = text.find('=');
    if (equals == std::string::npos) {
      return absl::InvalidArgumentError("--registered-url takes ID=URL");
    }
    urls[text.substr(0, equals)] = text.substr(equals + 1);
  }
  return urls;
}

// Files, each with the credentials that are given for its id.
absl::Status AddProviderFiles(const Arguments& arguments,
                              SimulatorOptions& options) {
  ASSIGN_OR_RETURN(auto registered_urls, ReadRegisteredUrls(arguments));
  std::map<std::string, std::map<std::string, std::string>> secrets;
  for (const std::string& secret : arguments.provider_secrets) {
    const size_t colon = secret.find(':');
    const size_t equals = secret.find('=');
    if (colon == std::string::npos || equals == std::string::npos ||
        colon > equals) {
      return absl::InvalidArgumentError(
          "--provider-secret takes ID:NAME=VALUE");
    }
    secrets[secret.substr(0, colon)].emplace(
        secret.substr(colon + 1, equals - colon - 1),
        secret.substr(equals + 1));
  }
  for (const std::string& path : arguments.provider_files) {
    ProviderFileOptions file(path);
    file.balance = options.enrow.balance;
    ASSIGN_OR_RETURN(const std::string id, ProviderScript::IdOf(path));
    file.secrets = secrets[id];
    secrets.erase(id);
    file.registered_url = registered_urls[id];
    registered_urls.erase(id);
    options.provider_files.push_back(std::move(file));
  }
  for (const auto& [id, values] : secrets) {
    return absl::InvalidArgumentError(
        absl::StrCat("--provider-secret: no --provider-file has the id ", id));
  }
  for (const auto& [id, url] : registered_urls) {
    return absl::InvalidArgumentError(
        absl::StrCat("--registered-url: no --provider-file has the id ", id));
  }
  return absl::OkStatus();
}

absl::StatusOr<SimulatorOptions> ReadOptions(const Arguments& arguments) {
  SimulatorOptions options = arguments.options;
  if (!absl::ParseDuration(arguments.latency, &options.latency)) {
    return absl::InvalidArgumentError("--latency is no duration such as 2s");
  }
  if (!absl::ParseDuration(arguments.results_ttl, &options.results_ttl)) {
    return absl::InvalidArgumentError(
        "--results-ttl is no duration such as 1h");
  }
  const std::optional<Credits> balance = Credits::FromDouble(arguments.balance);
  if (!balance.has_value()) {
    return absl::InvalidArgumentError("--balance is out of range");
  }
  options.enrow.balance = options.fullenrich.balance = options.pronto.balance =
      *balance;
  RETURN_IF_ERROR(AddProviderFiles(arguments, options));
  ASSIGN_OR_RETURN(options.faults, ReadFaults(arguments.faults));
  return options;
}

void Announce(const SimulatorOptions& options, int port, bool quiet) {
  const std::string host = options.listen.substr(0, options.listen.rfind(':'));
  const std::string url = absl::StrCat("http://", host, ":", port);
  std::string text = absl::StrCat("listening on ", url, "\n");
  if (!quiet) {
    absl::StrAppend(&text, "Enrow:      ", url, "/enrow\n", "FullEnrich: ", url,
                    "/fullenrich\n", "Pronto:     ", url, "/pronto\n",
                    "Totals:     ", url, "/_sim/stats\n");
    if (!options.provider_files.empty()) {
      absl::StrAppend(&text, "Files:      ", url, "/ID\n");
    }
  }
  // In one piece, for those who read it as it comes: std::cerr has no buffer.
  std::cerr << text;
}

// Runs until a signal comes, which must be blocked already.
absl::Status Run(const Arguments& arguments, const sigset_t& signals) {
  ASSIGN_OR_RETURN(const SimulatorOptions options, ReadOptions(arguments));
  SystemClock clock;
  const std::unique_ptr<Executor> executor = NewThreadExecutor("simulator");
  ASSIGN_OR_RETURN(const std::unique_ptr<Simulator> simulator,
                   Simulator::Create(options, clock, *executor));
  Announce(options, simulator->port(), arguments.quiet);
  int signal = 0;
  sigwait(&signals, &signal);
  return absl::OkStatus();
}

}  // namespace

int RunCommandLine(int argc, char** argv) {
  CLI::App app(
      "The HTTP APIs of Enrow, FullEnrich, Pronto and of any provider file, "
      "without the credits");
  Arguments arguments;
  AddOptions(arguments, app);
  CLI11_PARSE(app, argc, argv);
  // Before the first thread, which inherits it.
  sigset_t signals;
  sigemptyset(&signals);
  sigaddset(&signals, SIGINT);
  sigaddset(&signals, SIGTERM);
  pthread_sigmask(SIG_BLOCK, &signals, nullptr);
  const absl::Status status = Run(arguments, signals);
  if (status.ok()) return 0;
  std::cerr << "enrich-simulator: " << status.message() << std::endl;
  return 1;
}

}  // namespace enrich::simulator
