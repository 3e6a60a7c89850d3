#include <string>
#include <utility>

#include "absl/status/statusor.h"
#include "absl/strings/ascii.h"
#include "absl/strings/str_cat.h"
#include "base/domain.h"
#include "expression/functions.h"
#include "expression/text_builder.h"

namespace enrich::expression {
namespace {

constexpr absl::string_view kSpace = " \t\n\v\f\r";

absl::string_view Trimmed(const Value& text) {
  return absl::StripAsciiWhitespace(text.AsString());
}

// Null for an empty text.
Value TextOrNull(absl::string_view text) {
  return text.empty() ? Value() : Value::String(text);
}

// A copy in the arena; null when there is none.
Value Copied(const Call& call, const absl::StatusOr<std::string>& text) {
  return text.ok() ? TextOrNull(call.arena().Copy(*text)) : Value();
}

Value FirstName(const Call& call) {
  const absl::string_view name = Trimmed(call[0]);
  return TextOrNull(name.substr(0, name.find_first_of(kSpace)));
}

Value LastName(const Call& call) {
  const absl::string_view name = Trimmed(call[0]);
  const size_t end = name.find_first_of(kSpace);
  if (end == name.npos) return Value();
  return TextOrNull(absl::StripAsciiWhitespace(name.substr(end)));
}

bool IsTextOrNull(const Value& value) {
  return value.null() || value.type() == Type::kString;
}

Value FullName(const Call& call) {
  if (!IsTextOrNull(call[0]) || !IsTextOrNull(call[1])) return Value();
  const absl::string_view first = Trimmed(call[0]);
  const absl::string_view last = Trimmed(call[1]);
  if (first.empty() || last.empty()) {
    return TextOrNull(first.empty() ? last : first);
  }
  TextBuilder name(call.arena(), first.size() + 1 + last.size());
  name.Append(first);
  name.Append(" ");
  name.Append(last);
  return name.Take();
}

Value LinkedinSlug(const Call& call) {
  absl::StatusOr<std::string> url = NormalizeLinkedinUrl(call[0].AsString());
  if (url.ok()) url->erase(0, url->rfind('/') + 1);
  return Copied(call, url);
}

Value LinkedinUrl(const Call& call) {
  const absl::string_view text = Trimmed(call[0]);
  // An id has neither; a host name or a path is not taken for one.
  if (text.find_first_of("./") == text.npos) {
    return Copied(call,
                  NormalizeLinkedinUrl(absl::StrCat("linkedin.com/in/", text)));
  }
  return Copied(call, NormalizeLinkedinUrl(text));
}

Value DomainOf(const Call& call) {
  const absl::string_view text = Trimmed(call[0]);
  const absl::StatusOr<std::string> email = NormalizeEmail(text);
  if (!email.ok()) return Copied(call, NormalizeDomain(text));
  return Copied(call, NormalizeDomain(email->substr(email->rfind('@') + 1)));
}

constexpr Function kFunctions[] = {
    {"domain_of", 1, 1, DomainOf},         {"first_name", 1, 1, FirstName},
    {"full_name", 2, 2, FullName},         {"last_name", 1, 1, LastName},
    {"linkedin_slug", 1, 1, LinkedinSlug}, {"linkedin_url", 1, 1, LinkedinUrl},
};

}  // namespace

absl::Span<const Function> ContactFunctions() { return kFunctions; }

}  // namespace enrich::expression
