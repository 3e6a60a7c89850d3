#ifndef ENRICH_TESTS_SIM_NETWORK_H_
#define ENRICH_TESTS_SIM_NETWORK_H_

#include <functional>
#include <map>
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
  // Its exchanges with providers that are not over.
  int exchanges = 0;
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

// The way from an installation to the providers. What a process had sent
// arrives whether the process lives or not, perhaps long after its successor
// has begun.
class ProviderNetwork {
 public:
  // What is told of paid requests.
  struct Observer {
    // One leaves the gateway; it has reached the provider, which put this into
    // its books.
    std::function<void(const HttpRequest&)> on_departure = {};
    std::function<void(const HttpRequest&, const Providers::Booked&)>
        on_arrival = {};
  };

  ProviderNetwork(World& world, const Weather& weather, Providers& providers,
                  Observer observer)
      : world_(world),
        weather_(weather),
        providers_(providers),
        observer_(std::move(observer)) {}

  // The client of one process.
  std::unique_ptr<HttpClient> NewClient(ProcessPtr process);

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
  Providers& providers_;
  const Observer observer_;
};

// The way from the providers to whatever gateways run.
class PushNetwork final : public HttpClient {
 public:
  // A gateway has answered a push.
  using Observer = std::function<void(const HttpRequest&, const HttpResponse&)>;

  PushNetwork(World& world, const Weather& weather)
      : world_(world), weather_(weather) {}

  // Pushes to URLs that begin so are this process's from now on.
  void Listen(const std::string& public_url, ProcessPtr process,
              HttpHandler handler, Observer on_answer);
  // Until it ends.
  void StopListening(const ProcessPtr& process);

  void Send(HttpRequest request, absl::Duration timeout,
            HttpCallback done) override;

 private:
  struct Listener {
    // Null while it is down.
    ProcessPtr process = {};
    HttpHandler handler = {};
    Observer on_answer = {};
  };

  void Deliver(const ExchangePtr& exchange);
  void Forge(HttpRequest request);
  void Misdirect(HttpRequest& request);
  void End(const ExchangePtr& exchange, HttpOutcome outcome);

  World& world_;
  const Weather& weather_;
  // By public URL.
  std::map<std::string, Listener> listeners_;
};

}  // namespace enrich::sim

#endif  // ENRICH_TESTS_SIM_NETWORK_H_
