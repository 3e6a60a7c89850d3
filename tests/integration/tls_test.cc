#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <memory>
#include <optional>
#include <sstream>
#include <string>
#include <utility>
#include <vector>

#include "absl/strings/str_cat.h"
#include "absl/strings/string_view.h"
#include "base/clock.h"
#include "base/executor.h"
#include "base/log.h"
#include "base/random.h"
#include "http/http_server.h"
#include "server/commands.h"
#include "server/server.h"
#include "support/status_matchers.h"
#include "support/temp_dir.h"
#include "support/test_certificates.h"
#include "unit/cli/cli_runner.h"

namespace enrich {
namespace {

using ::testing::HasSubstr;

// A gateway without providers whose API asks for client certificates.
class TlsGateway : public ::testing::Test {
 protected:
  TlsGateway() {
    log::SetLevel(log::Level::kError);
    certificates_.Issue("server");
    certificates_.Issue("client");
    const std::string yaml = absl::StrCat(
        "server:\n  grpc_listen: 127.0.0.1:0\n  webhook_listen: 127.0.0.1:0\n"
        "  admin_listen: 127.0.0.1:0\n  tls:\n    certificate_file: ",
        certificates_.certificate("server"),
        "\n    key_file: ", certificates_.key("server"),
        "\n    client_ca_file: ", certificates_.ca(),
        "\nstore:\n  path: ", dir_.File("gateway.db"), "\n");
    const ConfigResult config = ParseConfig(yaml, ProcessEnvironment);
    EXPECT_EQ(FormatMistakes("config", config.mistakes), "");
    auto started = GatewayServer::Start(
        config.config, clock_, random_,
        [](const absl::Status& fatal) { ADD_FAILURE() << "fatal: " << fatal; });
    EXPECT_THAT(started, IsOk());
    if (started.ok()) gateway_ = *std::move(started);
  }

  cli::CliRun Run(std::vector<std::string> args) const {
    return cli::RunCli(absl::StrCat("127.0.0.1:", gateway_->ports().grpc),
                       std::move(args));
  }

  const TempDir dir_;
  TestCertificates certificates_;
  SystemClock clock_;
  SystemRandom random_;
  std::unique_ptr<GatewayServer> gateway_;
};

TEST_F(TlsGateway, EnrichctlConnectsWithItsCertificate) {
  const cli::CliRun run = Run({"healthcheck", "--service", "readiness",
                               "--ca-file", certificates_.ca(), "--cert-file",
                               certificates_.certificate("client"),
                               "--key-file", certificates_.key("client")});
  EXPECT_EQ(run.code, 0) << run.err;
  EXPECT_EQ(run.out, "SERVING\n");
}

TEST_F(TlsGateway, EnrichctlFailsWithoutCertificateOrWithoutTls) {
  EXPECT_EQ(Run({"healthcheck", "--ca-file", certificates_.ca()}).code, 6);
  EXPECT_EQ(Run({"healthcheck"}).code, 6);
  EXPECT_EQ(Run({"healthcheck", "--tls"}).code, 6);
}

TEST_F(TlsGateway, TheHealthCheckDoesNotNeedACertificate) {
  std::ostringstream err;
  EXPECT_EQ(RunHealthcheck({.address = absl::StrCat("127.0.0.1:",
                                                    gateway_->ports().admin)},
                           err),
            0)
      << err.str();
}

// ---- Healthcheck ------------------------------------------------------------

// An admin listener that answers with `status`.
std::unique_ptr<HttpServer> AnswerWith(int status, std::string listen) {
  auto server = NewHttpServer(
      {.listen = std::move(listen)},
      {.on_request = [status](HttpRequest request, HttpResponder done) {
        done({.status = request.url == "/readyz" ? status : 404});
      }});
  EXPECT_THAT(server, IsOk());
  return server.ok() ? *std::move(server) : nullptr;
}

TEST(Healthcheck, TakesTheAddressFromTheConfiguration) {
  const TempDir dir;
  const auto server = AnswerWith(200, "0.0.0.0:0");
  cli::WriteText(
      dir.File("config.yaml"),
      absl::StrCat("server: {admin_listen: '0.0.0.0:", server->port(), "'}"));
  std::ostringstream err;
  EXPECT_EQ(RunHealthcheck({.config_path = dir.File("config.yaml")}, err), 0)
      << err.str();
}

TEST(Healthcheck, SaysWhyItFails) {
  std::ostringstream err;
  const auto server = AnswerWith(503, "127.0.0.1:0");
  const std::string address = absl::StrCat("127.0.0.1:", server->port());
  EXPECT_EQ(RunHealthcheck({.address = address}, err), 1);
  EXPECT_EQ(err.str(), address + ": not ready (HTTP 503)\n");

  std::ostringstream refused;
  EXPECT_EQ(RunHealthcheck({.address = "127.0.0.1:1"}, refused), 1);
  EXPECT_THAT(refused.str(), HasSubstr("127.0.0.1:1: "));

  std::ostringstream unreadable;
  EXPECT_EQ(RunHealthcheck({.config_path = "/no/such/file"}, unreadable), 1);
  EXPECT_THAT(unreadable.str(), HasSubstr("/no/such/file: cannot be read"));
}

}  // namespace
}  // namespace enrich
