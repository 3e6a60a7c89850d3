#include "http/curl_transfer.h"

#include <sys/socket.h>

#include <algorithm>
#include <string>
#include <utility>

#include "absl/status/statusor.h"
#include "absl/strings/ascii.h"
#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/string_view.h"
#include "absl/time/time.h"
#include "base/failpoint.h"
#include "base/status_macros.h"
#include "http/address_policy.h"
#include "http/header_syntax.h"

namespace enrich {
namespace {

using std::chrono::milliseconds;

constexpr size_t kMaxResponseHeaderBytes = 64 << 10;

// ---- What libcurl calls -----------------------------------------------------

void AddResponseHeader(absl::string_view line, HttpHeaders& headers) {
  const size_t colon = line.find(':');
  if (colon == absl::string_view::npos) return;
  headers.emplace_back(
      std::string(line.substr(0, colon)),
      std::string(absl::StripAsciiWhitespace(line.substr(colon + 1))));
}

size_t OnHeaderLine(char* data, size_t size, size_t count, void* user) {
  auto& transfer = *static_cast<Transfer*>(user);
  const size_t bytes = size * count;
  const absl::string_view line =
      absl::StripAsciiWhitespace(absl::string_view(data, bytes));
  transfer.response_header_bytes += bytes;
  if (transfer.response_header_bytes > kMaxResponseHeaderBytes) {
    transfer.response_too_large = true;
    return 0;
  }
  if (absl::StartsWith(line, "HTTP/")) {
    if (!ENRICH_FAILPOINT("http.in_response").ok()) return 0;
    // A final response after an interim one starts afresh.
    transfer.response.headers.clear();
    transfer.response_head_complete = false;
  } else if (line.empty()) {
    transfer.response_head_complete = true;
  } else if (!transfer.response_head_complete) {
    AddResponseHeader(line, transfer.response.headers);
  }
  return bytes;
}

size_t OnBodyPart(char* data, size_t size, size_t count, void* user) {
  auto& transfer = *static_cast<Transfer*>(user);
  const size_t bytes = size * count;
  const size_t room =
      transfer.options->max_response_bytes - transfer.response.body.size();
  if (bytes > room) {
    transfer.response_too_large = true;
    return 0;
  }
  transfer.response.body.append(data, bytes);
  return bytes;
}

curl_socket_t OnOpenSocket(void* user, curlsocktype, curl_sockaddr* address) {
  auto& transfer = *static_cast<Transfer*>(user);
  if (!transfer.options->allow_private_addresses &&
      !IsPublicAddress(&address->addr, address->addrlen)) {
    transfer.address_refused = true;
    return CURL_SOCKET_BAD;
  }
  return socket(address->family, address->socktype | SOCK_CLOEXEC,
                address->protocol);
}

// ---- What libcurl is told ---------------------------------------------------

// Sets options of an easy handle and remembers the first failure: a request
// whose safety settings did not take is not sent.
class EasyOptions {
 public:
  explicit EasyOptions(CURL* easy) : easy_(easy) {}

  template <typename T>
  void Set(CURLoption option, T value) {
    if (code_ == CURLE_OK) code_ = curl_easy_setopt(easy_, option, value);
  }
  absl::Status status() const {
    if (code_ == CURLE_OK) return absl::OkStatus();
    return absl::InternalError(
        absl::StrCat("libcurl setting: ", curl_easy_strerror(code_)));
  }

