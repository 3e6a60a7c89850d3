#include "http/http_server.h"

#include <pthread.h>

#include <algorithm>
#include <boost/asio/io_context.hpp>
#include <boost/asio/ip/tcp.hpp>
#include <boost/asio/steady_timer.hpp>
#include <chrono>
#include <cstdint>
#include <thread>
#include <utility>
#include <vector>

#include "absl/status/status.h"
#include "absl/strings/numbers.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/string_view.h"
#include "absl/strings/strip.h"
#include "base/log.h"
#include "base/status_macros.h"
#include "http/server_connection.h"

namespace enrich {
namespace {

namespace asio = boost::asio;
using asio::ip::tcp;
using boost::system::error_code;

absl::StatusOr<tcp::endpoint> ParseListen(absl::string_view listen) {
  const absl::Status malformed = absl::InvalidArgumentError(absl::StrCat(
      "\"", listen, "\" is not an address and a port such as 127.0.0.1:8081"));
  const size_t colon = listen.rfind(':');
  if (colon == listen.npos) return malformed;
  absl::string_view host = listen.substr(0, colon);
  const bool bracketed = absl::ConsumePrefix(&host, "[");
  if (bracketed != absl::ConsumeSuffix(&host, "]")) return malformed;
  error_code error;
  const auto address = asio::ip::make_address(std::string(host), error);
  if (error || address.is_v6() != bracketed) return malformed;
  int port = 0;
  if (!absl::SimpleAtoi(listen.substr(colon + 1), &port) || port < 0 ||
      port > 65535) {
    return malformed;
  }
  return tcp::endpoint(address, static_cast<std::uint16_t>(port));
}

class BeastHttpServer final : public HttpServer {
 public:
  BeastHttpServer(const HttpServerOptions& options, HttpHandler handler)
      : shared_{.options = options, .handler = std::move(handler)} {
    shared_.post = std::make_shared<AnswerPost>(io_);
  }

  ~BeastHttpServer() override {
    shared_.post->Close();
    io_.stop();
    if (thread_.joinable()) thread_.join();
    shared_.connections.clear();
  }

  absl::Status Listen() {
    ASSIGN_OR_RETURN(const tcp::endpoint endpoint,
                     ParseListen(shared_.options.listen));
    error_code error;
    acceptor_.open(endpoint.protocol(), error);
    if (!error) acceptor_.set_option(tcp::acceptor::reuse_address(true), error);
    if (!error) acceptor_.bind(endpoint, error);
    if (!error)
      acceptor_.listen(asio::socket_base::max_listen_connections, error);
    if (!error) port_ = acceptor_.local_endpoint(error).port();
    if (error) {
      return absl::UnavailableError(absl::StrCat(
          "cannot listen on ", shared_.options.listen, ": ", error.message()));
    }
    Accept();
    thread_ = std::thread([this] {
      pthread_setname_np(pthread_self(), "http-server");
      io_.run();
    });
    return absl::OkStatus();
  }

  int port() const override { return port_; }

 private:
  void Accept() {
    acceptor_.async_accept([this](error_code error, tcp::socket socket) {
      if (error == asio::error::operation_aborted) return;
      if (error) return PauseAccepting(error);
      if (HasRoom()) Adopt(std::move(socket));
      Accept();
    });
  }

  // Out of file descriptors, say: the next try would fail as fast.
  void PauseAccepting(error_code error) {
    log::Warning("http.accept_failed", {{"error", error.message()}});
    pause_.expires_after(std::chrono::milliseconds(100));
    pause_.async_wait([this](error_code aborted) {
      if (!aborted) Accept();
    });
  }

  bool HasRoom() const {
    return shared_.connections.size() <
           static_cast<size_t>(shared_.options.max_connections);
  }

  void Adopt(tcp::socket socket) {
    auto connection =
        std::make_shared<ServerConnection>(std::move(socket), shared_);
    shared_.connections.emplace(connection.get(), connection);
    connection->Start();
    if (!sweeping_) Sweep();
  }

  // One timer for all connections: a timer of its own for each would be set
  // several times per request.
  void Sweep() {
    const auto now = std::chrono::steady_clock::now();
    std::vector<std::shared_ptr<ServerConnection>> expired;
    for (const auto& [key, connection] : shared_.connections) {
      if (connection->Expired(now)) expired.push_back(connection);
    }
    for (const auto& connection : expired) connection->Close();
    sweeping_ = !shared_.connections.empty();
    if (!sweeping_) return;
    sweep_.expires_after(SweepInterval());
    sweep_.async_wait([this](error_code aborted) {
      if (!aborted) Sweep();
    });
  }

  std::chrono::microseconds SweepInterval() const {
    const auto& options = shared_.options;
    const absl::Duration shortest =
        std::min({options.header_timeout, options.idle_timeout,
                  options.request_timeout});
    return absl::ToChronoMicroseconds(std::clamp(
        shortest / 8, absl::Milliseconds(2), absl::Milliseconds(250)));
  }

  ServerShared shared_;
  asio::io_context io_{1};
  tcp::acceptor acceptor_{io_};
  asio::steady_timer pause_{io_};
  asio::steady_timer sweep_{io_};
  bool sweeping_ = false;
  int port_ = 0;
  std::thread thread_;
};

}  // namespace

absl::StatusOr<std::unique_ptr<HttpServer>> NewHttpServer(
    const HttpServerOptions& options, HttpHandler handler) {
  auto server = std::make_unique<BeastHttpServer>(options, std::move(handler));
  RETURN_IF_ERROR(server->Listen());
  return server;
}

}  // namespace enrich
