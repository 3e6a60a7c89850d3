#include "cli/stop_signals.h"

#include <pthread.h>
#include <signal.h>
#include <unistd.h>

#include "cli/exit_code.h"

namespace enrich::cli {
namespace {

// Sent to the waiting thread alone, to end it.
constexpr int kEnd = SIGUSR1;

sigset_t WaitedSignals() {
  sigset_t signals;
  sigemptyset(&signals);
  for (const int signal : {SIGINT, SIGTERM, kEnd}) {
    sigaddset(&signals, signal);
  }
  return signals;
}

}  // namespace

StopSignals::StopSignals() {
  const sigset_t signals = WaitedSignals();
  pthread_sigmask(SIG_BLOCK, &signals, nullptr);
  waiter_ = std::jthread([this] {
    const sigset_t waited = WaitedSignals();
    int signal = 0;
    while (sigwait(&waited, &signal) == 0 && signal != kEnd) {
      if (source_.stop_requested()) {
        _exit(static_cast<int>(ExitCode::kInterrupted));
      }
      source_.request_stop();
    }
  });
}

StopSignals::~StopSignals() {
  pthread_kill(waiter_.native_handle(), kEnd);
  waiter_.join();
}

}  // namespace enrich::cli
