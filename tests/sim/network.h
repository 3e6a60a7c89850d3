#ifndef ENRICH_TESTS_SIM_NETWORK_H_
#define ENRICH_TESTS_SIM_NETWORK_H_

#include <functional>
#include <memory>
#include <string>
#include <vector>

#include "http/http_client.h"
#include "http/http_server.h"
#include "sim/providers.h"
#include "sim/weather.h"
#include "sim/world.h"

namespace enrich::sim {

// Whether a process still runs. Those who act for it hold it weakly.
struct Process {
  bool alive = true;
};
using ProcessPtr = std::shared_ptr<Process>;

// An exchange under way between one process and another.
struct Exchange {
  Exchange(HttpRequest the_request, HttpCallback the_callback)
      : request(std::move(the_request)), done(std::move(the_callback)) {}

  HttpRequest request;
  HttpCallback done;
  bool over = false;
};
using ExchangePtr = std::shared_ptr<Exchange>;

// The way from a gateway to the providers. What a process had sent arrives
// whether the process lives or not, perhaps long after its successor has begun.
class ProviderNetwork {
 public:
  // What is told of paid requests.
  struct Observer {
    // One leaves the gateway; it has reached the provider, and its books.
    std::function<void(const HttpRequest&)> on_departure = {};
    std::function<void(const HttpRequest&)> on_arrival = {};
  };

  ProviderNetwork(World& world, const Weather& weather, Observer observer)
      : world_(world), weather_(weather), observer_(std::move(observer)) {}

  // To be called once, before anything is sent.
  void Connect(Providers& providers) { providers_ = &providers; }

  // The client of one process.
  std::unique_ptr<HttpClient> NewClient(ProcessPtr process);
  // Exchanges that are not over, of processes that live.
  int open() const { return open_; }
  // A process has ended with so many of its exchanges open.
  void OnProcessEnd() { open_ = 0; }

 private:
  class Client;

  void Send(const ProcessPtr& process, HttpRequest request,
            absl::Duration timeout, HttpCallback done);
  void Arrive(const ProcessPtr& process, const ExchangePtr& exchange);
  void Answer(const ProcessPtr& process, const ExchangePtr& exchange,
              Providers::Reply reply);
  void End(const ProcessPtr& process, const ExchangePtr& exchange,
           HttpOutcome outcome);
  void EndAfter(absl::Duration delay, const ProcessPtr& process,
                const ExchangePtr& exchange, HttpOutcome outcome);
  absl::Duration DrawTrip() {
    return world_.Span(absl::Microseconds(200), absl::Milliseconds(200));
  }

  World& world_;
  const Weather& weather_;
  const Observer observer_;
  Providers* providers_ = nullptr;
  int open_ = 0;
};

// The way from the providers to whatever gateway runs.
class PushNetwork final : public HttpClient {
 public:
  struct Observer {
    // The gateway has answered a push.
    std::function<void(const HttpRequest&, const HttpResponse&)> on_answer = {};
  };

  PushNetwork(World& world, const Weather& weather, Observer observer)
      : world_(world), weather_(weather), observer_(std::move(observer)) {}

  // Where pushes go from now on: a process, or nowhere.
  void Listen(ProcessPtr process, HttpHandler handler);
  void StopListening();

  void Send(HttpRequest request, absl::Duration timeout,
            HttpCallback done) override;

 private:
  void Deliver(const ExchangePtr& exchange);
  void Forge(HttpRequest request);
  void End(const ExchangePtr& exchange, HttpOutcome outcome);

  World& world_;
  const Weather& weather_;
  const Observer observer_;
  ProcessPtr process_;
  HttpHandler handler_;
};

}  // namespace enrich::sim

#endif  // ENRICH_TESTS_SIM_NETWORK_H_
