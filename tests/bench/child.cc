#include "bench/child.h"

#include <fcntl.h>
#include <poll.h>
#include <signal.h>
#include <spawn.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

#include <cstdio>
#include <fstream>

#include "absl/cleanup/cleanup.h"
#include "absl/strings/str_cat.h"
#include "absl/time/clock.h"

namespace enrich::bench {
namespace {

constexpr int kStartTimeoutMs = 30'000;

// A spawned process reads from `in` and writes to `out`.
absl::StatusOr<pid_t> Spawn(const std::vector<std::string>& arguments, int in,
                            int out) {
  std::vector<std::string> words = {"enrich_bench"};
  words.insert(words.end(), arguments.begin(), arguments.end());
  std::vector<char*> argv;
  for (std::string& word : words) argv.push_back(word.data());
  argv.push_back(nullptr);
  posix_spawn_file_actions_t actions;
  posix_spawn_file_actions_init(&actions);
  const absl::Cleanup destroy = [&] {
    posix_spawn_file_actions_destroy(&actions);
  };
  posix_spawn_file_actions_adddup2(&actions, in, STDIN_FILENO);
  posix_spawn_file_actions_adddup2(&actions, out, STDOUT_FILENO);
  pid_t pid = 0;
  const int error = posix_spawn(&pid, "/proc/self/exe", &actions, nullptr,
                                argv.data(), environ);
  if (error != 0) return absl::ErrnoToStatus(error, "spawn");
  return pid;
}

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
  const absl::StatusOr<pid_t> pid = Spawn(arguments, input[0], output[1]);
  close(input[0]);
  close(output[1]);
  if (!pid.ok()) {
    close(input[1]);
    return pid.status();
  }
  auto child = std::unique_ptr<Child>(new Child(*pid, input[1]));
  const absl::StatusOr<ServerPorts> ports = ReadPorts(output[0]);
  if (!ports.ok()) return ports.status();
  child->ports_ = *ports;
  child->start_duration_ = absl::Now() - start;
  return child;
}

Child::~Child() {
  close(input_);
  // Nothing it holds is needed any more: the folder goes with the case.
  kill(pid_, SIGKILL);
  waitpid(pid_, nullptr, 0);
}

absl::Duration Child::CpuTime() const {
  clockid_t clock;
  timespec used = {};
  if (clock_getcpuclockid(pid_, &clock) != 0 ||
      clock_gettime(clock, &used) != 0) {
    return absl::ZeroDuration();
  }
  return absl::DurationFromTimespec(used);
}

int64_t Child::ResidentBytes() const {
  std::ifstream status(absl::StrCat("/proc/", pid_, "/statm"));
  int64_t size = 0;
  int64_t resident = 0;
  status >> size >> resident;
  return resident * sysconf(_SC_PAGESIZE);
}

void ServeUntilEnd(const ServerPorts& ports) {
  std::printf("%d %d\n", ports.grpc, ports.http);
  std::fflush(stdout);
  char ignored;
  while (read(STDIN_FILENO, &ignored, 1) > 0) {
  }
}

}  // namespace enrich::bench
