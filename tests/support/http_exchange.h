#ifndef ENRICH_TESTS_SUPPORT_HTTP_EXCHANGE_H_
#define ENRICH_TESTS_SUPPORT_HTTP_EXCHANGE_H_

#include <gtest/gtest.h>

#include <chrono>
#include <future>
#include <memory>
#include <utility>

#include "absl/time/time.h"
#include "http/http_client.h"

namespace enrich {

// The outcome of one Send, to wait for.
class PendingOutcome {
 public:
  PendingOutcome(HttpClient& client, HttpRequest request,
                 absl::Duration timeout = absl::Seconds(10)) {
    auto promise = std::make_shared<std::promise<HttpOutcome>>();
    future_ = promise->get_future();
    client.Send(std::move(request), timeout, [promise](HttpOutcome outcome) {
      promise->set_value(std::move(outcome));
    });
  }

  // Fails the test when the outcome does not come within fifteen seconds.
  HttpOutcome Wait() {
    if (future_.wait_for(std::chrono::seconds(15)) !=
        std::future_status::ready) {
      ADD_FAILURE() << "no outcome";
      return {.transport = absl::UnknownError("no outcome")};
    }
    return future_.get();
  }

 private:
  std::future<HttpOutcome> future_;
};

inline HttpOutcome Exchange(HttpClient& client, HttpRequest request,
                            absl::Duration timeout = absl::Seconds(10)) {
  return PendingOutcome(client, std::move(request), timeout).Wait();
}

}  // namespace enrich

#endif  // ENRICH_TESTS_SUPPORT_HTTP_EXCHANGE_H_
