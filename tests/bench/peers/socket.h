#ifndef ENRICH_TESTS_BENCH_PEERS_SOCKET_H_
#define ENRICH_TESTS_BENCH_PEERS_SOCKET_H_

#include <cstddef>
#include <string>
#include <utility>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "absl/strings/string_view.h"

namespace enrich::bench {

// A blocking connection to a port of loopback, read through a buffer. A call
// that waits for more than a minute fails. Movable; for one thread.
class Socket {
 public:
  static absl::StatusOr<Socket> Connect(int port);
  Socket(Socket&& other) noexcept
      : fd_(std::exchange(other.fd_, -1)),
        buffer_(std::move(other.buffer_)),
        read_(other.read_) {}
  Socket& operator=(Socket&&) = delete;
  ~Socket();

  absl::Status Send(absl::string_view bytes);
  // Up to the next CR LF, without it.
  absl::StatusOr<std::string> ReadLine();
  absl::StatusOr<std::string> ReadExactly(size_t size);
  // Whether a read would have to wait.
  bool empty() const { return read_ == buffer_.size(); }

 private:
  explicit Socket(int fd) : fd_(fd) {}
  // Waits for bytes and appends them to the buffer.
  absl::Status Fill();

  int fd_;
  std::string buffer_;
  // How much of it has been read.
  size_t read_ = 0;
};

}  // namespace enrich::bench

#endif  // ENRICH_TESTS_BENCH_PEERS_SOCKET_H_