 private:
  CURL* const easy_;
  CURLcode code_ = CURLE_OK;
};

void SetTls(const HttpClientOptions& client, EasyOptions& options) {
  options.Set(CURLOPT_SSL_VERIFYPEER, 1L);
  options.Set(CURLOPT_SSL_VERIFYHOST, 2L);
  options.Set(CURLOPT_SSLVERSION, static_cast<long>(CURL_SSLVERSION_TLSv1_2));
  if (!client.ca_file.empty()) {
    options.Set(CURLOPT_CAINFO, client.ca_file.c_str());
  }
  // With a folder of certificates set, libcurl trusts those too and parses all
  // of them again for every connection.
  if (!client.ca_file.empty() ||
      curl_version_info(CURLVERSION_NOW)->cainfo != nullptr) {
    options.Set(CURLOPT_CAPATH, static_cast<char*>(nullptr));
  }
}

// A request that dies on a reused connection is sent again by libcurl, which
// has no option against it. Only a harmless one may run into that.
bool MayReuseConnection(const HttpRequest& request) {
  return !request.paid && (request.method == "GET" || request.method == "HEAD");
}

void SetSafety(const HttpClientOptions& client, bool reuse,
               EasyOptions& options) {
  options.Set(CURLOPT_PROTOCOLS_STR,
              client.allow_plain_http ? "http,https" : "https");
  options.Set(CURLOPT_REDIR_PROTOCOLS_STR, "https");
  options.Set(CURLOPT_FOLLOWLOCATION, 0L);
  options.Set(CURLOPT_DISALLOW_USERNAME_IN_URL, 1L);
  options.Set(CURLOPT_HTTP_VERSION, static_cast<long>(CURL_HTTP_VERSION_1_1));
  options.Set(CURLOPT_HTTP09_ALLOWED, 0L);
  options.Set(CURLOPT_NETRC, static_cast<long>(CURL_NETRC_IGNORED));
  // An empty proxy, unlike none, also switches off http_proxy & Co. of the
  // environment.
  options.Set(CURLOPT_PROXY, "");
  options.Set(CURLOPT_NOPROXY, "*");
  options.Set(CURLOPT_NOSIGNAL, 1L);
  // Otherwise ending a transfer waits for its name look-up, and with it every
  // other transfer.
  options.Set(CURLOPT_QUICK_EXIT, 1L);
  // One TLS record. A longer first write could leave in part and still count
  // as nothing sent.
  options.Set(CURLOPT_UPLOAD_BUFFERSIZE, 16384L);
  options.Set(CURLOPT_FRESH_CONNECT, reuse ? 0L : 1L);
  options.Set(CURLOPT_FORBID_REUSE, reuse ? 0L : 1L);
}

void SetMethodAndBody(const HttpRequest& request, EasyOptions& options) {
  if (request.method == "HEAD") {
    options.Set(CURLOPT_NOBODY, 1L);
    return;
  }
  if (request.method == "GET" && request.body.empty()) {
    options.Set(CURLOPT_HTTPGET, 1L);
    return;
  }
  options.Set(CURLOPT_POST, 1L);
  options.Set(CURLOPT_POSTFIELDS, request.body.data());
  options.Set(CURLOPT_POSTFIELDSIZE_LARGE,
              static_cast<curl_off_t>(request.body.size()));
  if (request.method != "POST") {
    options.Set(CURLOPT_CUSTOMREQUEST, request.method.c_str());
  }
}

void SetTimeouts(const Transfer& transfer, EasyOptions& options) {
  // Zero would mean no limit.
  const auto left =
      std::max(milliseconds(1),
               std::chrono::duration_cast<milliseconds>(
                   transfer.deadline - std::chrono::steady_clock::now()));
  const auto connect =
      std::clamp(absl::ToChronoMilliseconds(transfer.options->connect_timeout),
                 milliseconds(1), left);
  options.Set(CURLOPT_TIMEOUT_MS, static_cast<long>(left.count()));
  options.Set(CURLOPT_CONNECTTIMEOUT_MS, static_cast<long>(connect.count()));
}

void SetCallbacks(Transfer& transfer, EasyOptions& options) {
  options.Set(CURLOPT_HEADERFUNCTION, &OnHeaderLine);
  options.Set(CURLOPT_HEADERDATA, &transfer);
  options.Set(CURLOPT_WRITEFUNCTION, &OnBodyPart);
  options.Set(CURLOPT_WRITEDATA, &transfer);
  options.Set(CURLOPT_OPENSOCKETFUNCTION, &OnOpenSocket);
  options.Set(CURLOPT_OPENSOCKETDATA, &transfer);
}

bool Append(const std::string& line, HeaderList& list) {
  curl_slist* longer = curl_slist_append(list.get(), line.c_str());
  if (longer == nullptr) return false;
  static_cast<void>(list.release());
  list.reset(longer);
  return true;
}

absl::StatusOr<HeaderList> MakeHeaderList(const HttpRequest& request) {
  // A colon and nothing behind it keeps libcurl from adding its own: it would
  // wait for a "100 Continue" and call every body a form.
  HeaderList list;
  bool ok = Append("Expect:", list);
  if (FindHeader(request.headers, "Content-Type").empty()) {
    ok = ok && Append("Content-Type:", list);
  }
  for (const auto& [name, value] : request.headers) {
    ok = ok && Append(value.empty() ? absl::StrCat(name, ";")
                                    : absl::StrCat(name, ": ", value),
                      list);
  }
  if (!ok) return absl::ResourceExhaustedError("out of memory");
  return list;
}

absl::Status CheckUrl(absl::string_view url, bool allow_plain_http) {
  const bool secure = absl::StartsWithIgnoreCase(url, "https://");
  const bool plain = absl::StartsWithIgnoreCase(url, "http://");
  if (!secure && !plain) {
    return absl::InvalidArgumentError("URL is neither http nor https");
  }
  if (plain && !allow_plain_http) {
    return absl::InvalidArgumentError("plain http is not allowed");
  }
  if (!IsHeaderValue(url) || url.find_first_of(" \t") != url.npos) {
    return absl::InvalidArgumentError("URL has a space or a control character");
  }
  return absl::OkStatus();
}

absl::Status CheckRequest(const HttpRequest& request,
                          const HttpClientOptions& options) {
  if (!IsHttpToken(request.method)) {
    return absl::InvalidArgumentError("method is not a token");
  }
  RETURN_IF_ERROR(CheckUrl(request.url, options.allow_plain_http));
  for (const auto& [name, value] : request.headers) {
    if (!IsHttpToken(name)) {
      return absl::InvalidArgumentError("header name is not a token");
    }
    if (IsFramingHeader(name)) {
      return absl::InvalidArgumentError(
          absl::StrCat("header ", name, " is the client's own"));
    }
    if (!IsHeaderValue(value)) {
      return absl::InvalidArgumentError(
          absl::StrCat("value of header ", name, " has a control character"));
    }
  }
  return absl::OkStatus();
}

}  // namespace

absl::Status PrepareTransfer(Transfer& transfer) {
  RETURN_IF_ERROR(CheckRequest(transfer.request, *transfer.options));
  ASSIGN_OR_RETURN(transfer.headers, MakeHeaderList(transfer.request));
  EasyOptions options(transfer.easy.get());
  SetSafety(*transfer.options, MayReuseConnection(transfer.request), options);
  SetTls(*transfer.options, options);
  SetTimeouts(transfer, options);
  SetCallbacks(transfer, options);
  SetMethodAndBody(transfer.request, options);
  options.Set(CURLOPT_URL, transfer.request.url.c_str());
  options.Set(CURLOPT_HTTPHEADER, transfer.headers.get());
  return options.status();
}

// Never libcurl's detailed message: it can quote the URL.
absl::Status TransportStatus(const Transfer& transfer, CURLcode code) {
  if (transfer.response_too_large) {
    return absl::ResourceExhaustedError("response is too large");
  }
  switch (code) {
    case CURLE_OK:
      // libcurl is content with a head that breaks off.
      if (transfer.response_head_complete) return absl::OkStatus();
      return absl::UnavailableError("response ended within its headers");
    case CURLE_OPERATION_TIMEDOUT:
      return absl::DeadlineExceededError("timed out");
    case CURLE_URL_MALFORMAT:
    case CURLE_LOGIN_DENIED:
      return absl::InvalidArgumentError(curl_easy_strerror(code));
    case CURLE_COULDNT_CONNECT:
      if (transfer.address_refused) {
        return absl::PermissionDeniedError(
            "host resolves to an address that is not public");
      }
      break;
    default:
      break;
  }
  return absl::UnavailableError(curl_easy_strerror(code));
}

HttpOutcome TakeOutcome(Transfer& transfer, absl::Status transport) {
  long request_bytes = 1;
  curl_easy_getinfo(transfer.easy.get(), CURLINFO_REQUEST_SIZE, &request_bytes);
  long status = 0;
  curl_easy_getinfo(transfer.easy.get(), CURLINFO_RESPONSE_CODE, &status);
  HttpOutcome outcome = {.transport = std::move(transport),
                         .maybe_sent = request_bytes != 0 || status != 0};
  if (status != 0) {
    transfer.response.status = static_cast<int>(status);
    outcome.response = std::move(transfer.response);
  }
  return outcome;
}

}  // namespace enrich
