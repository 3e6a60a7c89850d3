#ifndef ENRICH_ADAPTERS_ENROW_WIRE_H_
#define ENRICH_ADAPTERS_ENROW_WIRE_H_

#include <optional>
#include <string>

#include "absl/status/statusor.h"
#include "absl/strings/string_view.h"
#include "model/credits.h"
#include "model/field.h"
#include "provider/adapter.h"

// The JSON of Enrow (https://docs.enrow.io) to and from the model. Knows
// nothing of HTTP or of configuration. Thread-safe.
namespace enrich::enrow {

// ---- Submission -------------------------------------------------------------

// Returns the body that starts a search for `field`: of the single endpoint for
// one contact, of the bulk endpoint for more. `country` (ISO alpha-2, may be
// empty) narrows company names down.
std::string WriteSubmission(const SubmitRequest& request, ContactField field,
                            absl::string_view country);

// The answer to a submission that was taken.
struct Receipt {
  // Empty when the body has none.
  std::string job_id = {};
  std::optional<Credits> debited = {};
};
Receipt ReadReceipt(absl::string_view body);

// ---- Results ----------------------------------------------------------------

// What the results of a job are read against.
struct JobContext {
  ContactField field = ContactField::kWorkEmail;
  // Contacts in the job: one went to the single endpoint.
  int item_count = 0;
  // What one hit costs.
  Credits price = {};
  // Whether to keep the items as received.
  bool want_raw = false;
};

// Reads what a fetch returned. Items that are still being searched are left
// out. A verdict Enrow does not document, or one without its value, fails the
// field: nothing but Enrow's own word for it is read as "not found".
//
// INVALID_ARGUMENT for a body that is no result.
absl::StatusOr<JobAnswer> ReadResult(absl::string_view body,
                                     const JobContext& job);

// What a webhook says.
struct Event {
  // Such as "bulk_search_finished"; empty when the body has none.
  std::string name = {};
  std::string job_id = {};
  std::optional<Credits> cost = {};
  // The result, of the events of single searches. Its key is empty when Enrow
  // left our `custom` out.
  std::optional<ItemAnswer> item = {};
};

// INVALID_ARGUMENT for a body that is no event of a job.
absl::StatusOr<Event> ReadEvent(absl::string_view body, const JobContext& job);

// ---- The rest ---------------------------------------------------------------

// What an error body says, in any of the documented shapes; empty when the body
// has none of them.
std::string ReadErrorMessage(absl::string_view body);

// The balance in an answer of /account/info, if there is one.
std::optional<Credits> ReadBalance(absl::string_view body);

}  // namespace enrich::enrow

#endif  // ENRICH_ADAPTERS_ENROW_WIRE_H_
