#include "adapters/rest/load_words.h"

#include <functional>
#include <utility>
#include <vector>

#include "absl/strings/str_cat.h"
#include "adapters/rest/expression_words.h"

namespace enrich::rest {
namespace {

constexpr std::pair<absl::string_view, ItemState> kItemStates[] = {
    {"FOUND", ItemState::kFound},
    {"NOT_FOUND", ItemState::kNotFound},
    {"PENDING", ItemState::kPending},
    {"ABSENT", ItemState::kAbsent},
    {"FAILED", ItemState::kFailed},
    {"INVALID_INPUT", ItemState::kInvalidInput},
    {"OUT_OF_CREDITS", ItemState::kOutOfCredits},
};

constexpr std::pair<absl::string_view, JobPhase> kJobStates[] = {
    {"RUNNING", JobPhase::kRunning},
    {"FINISHED", JobPhase::kFinished},
    {"FAILED", JobPhase::kFailed},
    {"CANCELLED", JobPhase::kCancelled},
    {"OUT_OF_CREDITS", JobPhase::kOutOfCredits},
};

constexpr std::pair<absl::string_view, EmailQuality> kGrades[] = {
    {"DELIVERABLE", EmailQuality::kDeliverable},
    {"HIGH_PROBABILITY", EmailQuality::kHighProbability},
    {"CATCH_ALL", EmailQuality::kCatchAll},
    {"INVALID", EmailQuality::kInvalid},
    {"UNKNOWN", EmailQuality::kUnknown},
};

constexpr std::pair<absl::string_view, ErrorClass> kClasses[] = {
    {"BAD_CREDENTIALS", ErrorClass::kBadCredentials},
    {"OUT_OF_CREDITS", ErrorClass::kOutOfCredits},
    {"REFUSED", ErrorClass::kRefused},
    {"INVALID_INPUT", ErrorClass::kInvalidInput},
    {"RATE_LIMITED", ErrorClass::kRateLimited},
    {"CALL_AGAIN", ErrorClass::kCallAgain},
    {"NOT_FOUND", ErrorClass::kNotFound},
    {"UNAVAILABLE", ErrorClass::kUnavailable},
    {"RUNNING", ErrorClass::kRunning},
    {"JOB_UNKNOWN", ErrorClass::kJobUnknown},
};

template <typename T, size_t N>
std::optional<T> Find(const std::pair<absl::string_view, T> (&words)[N],
                      absl::string_view wanted) {
  for (const auto& [word, meaning] : words) {
    if (word == wanted) return meaning;
  }
  return std::nullopt;
}

template <typename T, size_t N>
std::string List(const std::pair<absl::string_view, T> (&words)[N]) {
  std::vector<std::string> names;
  for (const auto& [word, meaning] : words) names.emplace_back(word);
  return JoinWords(names, " or ");
}

// Reports each of `words` that `known` does not hold for.
void CheckWords(LoadContext& context, const YamlNode& node,
                const std::vector<PossibleWord>& words,
                const std::function<bool(absl::string_view)>& known,
                absl::string_view what, const std::string& list) {
  for (const PossibleWord& word : words) {
    if (known(word.word)) continue;
    context.Report(node, absl::StrCat(word.word, " is no ", what,
                                      word.table.empty()
                                          ? ""
                                          : absl::StrCat(" (from the table ",
                                                         word.table, ")"),
                                      "; there are ", list));
  }
}

}  // namespace

std::optional<ItemState> ItemStateOf(absl::string_view word) {
  return Find(kItemStates, word);
}
std::optional<JobPhase> JobPhaseOf(absl::string_view word) {
  return Find(kJobStates, word);
}
std::optional<EmailQuality> GradeOf(absl::string_view word) {
  return Find(kGrades, word);
}
std::optional<ErrorClass> ErrorClassOf(absl::string_view word) {
  return Find(kClasses, word);
}

absl::string_view ErrorClassName(ErrorClass error_class) {
  for (const auto& [word, meaning] : kClasses) {
    if (meaning == error_class) return word;
  }
  return "";
}

std::optional<ContactField> FieldOf(absl::string_view word) {
  for (const ContactField field : kAllContactFields) {
    if (FieldName(field) == word) return field;
  }
  return std::nullopt;
}

std::string ItemStateWords() { return List(kItemStates); }
std::string JobStateWords() { return List(kJobStates); }
std::string GradeWords() { return List(kGrades); }
std::string ErrorClassWords() { return List(kClasses); }

std::string FieldWords() {
  std::vector<std::string> names;
  names.reserve(kAllContactFields.size());
  for (const ContactField field : kAllContactFields) {
    names.emplace_back(FieldName(field));
  }
  return JoinWords(names, " or ");
}

void CheckItemStates(LoadContext& context, const YamlNode& node,
                     const Expression& expression) {
  CheckWords(
      context, node, PossibleWords(expression, context.tables()),
      [](absl::string_view word) { return ItemStateOf(word).has_value(); },
      "item state", ItemStateWords());
}

void CheckJobStates(LoadContext& context, const YamlNode& node,
                    const Expression& expression) {
  CheckWords(
      context, node, PossibleWords(expression, context.tables()),
      [](absl::string_view word) { return JobPhaseOf(word).has_value(); },
      "job state", JobStateWords());
}

void CheckGrades(LoadContext& context, const YamlNode& node,
                 const Expression& expression) {
  CheckWords(
      context, node, PossibleWordsOf(expression, "grade", context.tables()),
      [](absl::string_view word) { return GradeOf(word).has_value(); }, "grade",
      GradeWords());
}

}  // namespace enrich::rest
