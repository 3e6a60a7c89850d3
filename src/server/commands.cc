#include "server/commands.h"

#include <signal.h>
#include <unistd.h>

#include <future>
#include <memory>
#include <utility>

#include "absl/strings/str_cat.h"
#include "absl/strings/strip.h"
#include "base/log.h"
#include "http/http_client.h"
#include "server/server.h"

namespace enrich {
namespace {

// EX_SOFTWARE: the supervisor starts the process again.
constexpr int kFatalExit = 70;

log::Level LevelFrom(const std::string& name) {
  if (name == "debug") return log::Level::kDebug;
  if (name == "warning") return log::Level::kWarning;
  if (name == "error") return log::Level::kError;
  return log::Level::kInfo;
}

// Less than a supervisor gives the check.
constexpr absl::Duration kHealthTimeout = absl::Seconds(3);

// Where a listener on `listen` is reached from this machine.
std::string ReachableAddress(absl::string_view listen) {
  if (absl::ConsumePrefix(&listen, "0.0.0.0:")) {
    return absl::StrCat("127.0.0.1:", listen);
  }
  if (absl::ConsumePrefix(&listen, "[::]:")) {
    return absl::StrCat("[::1]:", listen);
  }
  return std::string(listen);
}

// Sends one GET and waits for its outcome.
HttpOutcome Get(HttpClient& client, std::string url, absl::Duration timeout) {
  const auto outcome = std::make_shared<std::promise<HttpOutcome>>();
  client.Send({.url = std::move(url)}, timeout, [outcome](HttpOutcome ended) {
    outcome->set_value(std::move(ended));
  });
  return outcome->get_future().get();
}

// Nothing may be inferred from a commit in doubt: not even destructors run.
void ExitFatally(const absl::Status& status) {
  log::Error("the store no longer knows what is stored; exiting",
             {{"status", status}});
  _exit(kFatalExit);
}

}  // namespace

int RunGateway(const std::string& config_path, std::ostream& err) {
  // Before any thread is started, so that all inherit the mask and the signals
  // wait for sigwait.
  sigset_t signals;
  sigemptyset(&signals);
  sigaddset(&signals, SIGTERM);
  sigaddset(&signals, SIGINT);
  pthread_sigmask(SIG_BLOCK, &signals, nullptr);
  signal(SIGPIPE, SIG_IGN);

  const ConfigResult result = LoadConfig(config_path, ProcessEnvironment);
  if (!result.mistakes.empty()) {
    err << FormatMistakes(config_path, result.mistakes);
    return 2;
  }
  const LoadedConfig& config = result.config;
  log::SetLevel(LevelFrom(config.proto.log_level()));
  if (config_path.empty()) {
    log::Warning("no --config: no providers, loopback, store in this folder",
                 {{"store", config.proto.store().path()}});
  }

  const SystemClock clock;
  SystemRandom random;
  auto server = GatewayServer::Start(config, clock, random, ExitFatally);
  if (!server.ok()) {
    log::Error("cannot start", {{"status", server.status()}});
    return 1;
  }
  const GatewayServer::Ports ports = (*server)->ports();
  log::Info("serving", {{"grpc_port", ports.grpc},
                        {"webhook_port", ports.webhook},
                        {"admin_port", ports.admin}});
  int signal = 0;
  sigwait(&signals, &signal);
  log::Info("shutting down", {{"signal", signal}});
  (*server)->Shutdown(clock.Now() +
                      ToDuration(config.proto.server().drain_timeout()));
  log::Info("bye");
  return 0;
}

int RunHealthcheck(const HealthcheckOptions& options, std::ostream& err) {
  std::string address = options.address;
  if (address.empty()) {
    const ConfigResult result =
        LoadConfig(options.config_path, ProcessEnvironment);
    if (!result.mistakes.empty()) {
      err << FormatMistakes(options.config_path, result.mistakes);
      return 1;
    }
    address = ReachableAddress(result.config.proto.server().admin_listen());
  }
  const auto client = NewCurlHttpClient(
      {.allow_plain_http = true, .allow_private_addresses = true});
  if (!client.ok()) {
    err << client.status().message() << "\n";
    return 1;
  }
  const HttpOutcome outcome = Get(
      **client, absl::StrCat("http://", address, "/readyz"), kHealthTimeout);
  if (!outcome.transport.ok()) {
    err << address << ": " << outcome.transport.message() << "\n";
    return 1;
  }
  if (outcome.response->status != 200) {
    err << address << ": not ready (HTTP " << outcome.response->status << ")\n";
    return 1;
  }
  return 0;
}

}  // namespace enrich
