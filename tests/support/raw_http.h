#ifndef ENRICH_TESTS_SUPPORT_RAW_HTTP_H_
#define ENRICH_TESTS_SUPPORT_RAW_HTTP_H_

#include <arpa/inet.h>
#include <gtest/gtest.h>
#include <netinet/in.h>
#include <poll.h>
#include <sys/socket.h>
#include <unistd.h>

#include <cerrno>
#include <cstdint>
#include <cstdlib>
#include <functional>
#include <list>
#include <memory>
#include <string>
#include <thread>
#include <utility>
#include <vector>

#include "absl/strings/match.h"
#include "absl/strings/numbers.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/string_view.h"
#include "base/mutex.h"

// Blocking sockets on loopback that say exactly what a test wants said, well-
// formed or not. Every wait ends after ten seconds.
namespace enrich {

inline sockaddr_in LoopbackAddress(int port) {
  sockaddr_in address = {};
  address.sin_family = AF_INET;
  address.sin_port = htons(static_cast<uint16_t>(port));
  address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
  return address;
}

// One HTTP message as read off a connection.
struct RawMessage {
  // Request line or status line and headers; empty when the peer closed first.
  std::string head = {};
  std::string body = {};

  // Of a response; 0 for none.
  int status() const {
    return head.size() > 12 ? std::atoi(head.c_str() + 9) : 0;
  }
};

// One connection.
class RawSocket {
 public:
  explicit RawSocket(int fd) : fd_(fd) {
    const timeval limit = {.tv_sec = 10, .tv_usec = 0};
    setsockopt(fd_, SOL_SOCKET, SO_RCVTIMEO, &limit, sizeof(limit));
    setsockopt(fd_, SOL_SOCKET, SO_SNDTIMEO, &limit, sizeof(limit));
  }
  static RawSocket Connect(int port) {
    RawSocket socket(::socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0));
    const sockaddr_in address = LoopbackAddress(port);
    EXPECT_EQ(connect(socket.fd_, reinterpret_cast<const sockaddr*>(&address),
                      sizeof(address)),
              0);
    return socket;
  }
  ~RawSocket() { Close(); }
  RawSocket(RawSocket&& other) noexcept
      : fd_(std::exchange(other.fd_, -1)), read_(std::move(other.read_)) {}
  RawSocket& operator=(RawSocket&&) = delete;

  // Whether the kernel took all of it.
  bool Send(absl::string_view bytes) {
    while (!bytes.empty()) {
      const ssize_t sent = send(fd_, bytes.data(), bytes.size(), MSG_NOSIGNAL);
      if (sent <= 0) return false;
      bytes.remove_prefix(static_cast<size_t>(sent));
    }
    return true;
  }

  // Reads a message with a Content-Length or without a body.
  RawMessage ReadMessage() {
    RawMessage message;
    size_t end = 0;
    while ((end = read_.find("\r\n\r\n")) == std::string::npos) {
      if (!ReadSome()) return message;
    }
    message.head = Take(end + 4);
    const size_t length = ContentLength(message.head);
    while (read_.size() < length && ReadSome()) {
    }
    message.body = Take(length);
    return message;
  }

  // Reads until the peer closes or resets the connection.
  std::string ReadToEnd() {
    while (ReadSome()) {
    }
    return Take(read_.size());
  }

  // Whether the peer closes or resets the connection in time.
  bool WaitForClose() {
    while (ReadSome()) {
    }
    return closed_;
  }

  void ShutdownSend() { shutdown(fd_, SHUT_WR); }
  // Ends reads and writes on other threads, too.
  void Shutdown() { shutdown(fd_, SHUT_RDWR); }
  // Closes with a reset instead of a normal end.
  void Reset() {
    const linger now = {.l_onoff = 1, .l_linger = 0};
    setsockopt(fd_, SOL_SOCKET, SO_LINGER, &now, sizeof(now));
    Close();
  }
  void Close() {
    if (fd_ >= 0) close(std::exchange(fd_, -1));
  }

 private:
  bool ReadSome() {
    char part[16 << 10];
    const ssize_t got = recv(fd_, part, sizeof(part), 0);
    if (got > 0) {
      read_.append(part, static_cast<size_t>(got));
    } else {
      closed_ = got == 0 || errno == ECONNRESET;
    }
    return got > 0;
  }

  std::string Take(size_t size) {
    std::string taken = read_.substr(0, size);
    read_.erase(0, size);
    return taken;
  }

  static size_t ContentLength(const std::string& head) {
    const size_t at = head.find("Content-Length: ");
    if (at == std::string::npos) return 0;
    return static_cast<size_t>(std::atoll(head.c_str() + at + 16));
  }

  int fd_;
  std::string read_;
  bool closed_ = false;
};

// A server that runs `serve` for every connection, on a thread each. The
// connection is closed when `serve` returns.
class RawServer {
 public:
  using Serve = std::function<void(RawSocket&)>;

  explicit RawServer(Serve serve) : serve_(std::move(serve)) {
    listener_ = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
    sockaddr_in address = LoopbackAddress(0);
    socklen_t size = sizeof(address);
    auto* generic = reinterpret_cast<sockaddr*>(&address);
    EXPECT_EQ(bind(listener_, generic, size), 0);
    EXPECT_EQ(listen(listener_, 64), 0);
    EXPECT_EQ(getsockname(listener_, generic, &size), 0);
    port_ = ntohs(address.sin_port);
    accepting_ = std::thread([this] { Accept(); });
  }

  ~RawServer() {
    shutdown(listener_, SHUT_RDWR);
    accepting_.join();
    close(listener_);
    {
      MutexLock lock(&mu_);
      for (RawSocket& connection : connections_) connection.Shutdown();
    }
    for (std::thread& thread : serving_) thread.join();
  }

  int port() const { return port_; }
  std::string Url(absl::string_view path = "/") const {
    return absl::StrCat("http://127.0.0.1:", port_, path);
  }
  size_t connections() const {
    MutexLock lock(&mu_);
    return connections_.size();
  }

 private:
  void Accept() {
    while (true) {
      const int fd = accept4(listener_, nullptr, nullptr, SOCK_CLOEXEC);
      if (fd < 0) return;
      MutexLock lock(&mu_);
      RawSocket& connection = connections_.emplace_back(fd);
      serving_.emplace_back([this, &connection] {
        serve_(connection);
        MutexLock ending(&mu_);
        connection.Close();
      });
    }
  }

  const Serve serve_;
  int listener_ = -1;
  int port_ = 0;
  std::thread accepting_;
  mutable Mutex mu_;
  // Elements must not move.
  std::list<RawSocket> connections_ ABSL_GUARDED_BY(mu_);
  // Grows on the accepting thread only.
  std::vector<std::thread> serving_;
};

}  // namespace enrich

#endif  // ENRICH_TESTS_SUPPORT_RAW_HTTP_H_
