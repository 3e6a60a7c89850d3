#ifndef ENRICH_MODEL_ERRORS_H_
#define ENRICH_MODEL_ERRORS_H_

#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "absl/status/status.h"
#include "absl/strings/string_view.h"
#include "absl/time/time.h"

// Every error a caller of the API can see is built here, so that its reason,
// text and details are written once. The rpc layer turns the attached details
// into google.rpc messages.
namespace enrich {

// What a google.rpc.Status says besides code and message.
struct ErrorDetails {
  // Stable, upper-case; part of the API.
  std::string reason = {};
  // Every variable of the message.
  std::vector<std::pair<std::string, std::string>> metadata = {};
  // BadRequest: path and description.
  std::vector<std::pair<std::string, std::string>> field_violations = {};
  std::optional<absl::Duration> retry_delay = {};
};

// The details attached to `status`, if it was built here.
std::optional<ErrorDetails> DetailsOf(const absl::Status& status);

namespace error {

absl::Status InvalidRequest(
    std::vector<std::pair<std::string, std::string>> violations);
absl::Status MalformedMessage(absl::string_view message_type,
                              absl::string_view field_path);
absl::Status BatchEmpty();
absl::Status BatchTooLarge(int64_t contacts, int64_t limit);
absl::Status DuplicateContactRef(int64_t first_index, int64_t second_index);
absl::Status RequestIdReused(absl::string_view request_id);
absl::Status NoProvider(absl::string_view field);
absl::Status UnknownProvider(absl::string_view provider);
absl::Status ProviderNotFound(absl::string_view provider);
absl::Status TooManyOpenContacts(int64_t open, int64_t limit,
                                 absl::Duration retry_delay);
// Likewise, when it is about one tenant's.
absl::Status TooManyOpenContactsOfTenant(int64_t open, int64_t limit,
                                         absl::Duration retry_delay);
absl::Status TooManyStreams(int64_t limit);
absl::Status TooManyCalls(int64_t limit);
absl::Status BatchNotFound(absl::string_view batch_id);
absl::Status JobNotFound(absl::string_view job_id);
absl::Status JobNotInDoubt(absl::string_view job_id, absl::string_view why);
absl::Status ExposureHigher(absl::string_view job_id, int64_t millicredits,
                            int64_t max_millicredits);
absl::Status ProviderNotConfigured(absl::string_view provider);
absl::Status InvalidResumeToken(absl::string_view why);
absl::Status InvalidPageToken();
absl::Status HistoryGone(absl::string_view oldest_resume_token);
absl::Status SlowReader(absl::Duration stalled);
absl::Status StoreUnavailable(absl::string_view why);
absl::Status ShuttingDown();
absl::Status CredentialMissing();
absl::Status CredentialInvalid();
absl::Status NotOperator();

}  // namespace error
}  // namespace enrich

#endif  // ENRICH_MODEL_ERRORS_H_
