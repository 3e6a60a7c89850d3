#include "cli/tally.h"

#include <vector>

#include "absl/strings/str_cat.h"
#include "absl/strings/str_join.h"
#include "cli/result_columns.h"

namespace enrich::cli {

void Tally::Add(const v1::ContactResult& result, int sign) {
  contacts += sign;
  for (const auto& field : result.fields()) {
    // A newer gateway may know more outcomes.
    const int outcome = v1::LookupOutcome_IsValid(field.outcome())
                            ? field.outcome()
                            : v1::LOOKUP_OUTCOME_UNSPECIFIED;
    fields[field.field()][static_cast<size_t>(outcome)] += sign;
  }
  for (const auto& [provider, credits] : CreditsOf(result)) {
    millicredits[provider] += sign * credits;
  }
}

int64_t Tally::Count(v1::LookupOutcome outcome) const {
  int64_t count = 0;
  for (const auto& [field, outcomes] : fields) {
    count += outcomes[static_cast<size_t>(outcome)];
  }
  return count;
}

int64_t Tally::Unanswered() const {
  return Count(v1::LOOKUP_OUTCOME_FAILED) + Count(v1::LOOKUP_OUTCOME_UNKNOWN) +
         Count(v1::LOOKUP_OUTCOME_CANCELLED);
}

std::string DescribeCredits(
    const std::map<std::string, int64_t>& millicredits) {
  std::vector<std::string> parts;
  for (const auto& [provider, credits] : millicredits) {
    if (credits == 0) continue;
    parts.push_back(absl::StrCat(provider, " ", FormatCredits(credits)));
  }
  return absl::StrJoin(parts, ", ");
}

}  // namespace enrich::cli
