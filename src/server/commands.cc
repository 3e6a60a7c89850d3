#include "server/commands.h"

#include <signal.h>
#include <unistd.h>

#include "base/log.h"
#include "grpc/health/v1/health.grpc.pb.h"
#include "grpcpp/create_channel.h"
#include "grpcpp/security/credentials.h"
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

int RunHealthcheck(const std::string& address, std::ostream& err) {
  const auto stub = grpc::health::v1::Health::NewStub(
      grpc::CreateChannel(address, grpc::InsecureChannelCredentials()));
  grpc::ClientContext context;
  context.set_deadline(absl::ToChronoTime(absl::Now() + absl::Seconds(3)));
  grpc::health::v1::HealthCheckRequest request;
  request.set_service("readiness");
  grpc::health::v1::HealthCheckResponse response;
  const grpc::Status status = stub->Check(&context, request, &response);
  if (!status.ok()) {
    err << address << ": " << status.error_message() << "\n";
    return 1;
  }
  if (response.status() != grpc::health::v1::HealthCheckResponse::SERVING) {
    err << address << ": not ready\n";
    return 1;
  }
  return 0;
}

}  // namespace enrich
