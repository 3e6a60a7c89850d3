#ifndef ENRICH_ADAPTERS_FULLENRICH_WIRE_H_
#define ENRICH_ADAPTERS_FULLENRICH_WIRE_H_

#include <array>
#include <optional>
#include <string>

#include "absl/status/statusor.h"
#include "absl/strings/string_view.h"
#include "model/credits.h"
#include "model/field.h"
#include "provider/adapter.h"

// The JSON of FullEnrich v2 (https://docs.fullenrich.com/api/v2) to and from
// the model. Knows nothing of HTTP or of configuration. Thread-safe.
namespace enrich::fullenrich {

inline constexpr int kMaxContactsPerJob = 100;

// How FullEnrich spells a field.
struct FieldSpelling {
  ContactField field;
  // In a request's `enrich_fields`.
  absl::string_view wanted;
  // In a result's `contact_info`: the one best value, and all values.
  absl::string_view best;
  absl::string_view all;
};

inline constexpr std::array<FieldSpelling, 3> kFieldSpellings = {{
    {ContactField::kWorkEmail, "contact.work_emails",
     "most_probable_work_email", "work_emails"},
    {ContactField::kPhone, "contact.phones", "most_probable_phone", "phones"},
    {ContactField::kPersonalEmail, "contact.personal_emails",
     "most_probable_personal_email", "personal_emails"},
}};

// Returns the body that starts a job.
std::string WriteSubmission(const SubmitRequest& request);

// Returns the id in the answer to a submission, empty when there is none.
std::string ReadEnrichmentId(absl::string_view body);

// A job's results: what a fetch returns and what every webhook carries.
struct ResultBody {
  // Empty when the body does not name it.
  std::string job_id = {};
  JobAnswer answer = {};
};

// Reads a job's results. `operation` has the prices; `want_raw`: keep the items
// as received.
//
// An item does not say which fields were asked for. One of a finished job
// therefore answers all of them, found or not; whoever asked ignores the rest.
// While a job runs, and when it ended early, only what was found is an answer:
// nothing else is ever read as "not found".
//
// INVALID_ARGUMENT for a body that is no result of API v2, or has more items
// than a job can.
absl::StatusOr<ResultBody> ReadResult(absl::string_view body,
                                      const OperationSpec& operation,
                                      bool want_raw);

// What an error body says; both empty when the body is none.
struct ErrorBody {
  std::string code = {};
  std::string message = {};
};
ErrorBody ReadError(absl::string_view body);

// Returns the balance in an answer of /account/credits, if there is one.
std::optional<Credits> ReadBalance(absl::string_view body);

}  // namespace enrich::fullenrich

#endif  // ENRICH_ADAPTERS_FULLENRICH_WIRE_H_
