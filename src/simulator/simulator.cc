#include "simulator/simulator.h"

#include <cstdlib>
#include <optional>
#include <set>
#include <utility>

#include "absl/memory/memory.h"
#include "absl/status/status.h"
#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_split.h"
#include "base/status_macros.h"
#include "simulator/enrow_api.h"
#include "simulator/exchange_template.h"
#include "simulator/fullenrich_api.h"
#include "simulator/pronto_api.h"
#include "simulator/provider_file_api.h"
#include "simulator/provider_script.h"

namespace enrich::simulator {
namespace {

// The answer that closes the connection without one.
HttpResponse NoAnswer() { return {.status = 0}; }

ApiCall ReadCall(HttpRequest request) {
  ApiCall call{.method = std::move(request.method),
               .headers = std::move(request.headers),
               .body = std::move(request.body)};
  const std::pair<std::string, std::string> target =
      absl::StrSplit(request.url, absl::MaxSplits('?', 1));
  call.path = target.first;
  call.query = ParseParameters(target.second);
  return call;
}

// The name before a path, which is taken off.
std::string TakeProvider(std::string& path) {
  const size_t end = path.find('/', 1);
  if (end == std::string::npos) return "";
  std::string name = path.substr(1, end - 1);
  path.erase(0, end);
  return name;
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
  for (const ProviderFileOptions& file : options.provider_files) {
    RETURN_IF_ERROR(Check(file));
  }
  if (options.max_webhooks_in_flight < 1 ||
      options.fullenrich.concurrency < 0 || options.pronto.concurrency < 0) {
    return absl::InvalidArgumentError("a limit is out of range");
  }
  return absl::OkStatus();
}

// Provider files as they are played, in the order of the options.
using Scripts = std::vector<std::shared_ptr<const ProviderScript>>;

absl::StatusOr<Scripts> LoadScripts(const SimulatorOptions& options) {
  Scripts scripts;
  std::set<std::string> ids;
  for (const ProviderFileOptions& file : options.provider_files) {
    ASSIGN_OR_RETURN(std::shared_ptr<const ProviderScript> script,
                     ProviderScript::Load(file.path, file.secrets));
    if (!ids.insert(script->plan().id).second) {
      return absl::InvalidArgumentError(absl::StrCat(
          file.path, ": another file has the id ", script->plan().id));
    }
    scripts.push_back(std::move(script));
  }
  return scripts;
}

std::vector<std::string> NamesOf(const Scripts& scripts) {
  std::vector<std::string> names = NativeProviders();
  for (const auto& script : scripts) names.push_back(script->plan().id);
  return names;
}

// A file goes before the native provider of that name.
ProviderApis NewProviders(const std::shared_ptr<Environment>& environment,
                          const Scripts& scripts) {
  ProviderApis out;
  for (size_t i = 0; i < scripts.size(); ++i) {
    out.emplace(
        scripts[i]->plan().id,
        std::make_shared<ProviderFileApi>(
            environment, environment->options.provider_files[i], scripts[i]));
  }
  out.emplace(ProviderName(Provider::kEnrow),
              std::make_shared<EnrowApi>(environment));
  out.emplace(ProviderName(Provider::kFullEnrich),
              std::make_shared<FullEnrichApi>(environment));
  out.emplace(ProviderName(Provider::kPronto),
              std::make_shared<ProntoApi>(environment));
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
  ASSIGN_OR_RETURN(const Scripts scripts, LoadScripts(options));
  auto environment =
      std::make_shared<Environment>(options, clock, executor, NamesOf(scripts));
  RETURN_IF_ERROR(SetFaults(options.faults, environment->faults));
  ASSIGN_OR_RETURN(environment->ledger, Ledger::Open(options.ledger_file));
  ProviderApis providers = NewProviders(environment, scripts);
  auto simulator = absl::WrapUnique(
      new Simulator(std::move(environment), std::move(providers)));
  RETURN_IF_ERROR(simulator->Start());
  return simulator;
}

Simulator::Simulator(std::shared_ptr<Environment> environment,
                     ProviderApis providers)
    : env_(std::move(environment)),
      providers_(std::move(providers)),
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
  const auto provider = providers_.find(TakeProvider(call.path));
  if (provider == providers_.end()) {
    responder({.status = 404});
    return;
  }
  RunCall(provider->first, *provider->second, std::move(call),
          std::move(responder));
}

void Simulator::RunCall(absl::string_view provider, ProviderApi& api,
                        ApiCall call, HttpResponder responder) {
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
    case FaultAction::kDrift:
      responder(api.Drifted(std::move(response)));
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
