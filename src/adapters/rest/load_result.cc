#include "adapters/rest/load_result.h"

#include <algorithm>
#include <array>
#include <utility>

#include "absl/strings/ascii.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_join.h"
#include "absl/strings/str_split.h"
#include "adapters/rest/load_words.h"

namespace enrich::rest {
namespace {

constexpr std::array<absl::string_view, 7> kInputs = {
    "first_name",     "last_name",    "full_name", "company_name",
    "company_domain", "linkedin_url", "email"};

// One of the ways to say which contact an element is about.
struct MatchRule {
  absl::string_view key;
  MatchPlan::Kind kind = MatchPlan::Kind::kRef;
  InputEcho::Input input = InputEcho::Input::kEmail;
};
constexpr MatchRule kMatchRules[] = {
    {"ref", MatchPlan::Kind::kRef},
    {"position", MatchPlan::Kind::kPositionExpression},
    {"item_job", MatchPlan::Kind::kItemJob},
    {"email", MatchPlan::Kind::kEcho, InputEcho::Input::kEmail},
    {"linkedin_url", MatchPlan::Kind::kEcho, InputEcho::Input::kLinkedinUrl},
    {"company_domain", MatchPlan::Kind::kEcho,
     InputEcho::Input::kCompanyDomain},
};

constexpr absl::string_view kMatchHelp =
    "must be only_item, or exactly one of ref, position, item_job, email, "
    "linkedin_url and company_domain";

bool IsPhone(ContactField field) { return field == ContactField::kPhone; }

void ReadMatch(LoadContext& context, const YamlNode& node, MatchPlan& match) {
  if (node.is_scalar() && node.text() == "only_item") {
    match.kind = MatchPlan::Kind::kOnlyItem;
    return;
  }
  if (!node.is_map() || node.children().size() != 1) {
    return context.Report(node, std::string(kMatchHelp));
  }
  const YamlNode& value = *node.children().front();
  const auto* rule =
      std::find_if(std::begin(kMatchRules), std::end(kMatchRules),
                   [&](const MatchRule& r) { return r.key == value.key(); });
  if (rule == std::end(kMatchRules)) {
    return context.Report(node, std::string(kMatchHelp));
  }
  match.kind = rule->kind;
  match.input = rule->input;
  if (value.key() == "position" && !LoadContext::IsExpression(value)) {
    match.kind = MatchPlan::Kind::kPosition;
    if (value.text() != "true") {
      context.Report(value, "must be true, or an expression for the index");
    }
    return;
  }
  match.value = context.ReadExpression(value);
}

// A word is as good as an expression that always gives it.
std::optional<Expression> ReadState(LoadContext& context,
                                    const YamlNode& node) {
  if (node.is_scalar() && ItemStateOf(node.text()).has_value()) {
    auto word = Expression::Compile(absl::StrCat("'", node.text(), "'"), {});
    if (word.ok()) return *std::move(word);
  }
  if (!LoadContext::IsExpression(node)) {
    context.Report(
        node, absl::StrCat("must be an expression for ", ItemStateWords()));
    return std::nullopt;
  }
  auto state = context.ReadExpression(node);
  if (state.has_value()) CheckItemStates(context, node, *state);
  return state;
}

void ReadValues(LoadContext& context, const YamlNode& node, FieldPlan& field) {
  const bool phone = IsPhone(field.field);
  const absl::string_view key = phone ? "phones" : "emails";
  if (const YamlNode* other = node.Find(phone ? "emails" : "phones")) {
    return context.Report(
        *other, absl::StrCat("does not go with ", FieldName(field.field),
                             ": it has ", key));
  }
  const YamlNode* values = context.Require(node, key);
  if (values == nullptr) return;
  field.values = context.ReadExpression(*values);
  if (field.values.has_value() && !phone) {
    CheckGrades(context, *values, *field.values);
  }
}

void ReadField(LoadContext& context, const YamlNode& node, FieldPlan& field) {
  if (!context.CheckMap(node, {"state", "emails", "phones", "credits"})) return;
  if (const YamlNode* state = context.Require(node, "state")) {
    field.state = ReadState(context, *state);
  }
  ReadValues(context, node, field);
  field.credits = context.ReadExpression(node.Find("credits"));
}

void ReadFields(LoadContext& context, const YamlNode& node, ResultPlan& plan) {
  if (!node.is_map()) {
    return context.Report(node, "must be a mapping of field to what is said");
  }
  for (const YamlNode* child : node.children()) {
    const bool known = std::any_of(
        plan.fields.begin(), plan.fields.end(), [&](const FieldPlan& field) {
          return FieldName(field.field) == child->key();
        });
    if (!known) {
      context.Report(*child, "is not among the fields of the operation");
    }
  }
  for (FieldPlan& field : plan.fields) {
    if (const YamlNode* child = context.Require(node, FieldName(field.field))) {
      ReadField(context, *child, field);
    }
  }
}

std::optional<ProfilePlan> ReadProfile(LoadContext& context,
                                       const YamlNode* node) {
  if (node == nullptr) return std::nullopt;
  if (!context.CheckMap(
          *node,
          {"full_name", "job_title", "location", "linkedin_url", "company_name",
           "company_domain", "company_industry", "company_headcount"})) {
    return std::nullopt;
  }
  ProfilePlan plan;
  const auto read = [&](absl::string_view key) {
    return context.ReadExpression(node->Find(key));
  };
  plan.full_name = read("full_name");
  plan.job_title = read("job_title");
  plan.location = read("location");
  plan.linkedin_url = read("linkedin_url");
  plan.company_name = read("company_name");
  plan.company_domain = read("company_domain");
  plan.company_industry = read("company_industry");
  plan.company_headcount = read("company_headcount");
  return plan;
}

std::optional<ResultList> ReadResultList(LoadContext& context,
                                         const YamlNode& node) {
  if (!context.CheckMap(node, {"at", "state"})) return std::nullopt;
  const YamlNode* at = context.Require(node, "at");
  if (at == nullptr) return std::nullopt;
  auto expression = context.ReadExpression(*at);
  if (!expression.has_value()) return std::nullopt;
  ResultList list = {.at = *std::move(expression)};
  if (const YamlNode* state = node.Find("state")) {
    list.state = ItemStateOf(state->text());
    if (!list.state.has_value()) {
      context.Report(*state, absl::StrCat("must be ", ItemStateWords()));
    }
  }
  return list;
}

}  // namespace

ResultLists ReadResultLists(LoadContext& context, const YamlNode* node) {
  ResultLists lists;
  if (node == nullptr) return lists;
  if (!node->is_list()) {
    if (auto at = context.ReadExpression(*node)) {
      lists.push_back({.at = *std::move(at)});
    }
    return lists;
  }
  if (node->children().empty()) context.Report(*node, "must not be empty");
  for (const YamlNode* child : node->children()) {
    if (auto list = ReadResultList(context, *child)) {
      lists.push_back(*std::move(list));
    }
  }
  return lists;
}

InputCombinations ReadRequires(LoadContext& context, const YamlNode& node) {
  InputCombinations combinations;
  for (const YamlNode* text : context.Texts(node)) {
    auto& combination = combinations.emplace_back();
    for (const absl::string_view part : absl::StrSplit(text->text(), ',')) {
      auto& alternatives = combination.emplace_back();
      for (const absl::string_view word : absl::StrSplit(part, " or ")) {
        const absl::string_view input = absl::StripAsciiWhitespace(word);
        if (std::find(kInputs.begin(), kInputs.end(), input) == kInputs.end()) {
          context.Report(*text, absl::StrCat(input.empty() ? "nothing" : input,
                                             " is no input; there are ",
                                             absl::StrJoin(kInputs, ", ")));
        }
        alternatives.emplace_back(input);
      }
    }
  }
  return combinations;
}

std::vector<std::string> InputsInWords(const InputCombinations& combinations) {
  std::vector<std::string> words;
  for (const auto& combination : combinations) {
    std::vector<std::string> parts;
    parts.reserve(combination.size());
    for (const auto& alternatives : combination) {
      parts.push_back(absl::StrJoin(alternatives, " or "));
    }
    words.push_back(absl::StrJoin(parts, ", "));
  }
  return words;
}

void ReadResult(LoadContext& context, const YamlNode& node, ResultPlan& plan) {
  if (!context.CheckMap(node, {"match", "fields", "profile"})) return;
  if (const YamlNode* match = context.Require(node, "match")) {
    ReadMatch(context, *match, plan.match);
  }
  if (const YamlNode* fields = context.Require(node, "fields")) {
    ReadFields(context, *fields, plan);
  }
  plan.profile = ReadProfile(context, node.Find("profile"));
}

}  // namespace enrich::rest
