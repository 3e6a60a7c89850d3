#include "adapters/rest/load_errors.h"

#include <bitset>
#include <optional>
#include <utility>

#include "absl/strings/numbers.h"
#include "absl/strings/str_cat.h"
#include "adapters/rest/load_words.h"
#include "http/header_syntax.h"

namespace enrich::rest {
namespace {

using Range = std::pair<int, int>;

// More is no list that a person keeps in mind.
constexpr size_t kMaxRules = 100;

std::optional<Range> ParseStatus(const std::string& text) {
  if (text.size() == 3 && text.substr(1) == "xx" && text[0] >= '1' &&
      text[0] <= '5') {
    const int first = (text[0] - '0') * 100;
    return Range(first, first + 99);
  }
  int status = 0;
  if (text.size() == 3 && absl::SimpleAtoi(text, &status) && status >= 100 &&
      status <= 599) {
    return Range(status, status);
  }
  return std::nullopt;
}

void ReadStatus(LoadContext& context, const YamlNode& node, ErrorRule& rule) {
  const auto range = node.is_scalar() ? ParseStatus(node.text()) : std::nullopt;
  if (range.has_value()) {
    rule.http.push_back(*range);
  } else {
    context.Report(node, "must be a status from 100 to 599, or such as 4xx");
  }
}

void ReadHttp(LoadContext& context, const YamlNode& node, ErrorRule& rule) {
  if (!node.is_list()) return ReadStatus(context, node, rule);
  if (node.children().empty() || node.children().size() > kMaxRules) {
    return context.Report(node, "must be a list of a few statuses");
  }
  for (const YamlNode* child : node.children()) {
    ReadStatus(context, *child, rule);
  }
}

void ReadHeader(LoadContext& context, const YamlNode& node, ErrorRule& rule) {
  if (!context.CheckMap(node, {"name", "is"})) return;
  if (const YamlNode* name = context.Require(node, "name")) {
    rule.header = context.Text(*name).value_or("");
    if (!rule.header.empty() && !IsHttpToken(rule.header)) {
      context.Report(*name, "is no name of a header");
    }
  }
  if (const YamlNode* is = node.Find("is")) rule.header_is = context.Text(*is);
}

void ReadOn(LoadContext& context, const YamlNode& node, ErrorRule& rule) {
  rule.on_submit = rule.on_poll = false;
  for (const YamlNode* child : context.Texts(node)) {
    if (child->text() == "submit") {
      rule.on_submit = true;
    } else if (child->text() == "poll") {
      rule.on_poll = true;
    } else {
      context.Report(*child, "must be submit or poll");
    }
  }
}

void ReadClass(LoadContext& context, const YamlNode& node, ErrorRule& rule) {
  const YamlNode* value = context.Require(node, "class");
  if (value == nullptr) return;
  const auto error_class = ErrorClassOf(value->text());
  if (!error_class.has_value()) {
    return context.Report(*value, absl::StrCat("must be ", ErrorClassWords()));
  }
  rule.error_class = *error_class;
  const bool poll_only = rule.error_class == ErrorClass::kRunning ||
                         rule.error_class == ErrorClass::kJobUnknown;
  if (poll_only && rule.on_submit) {
    context.Report(*value,
                   absl::StrCat(value->text(),
                                " says nothing of a submission: add on: poll"));
  }
}

void ReadRetryAfter(LoadContext& context, const YamlNode* node,
                    ErrorRule& rule) {
  if (node == nullptr) return;
  rule.retry_after =
      context.Duration(*node, absl::ZeroDuration(), absl::Hours(24 * 31));
  if (rule.error_class != ErrorClass::kRateLimited &&
      rule.error_class != ErrorClass::kCallAgain) {
    context.Report(*node, "goes with RATE_LIMITED and CALL_AGAIN only");
  }
}

ErrorRule ReadRule(LoadContext& context, const YamlNode& node) {
  ErrorRule rule = {.line = node.line()};
  if (const YamlNode* http = node.Find("http")) ReadHttp(context, *http, rule);
  if (const YamlNode* header = node.Find("header")) {
    ReadHeader(context, *header, rule);
  }
  rule.when = context.ReadExpression(node.Find("when"));
  if (const YamlNode* on = node.Find("on")) ReadOn(context, *on, rule);
  ReadClass(context, node, rule);
  rule.text = context.ReadExpression(node.Find("text"));
  rule.item = context.ReadExpression(node.Find("item"));
  ReadRetryAfter(context, node.Find("retry_after"), rule);
  if (node.Find("http") == nullptr && node.Find("header") == nullptr &&
      node.Find("when") == nullptr) {
    context.Report(node,
                   "needs http, header or when: a rule for every answer would "
                   "take what is not known for a refusal");
  }
  return rule;
}

// One bit for each status.
std::bitset<600> StatusesOf(const std::vector<Range>& ranges) {
  std::bitset<600> statuses;
  for (const auto& [first, last] : ranges) {
    for (int status = first; status <= last; ++status) statuses.set(status);
  }
  return statuses;
}

bool Covers(const std::vector<Range>& wide, const std::vector<Range>& narrow) {
  if (wide.empty()) return true;
  if (narrow.empty()) return false;
  return (StatusesOf(narrow) & ~StatusesOf(wide)).none();
}

// Whether whatever `later` knows, `earlier` has decided.
bool Hides(const ErrorRule& earlier, const ErrorRule& later) {
  if (earlier.when.has_value() &&
      (!later.when.has_value() || earlier.when->text() != later.when->text())) {
    return false;
  }
  if (!earlier.header.empty() && (earlier.header != later.header ||
                                  (earlier.header_is.has_value() &&
                                   earlier.header_is != later.header_is))) {
    return false;
  }
  return (earlier.on_submit || !later.on_submit) &&
         (earlier.on_poll || !later.on_poll) &&
         Covers(earlier.http, later.http);
}

}  // namespace

void ReadErrorRules(LoadContext& context, const YamlNode* node,
                    std::vector<ErrorRule>& rules) {
  if (node == nullptr) return;
  if (!node->is_list()) return context.Report(*node, "must be a list of rules");
  if (node->children().size() > kMaxRules) {
    return context.Report(*node, absl::StrCat("has at most ", kMaxRules));
  }
  const size_t first = rules.size();
  for (const YamlNode* child : node->children()) {
    if (!context.CheckMap(*child, {"http", "header", "when", "on", "class",
                                   "text", "item", "retry_after"})) {
      continue;
    }
    const size_t before = context.count();
    ErrorRule rule = ReadRule(context, *child);
    // A rule that could not be read hides nothing.
    if (context.count() > before) continue;
    for (size_t i = first; i < rules.size(); ++i) {
      if (!Hides(rules[i], rule)) continue;
      context.Report(*child, absl::StrCat("can never hold: the rule in line ",
                                          rules[i].line, " decides before it"));
      break;
    }
    rules.push_back(std::move(rule));
  }
}

}  // namespace enrich::rest
