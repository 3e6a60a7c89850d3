#include "simulator/faults.h"

#include <array>
#include <utility>

#include "absl/algorithm/container.h"
#include "absl/status/status.h"
#include "absl/strings/str_cat.h"
#include "base/status_macros.h"

namespace enrich::simulator {
namespace {

using Kinds = uint8_t;
constexpr Kinds kSubmits = 1, kCalls = 2, kWebhooks = 4, kFetches = 8;

struct ActionSpec {
  absl::string_view name;
  FaultAction action;
  // Where it can happen.
  Kinds kinds;
  // Whether it can be put before or after the call.
  bool placed;
};
constexpr ActionSpec kActions[] = {
    {"http_429", FaultAction::kHttp429, kCalls, true},
    {"http_500", FaultAction::kHttp500, kCalls, true},
    {"http_503", FaultAction::kHttp503, kCalls, true},
    {"reset", FaultAction::kReset, kCalls, true},
    {"hang", FaultAction::kHang, kCalls, true},
    {"malformed", FaultAction::kMalformed, kCalls | kWebhooks, false},
    {"late", FaultAction::kLate, kCalls | kWebhooks, false},
    {"drift", FaultAction::kDrift, kSubmits | kFetches, false},
    {"job_canceled", FaultAction::kJobCanceled, kSubmits, false},
    {"job_failed", FaultAction::kJobFailed, kSubmits, false},
    {"lost", FaultAction::kLost, kWebhooks, false},
    {"duplicate", FaultAction::kDuplicate, kWebhooks, false},
    {"reorder", FaultAction::kReorder, kWebhooks, false},
    {"forge", FaultAction::kForge, kWebhooks, false},
};

constexpr std::array<std::pair<absl::string_view, EndpointKind>, 4> kEndpoints =
    {{{"submit", EndpointKind::kSubmit},
      {"fetch", EndpointKind::kFetch},
      {"account", EndpointKind::kAccount},
      {"webhook", EndpointKind::kWebhook}}};

const ActionSpec* FindAction(absl::string_view name) {
  for (const ActionSpec& spec : kActions) {
    if (spec.name == name) return &spec;
  }
  return nullptr;
}

const ActionSpec& SpecOf(FaultAction action) {
  for (const ActionSpec& spec : kActions) {
    if (spec.action == action) return spec;
  }
  return kActions[0];
}

Kinds KindsOf(EndpointKind endpoint) {
  if (endpoint == EndpointKind::kWebhook) return kWebhooks;
  if (endpoint == EndpointKind::kFetch) return kCalls | kFetches;
  return endpoint == EndpointKind::kSubmit ? kCalls | kSubmits : kCalls;
}

absl::Status Wrong(absl::string_view member) {
  return absl::InvalidArgumentError(
      absl::StrCat("\"", member, "\" is missing, unknown or out of range"));
}

absl::StatusOr<int64_t> ReadCount(const json::Value& value) {
  const std::optional<int64_t> count = value.AsInt();
  if (!count.has_value() || *count < 0) return Wrong(value.key());
  return *count;
}

}  // namespace

std::string Fault::Label() const {
  return absl::StrCat(SpecOf(action).name, after ? "_after" : "");
}

absl::StatusOr<FaultPlan::Rule> FaultPlan::ReadRule(
    const json::Value& rule) const {
  if (!rule.is_object()) return Wrong("rule");
  Rule out;
  const ActionSpec* action = FindAction(rule["action"].AsString());
  if (action == nullptr) return Wrong("action");
  out.fault.action = action->action;
  out.fault.after = !action->placed;
  bool has_endpoint = false;
  for (const json::Value member : rule) {
    const absl::string_view name = member.key();
    if (name == "provider") {
      out.provider = std::string(member.AsString());
      if (!absl::c_linear_search(providers_, out.provider)) return Wrong(name);
    } else if (name == "endpoint") {
      for (const auto& [spelling, kind] : kEndpoints) {
        if (member.AsString() != spelling) continue;
        out.endpoint = kind;
        has_endpoint = true;
      }
    } else if (name == "when") {
      const bool after = member.AsString() == "after";
      if (!after && member.AsString() != "before") return Wrong(name);
      if (action->placed) out.fault.after = after;
    } else if (name == "skip") {
      ASSIGN_OR_RETURN(out.skip, ReadCount(member));
    } else if (name == "count") {
      ASSIGN_OR_RETURN(out.count, ReadCount(member));
    } else if (name == "probability") {
      out.probability = member.AsDouble().value_or(-1);
      if (out.probability < 0 || out.probability > 1) return Wrong(name);
    } else if (name == "delay_ms") {
      ASSIGN_OR_RETURN(const int64_t delay, ReadCount(member));
      out.fault.delay = absl::Milliseconds(delay);
    } else if (name != "action") {
      return Wrong(name);
    }
  }
  if (!has_endpoint) return Wrong("endpoint");
  if ((action->kinds & KindsOf(out.endpoint)) == 0) return Wrong("action");
  return out;
}

absl::Status FaultPlan::Set(const json::Value& rules) {
  const json::Value list = rules.is_object() ? rules["rules"] : rules;
  if (!list.is_array()) return Wrong("rules");
  std::vector<Rule> read;
  for (const json::Value rule : list) {
    absl::StatusOr<Rule> one = ReadRule(rule);
    if (!one.ok()) {
      return absl::InvalidArgumentError(absl::StrCat(
          "fault rule ", read.size() + 1, ": ", one.status().message()));
    }
    read.push_back(*std::move(one));
  }
  MutexLock lock(&mu_);
  rules_ = std::move(read);
  return absl::OkStatus();
}

std::optional<Fault> FaultPlan::Take(absl::string_view provider,
                                     EndpointKind endpoint) {
  MutexLock lock(&mu_);
  for (Rule& rule : rules_) {
    if (rule.endpoint != endpoint) continue;
    if (!rule.provider.empty() && rule.provider != provider) continue;
    if (rule.count.has_value() && rule.fired >= *rule.count) continue;
    if (rule.skip > 0) {
      --rule.skip;
      continue;
    }
    if (rule.probability < 1 && random_.Uniform() >= rule.probability) continue;
    ++rule.fired;
    return rule.fault;
  }
  return std::nullopt;
}

std::string FaultPlan::ToJson() const {
  MutexLock lock(&mu_);
  json::Writer out;
  out.StartObject().Key("rules").StartArray();
  for (const Rule& rule : rules_) {
    out.StartObject();
    out.MemberIfSet("provider", rule.provider);
    for (const auto& [spelling, kind] : kEndpoints) {
      if (kind == rule.endpoint) out.Member("endpoint", spelling);
    }
    out.Member("action", SpecOf(rule.fault.action).name);
    out.Member("when", rule.fault.after ? "after" : "before");
    out.Key("skip").Int(rule.skip);
    if (rule.count.has_value()) out.Key("count").Int(*rule.count);
    out.Key("probability").Double(rule.probability);
    out.Key("delay_ms").Int(absl::ToInt64Milliseconds(rule.fault.delay));
    out.Key("fired").Int(rule.fired).EndObject();
  }
  out.EndArray().EndObject();
  return out.Take();
}

}  // namespace enrich::simulator
