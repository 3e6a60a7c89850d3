#include "bench/epoll_server.h"

#include <arpa/inet.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <sys/epoll.h>
#include <sys/socket.h>
#include <unistd.h>

#include <array>
#include <string>
#include <thread>

#include "absl/strings/string_view.h"
#include "bench/child.h"
#include "bench/http_load.h"

namespace enrich::bench {
namespace {

constexpr absl::string_view kAnswer =
    "HTTP/1.1 200 OK\r\nContent-Length: 0\r\n\r\n";

struct Connection {
  int fd = -1;
  std::string request = {};
};

// Whether the connection goes on.
bool Serve(Connection& connection) {
  static std::array<char, 128 * 1024> buffer;
  const ssize_t got = recv(connection.fd, buffer.data(), buffer.size(), 0);
  if (got <= 0) return false;
  connection.request.append(buffer.data(), static_cast<size_t>(got));
  const size_t size = CompleteMessage(connection.request);
  if (size == 0) return true;
  connection.request.erase(0, size);
  return send(connection.fd, kAnswer.data(), kAnswer.size(), MSG_NOSIGNAL) > 0;
}

void Accept(int epoll, int listener) {
  const int fd = accept4(listener, nullptr, nullptr, SOCK_CLOEXEC);
  if (fd < 0) return;
  const int on = 1;
  setsockopt(fd, IPPROTO_TCP, TCP_NODELAY, &on, sizeof(on));
  epoll_event event = {.events = EPOLLIN,
                       .data = {.ptr = new Connection{.fd = fd}}};
  epoll_ctl(epoll, EPOLL_CTL_ADD, fd, &event);
}

[[noreturn]] void Loop(int listener) {
  const int epoll = epoll_create1(EPOLL_CLOEXEC);
  epoll_event event = {.events = EPOLLIN, .data = {.ptr = nullptr}};
  epoll_ctl(epoll, EPOLL_CTL_ADD, listener, &event);
  while (true) {
    epoll_event events[64];
    const int ready = epoll_wait(epoll, events, 64, -1);
    for (int i = 0; i < ready; ++i) {
      auto* const connection = static_cast<Connection*>(events[i].data.ptr);
      if (connection == nullptr) {
        Accept(epoll, listener);
      } else if (!Serve(*connection)) {
        close(connection->fd);
        delete connection;
      }
    }
  }
}

}  // namespace

int ServeEpoll() {
  const int listener = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
  sockaddr_in address = {};
  address.sin_family = AF_INET;
  address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
  socklen_t size = sizeof(address);
  auto* const bytes = reinterpret_cast<sockaddr*>(&address);
  if (bind(listener, bytes, size) != 0 || listen(listener, 1024) != 0 ||
      getsockname(listener, bytes, &size) != 0) {
    return 1;
  }
  std::thread([listener] { Loop(listener); }).detach();
  ServeUntilEnd({.http = ntohs(address.sin_port)});
  // The loop does not end by itself.
  _exit(0);
}

}  // namespace enrich::bench
