#include "bench/process.h"

#include <arpa/inet.h>
#include <fcntl.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <spawn.h>
#include <sys/socket.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

#include <cerrno>
#include <filesystem>
#include <fstream>
#include <system_error>
#include <utility>

#include "absl/cleanup/cleanup.h"
#include "absl/strings/ascii.h"
#include "absl/strings/str_cat.h"
#include "absl/time/clock.h"
#include "base/status_macros.h"

namespace enrich::bench {
namespace {

constexpr timeval kTimeout = {.tv_sec = 60, .tv_usec = 0};
constexpr absl::Duration kStartTimeout = absl::Seconds(30);

sockaddr_in Loopback(int port) {
  sockaddr_in address = {};
  address.sin_family = AF_INET;
  address.sin_port = htons(static_cast<uint16_t>(port));
  address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
  return address;
}

}  // namespace

absl::StatusOr<Process> Process::Spawn(const SpawnOptions& options) {
  std::vector<char*> argv = {const_cast<char*>(options.program.c_str())};
  for (const std::string& argument : options.arguments) {
    argv.push_back(const_cast<char*>(argument.c_str()));
  }
  argv.push_back(nullptr);
  posix_spawn_file_actions_t actions;
  posix_spawn_file_actions_init(&actions);
  const absl::Cleanup destroy = [&] {
    posix_spawn_file_actions_destroy(&actions);
  };
  if (options.input >= 0) {
    posix_spawn_file_actions_adddup2(&actions, options.input, STDIN_FILENO);
  }
  if (options.output >= 0) {
    posix_spawn_file_actions_adddup2(&actions, options.output, STDOUT_FILENO);
  }
  if (!options.log.empty()) {
    posix_spawn_file_actions_addopen(&actions, STDOUT_FILENO,
                                     options.log.c_str(),
                                     O_WRONLY | O_CREAT | O_APPEND, 0600);
    posix_spawn_file_actions_adddup2(&actions, STDOUT_FILENO, STDERR_FILENO);
  }
  pid_t pid = 0;
  const int error = posix_spawnp(&pid, options.program.c_str(), &actions,
                                 nullptr, argv.data(), environ);
  if (error != 0) {
    return absl::ErrnoToStatus(error, absl::StrCat("run ", options.program));
  }
  return Process(pid, options.end_signal);
}

absl::StatusOr<Process> SpawnServer(SpawnOptions options) {
  std::vector<std::string> words = {"--pdeathsig", "KILL"};
  if (!options.user.empty()) {
    words.insert(words.end(), {"--reuid", options.user, "--regid", options.user,
                               "--clear-groups"});
  }
  words.insert(words.end(), {"--", options.program});
  options.arguments.insert(options.arguments.begin(), words.begin(),
                           words.end());
  options.program = "setpriv";
  return Process::Spawn(options);
}

Process::Process(Process&& other) noexcept
    : pid_(std::exchange(other.pid_, 0)), end_signal_(other.end_signal_) {}

Process& Process::operator=(Process&& other) noexcept {
  if (this != &other) {
    End();
    pid_ = std::exchange(other.pid_, 0);
    end_signal_ = other.end_signal_;
  }
  return *this;
}

Process::~Process() { End(); }

void Process::End() {
  if (pid_ == 0) return;
  kill(pid_, end_signal_);
  waitpid(pid_, nullptr, 0);
}

absl::Status Process::Wait() {
  int status = 0;
  waitpid(std::exchange(pid_, 0), &status, 0);
  if (WIFEXITED(status) && WEXITSTATUS(status) == 0) return absl::OkStatus();
  return absl::InternalError(absl::StrCat("a program ended with ", status));
}

absl::Duration Process::CpuTime() const {
  clockid_t clock;
  timespec used = {};
  if (clock_getcpuclockid(pid_, &clock) != 0 ||
      clock_gettime(clock, &used) != 0) {
    return absl::ZeroDuration();
  }
  return absl::DurationFromTimespec(used);
}

std::map<std::string, absl::Duration> Process::CpuTimeByThread() const {
  std::map<std::string, absl::Duration> used;
  std::error_code ignored;
  for (const auto& thread : std::filesystem::directory_iterator(
           absl::StrCat("/proc/", pid_, "/task"), ignored)) {
    std::string name;
    std::ifstream(thread.path() / "comm") >> name;
    while (!name.empty() && (absl::ascii_isdigit(name.back()) ||
                             absl::ascii_ispunct(name.back()))) {
      name.pop_back();
    }
    int64_t nanoseconds = 0;
    std::ifstream(thread.path() / "schedstat") >> nanoseconds;
    used[name] += absl::Nanoseconds(nanoseconds);
  }
  return used;
}

int64_t Process::ResidentBytes() const {
  std::ifstream status(absl::StrCat("/proc/", pid_, "/statm"));
  int64_t size = 0;
  int64_t resident = 0;
  status >> size >> resident;
  return resident * sysconf(_SC_PAGESIZE);
}

absl::StatusOr<int> FreePort() {
  const int fd = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
  const absl::Cleanup close_fd = [&] { close(fd); };
  sockaddr_in address = Loopback(0);
  socklen_t size = sizeof(address);
  auto* const bytes = reinterpret_cast<sockaddr*>(&address);
  if (bind(fd, bytes, size) != 0 || getsockname(fd, bytes, &size) != 0) {
    return absl::ErrnoToStatus(errno, "find a free port");
  }
  return ntohs(address.sin_port);
}

absl::StatusOr<int> ConnectTo(int port) {
  const int fd = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
  setsockopt(fd, SOL_SOCKET, SO_RCVTIMEO, &kTimeout, sizeof(kTimeout));
  setsockopt(fd, SOL_SOCKET, SO_SNDTIMEO, &kTimeout, sizeof(kTimeout));
  const int on = 1;
  setsockopt(fd, IPPROTO_TCP, TCP_NODELAY, &on, sizeof(on));
  const sockaddr_in address = Loopback(port);
  if (connect(fd, reinterpret_cast<const sockaddr*>(&address),
              sizeof(address)) != 0) {
    const int error = errno;
    close(fd);
    return absl::ErrnoToStatus(error, absl::StrCat("connect to port ", port));
  }
  return fd;
}

absl::Status WaitForPort(int port) {
  const absl::Time deadline = absl::Now() + kStartTimeout;
  while (absl::Now() < deadline) {
    if (const absl::StatusOr<int> fd = ConnectTo(port); fd.ok()) {
      close(*fd);
      return absl::OkStatus();
    }
    absl::SleepFor(absl::Milliseconds(10));
  }
  return absl::UnavailableError(absl::StrCat("nothing listens on port ", port));
}

}  // namespace enrich::bench
