#ifndef ENRICH_CLI_RESULT_COLUMNS_H_
#define ENRICH_CLI_RESULT_COLUMNS_H_

#include <map>
#include <optional>
#include <string>
#include <vector>

#include "absl/status/statusor.h"
#include "absl/strings/string_view.h"
#include "absl/types/span.h"
#include "enrich/v1/result.pb.h"

namespace enrich::cli {

// Names as they stand in files and flags: lower case, no prefix, such as
// `work_email`, `not_found`, `catch_all`.
std::string FieldName(v1::ContactField field);
std::string OutcomeName(v1::LookupOutcome outcome);
std::string QualityName(v1::EmailQuality quality);
std::optional<v1::ContactField> ParseField(absl::string_view name);
// The qualities that may stop a search: deliverable, high_probability,
// catch_all.
std::optional<v1::EmailQuality> ParseMinQuality(absl::string_view name);

// Thousandths of a credit as credits: 1500 is "1.5".
std::string FormatCredits(int64_t millicredits);

// Credits charged for `result`, in thousandths, by provider.
std::map<std::string, int64_t> CreditsOf(const v1::ContactResult& result);

// The best value of `field`, empty unless it was found. A phone number that is
// not valid is given as its provider spells it.
std::string BestValue(const v1::FieldResult& field);

// Why `field` has no value, without contact data; empty when it has one.
std::string ReasonOf(const v1::FieldResult& field);

// The columns that results add to an input with `columns`: per field its value,
// quality or line type, status and provider, then `credits` and `reason`. A
// name that the input already has gets the prefix "enriched_".
// INVALID_ARGUMENT when that is taken too.
absl::StatusOr<std::vector<std::string>> ResultColumns(
    absl::Span<const v1::ContactField> fields,
    absl::Span<const std::string> columns);

// The cells for these columns.
std::vector<std::string> ResultCells(const v1::ContactResult& result,
                                     absl::Span<const v1::ContactField> fields);

}  // namespace enrich::cli

#endif  // ENRICH_CLI_RESULT_COLUMNS_H_
