#ifndef ENRICH_HTTP_HTTP_SERVER_H_
#define ENRICH_HTTP_HTTP_SERVER_H_

#include <cstddef>
#include <functional>
#include <memory>
#include <string>

#include "absl/functional/any_invocable.h"
#include "absl/status/statusor.h"
#include "absl/time/time.h"
#include "http/http_message.h"

namespace enrich {

struct HttpServerOptions {
  // An address and port such as "127.0.0.1:8081" or "[::]:0".
  std::string listen = "127.0.0.1:0";
  // Bytes of request line and headers; more is 431.
  size_t max_header_bytes = 8 << 10;
  // Bytes of body; more is 413.
  size_t max_body_bytes = 8 << 20;
  // Between bytes of the header, and before the first one of a connection.
  absl::Duration header_timeout = absl::Seconds(5);
  // For a connection at rest after an answer.
  absl::Duration idle_timeout = absl::Seconds(60);
  // For a whole request, from its first byte to the last of its answer.
  absl::Duration request_timeout = absl::Seconds(15);
  // Connections at once; past it new ones are closed.
  int max_connections = 1024;
};

// Answers one request; may be called on any thread, once. Dropping it unused
// answers 500. A response with status 0 closes the connection without an
// answer.
using HttpResponder = absl::AnyInvocable<void(HttpResponse)>;

// Called on the server's thread for every complete request; must not block.
// A request that breaks a limit is answered before it gets here, except that a
// body over the limit reaches `on_oversize`.
struct HttpHandler {
  std::function<void(HttpRequest, HttpResponder)> on_request = {};
  // Told the target of a request refused with 413; may be empty.
  std::function<void(absl::string_view method, absl::string_view target)>
      on_oversize = {};
};

// An HTTP/1.1 server on a thread of its own. Stops listening and closes its
// connections when destroyed, after which no handler runs.
class HttpServer {
 public:
  virtual ~HttpServer() = default;
  // The port bound.
  virtual int port() const = 0;
};

// INVALID_ARGUMENT when `listen` is no address and port; UNAVAILABLE when it
// cannot be bound.
absl::StatusOr<std::unique_ptr<HttpServer>> NewHttpServer(
    const HttpServerOptions& options, HttpHandler handler);

}  // namespace enrich

#endif  // ENRICH_HTTP_HTTP_SERVER_H_
