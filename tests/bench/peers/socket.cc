#include "bench/peers/socket.h"

#include <sys/socket.h>
#include <unistd.h>

#include <cerrno>

#include "base/status_macros.h"
#include "bench/process.h"

namespace enrich::bench {

absl::StatusOr<Socket> Socket::Connect(int port) {
  ASSIGN_OR_RETURN(const int fd, ConnectTo(port));
  return Socket(fd);
}

Socket::~Socket() {
  if (fd_ >= 0) close(fd_);
}

absl::Status Socket::Send(absl::string_view bytes) {
  while (!bytes.empty()) {
    const ssize_t sent = send(fd_, bytes.data(), bytes.size(), MSG_NOSIGNAL);
    if (sent <= 0) return absl::ErrnoToStatus(errno, "send");
    bytes.remove_prefix(static_cast<size_t>(sent));
  }
  return absl::OkStatus();
}

absl::Status Socket::Fill() {
  // What was read makes room.
  buffer_.erase(0, read_);
  read_ = 0;
  char part[64 * 1024];
  const ssize_t got = recv(fd_, part, sizeof(part), 0);
  if (got < 0) return absl::ErrnoToStatus(errno, "receive");
  if (got == 0) return absl::UnavailableError("the server hung up");
  buffer_.append(part, static_cast<size_t>(got));
  return absl::OkStatus();
}

absl::StatusOr<std::string> Socket::ReadLine() {
  size_t end;
  while ((end = buffer_.find("\r\n", read_)) == std::string::npos) {
    RETURN_IF_ERROR(Fill());
  }
  std::string line = buffer_.substr(read_, end - read_);
  read_ = end + 2;
  return line;
}

absl::StatusOr<std::string> Socket::ReadExactly(size_t size) {
  while (buffer_.size() - read_ < size) RETURN_IF_ERROR(Fill());
  std::string bytes = buffer_.substr(read_, size);
  read_ += size;
  return bytes;
}

}  // namespace enrich::bench
