#include "sim/network.h"

#include <iterator>
#include <utility>

#include "absl/strings/str_replace.h"

namespace enrich::sim {
namespace {

HttpOutcome Broken(bool maybe_sent) {
  return {.transport = absl::UnavailableError(
              maybe_sent ? "connection reset" : "connection refused"),
          .maybe_sent = maybe_sent};
}

HttpOutcome TimedOut() {
  return {.transport = absl::DeadlineExceededError("no answer in time")};
}

}  // namespace

// ---- To the providers -------------------------------------------------------

class ProviderNetwork::Client final : public HttpClient {
 public:
  Client(ProviderNetwork& network, ProcessPtr process)
      : network_(network), process_(std::move(process)) {}

  void Send(HttpRequest request, absl::Duration timeout,
            HttpCallback done) override {
    network_.Send(process_, std::move(request), timeout, std::move(done));
  }

 private:
  ProviderNetwork& network_;
  const ProcessPtr process_;
};

std::unique_ptr<HttpClient> ProviderNetwork::NewClient(ProcessPtr process) {
  return std::make_unique<Client>(*this, std::move(process));
}

void ProviderNetwork::Send(const ProcessPtr& process, HttpRequest request,
                           absl::Duration timeout, HttpCallback done) {
  ++process->exchanges;
  if (request.paid) observer_.on_departure(request);
  world_.Trace("gateway sends ", request.method, " ", request.url);
  auto exchange =
      std::make_shared<Exchange>(std::move(request), std::move(done));
  EndAfter(timeout, process, exchange, TimedOut());
  const std::string provider = Providers::NameOf(exchange->request.url);
  if (providers_.IsDown(provider) || world_.Chance(weather_.not_sent)) {
    world_.Count("net not sent");
    return EndAfter(DrawTrip(), process, exchange, Broken(false));
  }
  if (world_.Chance(weather_.request_lost)) {
    world_.Count("net request lost");
    if (world_.Chance(0.5)) {
      EndAfter(DrawTrip(), process, exchange, Broken(true));
    }
    return;
  }
  absl::Duration trip = DrawTrip();
  if (world_.Chance(weather_.request_late)) {
    world_.Count("net request late");
    trip = world_.Span(absl::Seconds(1), absl::Minutes(20));
  }
  world_.After(trip, [this, process, exchange] { Arrive(process, exchange); });
}

void ProviderNetwork::Arrive(const ProcessPtr& process,
                             const ExchangePtr& exchange) {
  if (!process->alive) world_.Count("net request of a dead process");
  Providers::Reply reply = providers_.Receive(exchange->request);
  if (exchange->request.paid) {
    observer_.on_arrival(exchange->request, reply.booked);
  }
  Answer(process, exchange, std::move(reply));
}

void ProviderNetwork::Answer(const ProcessPtr& process,
                             const ExchangePtr& exchange,
                             Providers::Reply reply) {
  if (reply.reset) {
    return EndAfter(DrawTrip(), process, exchange, Broken(true));
  }
  if (!reply.response.has_value()) return;
  if (world_.Chance(weather_.reply_lost)) {
    world_.Count("net reply lost");
    if (world_.Chance(0.5)) {
      EndAfter(DrawTrip(), process, exchange, Broken(true));
    }
    return;
  }
  HttpOutcome outcome = {.response = *std::move(reply.response)};
  if (world_.Chance(weather_.reply_cut)) {
    world_.Count("net reply cut");
    outcome.transport = absl::UnavailableError("the response was cut off");
    outcome.response->body.resize(outcome.response->body.size() / 2);
  }
  EndAfter(DrawTrip() + reply.late, process, exchange, std::move(outcome));
}

void ProviderNetwork::EndAfter(absl::Duration delay, const ProcessPtr& process,
                               const ExchangePtr& exchange,
                               HttpOutcome outcome) {
  world_.After(
      delay, [this, process, exchange, outcome = std::move(outcome)]() mutable {
        End(process, exchange, std::move(outcome));
      });
}

void ProviderNetwork::End(const ProcessPtr& process,
                          const ExchangePtr& exchange, HttpOutcome outcome) {
  if (exchange->over || !process->alive) return;
  exchange->over = true;
  --process->exchanges;
  world_.Trace("gateway hears of ", exchange->request.url, ": ",
               outcome.transport.ok()
                   ? absl::StrCat("HTTP ", outcome.response->status)
                   : std::string(outcome.transport.message()));
  exchange->done(std::move(outcome));
}

// ---- From the providers -----------------------------------------------------

void PushNetwork::Listen(const std::string& public_url, ProcessPtr process,
                         HttpHandler handler, Observer on_answer) {
  listeners_[public_url] = {.process = std::move(process),
                            .handler = std::move(handler),
                            .on_answer = std::move(on_answer)};
}

void PushNetwork::StopListening(const ProcessPtr& process) {
  for (auto& [public_url, listener] : listeners_) {
    if (listener.process == process) listener = {};
  }
}

void PushNetwork::Send(HttpRequest request, absl::Duration timeout,
                       HttpCallback done) {
  if (world_.Chance(weather_.push_forged)) Forge(request);
  auto exchange =
      std::make_shared<Exchange>(std::move(request), std::move(done));
  world_.After(timeout, [this, exchange] { End(exchange, TimedOut()); });
  world_.After(world_.Span(absl::Milliseconds(1), absl::Milliseconds(300)),
               [this, exchange] { Deliver(exchange); });
}

void PushNetwork::Deliver(const ExchangePtr& exchange) {
  HttpRequest request = exchange->request;
  const size_t path = request.url.find("/v1/");
  const auto found = listeners_.find(request.url.substr(0, path));
  if (found == listeners_.end() || found->second.process == nullptr) {
    world_.Count("push while down");
    return End(exchange, Broken(false));
  }
  const Listener& listener = found->second;
  world_.Trace("push of ", request.body.size(), " bytes to ", found->first);
  // The path alone, as a server sees it.
  request.url = request.url.substr(path);
  listener.handler.on_request(
      std::move(request),
      [this, exchange, on_answer = listener.on_answer](HttpResponse response) {
        world_.Trace("push answered ", response.status);
        world_.Count(absl::StrCat("push answered ", response.status));
        on_answer(exchange->request, response);
        world_.After(
            world_.Span(absl::Milliseconds(1), absl::Milliseconds(300)),
            [this, exchange, response = std::move(response)]() mutable {
              End(exchange, {.response = std::move(response)});
            });
      });
}

// Somebody sends what they would like to be true. Of a provider that signs they
// have seen all of a push; of another just its URL, as our key in its body is
// all there is to believe.
void PushNetwork::Forge(HttpRequest request) {
  request.body =
      absl::StrReplaceAll(request.body, {{"@", "@forged."}, {"+", "+999"}});
  if (FindHeader(request.headers, "X-Signature-SHA1").empty()) {
    request.body = absl::StrReplaceAll(
        request.body, {{R"("custom":")", R"("custom":"forged)"}});
  }
  if (world_.Chance(0.3)) {
    request.url.back() = request.url.back() == 'A' ? 'B' : 'A';
  }
  world_.Count("push forged");
  if (listeners_.size() > 1) Misdirect(request);
  auto exchange =
      std::make_shared<Exchange>(std::move(request), [](const HttpOutcome&) {});
  world_.After(world_.Span(absl::Milliseconds(1), absl::Hours(1)),
               [this, exchange] { Deliver(exchange); });
}

// To another installation, which knows nothing of it.
void PushNetwork::Misdirect(HttpRequest& request) {
  const auto other =
      std::next(listeners_.begin(),
                world_.Int(0, static_cast<int64_t>(listeners_.size()) - 1));
  const size_t path = request.url.find("/v1/");
  if (request.url.substr(0, path) == other->first) return;
  world_.Count("push to another installation");
  request.url.replace(0, path, other->first);
}

void PushNetwork::End(const ExchangePtr& exchange, HttpOutcome outcome) {
  if (std::exchange(exchange->over, true)) return;
  exchange->done(std::move(outcome));
}

}  // namespace enrich::sim
