#include "adapters/rest/load_operation.h"

#include <algorithm>
#include <set>
#include <utility>

#include "absl/strings/ascii.h"
#include "absl/strings/str_cat.h"
#include "adapters/rest/load_checks.h"
#include "adapters/rest/load_errors.h"
#include "adapters/rest/load_exchange.h"
#include "adapters/rest/load_result.h"
#include "adapters/rest/load_words.h"

namespace enrich::rest {
namespace {

constexpr int kMaxContacts = 100'000;
constexpr size_t kMaxIdBytes = 32;
// Each with fields of its own, of which there are few.
constexpr size_t kMaxOperations = 20;

bool IsOperationId(absl::string_view id) {
  return !id.empty() && id.size() <= kMaxIdBytes &&
         absl::ascii_islower(static_cast<unsigned char>(id[0])) &&
         std::all_of(id.begin(), id.end(), [](char c) {
           const auto byte = static_cast<unsigned char>(c);
           return absl::ascii_islower(byte) || absl::ascii_isdigit(byte) ||
                  c == '_' || c == '-';
         });
}

// What all operations of a provider add to.
struct Totals {
  std::set<std::string> ids = {};
  FieldSet fields = {};
  std::optional<PollSpec> poll = {};
  std::optional<absl::Duration> latency = {};
  // The first one; null without any.
  const YamlNode* webhook = nullptr;
};

class OperationReader {
 public:
  OperationReader(LoadContext& context, const YamlNode& node,
                  const YamlNode* provider_errors, const CommonRequest& common,
                  Totals& totals)
      : context_(context),
        node_(node),
        provider_errors_(provider_errors),
        common_(common),
        totals_(totals) {}

  void Read(Plan& plan) {
    if (!context_.CheckMap(
            node_,
            {"id", "fields", "requires", "batch", "timeout", "typical_latency",
             "submit", "submit_single", "webhook", "webhook_single", "poll",
             "poll_single", "result", "errors"})) {
      return;
    }
    ReadId();
    ReadFields();
    ReadBatch();
    ReadTimes();
    const bool exchanges = ReadExchanges();
    const bool result = ReadMeaning();
    if (exchanges) {
      CheckExchanges(context_, node_, operation_, spec_.max_contacts);
    }
    if (exchanges && result) {
      CheckMatch(context_, node_, operation_, spec_.max_contacts);
    }
    LimitWithoutPush();
    plan.operations.push_back(std::move(operation_));
    plan.capabilities.operations.push_back(std::move(spec_));
  }

 private:
  void ReadId() {
    const YamlNode* node = context_.Require(node_, "id");
    if (node == nullptr) return;
    if (!node->is_scalar() || !IsOperationId(node->text())) {
      return context_.Report(
          *node, absl::StrCat("must be of a-z, 0-9, _ and -, begin with a "
                              "letter, and have at most ",
                              kMaxIdBytes, " characters"));
    }
    if (!totals_.ids.insert(node->text()).second) {
      context_.Report(*node, "is taken by another operation");
    }
    operation_.id = spec_.name = node->text();
  }

  void ReadFields() {
    const YamlNode* node = context_.Require(node_, "fields");
    InputCombinations shared;
    if (const YamlNode* required = node_.Find("requires")) {
      shared = ReadRequires(context_, *required);
    }
    if (node == nullptr) return;
    if (!node->is_map() || node->children().empty()) {
      return context_.Report(*node,
                             "must be a mapping of field to {price: CREDITS}");
    }
    for (const YamlNode* child : node->children()) ReadField(*child, shared);
  }

  void ReadField(const YamlNode& node, const InputCombinations& shared) {
    const auto field = FieldOf(node.key());
    if (!field.has_value()) {
      return context_.Report(
          node, absl::StrCat("is no field; there are ", FieldWords()));
    }
    if (totals_.fields.Has(*field)) {
      context_.Report(node, "is looked up by another operation already");
    }
    totals_.fields |= *field;
    spec_.fields |= *field;
    if (!context_.CheckMap(node, {"price", "requires"})) return;
    FieldPlan plan = {.field = *field, .requires_inputs = shared};
    if (const YamlNode* price = context_.Require(node, "price")) {
      plan.price = context_.Price(*price).value_or(Credits());
    }
    if (const YamlNode* required = node.Find("requires")) {
      plan.requires_inputs = ReadRequires(context_, *required);
    }
    spec_.prices.emplace_back(*field, plan.price);
    for (std::string& words : InputsInWords(plan.requires_inputs)) {
      if (std::find(spec_.inputs.begin(), spec_.inputs.end(), words) ==
          spec_.inputs.end()) {
        spec_.inputs.push_back(std::move(words));
      }
    }
    operation_.result.fields.push_back(std::move(plan));
  }

  void ReadBatch() {
    const YamlNode* batch = node_.Find("batch");
    if (batch == nullptr || !context_.CheckMap(*batch, {"min", "max"})) return;
    if (const YamlNode* min = batch->Find("min")) {
      operation_.min_batch = context_.Number(*min, 1, 2).value_or(2);
    }
    const YamlNode* max = context_.Require(*batch, "max");
    if (max == nullptr) return;
    spec_.max_contacts =
        context_.Number(*max, operation_.min_batch, kMaxContacts).value_or(1);
  }

