#ifndef ENRICH_HTTP_HTTP_CLIENT_H_
#define ENRICH_HTTP_HTTP_CLIENT_H_

#include <cstddef>
#include <memory>
#include <optional>
#include <string>

#include "absl/functional/any_invocable.h"
#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "absl/time/time.h"
#include "http/http_message.h"

namespace enrich {

// How an exchange ended. An HTTP error status is a response, not a transport
// error.
struct HttpOutcome {
  // OK exactly when `response` is complete. Otherwise DEADLINE_EXCEEDED;
  // RESOURCE_EXHAUSTED for a response over the limit; PERMISSION_DENIED for an
  // address that is not allowed; INVALID_ARGUMENT for a request that must not
  // be sent as it is (header injection, another scheme, framing headers);
  // UNAVAILABLE for the rest.
  absl::Status transport = absl::OkStatus();
  // Whether a byte of the request may have left. False only when it provably
  // did not: refused, no such host, TLS failure. "Timeout" is no outcome; this
  // is.
  bool maybe_sent = true;
  // Present when a status line arrived; incomplete unless transport.ok().
  std::optional<HttpResponse> response = {};
};

using HttpCallback = absl::AnyInvocable<void(HttpOutcome)>;

// Sends requests without blocking. Thread-safe.
class HttpClient {
 public:
  virtual ~HttpClient() = default;

  // Calls `done` exactly once, on a thread of the client, at `timeout` at the
  // latest. `done` must not block. The request is sent at most once: no
  // redirects, no retries. Only a GET or HEAD that is not paid may go out again
  // when the connection it reused has died.
  virtual void Send(HttpRequest request, absl::Duration timeout,
                    HttpCallback done) = 0;
};

struct HttpClientOptions {
  // Bytes of a response body; a larger one is a transport error.
  size_t max_response_bytes = 16 << 20;
  absl::Duration connect_timeout = absl::Seconds(5);
  // Allow http:// URLs. Off, a plain URL is refused before anything is sent.
  bool allow_plain_http = false;
  // Allow connections to loopback, private and link-local addresses; checked
  // on the resolved address.
  bool allow_private_addresses = false;
  // A PEM file instead of the system's certificates.
  std::string ca_file = {};
  // Transfers at once; more wait in order.
  int max_transfers = 256;
};

// The client over libcurl: one thread, one multi handle. The destructor ends
// running transfers with UNAVAILABLE. INVALID_ARGUMENT when `ca_file` cannot be
// read.
absl::StatusOr<std::unique_ptr<HttpClient>> NewCurlHttpClient(
    const HttpClientOptions& options);

}  // namespace enrich

#endif  // ENRICH_HTTP_HTTP_CLIENT_H_
