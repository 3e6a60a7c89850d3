#include "cli/contact_violations.h"

#include <algorithm>
#include <map>
#include <string>
#include <utility>

#include "absl/strings/match.h"
#include "absl/strings/numbers.h"
#include "absl/strings/str_cat.h"
#include "cli/rich_error.h"

namespace enrich::cli {
namespace {

constexpr absl::string_view kContactPath = "contacts[";

// "contacts[3].email: too long" by index: {3, "email: too long"}.
std::map<int, std::string> ExplanationsOf(const absl::Status& status) {
  std::map<int, std::string> explanations;
  for (const auto& [path, description] : RichErrorOf(status).violations) {
    absl::string_view rest(path);
    rest.remove_prefix(kContactPath.size());
    const size_t end = rest.find(']');
    int index = 0;
    if (end == rest.npos || !absl::SimpleAtoi(rest.substr(0, end), &index)) {
      continue;
    }
    rest.remove_prefix(std::min(end + 2, rest.size()));
    std::string& text = explanations[index];
    absl::StrAppend(&text, text.empty() ? "" : "; ", rest,
                    rest.empty() ? "" : ": ", description);
  }
  return explanations;
}

v1::ContactResult InvalidResult(const v1::EnrichBatchRequest& request,
                                int index, const std::string& explanation) {
  v1::ContactResult result;
  result.set_contact_ref(request.contacts(index).contact_ref());
  result.set_contact_index(index);
  for (const int field : request.fields()) {
    v1::FieldResult* answer = result.add_fields();
    answer->set_field(static_cast<v1::ContactField>(field));
    answer->set_outcome(v1::LOOKUP_OUTCOME_INVALID_INPUT);
    answer->set_explanation(explanation);
  }
  return result;
}

}  // namespace

bool IsRefusedForContacts(const absl::Status& status) {
  const RichError error = RichErrorOf(status);
  return status.code() == absl::StatusCode::kInvalidArgument &&
         error.reason == "INVALID_REQUEST" && !error.violations.empty() &&
         std::all_of(error.violations.begin(), error.violations.end(),
                     [](const auto& violation) {
                       return absl::StartsWith(violation.first, kContactPath);
                     });
}

std::vector<v1::ContactResult> InvalidResults(
    const v1::EnrichBatchRequest& request, const absl::Status& status) {
  auto explanations = ExplanationsOf(status);
  std::vector<v1::ContactResult> results;
  for (int i = 0; i < request.contacts_size(); ++i) {
    // Not every violation is listed.
    std::string& text = explanations[i];
    if (text.empty()) text = "the contact breaks a rule";
    results.push_back(InvalidResult(request, i, text));
  }
  return results;
}

}  // namespace enrich::cli
