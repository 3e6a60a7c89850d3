#ifndef ENRICH_CLI_COMMAND_H_
#define ENRICH_CLI_COMMAND_H_

#include "base/clock.h"
#include "cli/gateway_client.h"
#include "cli/gateway_session.h"
#include "cli/record_writer.h"
#include "cli/terminal.h"

namespace enrich::cli {

// What a command that talks to the gateway works with.
struct CommandContext {
  const GatewayClient& client;
  const GatewaySession& session;
  const Clock& clock;
  Terminal& terminal;
  OutputFormat format = OutputFormat::kText;
  bool quiet = false;
};

}  // namespace enrich::cli

#endif  // ENRICH_CLI_COMMAND_H_
