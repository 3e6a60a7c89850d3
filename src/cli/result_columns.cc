#include "cli/result_columns.h"

#include <algorithm>
#include <cstdlib>
#include <utility>

#include "absl/strings/ascii.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_format.h"
#include "absl/strings/str_join.h"
#include "absl/strings/strip.h"

namespace enrich::cli {
namespace {

std::string Shorten(absl::string_view name, absl::string_view prefix) {
  return absl::AsciiStrToLower(absl::StripPrefix(name, prefix));
}

std::string LineTypeName(v1::PhoneLineType type) {
  if (type == v1::PHONE_LINE_TYPE_UNSPECIFIED) return "";
  return Shorten(v1::PhoneLineType_Name(type), "PHONE_LINE_TYPE_");
}

const v1::FieldResult* FindField(const v1::ContactResult& result,
                                 v1::ContactField field) {
  for (const auto& candidate : result.fields()) {
    if (candidate.field() == field) return &candidate;
  }
  return nullptr;
}

std::string KindOfValue(const v1::FieldResult& field) {
  if (field.outcome() != v1::LOOKUP_OUTCOME_FOUND) return "";
  if (!field.emails().empty()) return QualityName(field.emails(0).quality());
  return field.phones().empty() ? ""
                                : LineTypeName(field.phones(0).line_type());
}

}  // namespace

std::string FieldName(v1::ContactField field) {
  return Shorten(v1::ContactField_Name(field), "CONTACT_FIELD_");
}

std::string OutcomeName(v1::LookupOutcome outcome) {
  return Shorten(v1::LookupOutcome_Name(outcome), "LOOKUP_OUTCOME_");
}

std::string QualityName(v1::EmailQuality quality) {
  return Shorten(v1::EmailQuality_Name(quality), "EMAIL_QUALITY_");
}

std::optional<v1::ContactField> ParseField(absl::string_view name) {
  for (const auto field :
       {v1::CONTACT_FIELD_WORK_EMAIL, v1::CONTACT_FIELD_PHONE,
        v1::CONTACT_FIELD_PERSONAL_EMAIL,
        v1::CONTACT_FIELD_EMAIL_VERIFICATION}) {
    if (FieldName(field) == name) return field;
  }
  return std::nullopt;
}

std::optional<v1::EmailQuality> ParseMinQuality(absl::string_view name) {
  for (const auto quality :
       {v1::EMAIL_QUALITY_DELIVERABLE, v1::EMAIL_QUALITY_HIGH_PROBABILITY,
        v1::EMAIL_QUALITY_CATCH_ALL}) {
    if (QualityName(quality) == name) return quality;
  }
  return std::nullopt;
}

std::string FormatCredits(int64_t millicredits) {
  const int64_t rest = std::abs(millicredits % 1000);
  std::string text =
      absl::StrCat(millicredits < 0 ? "-" : "", std::abs(millicredits / 1000));
  if (rest == 0) return text;
  absl::StrAppendFormat(&text, ".%03d", rest);
  while (text.back() == '0') text.pop_back();
  return text;
}

std::map<std::string, int64_t> CreditsOf(const v1::ContactResult& result) {
  std::map<std::string, int64_t> credits;
  for (const auto& field : result.fields()) {
    for (const auto& attempt : field.attempts()) {
      if (attempt.millicredits() != 0) {
        credits[attempt.provider()] += attempt.millicredits();
      }
    }
  }
  return credits;
}

std::string BestValue(const v1::FieldResult& field) {
  if (field.outcome() != v1::LOOKUP_OUTCOME_FOUND) return "";
  if (!field.emails().empty()) return field.emails(0).address();
  if (field.phones().empty()) return "";
  const v1::PhoneValue& phone = field.phones(0);
  return phone.e164().empty() ? phone.provider_spelling() : phone.e164();
}

std::string ReasonOf(const v1::FieldResult& field) {
  if (field.outcome() == v1::LOOKUP_OUTCOME_FOUND) return "";
  if (!field.explanation().empty()) return field.explanation();
  std::vector<std::string> reasons;
  for (const auto& attempt : field.attempts()) {
    if (attempt.error().reason().empty()) continue;
    reasons.push_back(
        absl::StrCat(attempt.provider(), ": ", attempt.error().reason()));
  }
  return absl::StrJoin(reasons, ", ");
}

absl::StatusOr<std::vector<std::string>> ResultColumns(
    absl::Span<const v1::ContactField> fields,
    absl::Span<const std::string> columns) {
  std::vector<std::string> names;
  for (const v1::ContactField field : fields) {
    const std::string name = FieldName(field);
    const char* kind =
        field == v1::CONTACT_FIELD_PHONE ? "_line_type" : "_quality";
    for (const char* suffix : {"", kind, "_status", "_provider"}) {
      names.push_back(absl::StrCat(name, suffix));
    }
  }
  names.push_back("credits");
  names.push_back("reason");
  const auto taken = [&](const std::string& name) {
    return std::find(columns.begin(), columns.end(), name) != columns.end();
  };
  for (std::string& name : names) {
    if (taken(name)) name = absl::StrCat("enriched_", name);
    if (taken(name)) {
      return absl::InvalidArgumentError(absl::StrCat(
          "line 1: the input already has a column ", name, "; rename it"));
    }
  }
  return names;
}

std::vector<std::string> ResultCells(
    const v1::ContactResult& result,
    absl::Span<const v1::ContactField> fields) {
  std::vector<std::string> cells;
  std::vector<std::string> reasons;
  for (const v1::ContactField field : fields) {
    static const auto& kNone = *new v1::FieldResult();
    const v1::FieldResult* found = FindField(result, field);
    const v1::FieldResult& answer = found == nullptr ? kNone : *found;
    cells.push_back(BestValue(answer));
    cells.push_back(KindOfValue(answer));
    cells.push_back(OutcomeName(answer.outcome()));
    cells.push_back(answer.provider());
    std::string reason = ReasonOf(answer);
    if (!reason.empty() &&
        std::find(reasons.begin(), reasons.end(), reason) == reasons.end()) {
      reasons.push_back(std::move(reason));
    }
  }
  int64_t credits = 0;
  for (const auto& [provider, millicredits] : CreditsOf(result)) {
    credits += millicredits;
  }
  cells.push_back(FormatCredits(credits));
  cells.push_back(absl::StrJoin(reasons, "; "));
  return cells;
}

}  // namespace enrich::cli
