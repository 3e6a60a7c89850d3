#ifndef ENRICH_SERVER_COMMANDS_H_
#define ENRICH_SERVER_COMMANDS_H_

#include <ostream>
#include <string>

#include "server/config.h"

// What the gateway binary can be told to do. Each returns the exit code.
namespace enrich {

// Serves until SIGTERM or SIGINT: 0. 2 for a configuration that is no good, 1
// when the gateway cannot start. A store whose last commit is in doubt ends the
// process with 70: start it again and it reads what is stored.
int RunGateway(const std::string& config_path, std::ostream& err);

struct HealthcheckOptions {
  // host:port of the gateway's admin listener; empty for that of the
  // configuration.
  std::string address = {};
  // As of LoadConfig; not read when there is an address.
  std::string config_path = {};
};

// Asks the admin listener, which speaks plain HTTP whatever the API speaks. 0
// when the gateway says that it is ready, 1 otherwise.
int RunHealthcheck(const HealthcheckOptions& options, std::ostream& err);

}  // namespace enrich

#endif  // ENRICH_SERVER_COMMANDS_H_
