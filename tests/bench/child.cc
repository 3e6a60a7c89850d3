#include "bench/child.h"

#include <fcntl.h>
#include <poll.h>
#include <unistd.h>

#include <cerrno>
#include <cstdio>

#include "absl/cleanup/cleanup.h"
#include "absl/time/clock.h"

namespace enrich::bench {
namespace {

// A store with a million open contacts takes a while.
constexpr int kStartTimeoutMs = 60'000;

// Reads what ServeUntilEnd wrote.
absl::StatusOr<ServerPorts> ReadPorts(int output) {
  pollfd readable = {.fd = output, .events = POLLIN, .revents = 0};
  char line[64] = {};
  ServerPorts ports;
  if (poll(&readable, 1, kStartTimeoutMs) != 1 ||
      read(output, line, sizeof(line) - 1) <= 0 ||
      std::sscanf(line, "%d %d", &ports.grpc, &ports.http) != 2) {
    return absl::UnavailableError("a server did not start");
  }
  return ports;
}

}  // namespace

absl::StatusOr<std::unique_ptr<Child>> Child::Start(
    const std::vector<std::string>& arguments) {
  int input[2];
  int output[2];
  if (pipe2(input, O_CLOEXEC) != 0) return absl::ErrnoToStatus(errno, "pipe");
  if (pipe2(output, O_CLOEXEC) != 0) {
    const int error = errno;
    close(input[0]);
    close(input[1]);
    return absl::ErrnoToStatus(error, "pipe");
  }
  const absl::Cleanup close_output = [&] { close(output[0]); };
  const absl::Time start = absl::Now();
  absl::StatusOr<Process> process = Process::Spawn({.program = "/proc/self/exe",
                                                    .arguments = arguments,
                                                    .input = input[0],
                                                    .output = output[1]});
  close(input[0]);
  close(output[1]);
  if (!process.ok()) {
    close(input[1]);
    return process.status();
  }
  auto child = std::unique_ptr<Child>(new Child(*std::move(process), input[1]));
  const absl::StatusOr<ServerPorts> ports = ReadPorts(output[0]);
  if (!ports.ok()) return ports.status();
  child->ports_ = *ports;
  child->start_duration_ = absl::Now() - start;
  return child;
}

Child::~Child() { close(input_); }

void ServeUntilEnd(const ServerPorts& ports) {
  std::printf("%d %d\n", ports.grpc, ports.http);
  std::fflush(stdout);
  char ignored;
  while (read(STDIN_FILENO, &ignored, 1) > 0) {
  }
}

}  // namespace enrich::bench
