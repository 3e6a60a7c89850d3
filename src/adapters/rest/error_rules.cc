#include "adapters/rest/error_rules.h"

#include <algorithm>

#include "absl/strings/ascii.h"
#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "adapters/rest/retry.h"
#include "base/text.h"

namespace enrich::rest {
namespace {

// A message that is told to people.
constexpr size_t kMaxTextBytes = 200;

bool CoversStatus(const ErrorRule& rule, int status) {
  return std::any_of(rule.http.begin(), rule.http.end(),
                     [status](const std::pair<int, int>& range) {
                       return status >= range.first && status <= range.second;
                     });
}

bool HoldsForHeader(const ErrorRule& rule, const HttpHeaders& headers) {
  if (rule.header.empty()) return true;
  return std::any_of(headers.begin(), headers.end(), [&](const auto& header) {
    return absl::EqualsIgnoreCase(header.first, rule.header) &&
           (!rule.header_is.has_value() || header.second == *rule.header_is);
  });
}

bool AppliesIn(const ErrorRule& rule, RuleScope scope) {
  if (scope == RuleScope::kPoll) return rule.on_poll;
  if (scope == RuleScope::kSubmitWithStatus && rule.http.empty()) return false;
  return rule.on_submit;
}

bool Holds(const ErrorRule& rule, const HttpResponse& response,
           AnswerBody& body) {
  if (!rule.http.empty() && !CoversStatus(rule, response.status)) return false;
  if (!HoldsForHeader(rule, response.headers)) return false;
  if (!rule.when.has_value()) return true;
  const bool holds = body.is_json() && body.Evaluate(*rule.when).truthy();
  // A condition that was cut short is not known to hold.
  return holds && body.readable();
}

// A text as it may be shown: one line, bounded.
std::string Shown(absl::string_view text) {
  std::string shown(text.substr(0, kMaxTextBytes));
  shown.resize(ValidUtf8Prefix(shown));
  std::replace_if(
      shown.begin(), shown.end(),
      [](char c) { return absl::ascii_iscntrl(static_cast<unsigned char>(c)); },
      ' ');
  return shown;
}

}  // namespace

const ErrorRule* FindRule(const std::vector<ErrorRule>& rules, RuleScope scope,
                          const HttpResponse& response, AnswerBody& body) {
  for (const ErrorRule& rule : rules) {
    if (AppliesIn(rule, scope) && Holds(rule, response, body)) return &rule;
  }
  return nullptr;
}

std::string Describe(const HttpResponse& response, const ErrorRule* rule,
                     AnswerBody& body) {
  std::string message = absl::StrCat("HTTP ", response.status);
  if (rule == nullptr) return message;
  const std::string text = Shown(body.Text(rule->text, body.root()));
  if (!text.empty()) absl::StrAppend(&message, ": ", text);
  return message;
}

FailureReason ReasonOf(ErrorClass error_class) {
  switch (error_class) {
    case ErrorClass::kBadCredentials:
      return FailureReason::kProviderAuth;
    case ErrorClass::kOutOfCredits:
      return FailureReason::kOutOfCredits;
    case ErrorClass::kRefused:
    case ErrorClass::kInvalidInput:
      return FailureReason::kProviderRejected;
    default:
      return FailureReason::kProviderUnavailable;
  }
}

RateLimited PauseOf(const ErrorRule& rule,
                    const std::vector<RetryReader>& readers,
                    const HttpResponse& response, AnswerBody& body) {
  return ReadRetry(readers, response.headers, body)
      .value_or(RateLimited{.retry_after = rule.retry_after});
}

}  // namespace enrich::rest
