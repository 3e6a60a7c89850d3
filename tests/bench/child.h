#ifndef ENRICH_TESTS_BENCH_CHILD_H_
#define ENRICH_TESTS_BENCH_CHILD_H_

#include <cstdint>
#include <memory>
#include <string>
#include <utility>
#include <vector>

#include "absl/status/statusor.h"
#include "absl/time/time.h"
#include "bench/process.h"

namespace enrich::bench {

// Where a server listens.
struct ServerPorts {
  int grpc = 0;
  int http = 0;
};

// A server in a process of its own, so that its CPU time and its memory are
// told from those of the load.
class Child {
 public:
  // Runs this program with `arguments` and waits until it serves.
  static absl::StatusOr<std::unique_ptr<Child>> Start(
      const std::vector<std::string>& arguments);
  // Ends it and waits for its end. Nothing it holds is needed any more: the
  // folder goes with the case.
  ~Child();
  Child(const Child&) = delete;
  Child& operator=(const Child&) = delete;

  const ServerPorts& ports() const { return ports_; }
  // From its start to its serving.
  absl::Duration start_duration() const { return start_duration_; }
  const Process& process() const { return process_; }

 private:
  Child(Process process, int input)
      : process_(std::move(process)), input_(input) {}

  Process process_;
  // Its standard input; it ends when this does.
  int input_;
  ServerPorts ports_;
  absl::Duration start_duration_;
};

// For the child: says where it serves, and returns when it is to end.
void ServeUntilEnd(const ServerPorts& ports);

}  // namespace enrich::bench

#endif  // ENRICH_TESTS_BENCH_CHILD_H_
