#ifndef ENRICH_HTTP_CURL_TRANSFER_H_
#define ENRICH_HTTP_CURL_TRANSFER_H_

#include <curl/curl.h>

#include <chrono>
#include <cstddef>
#include <memory>

#include "absl/status/status.h"
#include "http/http_client.h"
#include "http/http_message.h"

// One exchange over libcurl: how it is set up so that it is safe, and what came
// of it. Included by the client alone.
namespace enrich {

struct EasyDeleter {
  void operator()(CURL* easy) const { curl_easy_cleanup(easy); }
};
struct ListDeleter {
  void operator()(curl_slist* list) const { curl_slist_free_all(list); }
};
using EasyHandle = std::unique_ptr<CURL, EasyDeleter>;
using HeaderList = std::unique_ptr<curl_slist, ListDeleter>;

// One request on its way. Does not move: libcurl holds pointers into it.
struct Transfer {
  HttpRequest request = {};
  HttpCallback done = {};
  std::chrono::steady_clock::time_point deadline = {};
  const HttpClientOptions* options = nullptr;

  // What libcurl works with, from PrepareTransfer on.
  HeaderList headers = {};
  EasyHandle easy = {};

  // What has come in.
  HttpResponse response = {};
  size_t response_header_bytes = 0;
  bool response_head_complete = false;
  bool response_too_large = false;
  bool address_refused = false;
};

// Checks the request and sets up `easy`, which must be fresh or reset. The
// request must not change afterwards. INVALID_ARGUMENT for a request that must
// not be sent as it is.
absl::Status PrepareTransfer(Transfer& transfer);

// How the transfer went, given what libcurl says of it.
absl::Status TransportStatus(const Transfer& transfer, CURLcode code);

// The outcome to report. Takes the response out of `transfer`.
HttpOutcome TakeOutcome(Transfer& transfer, absl::Status transport);

}  // namespace enrich

#endif  // ENRICH_HTTP_CURL_TRANSFER_H_
