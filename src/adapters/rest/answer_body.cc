#include "adapters/rest/answer_body.h"

#include "absl/strings/numbers.h"
#include "absl/strings/str_cat.h"

namespace enrich::rest {
namespace {

// A body with more deviations says the same again and again.
constexpr size_t kMaxDrift = 100;

}  // namespace

AnswerBody::AnswerBody(absl::string_view operation, absl::string_view text)
    : operation_(operation),
      document_(json::Document::Parse(text)),
      root_(document_.ok() ? Value(document_->root()) : Value()) {}

std::string AnswerBody::Text(const std::optional<Expression>& expression,
                             const Value& current) {
  if (!expression.has_value()) return "";
  return std::string(Evaluate(*expression, current).AsText(arena_));
}

void AnswerBody::AddDrift(const Place& place, const Expression* expression,
                          absl::string_view what) {
  if (drift_.size() >= kMaxDrift) return;
  std::string text = absl::StrCat(operation_, ": ", place.part);
  if (place.element.has_value()) {
    absl::StrAppend(&text, "[", *place.element, "]");
  }
  if (!place.field.empty()) absl::StrAppend(&text, ".", place.field);
  if (expression != nullptr) {
    absl::StrAppend(&text, ": \"", expression->text(), "\"");
  }
  absl::StrAppend(&text, ": ", what);
  drift_.push_back(std::move(text));
}

void AnswerBody::AddUnreadable(absl::string_view part) {
  // Cut short, expressions may have given anything.
  drift_.clear();
  // The parser's message says where, never what.
  AddDrift({.part = part}, nullptr,
           is_json() ? "reading the body took more than its budget"
                     : document_.status().message());
}

std::optional<Credits> CreditsOf(const Value& value, Arena& arena) {
  double credits = 0;
  if (!absl::SimpleAtod(value.AsText(arena), &credits)) return std::nullopt;
  return Credits::FromDouble(credits);
}

}  // namespace enrich::rest
