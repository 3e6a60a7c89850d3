#include "bench/push_client.h"

#include <sys/socket.h>
#include <unistd.h>

#include <atomic>
#include <thread>

#include "absl/strings/escaping.h"
#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "absl/time/clock.h"
#include "base/crypto.h"
#include "base/mutex.h"
#include "bench/gateway_child.h"
#include "bench/http_load.h"
#include "bench/process.h"

namespace enrich::bench {
namespace {

// One kept connection.
class PushConnection {
 public:
  explicit PushConnection(int port) : fd_(ConnectTo(port).value_or(-1)) {}
  ~PushConnection() {
    if (fd_ >= 0) close(fd_);
  }
  PushConnection(const PushConnection&) = delete;
  PushConnection& operator=(const PushConnection&) = delete;

  // Whether it was answered 200.
  bool Exchange(absl::string_view request) {
    return fd_ >= 0 && Send(request) && ReadAnswer();
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
      if (CompleteMessage(answer) > 0) break;
    }
    return absl::StartsWith(answer, "HTTP/1.1 200");
  }

  const int fd_;
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
