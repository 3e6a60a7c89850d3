#ifndef ENRICH_TESTS_BENCH_PROCESS_H_
#define ENRICH_TESTS_BENCH_PROCESS_H_

#include <signal.h>
#include <sys/types.h>

#include <cstdint>
#include <map>
#include <string>
#include <vector>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "absl/time/time.h"

namespace enrich::bench {

struct SpawnOptions {
  // What is run: a path, or a name to look for in PATH.
  std::string program = {};
  std::vector<std::string> arguments = {};
  // Descriptors for its standard input and output; -1 for none.
  int input = -1;
  int output = -1;
  // A user other than this one's, for a server that does not run as root.
  std::string user = {};
  // A file for what it would write to its standard output and error.
  std::string log = {};
  // What ends it.
  int end_signal = SIGKILL;
};

// A process that was started here and ends with this. Movable.
class Process {
 public:
  static absl::StatusOr<Process> Spawn(const SpawnOptions& options);
  Process(Process&& other) noexcept;
  Process& operator=(Process&& other) noexcept;
  // Ends it and waits for its end.
  ~Process();

  // Waits for its own end; an error unless it exits with 0.
  absl::Status Wait();

  // What it has used so far, over all threads, but not those it started.
  absl::Duration CpuTime() const;
  // The same by the names of its threads, numbers at their end left out.
  std::map<std::string, absl::Duration> CpuTimeByThread() const;
  int64_t ResidentBytes() const;

 private:
  Process(pid_t pid, int end_signal) : pid_(pid), end_signal_(end_signal) {}
  void End();

  // 0 when moved from.
  pid_t pid_;
  int end_signal_;
};

// Runs a program that is not ours: it ends with this process, however that
// ends.
absl::StatusOr<Process> SpawnServer(SpawnOptions options);

// A port of loopback that nothing listens on.
absl::StatusOr<int> FreePort();

// A blocking connection to a port of loopback; its calls give up after a
// minute.
absl::StatusOr<int> ConnectTo(int port);

// Waits until something listens on the port. UNAVAILABLE when nothing does for
// half a minute.
absl::Status WaitForPort(int port);

}  // namespace enrich::bench

#endif  // ENRICH_TESTS_BENCH_PROCESS_H_
