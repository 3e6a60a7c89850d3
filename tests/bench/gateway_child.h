#ifndef ENRICH_TESTS_BENCH_GATEWAY_CHILD_H_
#define ENRICH_TESTS_BENCH_GATEWAY_CHILD_H_

#include <string>

namespace enrich::bench {

// The key all accounts of the gateway under test share.
inline constexpr char kApiKey[] = "benchmark-key";

struct GatewaySetup {
  // Where its store is.
  std::string folder = {};
  // Of the provider on loopback.
  int provider_port = 0;
  // "p0", "p1", ...: FullEnrich starts 60 jobs a minute for each.
  int accounts = 1;
  // Contacts at the provider at once, for each account.
  int max_running_contacts = 100;
};

// Serves the gateway until the process is to end. Returns the exit code.
int ServeGateway(const GatewaySetup& setup);

}  // namespace enrich::bench

#endif  // ENRICH_TESTS_BENCH_GATEWAY_CHILD_H_
