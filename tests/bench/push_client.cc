#include "bench/push_client.h"

#include <arpa/inet.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <sys/socket.h>
#include <unistd.h>

#include <atomic>
#include <thread>

#include "absl/strings/escaping.h"
#include "absl/strings/match.h"
#include "absl/strings/numbers.h"
#include "absl/strings/str_cat.h"
#include "absl/time/clock.h"
#include "base/crypto.h"
#include "base/mutex.h"
#include "bench/gateway_child.h"

namespace enrich::bench {
namespace {

constexpr timeval kTimeout = {.tv_sec = 60, .tv_usec = 0};

// One kept connection.
class PushConnection {
 public:
  explicit PushConnection(int port)
      : fd_(socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0)) {
    setsockopt(fd_, SOL_SOCKET, SO_RCVTIMEO, &kTimeout, sizeof(kTimeout));
    setsockopt(fd_, SOL_SOCKET, SO_SNDTIMEO, &kTimeout, sizeof(kTimeout));
    const int on = 1;
    setsockopt(fd_, IPPROTO_TCP, TCP_NODELAY, &on, sizeof(on));
    sockaddr_in address = {};
    address.sin_family = AF_INET;
    address.sin_port = htons(static_cast<uint16_t>(port));
    address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
    connected_ = connect(fd_, reinterpret_cast<const sockaddr*>(&address),
                         sizeof(address)) == 0;
  }
  ~PushConnection() { close(fd_); }
  PushConnection(const PushConnection&) = delete;
  PushConnection& operator=(const PushConnection&) = delete;

  // Whether it was answered 200.
  bool Exchange(absl::string_view request) {
    return connected_ && Send(request) && ReadAnswer();
  }

 private:
  bool Send(absl::string_view bytes) {
    while (!bytes.empty()) {
      const ssize_t sent = send(fd_, bytes.data(), bytes.size(), MSG_NOSIGNAL);
      if (sent <= 0) return false;
      bytes.remove_prefix(static_cast<size_t>(sent));
    }
    return true;
  }

  // Answers are small and come one at a time.
  bool ReadAnswer() {
    std::string answer;
    while (true) {
      char part[4096];
      const ssize_t got = recv(fd_, part, sizeof(part), 0);
      if (got <= 0) return false;
      answer.append(part, static_cast<size_t>(got));
      const size_t end = answer.find("\r\n\r\n");
      if (end == std::string::npos) continue;
      if (answer.size() >= end + 4 + ContentLength(answer)) break;
    }
    return absl::StartsWith(answer, "HTTP/1.1 200");
  }

  static size_t ContentLength(absl::string_view head) {
    constexpr absl::string_view kName = "Content-Length: ";
    const size_t at = head.find(kName);
    size_t length = 0;
    if (at == head.npos) return 0;
    head.remove_prefix(at + kName.size());
    static_cast<void>(
        absl::SimpleAtoi(head.substr(0, head.find("\r\n")), &length));
    return length;
  }

  const int fd_;
  bool connected_ = false;
};

}  // namespace

std::string MakePush(absl::string_view path, absl::string_view body) {
  static const HmacSha1& signer = *new HmacSha1(Secret(kApiKey));
  return absl::StrCat("POST ", path,
                      " HTTP/1.1\r\nHost: localhost\r\n"
                      "Content-Type: application/json\r\nX-Signature-SHA1: ",
                      absl::BytesToHexString(signer.Sign(body)),
                      "\r\nContent-Length: ", body.size(), "\r\n\r\n", body);
}

absl::StatusOr<PushResult> RunPushes(int port, const PushLoad& load,
                                     const std::vector<std::string>& pushes) {
  PushResult result;
  result.start = absl::Now();
  result.due.resize(pushes.size(), result.start);
  result.latencies.resize(pushes.size());
  std::atomic<size_t> next{0};
  std::atomic<bool> failed{false};
  const auto work = [&] {
    PushConnection connection(port);
    for (size_t i = next++; i < pushes.size() && !failed; i = next++) {
      absl::Time& due = result.due[i];
      if (load.rate > 0) {
        due = result.start + absl::Seconds(static_cast<double>(i) / load.rate);
        absl::SleepFor(due - absl::Now());
      } else {
        due = absl::Now();
      }
      if (!connection.Exchange(pushes[i])) failed = true;
      result.latencies[i] = absl::Now() - due;
    }
  };
  std::vector<std::thread> threads;
  for (int i = 0; i < load.connections; ++i) threads.emplace_back(work);
  for (std::thread& thread : threads) thread.join();
  if (failed) return absl::UnavailableError("a push was not answered 200");
  result.duration = absl::Now() - result.start;
  return result;
}

}  // namespace enrich::bench
