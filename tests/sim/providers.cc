#include "sim/providers.h"

#include <utility>

#include "absl/strings/str_split.h"
#include "absl/strings/strip.h"
#include "sim/quiet_provider.h"
#include "simulator/enrow_api.h"
#include "simulator/exchange_template.h"
#include "simulator/fullenrich_api.h"

namespace enrich::sim {
namespace {

using simulator::ApiCall;
using simulator::Fault;
using simulator::FaultAction;

constexpr absl::string_view kDomain = ".sim/";

std::vector<std::string> ProviderNames() {
  std::vector<std::string> names = simulator::NativeProviders();
  names.emplace_back("quiet");
  return names;
}

simulator::SimulatorOptions DrawOptions(World& world) {
  simulator::SimulatorOptions options;
  options.seed = world.Bits();
  options.latency = world.Span(absl::Milliseconds(20), absl::Minutes(5));
  options.enrow.api_keys = {"enrow-one", "enrow-two"};
  options.enrow.rate_limit = 10;
  options.fullenrich.api_keys = {"fullenrich-one"};
  options.fullenrich.rate_limit = 60;
  options.fullenrich.running_is_200 = world.Chance(0.3);
  if (world.Chance(0.1)) {
    options.enrow.balance = Credits::Whole(world.Int(0, 300));
    options.fullenrich.balance = Credits::Whole(world.Int(0, 100));
    world.Count("provider short of credits");
  }
  if (world.Chance(0.1)) {
    options.results_ttl = world.Span(absl::Minutes(10), absl::Hours(4));
    world.Count("provider forgets soon");
  }
  return options;
}

ApiCall ReadCall(const HttpRequest& request) {
  ApiCall call{.method = request.method,
               .headers = request.headers,
               .body = request.body};
  const size_t host_end = request.url.find('/', request.url.find("//") + 2);
  const std::pair<std::string, std::string> target =
      absl::StrSplit(request.url.substr(host_end), absl::MaxSplits('?', 1));
  call.path = target.first;
  call.query = simulator::ParseParameters(target.second);
  return call;
}

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

// What is sent for `response` with the fault.
Providers::Reply ReplyBadly(const Fault& fault,
                            const simulator::ProviderApi& api,
                            HttpResponse response) {
  switch (fault.action) {
    case FaultAction::kHttp429:
    case FaultAction::kHttp500:
    case FaultAction::kHttp503:
      return {.response = api.ErrorAnswer(StatusOf(fault.action))};
    case FaultAction::kReset:
      return {.reset = true};
    case FaultAction::kHang:
      return {};
    case FaultAction::kLate:
      return {.response = std::move(response), .late = fault.delay};
    case FaultAction::kDrift:
      return {.response = api.Drifted(std::move(response))};
    case FaultAction::kMalformed:
      response.body.resize(response.body.size() / 2);
      return {.response = std::move(response)};
    default:
      return {.response = std::move(response)};
  }
}

}  // namespace

Providers::Providers(World& world, const Weather& weather, HttpClient& pushes)
    : world_(world), executor_(world, absl::ZeroDuration()) {
  env_ = std::make_shared<simulator::Environment>(
      DrawOptions(world), world.clock(), executor_, ProviderNames());
  env_->ledger = *simulator::Ledger::Open("");
  env_->webhooks = std::make_shared<simulator::WebhookSender>(
      pushes, executor_, env_->faults, simulator::WebhookSenderOptions());
  apis_.emplace("enrow", std::make_shared<simulator::EnrowApi>(env_));
  apis_.emplace("fullenrich", std::make_shared<simulator::FullEnrichApi>(env_));
  apis_.emplace("quiet", std::make_shared<QuietProvider>(env_));
  const auto rules = json::Document::Parse(weather.provider_faults);
  if (!rules.ok() || !env_->faults.Set(rules->root()).ok()) {
    world_.Violate("simulation", "fault rules that do not read");
  }
}

Providers::~Providers() { env_->webhooks->Stop(); }

const std::vector<SimAccount>& Providers::Accounts() {
  static const auto* const accounts =
      new std::vector<SimAccount>{{"enrow-a", "enrow", "enrow-one"},
                                  {"enrow-b", "enrow", "enrow-two"},
                                  {"full", "fullenrich", "fullenrich-one"},
                                  {"quiet", "quiet", "quiet-one"}};
  return *accounts;
}

std::string Providers::BaseUrl(absl::string_view provider) {
  return absl::StrCat("https://", provider, kDomain.substr(0, 4));
}

std::string Providers::NameOf(absl::string_view url) {
  absl::ConsumePrefix(&url, "https://");
  return std::string(url.substr(0, url.find(kDomain)));
}

bool Providers::IsDown(absl::string_view provider) const {
  const auto found = down_.find(provider);
  return found != down_.end() && found->second;
}

void Providers::SetDown(const std::string& provider, bool down) {
  world_.Trace(provider, down ? " goes down" : " is back");
  down_[provider] = down;
}

Providers::Reply Providers::Receive(const HttpRequest& request) {
  const std::string provider = NameOf(request.url);
  simulator::ProviderApi& api = *apis_.at(provider);
  ApiCall call = ReadCall(request);
  const simulator::EndpointKind kind = api.KindOf(call.method, call.path);
  call.fault = env_->faults.Take(provider, kind);
  Reply reply;
  if (!call.fault.has_value()) {
    reply.response = api.Handle(call);
  } else if (call.fault->after) {
    reply = ReplyBadly(*call.fault, api, api.Handle(call));
  } else {
    if (kind == simulator::EndpointKind::kSubmit) {
      api.RecordUnhandled(call, StatusOf(call.fault->action));
    }
    reply = ReplyBadly(*call.fault, api, {});
  }
  if (request.paid) reply.booked = ReadBooks();
  if (reply.response.has_value() && reply.response->status == 429) {
    if (!call.fault.has_value()) world_.Count("provider limits calls");
    const bool tells = world_.Chance(0.5);
    world_.Count(tells ? "provider 429 with a time" : "provider 429");
    if (tells) {
      reply.response->headers.emplace_back("Retry-After",
                                           absl::StrCat(world_.Int(1, 120)));
    }
  }
  world_.Trace(provider, " got ", call.method, " ", call.path,
               call.fault.has_value() ? " " : "", call.FaultLabel(), " -> ",
               reply.response.has_value() ? reply.response->status : 0);
  return reply;
}

Providers::Booked Providers::ReadBooks() {
  Booked all = env_->ledger->submissions();
  Booked booked(all.begin() + static_cast<int64_t>(books_read_), all.end());
  books_read_ = all.size();
  return booked;
}

void Providers::CountFaults() {
  const auto rules = json::Document::Parse(env_->faults.ToJson());
  for (const json::Value rule : rules->root()["rules"]) {
    const int64_t fired = rule["fired"].AsInt().value_or(0);
    if (fired == 0) continue;
    world_.Count(
        absl::StrCat("provider ", rule["endpoint"].AsString(), " ",
                     rule["action"].AsString(), " ", rule["when"].AsString()),
        fired);
  }
}

void Providers::Heal() {
  CountFaults();
  const auto none = json::Document::Parse("[]");
  (void)env_->faults.Set(none->root());
  for (auto& [provider, down] : down_) down = false;
}

}  // namespace enrich::sim
