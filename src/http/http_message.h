#ifndef ENRICH_HTTP_HTTP_MESSAGE_H_
#define ENRICH_HTTP_HTTP_MESSAGE_H_

#include <string>
#include <utility>
#include <vector>

#include "absl/strings/string_view.h"

namespace enrich {

using HttpHeaders = std::vector<std::pair<std::string, std::string>>;

// The value of the first header with this name in any case; empty without.
absl::string_view FindHeader(const HttpHeaders& headers,
                             absl::string_view name);

struct HttpRequest {
  std::string method = "GET";
  // Absolute for a client, path and query for a server.
  std::string url = {};
  HttpHeaders headers = {};
  std::string body = {};
  // Sending it twice costs money: it goes out on a fresh connection that is not
  // reused, because libcurl resends on a reused connection that died.
  bool paid = false;
};

struct HttpResponse {
  int status = 0;
  HttpHeaders headers = {};
  std::string body = {};
};

}  // namespace enrich

#endif  // ENRICH_HTTP_HTTP_MESSAGE_H_
