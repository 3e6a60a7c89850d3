#ifndef ENRICH_TESTS_FAKES_FAKE_HTTP_CLIENT_H_
#define ENRICH_TESTS_FAKES_FAKE_HTTP_CLIENT_H_

#include <functional>
#include <utility>
#include <vector>

#include "absl/status/status.h"
#include "base/mutex.h"
#include "http/http_client.h"

namespace enrich {

// A client whose exchanges the test ends. Thread-safe.
class FakeHttpClient final : public HttpClient {
 public:
  struct Exchange {
    HttpRequest request = {};
    absl::Duration timeout = {};
    HttpCallback done = {};
  };

  // Answers at once when set; otherwise the exchange waits in Take.
  std::function<std::optional<HttpOutcome>(const HttpRequest&)> answer = {};

  void Send(HttpRequest request, absl::Duration timeout,
            HttpCallback done) override {
    if (answer) {
      if (auto outcome = answer(request)) {
        {
          MutexLock lock(&mu_);
          ended_.push_back(std::move(request));
        }
        return done(*std::move(outcome));
      }
    }
    MutexLock lock(&mu_);
    waiting_.push_back({std::move(request), timeout, std::move(done)});
  }

  // Takes over the exchanges that wait for an answer.
  std::vector<Exchange> Take() {
    MutexLock lock(&mu_);
    return std::exchange(waiting_, {});
  }

  // Requests that `answer` ended.
  std::vector<HttpRequest> ended() const {
    MutexLock lock(&mu_);
    return ended_;
  }

 private:
  mutable Mutex mu_;
  std::vector<Exchange> waiting_ ABSL_GUARDED_BY(mu_);
  std::vector<HttpRequest> ended_ ABSL_GUARDED_BY(mu_);
};

inline HttpOutcome Responds(int status, std::string body) {
  return {.response = HttpResponse{.status = status, .body = std::move(body)}};
}
inline HttpOutcome Refused() {
  return {.transport = absl::UnavailableError("connection refused"),
          .maybe_sent = false};
}
inline HttpOutcome TimesOut() {
  return {.transport = absl::DeadlineExceededError("no answer in time")};
}

}  // namespace enrich

#endif  // ENRICH_TESTS_FAKES_FAKE_HTTP_CLIENT_H_
