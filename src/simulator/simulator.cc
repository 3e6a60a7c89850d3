#include "simulator/simulator.h"

#include <cstdlib>
#include <optional>
#include <utility>

#include "absl/memory/memory.h"
#include "absl/status/status.h"
#include "absl/strings/ascii.h"
#include "absl/strings/escaping.h"
#include "absl/strings/match.h"
#include "absl/strings/str_split.h"
#include "base/status_macros.h"
#include "simulator/enrow_api.h"
#include "simulator/fullenrich_api.h"
#include "simulator/pronto_api.h"

namespace enrich::simulator {
namespace {

// The answer that closes the connection without one.
HttpResponse NoAnswer() { return {.status = 0}; }

// Malformed escapes stay as they are.
std::string Unescape(absl::string_view text) {
  std::string out;
  for (size_t i = 0; i < text.size(); ++i) {
    if (text[i] == '%' && i + 2 < text.size() &&
        absl::ascii_isxdigit(static_cast<unsigned char>(text[i + 1])) &&
        absl::ascii_isxdigit(static_cast<unsigned char>(text[i + 2]))) {
      out += absl::HexStringToBytes(text.substr(i + 1, 2));
      i += 2;
    } else {
      out += text[i];
    }
  }
  return out;
}

ApiCall ReadCall(HttpRequest request) {
  ApiCall call{.method = std::move(request.method),
               .headers = std::move(request.headers),
               .body = std::move(request.body)};
  const std::pair<std::string, std::string> target =
      absl::StrSplit(request.url, absl::MaxSplits('?', 1));
  call.path = target.first;
  for (const absl::string_view part :
       absl::StrSplit(target.second, '&', absl::SkipEmpty())) {
    const std::pair<std::string, std::string> parameter =
        absl::StrSplit(part, absl::MaxSplits('=', 1));
    call.query.emplace_back(Unescape(parameter.first),
                            Unescape(parameter.second));
  }
  return call;
}

// The provider a path belongs to, whose prefix is taken off.
std::optional<Provider> TakeProvider(std::string& path) {
  for (const Provider provider : kAllProviders) {
    const size_t length = ProviderName(provider).size() + 1;
    if (path.size() > length && path[length] == '/' &&
        absl::string_view(path).substr(1, length - 1) ==
            ProviderName(provider)) {
      path.erase(0, length);
      return provider;
    }
  }
  return std::nullopt;
}

// 0 where there is no answer.
int StatusOf(FaultAction action) {
  switch (action) {
    case FaultAction::kHttp429:
      return 429;
    case FaultAction::kHttp500:
      return 500;
    case FaultAction::kHttp503:
      return 503;
    default:
      return 0;
  }
}

absl::Status Check(const ProviderOptions& options) {
  if (options.api_keys.empty()) {
    return absl::InvalidArgumentError("a provider needs at least one API key");
  }
  for (const std::string& key : options.api_keys) {
    if (key.empty()) {
      return absl::InvalidArgumentError("an API key must not be empty");
    }
  }
  if (options.rate_limit < 0 || options.balance < Credits{}) {
    return absl::InvalidArgumentError(
        "rates and balances must not be negative");
  }
  return absl::OkStatus();
}

absl::Status Check(const SimulatorOptions& options) {
  RETURN_IF_ERROR(Check(options.enrow));
  RETURN_IF_ERROR(Check(options.fullenrich));
  RETURN_IF_ERROR(Check(options.pronto));
  if (!(options.time_scale >= 0.001 && options.time_scale <= 1e9)) {
    return absl::InvalidArgumentError("the time scale must be 0.001 to 1e9");
  }
  if (options.latency < absl::ZeroDuration() ||
      options.latency > absl::Hours(24)) {
    return absl::InvalidArgumentError("the latency must be 0 to 24h");
  }
  if (options.max_webhooks_in_flight < 1 ||
      options.fullenrich.concurrency < 0 || options.pronto.concurrency < 0) {
    return absl::InvalidArgumentError("a limit is out of range");
  }
  return absl::OkStatus();
}

ProviderApis NewProviders(const std::shared_ptr<Environment>& environment) {
  ProviderApis out;
  out[Provider::kEnrow] = std::make_shared<EnrowApi>(environment);
  out[Provider::kFullEnrich] = std::make_shared<FullEnrichApi>(environment);
  out[Provider::kPronto] = std::make_shared<ProntoApi>(environment);
  return out;
}

absl::Status SetFaults(const std::string& text, FaultPlan& faults) {
  if (text.empty()) return absl::OkStatus();
  ASSIGN_OR_RETURN(const json::Document rules, json::Document::Parse(text));
  return faults.Set(rules.root());
}

}  // namespace

absl::StatusOr<std::unique_ptr<Simulator>> Simulator::Create(
    const SimulatorOptions& options, Clock& clock, Executor& executor) {
  RETURN_IF_ERROR(Check(options));
  auto environment = std::make_shared<Environment>(options, clock, executor);
  RETURN_IF_ERROR(SetFaults(options.faults, environment->faults));
  ASSIGN_OR_RETURN(environment->ledger, Ledger::Open(options.ledger_file));
  auto simulator = absl::WrapUnique(new Simulator(std::move(environment)));
  RETURN_IF_ERROR(simulator->Start());
  return simulator;
}

Simulator::Simulator(std::shared_ptr<Environment> environment)
    : env_(std::move(environment)),
      providers_(NewProviders(env_)),
      control_(env_, providers_) {}

absl::Status Simulator::Start() {
  const SimulatorOptions& options = env_->options;
  ASSIGN_OR_RETURN(
      client_,
      NewCurlHttpClient({.allow_plain_http = true,
                         .allow_private_addresses = true,
                         .max_transfers = options.max_webhooks_in_flight}));
  env_->webhooks = std::make_shared<WebhookSender>(
      *client_, env_->executor, env_->faults,
      WebhookSenderOptions{
          .max_in_flight = options.max_webhooks_in_flight,
          .timeout = options.webhook_timeout,
          .retry_interval = env_->Scaled(options.webhook_retry_interval)});
  ASSIGN_OR_RETURN(
      server_,
      // Long enough for a caller to be the one who gives up.
      NewHttpServer(
          {.listen = options.listen, .request_timeout = absl::Hours(1)},
          {.on_request = [this](HttpRequest request, HttpResponder responder) {
            OnRequest(std::move(request), std::move(responder));
          }}));
  return absl::OkStatus();
}

Simulator::~Simulator() {
  // No handler runs from here on; then nothing is sent from here on.
  server_.reset();
  if (env_->webhooks != nullptr) env_->webhooks->Stop();
  client_.reset();
}

void Simulator::OnRequest(HttpRequest request, HttpResponder responder) {
  ApiCall call = ReadCall(std::move(request));
  if (absl::StartsWith(call.path, "/_sim/")) {
    responder(control_.Handle(call));
    return;
  }
  const std::optional<Provider> provider = TakeProvider(call.path);
  if (!provider.has_value()) {
    responder({.status = 404});
    return;
  }
  RunCall(*provider, std::move(call), std::move(responder));
}

void Simulator::RunCall(Provider provider, ApiCall call,
                        HttpResponder responder) {
  ProviderApi& api = *providers_[provider];
  const EndpointKind kind = api.KindOf(call.method, call.path);
  call.fault = env_->faults.Take(provider, kind);
  if (!call.fault.has_value()) {
    responder(api.Handle(call));
  } else if (call.fault->after) {
    AnswerBadly(*call.fault, api, api.Handle(call), std::move(responder));
  } else {
    if (kind == EndpointKind::kSubmit) {
      api.RecordUnhandled(call, StatusOf(call.fault->action));
    }
    AnswerBadly(*call.fault, api, {}, std::move(responder));
  }
}

void Simulator::AnswerBadly(const Fault& fault, const ProviderApi& api,
                            HttpResponse response, HttpResponder responder) {
  switch (fault.action) {
    case FaultAction::kHttp429:
    case FaultAction::kHttp500:
    case FaultAction::kHttp503:
      responder(api.ErrorAnswer(StatusOf(fault.action)));
      return;
    case FaultAction::kReset:
      responder(NoAnswer());
      return;
    case FaultAction::kHang:
      Hang(std::move(responder));
      return;
    case FaultAction::kLate:
      env_->executor.PostAfter(fault.delay,
                               [response = std::move(response),
                                responder = std::move(responder)]() mutable {
                                 responder(std::move(response));
                               });
      return;
    case FaultAction::kMalformed:
      response.body.resize(response.body.size() / 2);
      break;
    default:
      break;
  }
  responder(std::move(response));
}

void Simulator::Hang(HttpResponder responder) {
  MutexLock lock(&mu_);
  hanging_.push_back(std::move(responder));
}

}  // namespace enrich::simulator
