#include "bench/gateway_child.h"

#include <unistd.h>

#include <iostream>

#include "absl/strings/str_cat.h"
#include "base/log.h"
#include "bench/child.h"
#include "server/server.h"

namespace enrich::bench {
namespace {

std::string ConfigText(const GatewaySetup& setup) {
  std::string yaml = absl::StrCat(
      "server:\n"
      "  grpc_listen: 127.0.0.1:0\n"
      "  webhook_listen: 127.0.0.1:0\n"
      "  admin_listen: 127.0.0.1:0\n"
      // The load driver keeps only the path of what the provider is told.
      "  public_url: http://127.0.0.1:1\n"
      "store:\n"
      "  path: ",
      setup.folder,
      "/gateway.db\n"
      "engine:\n"
      "  balance_interval: 0s\n"
      "limits:\n"
      "  max_streams_per_tenant: 20000\n"
      "egress:\n"
      "  allow_plain_http: true\n"
      "  allow_private_addresses: true\n"
      "providers:\n");
  for (int i = 0; i < setup.accounts; ++i) {
    absl::StrAppend(&yaml, "  - name: p", i,
                    "\n    adapter: fullenrich\n    api_key: env:KEY\n",
                    "    base_url: http://127.0.0.1:", setup.provider_port,
                    "\n    max_running_contacts: ", setup.max_running_contacts,
                    "\n");
  }
  return yaml;
}

}  // namespace

int ServeGateway(const GatewaySetup& setup) {
  const ConfigResult config = ParseConfig(
      ConfigText(setup),
      [](const std::string&) -> std::optional<std::string> { return kApiKey; });
  if (!config.mistakes.empty()) {
    std::cerr << FormatMistakes("benchmark", config.mistakes);
    return 2;
  }
  log::SetLevel(log::Level::kError);
  const SystemClock clock;
  SystemRandom random;
  const auto server = GatewayServer::Start(
      config.config, clock, random, [](const absl::Status&) { _exit(1); });
  if (!server.ok()) {
    std::cerr << server.status() << "\n";
    return 1;
  }
  const GatewayServer::Ports ports = (*server)->ports();
  ServeUntilEnd({.grpc = ports.grpc, .http = ports.webhook});
  return 0;
}

}  // namespace enrich::bench
