#ifndef ENRICH_CLI_STOP_SIGNALS_H_
#define ENRICH_CLI_STOP_SIGNALS_H_

#include <stop_token>
#include <thread>

namespace enrich::cli {

// Turns SIGINT and SIGTERM into a stop token; a second one ends the process at
// once with 130. Make one, before any other thread is started: threads inherit
// that these signals are blocked.
class StopSignals {
 public:
  StopSignals();
  ~StopSignals();
  StopSignals(const StopSignals&) = delete;
  StopSignals& operator=(const StopSignals&) = delete;

  std::stop_token token() const { return source_.get_token(); }

 private:
  std::stop_source source_;
  std::jthread waiter_;
};

}  // namespace enrich::cli

#endif  // ENRICH_CLI_STOP_SIGNALS_H_
