#include "bench/http_load.h"

#include <fcntl.h>
#include <sys/epoll.h>
#include <sys/socket.h>
#include <unistd.h>

#include <cerrno>
#include <memory>
#include <vector>

#include "absl/cleanup/cleanup.h"
#include "absl/status/status.h"
#include "absl/strings/match.h"
#include "absl/strings/numbers.h"
#include "absl/time/clock.h"
#include "base/status_macros.h"
#include "bench/process.h"

namespace enrich::bench {
namespace {

constexpr int kTimeoutMs = 60'000;

// A connection with one request under way.
class Exchange {
 public:
  explicit Exchange(int fd) : fd_(fd) { fcntl(fd_, F_SETFL, O_NONBLOCK); }
  ~Exchange() { close(fd_); }
  Exchange(const Exchange&) = delete;
  Exchange& operator=(const Exchange&) = delete;

  int fd() const { return fd_; }
  bool idle() const { return unsent_.empty() && !awaiting_; }

  void Begin(absl::string_view request) {
    unsent_ = request;
    answer_.clear();
    awaiting_ = true;
  }

  // Goes on as far as possible without waiting; false when it failed.
  bool Continue() {
    while (!unsent_.empty()) {
      const ssize_t sent =
          send(fd_, unsent_.data(), unsent_.size(), MSG_NOSIGNAL);
      if (sent < 0) return errno == EAGAIN;
      unsent_.remove_prefix(static_cast<size_t>(sent));
    }
    char part[4096];
    const ssize_t got = recv(fd_, part, sizeof(part), 0);
    if (got <= 0) return got < 0 && errno == EAGAIN;
    answer_.append(part, static_cast<size_t>(got));
    if (CompleteMessage(answer_) == 0) return true;
    awaiting_ = false;
    return absl::StartsWith(answer_, "HTTP/1.1 200");
  }

 private:
  const int fd_;
  absl::string_view unsent_;
  std::string answer_;
  bool awaiting_ = false;
};

}  // namespace

size_t CompleteMessage(absl::string_view bytes) {
  constexpr absl::string_view kName = "\r\nContent-Length: ";
  const size_t end = bytes.find("\r\n\r\n");
  if (end == bytes.npos) return 0;
  size_t length = 0;
  if (size_t at = bytes.substr(0, end).find(kName); at != bytes.npos) {
    at += kName.size();
    const absl::string_view rest = bytes.substr(at);
    static_cast<void>(
        absl::SimpleAtoi(rest.substr(0, rest.find("\r\n")), &length));
  }
  const size_t size = end + 4 + length;
  return bytes.size() >= size ? size : 0;
}

absl::StatusOr<absl::Duration> RunHttpLoad(int port, const HttpLoad& load) {
  const int epoll = epoll_create1(EPOLL_CLOEXEC);
  const absl::Cleanup close_epoll = [&] { close(epoll); };
  std::vector<std::unique_ptr<Exchange>> exchanges;
  for (int i = 0; i < load.connections; ++i) {
    ASSIGN_OR_RETURN(const int fd, ConnectTo(port));
    exchanges.push_back(std::make_unique<Exchange>(fd));
  }
  const absl::Status failed =
      absl::UnavailableError("a request was not answered 200");
  int64_t unsent = load.requests;
  int64_t missing = load.requests;
  const auto begin = [&](Exchange& exchange) {
    if (unsent-- > 0) exchange.Begin(load.request);
  };
  // Goes on until it has to wait, or nothing is left to send.
  const auto advance = [&](Exchange& exchange) {
    while (!exchange.idle()) {
      if (!exchange.Continue()) return false;
      if (!exchange.idle()) return true;
      --missing;
      begin(exchange);
    }
    return true;
  };
  const absl::Time start = absl::Now();
  for (const auto& exchange : exchanges) {
    begin(*exchange);
    // It is ready to be written to: the first event is there at once.
    epoll_event event = {.events = EPOLLIN | EPOLLOUT | EPOLLET,
                         .data = {.ptr = exchange.get()}};
    epoll_ctl(epoll, EPOLL_CTL_ADD, exchange->fd(), &event);
  }
  while (missing > 0) {
    epoll_event events[64];
    const int ready = epoll_wait(epoll, events, 64, kTimeoutMs);
    if (ready <= 0) return failed;
    for (int i = 0; i < ready; ++i) {
      if (!advance(*static_cast<Exchange*>(events[i].data.ptr))) return failed;
    }
  }
  return absl::Now() - start;
}

}  // namespace enrich::bench
