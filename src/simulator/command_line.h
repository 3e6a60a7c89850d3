#ifndef ENRICH_SIMULATOR_COMMAND_LINE_H_
#define ENRICH_SIMULATOR_COMMAND_LINE_H_

namespace enrich::simulator {

// enrich-simulator: runs a Simulator until SIGTERM or SIGINT and returns the
// exit code: 0 after a signal, 1 when it cannot start, and CLI11's for a wrong
// command line. Says "listening on http://host:port" on standard error once
// calls are answered.
int RunCommandLine(int argc, char** argv);

}  // namespace enrich::simulator

#endif  // ENRICH_SIMULATOR_COMMAND_LINE_H_