  void ReadTimes() {
    if (const YamlNode* timeout = node_.Find("timeout")) {
      spec_.request_timeout =
          context_.Duration(*timeout, absl::Seconds(1), absl::Minutes(15))
              .value_or(absl::ZeroDuration());
    }
    absl::Duration latency = absl::Seconds(60);
    if (const YamlNode* typical = node_.Find("typical_latency")) {
      latency =
          context_
              .Duration(*typical, absl::Milliseconds(1), absl::Hours(24 * 31))
              .value_or(latency);
    }
    totals_.latency = std::max(totals_.latency.value_or(latency), latency);
  }

  // The first of the keys that is there, or null.
  const YamlNode* FirstOf(Keys keys) const {
    for (const absl::string_view key : keys) {
      if (const YamlNode* node = node_.Find(key)) return node;
    }
    return nullptr;
  }

  // Whether nothing was wrong: checks of the whole would only repeat it.
  bool ReadExchanges() {
    const size_t before = context_.count();
    if (const YamlNode* submit = context_.Require(node_, "submit")) {
      ReadVariant(*submit, FirstOf({"webhook"}), FirstOf({"poll"}),
                  operation_.many);
    }
    if (const YamlNode* single = node_.Find("submit_single")) {
      operation_.single.emplace();
      ReadVariant(*single, FirstOf({"webhook_single", "webhook"}),
                  FirstOf({"poll_single", "poll"}), *operation_.single);
    }
    ReadErrorRules(context_, node_.Find("errors"), operation_.errors);
    ReadErrorRules(context_, provider_errors_, operation_.errors);
    return context_.count() == before;
  }

  bool ReadMeaning() {
    const size_t before = context_.count();
    if (const YamlNode* result = context_.Require(node_, "result")) {
      ReadResult(context_, *result, operation_.result);
    }
    return context_.count() == before;
  }

  void ReadVariant(const YamlNode& submit, const YamlNode* webhook,
                   const YamlNode* poll, Variant& variant) {
    auto plan = ReadSubmit(context_, submit, common_);
    if (webhook != nullptr) {
      variant.webhook = ReadWebhook(context_, *webhook);
      if (totals_.webhook == nullptr) totals_.webhook = webhook;
      CheckSame(*webhook, "verify");
      CheckSame(*webhook, "registered");
    }
    if (poll != nullptr) {
      PollSpec times;
      variant.poll = ReadPoll(context_, *poll, common_, times);
      AddPollTimes(times);
    }
    if (plan.has_value()) variant.submit = *std::move(plan);
  }

  // A push is verified before it is known which operation it is about.
  void CheckSame(const YamlNode& webhook, absl::string_view key) {
    const YamlNode* mine = webhook.Find(key);
    const YamlNode* first = totals_.webhook->Find(key);
    const bool same = mine == nullptr || first == nullptr
                          ? mine == first
                          : mine->SameAs(*first);
    if (!same) {
      context_.ReportKey(webhook, key,
                         "must be the same in every webhook: it is asked "
                         "before it is known which operation a push is about");
    }
  }

  // The account's schedule suits every operation.
  void AddPollTimes(const PollSpec& times) {
    if (!totals_.poll.has_value()) {
      totals_.poll = times;
      return;
    }
    PollSpec& all = *totals_.poll;
    all.first_after = std::min(all.first_after, times.first_after);
    all.interval = std::min(all.interval, times.interval);
    all.give_up_after = std::max(all.give_up_after, times.give_up_after);
  }

  void LimitWithoutPush() {
    if (!operation_.many.submit.callback_required) return;
    const bool single = operation_.single.has_value() &&
                        !operation_.single->submit.callback_required;
    spec_.max_contacts_without_push = single ? 1 : 0;
  }

  LoadContext& context_;
  const YamlNode& node_;
  const YamlNode* provider_errors_;
  const CommonRequest& common_;
  Totals& totals_;
  OperationPlan operation_;
  OperationSpec spec_;
};

}  // namespace

void ReadOperations(LoadContext& context, const YamlNode& node,
                    const YamlNode* errors, const CommonRequest& common,
                    Plan& plan) {
  if (!node.is_list() || node.children().empty() ||
      node.children().size() > kMaxOperations) {
    return context.Report(node, absl::StrCat("must be a list of 1 to ",
                                             kMaxOperations, " operations"));
  }
  Totals totals;
  for (const YamlNode* child : node.children()) {
    OperationReader(context, *child, errors, common, totals).Read(plan);
  }
  Capabilities& capabilities = plan.capabilities;
  capabilities.poll = totals.poll.value_or(PollSpec());
  capabilities.push = totals.webhook != nullptr;
  capabilities.registered_push = totals.webhook != nullptr &&
                                 totals.webhook->Find("registered") != nullptr;
  capabilities.typical_latency =
      totals.latency.value_or(capabilities.typical_latency);
}

}  // namespace enrich::rest
