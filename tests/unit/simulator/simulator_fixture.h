#ifndef ENRICH_TESTS_UNIT_SIMULATOR_SIMULATOR_FIXTURE_H_
#define ENRICH_TESTS_UNIT_SIMULATOR_SIMULATOR_FIXTURE_H_

#include <gtest/gtest.h>

#include <future>
#include <memory>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "absl/strings/str_cat.h"
#include "absl/time/time.h"
#include "base/json.h"
#include "base/mutex.h"
#include "http/http_client.h"
#include "http/http_server.h"
#include "simulator/simulator.h"
#include "support/fake_clock.h"
#include "support/manual_executor.h"
#include "support/status_matchers.h"

namespace enrich::simulator {

// Stands for the gateway's webhook endpoint: keeps what it gets.
class WebhookReceiver {
 public:
  WebhookReceiver() {
    auto server = NewHttpServer(
        {},
        {.on_request = [this](HttpRequest request, HttpResponder responder) {
          responder({.status = Keep(std::move(request))});
        }});
    EXPECT_THAT(server, IsOk());
    if (server.ok()) server_ = *std::move(server);
  }
  ~WebhookReceiver() { server_.reset(); }

  std::string Url(absl::string_view path) const {
    return absl::StrCat("http://127.0.0.1:", server_->port(), path);
  }

  // How many answers are 500 from now on; then they are 200.
  void FailNext(int count) {
    MutexLock lock(&mu_);
    failures_ = count;
  }

  // Whether so many have come, waiting for at most `timeout`.
  bool WaitFor(size_t count, absl::Duration timeout = absl::Seconds(10)) {
    const absl::Time deadline = absl::Now() + timeout;
    MutexLock lock(&mu_);
    while (requests_.size() < count) {
      const absl::Duration left = deadline - absl::Now();
      if (left <= absl::ZeroDuration()) return false;
      changed_.WaitFor(&mu_, left);
    }
    return true;
  }

  std::vector<HttpRequest> requests() const {
    MutexLock lock(&mu_);
    return requests_;
  }

 private:
  int Keep(HttpRequest request) {
    MutexLock lock(&mu_);
    requests_.push_back(std::move(request));
    changed_.SignalAll();
    return failures_-- > 0 ? 500 : 200;
  }

  mutable Mutex mu_;
  CondVar changed_;
  int failures_ ABSL_GUARDED_BY(mu_) = 0;
  std::vector<HttpRequest> requests_ ABSL_GUARDED_BY(mu_);
  std::unique_ptr<HttpServer> server_;
};

// A simulator behind real sockets in virtual time: a job ends when the test
// advances the clock.
class SimulatorFixture : public ::testing::Test {
 protected:
  SimulatorFixture() {
    auto client = NewCurlHttpClient(
        {.allow_plain_http = true, .allow_private_addresses = true});
    EXPECT_THAT(client, IsOk());
    if (client.ok()) client_ = *std::move(client);
  }
  ~SimulatorFixture() override { executor_.Shutdown(); }

  void Start() {
    auto simulator = Simulator::Create(options_, clock_, executor_);
    ASSERT_THAT(simulator, IsOk());
    simulator_ = *std::move(simulator);
  }

  HttpOutcome Send(HttpRequest request,
                   absl::Duration timeout = absl::Seconds(10)) {
    request.url =
        absl::StrCat("http://127.0.0.1:", simulator_->port(), request.url);
    std::promise<HttpOutcome> promise;
    std::future<HttpOutcome> outcome = promise.get_future();
    client_->Send(std::move(request), timeout, [&promise](HttpOutcome result) {
      promise.set_value(std::move(result));
    });
    return outcome.get();
  }

  // The answer, or status -1 when there was none.
  HttpResponse Call(HttpRequest request) {
    HttpOutcome outcome = Send(std::move(request));
    if (!outcome.transport.ok()) return {.status = -1};
    return *std::move(outcome.response);
  }

  HttpResponse Enrow(absl::string_view method, absl::string_view path,
                     std::string body = "",
                     absl::string_view key = "enrow-key") {
    return Call({.method = std::string(method),
                 .url = absl::StrCat("/enrow", path),
                 .headers = {{"x-api-key", std::string(key)}},
                 .body = std::move(body)});
  }
  HttpResponse FullEnrich(absl::string_view method, absl::string_view path,
                          std::string body = "",
                          absl::string_view key = "fullenrich-key") {
    return Call({.method = std::string(method),
                 .url = absl::StrCat("/fullenrich", path),
                 .headers = {{"Authorization", absl::StrCat("Bearer ", key)}},
                 .body = std::move(body)});
  }
  HttpResponse Pronto(absl::string_view method, absl::string_view path,
                      std::string body = "",
                      absl::string_view key = "pronto-key") {
    return Call({.method = std::string(method),
                 .url = absl::StrCat("/pronto", path),
                 .headers = {{"X-API-KEY", std::string(key)}},
                 .body = std::move(body)});
  }
  HttpResponse Control(absl::string_view method, absl::string_view path,
                       std::string body = "") {
    return Call({.method = std::string(method),
                 .url = absl::StrCat("/_sim", path),
                 .body = std::move(body)});
  }

  // A member of the totals of a provider.
  double Total(absl::string_view provider, absl::string_view name) {
    const json::Document stats = Parse(Control("GET", "/stats").body);
    return stats.root()[provider][name].AsDouble().value_or(-1);
  }

  // Long enough for any one contact.
  void FinishJobs() { executor_.AdvanceBy(2 * options_.latency); }

  // Advances the clock until the receiver has so many webhooks; false when they
  // do not come.
  bool AdvanceUntil(WebhookReceiver& receiver, size_t count) {
    for (int i = 0; i < 500; ++i) {
      if (receiver.WaitFor(count, absl::Milliseconds(20))) return true;
      executor_.AdvanceBy(absl::Seconds(10));
    }
    return false;
  }

  // Waits until a total is as expected; it changes after the webhook's receiver
  // has answered.
  bool WaitForTotal(absl::string_view provider, absl::string_view name,
                    double value) {
    for (int i = 0; i < 2000; ++i) {
      if (Total(provider, name) == value) return true;
    }
    return false;
  }

  static json::Document Parse(absl::string_view text) {
    absl::StatusOr<json::Document> document = json::Document::Parse(text);
    EXPECT_THAT(document, IsOk()) << text;
    if (document.ok()) return *std::move(document);
    return *json::Document::Parse("null");
  }
  // The text or number at the end of a path of keys.
  static std::string At(const HttpResponse& response,
                        std::initializer_list<absl::string_view> path) {
    const json::Document document = Parse(response.body);
    json::Value value = document.root();
    for (const absl::string_view key : path) value = value[key];
    return std::string(value.AsText());
  }

  FakeClock clock_;
  ManualExecutor executor_{clock_};
  SimulatorOptions options_;
  std::unique_ptr<Simulator> simulator_;
  std::unique_ptr<HttpClient> client_;
};

}  // namespace enrich::simulator

#endif  // ENRICH_TESTS_UNIT_SIMULATOR_SIMULATOR_FIXTURE_H_
