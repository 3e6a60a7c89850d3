#include "simulator/control_api.h"

#include <optional>
#include <string>

#include "absl/status/statusor.h"
#include "absl/strings/numbers.h"
#include "base/status_macros.h"

namespace enrich::simulator {
namespace {

HttpResponse Error(int status, absl::string_view message) {
  json::Writer out;
  out.StartObject().Member("error", message).EndObject();
  return JsonAnswer(status, out.Take());
}

// What an admin call asks for.
struct AdminCommand {
  bool reset = false;
  ByProvider<Credits> balances = {};
};

absl::StatusOr<Credits> ReadBalance(const json::Value& account) {
  const std::optional<double> number = account["balance"].AsDouble();
  const std::optional<Credits> balance =
      number ? Credits::FromDouble(*number) : std::nullopt;
  if (!balance.has_value() || account.size() != 1) {
    return absl::InvalidArgumentError(
        "an account takes a \"balance\", a number that is not negative");
  }
  return *balance;
}

absl::StatusOr<AdminCommand> ReadCommand(const json::Value& root,
                                         const ProviderApis& providers) {
  if (!root.is_object()) {
    return absl::InvalidArgumentError("the body must be an object");
  }
  AdminCommand out;
  for (const json::Value member : root) {
    if (member.key() == "reset" && member.AsBool().has_value()) {
      out.reset = *member.AsBool();
    } else if (providers.count(std::string(member.key())) > 0) {
      ASSIGN_OR_RETURN(out.balances[std::string(member.key())],
                       ReadBalance(member));
    } else {
      return absl::InvalidArgumentError(
          "known are \"reset\" (a boolean) and the names of the providers");
    }
  }
  return out;
}

}  // namespace

HttpResponse ControlApi::Handle(const ApiCall& call) {
  const bool get = call.method == "GET";
  if (get && call.path == "/_sim/ledger") return Ledger(call);
  if (get && call.path == "/_sim/stats") return Stats();
  if (call.path == "/_sim/faults") return Faults(call);
  if (call.method == "POST" && call.path == "/_sim/admin") return Admin(call);
  return Error(404, "no such control");
}

HttpResponse ControlApi::Ledger(const ApiCall& call) const {
  int64_t after = 0;
  const absl::string_view text = call.Query("after");
  if (!text.empty() && !absl::SimpleAtoi(text, &after)) {
    return Error(400, "\"after\" must be a number");
  }
  return JsonAnswer(200, env_->ledger->ToJson(after));
}

HttpResponse ControlApi::Stats() const {
  json::Writer out;
  out.StartObject();
  for (const auto& [name, api] : providers_) {
    out.Key(name).StartObject();
    env_->ledger->WriteTotals(name, out);
    api->WriteTotals(out);
    env_->webhooks->WriteTotals(name, out);
    out.EndObject();
  }
  out.EndObject();
  return JsonAnswer(200, out.Take());
}

HttpResponse ControlApi::Faults(const ApiCall& call) {
  if (call.method == "GET") return JsonAnswer(200, env_->faults.ToJson());
  if (call.method != "POST" && call.method != "DELETE") {
    return Error(405, "GET, POST or DELETE");
  }
  const absl::StatusOr<json::Document> rules =
      json::Document::Parse(call.method == "POST" ? call.body : "[]");
  const absl::Status set =
      rules.ok() ? env_->faults.Set(rules->root()) : rules.status();
  if (!set.ok()) return Error(400, std::string(set.message()));
  return JsonAnswer(200, env_->faults.ToJson());
}

HttpResponse ControlApi::Admin(const ApiCall& call) {
  const absl::StatusOr<json::Document> body = json::Document::Parse(call.body);
  if (!body.ok()) return Error(400, "the body must be an object");
  const absl::StatusOr<AdminCommand> command =
      ReadCommand(body->root(), providers_);
  if (!command.ok()) return Error(400, command.status().message());
  if (command->reset) Reset();
  for (const auto& [name, balance] : command->balances) {
    providers_.find(name)->second->SetBalance(balance);
  }
  return Stats();
}

void ControlApi::Reset() {
  for (const auto& [name, api] : providers_) api->Reset();
  env_->webhooks->Clear();
  env_->ledger->Clear();
}

}  // namespace enrich::simulator
