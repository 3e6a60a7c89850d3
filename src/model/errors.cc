#include "model/errors.h"

#include <cstdint>

#include "absl/strings/cord.h"
#include "absl/strings/numbers.h"
#include "absl/strings/str_cat.h"

namespace enrich {
namespace {

constexpr char kTypeUrl[] = "enrich.gateway/ErrorDetails";

// How long a caller should wait when the gateway itself is the problem.
constexpr absl::Duration kRetrySoon = absl::Seconds(1);

using Pairs = std::vector<std::pair<std::string, std::string>>;

// The payload is a run of length-prefixed strings, which carry any bytes:
// reason, delay in nanoseconds or nothing, and the two lists, each behind its
// length.
void AppendText(std::string& out, absl::string_view text) {
  absl::StrAppend(&out, text.size(), ":", text);
}

void AppendPairs(std::string& out, const Pairs& pairs) {
  AppendText(out, absl::StrCat(pairs.size()));
  for (const auto& [key, value] : pairs) {
    AppendText(out, key);
    AppendText(out, value);
  }
}

std::string Encode(const ErrorDetails& details) {
  std::string out;
  AppendText(out, details.reason);
  AppendText(out,
             details.retry_delay.has_value()
                 ? absl::StrCat(absl::ToInt64Nanoseconds(*details.retry_delay))
                 : "");
  AppendPairs(out, details.metadata);
  AppendPairs(out, details.field_violations);
  return out;
}

// Reads what Encode wrote. Once something is amiss, everything is empty.
class Decoder {
 public:
  explicit Decoder(absl::string_view in) : in_(in) {}

  std::string Text() {
    size_t size = 0;
    const size_t colon = in_.find(':');
    if (colon == in_.npos || !absl::SimpleAtoi(in_.substr(0, colon), &size) ||
        size > in_.size() - colon - 1) {
      in_ = "";
      return "";
    }
    std::string text(in_.substr(colon + 1, size));
    in_.remove_prefix(colon + 1 + size);
    return text;
  }

  std::optional<int64_t> Number() {
    int64_t number = 0;
    if (!absl::SimpleAtoi(Text(), &number)) return std::nullopt;
    return number;
  }

  Pairs List() {
    Pairs pairs;
    for (int64_t left = Number().value_or(0); left > 0 && !in_.empty();
         --left) {
      std::string key = Text();
      pairs.emplace_back(std::move(key), Text());
    }
    return pairs;
  }

 private:
  absl::string_view in_;
};

absl::Status Make(absl::StatusCode code, absl::string_view message,
                  const ErrorDetails& details) {
  absl::Status status(code, message);
  status.SetPayload(kTypeUrl, absl::Cord(Encode(details)));
  return status;
}

std::string Quoted(absl::string_view text) {
  return absl::StrCat("\"", text, "\"");
}

}  // namespace

std::optional<ErrorDetails> DetailsOf(const absl::Status& status) {
  const absl::optional<absl::Cord> payload = status.GetPayload(kTypeUrl);
  if (!payload.has_value()) return std::nullopt;
  const std::string bytes(*payload);
  Decoder decoder(bytes);
  ErrorDetails details;
  details.reason = decoder.Text();
  if (const std::optional<int64_t> nanos = decoder.Number()) {
    details.retry_delay = absl::Nanoseconds(*nanos);
  }
  details.metadata = decoder.List();
  details.field_violations = decoder.List();
  return details;
}

namespace error {

absl::Status InvalidRequest(Pairs violations) {
  std::string message = "The request breaks a rule";
  if (!violations.empty()) {
    const auto& [field, description] = violations.front();
    absl::StrAppend(&message, ": ", field, " ", description);
  }
  if (violations.size() > 1) {
    absl::StrAppend(&message, " (and ", violations.size() - 1, " more)");
  }
  absl::StrAppend(&message, ".");
  return Make(
      absl::StatusCode::kInvalidArgument, message,
      {.reason = "INVALID_REQUEST", .field_violations = std::move(violations)});
}

absl::Status MalformedMessage(absl::string_view message_type,
                              absl::string_view field_path) {
  const std::string where =
      field_path.empty() ? std::string() : absl::StrCat(" at ", field_path);
  return Make(
      absl::StatusCode::kInvalidArgument,
      absl::StrCat("The ", message_type,
                   " is not valid protobuf with UTF-8 text", where, "."),
      {.reason = "MALFORMED_MESSAGE",
       .metadata = {{"message_type", std::string(message_type)},
                    {"field_path", std::string(field_path)}}});
}

absl::Status BatchEmpty() {
  return Make(absl::StatusCode::kInvalidArgument,
              "A batch needs at least 1 contact in contacts.",
              {.reason = "BATCH_EMPTY"});
}

absl::Status BatchTooLarge(int64_t contacts, int64_t limit) {
  return Make(
      absl::StatusCode::kInvalidArgument,
      absl::StrCat("contacts has ", contacts, " entries, over the limit of ",
                   limit, " per batch."),
      {.reason = "BATCH_TOO_LARGE",
       .metadata = {{"contacts", absl::StrCat(contacts)},
                    {"limit", absl::StrCat(limit)}}});
}

absl::Status DuplicateContactRef(int64_t first_index, int64_t second_index) {
  return Make(absl::StatusCode::kInvalidArgument,
              absl::StrCat("contacts[", first_index, "] and contacts[",
                           second_index, "] have the same contact_ref."),
              {.reason = "DUPLICATE_CONTACT_REF",
               .metadata = {{"first_index", absl::StrCat(first_index)},
                            {"second_index", absl::StrCat(second_index)}}});
}

absl::Status RequestIdReused(absl::string_view request_id) {
  return Make(absl::StatusCode::kAlreadyExists,
              absl::StrCat("request_id ", Quoted(request_id),
                           " was used for a batch with other content."),
              {.reason = "REQUEST_ID_REUSED",
               .metadata = {{"request_id", std::string(request_id)}}});
}

absl::Status NoProvider(absl::string_view field) {
  return Make(
      absl::StatusCode::kFailedPrecondition,
      absl::StrCat("No provider is configured for the field ", field, "."),
      {.reason = "NO_PROVIDER", .metadata = {{"field", std::string(field)}}});
}

// A violation like any other: the name stands in a field of the request.
absl::Status UnknownProvider(absl::string_view provider) {
  return Make(absl::StatusCode::kInvalidArgument,
              absl::StrCat("providers names ", Quoted(provider),
                           ", which is not configured."),
              {.reason = "INVALID_REQUEST",
               .metadata = {{"provider", std::string(provider)}},
               .field_violations = {{"providers",
                                     "names a provider account "
                                     "that is not configured"}}});
}

absl::Status ProviderNotFound(absl::string_view provider) {
  return Make(
      absl::StatusCode::kNotFound,
      absl::StrCat("There is no provider account ", Quoted(provider), "."),
      {.reason = "PROVIDER_NOT_FOUND",
       .metadata = {{"provider", std::string(provider)}}});
}

absl::Status TooManyOpenContacts(int64_t open, int64_t limit,
                                 absl::Duration retry_delay) {
  return Make(absl::StatusCode::kResourceExhausted,
              absl::StrCat("With ", open,
                           " contacts open, this batch would pass the limit "
                           "of ",
                           limit, "."),
              {.reason = "TOO_MANY_OPEN_CONTACTS",
               .metadata = {{"open", absl::StrCat(open)},
                            {"limit", absl::StrCat(limit)}},
               .retry_delay = retry_delay});
}

absl::Status TooManyOpenContactsOfTenant(int64_t open, int64_t limit,
                                         absl::Duration retry_delay) {
  return Make(absl::StatusCode::kResourceExhausted,
              absl::StrCat("With ", open,
                           " contacts of the caller open, this batch would "
                           "pass the limit of ",
                           limit, " per tenant."),
              {.reason = "TOO_MANY_OPEN_CONTACTS",
               .metadata = {{"open", absl::StrCat(open)},
                            {"limit", absl::StrCat(limit)}},
               .retry_delay = retry_delay});
}

absl::Status TooManyStreams(int64_t limit) {
  return Make(absl::StatusCode::kResourceExhausted,
              absl::StrCat("The limit of ", limit,
                           " open WatchResults streams is reached."),
              {.reason = "TOO_MANY_STREAMS",
               .metadata = {{"limit", absl::StrCat(limit)}},
               .retry_delay = kRetrySoon});
}

absl::Status TooManyCalls(int64_t limit) {
  return Make(
      absl::StatusCode::kResourceExhausted,
      absl::StrCat("The limit of ", limit, " calls at once is reached."),
      {.reason = "TOO_MANY_CALLS",
       .metadata = {{"limit", absl::StrCat(limit)}},
       .retry_delay = kRetrySoon});
}

absl::Status BatchNotFound(absl::string_view batch_id) {
  return Make(absl::StatusCode::kNotFound,
              absl::StrCat("There is no batch ", Quoted(batch_id), "."),
              {.reason = "BATCH_NOT_FOUND",
               .metadata = {{"batch_id", std::string(batch_id)}}});
}

absl::Status JobNotFound(absl::string_view job_id) {
  return Make(absl::StatusCode::kNotFound,
              absl::StrCat("There is no job ", Quoted(job_id), "."),
              {.reason = "JOB_NOT_FOUND",
               .metadata = {{"job_id", std::string(job_id)}}});
}

absl::Status JobNotInDoubt(absl::string_view job_id, absl::string_view why) {
  return Make(
      absl::StatusCode::kFailedPrecondition,
      absl::StrCat("The job ", Quoted(job_id), " is not in doubt: ", why, "."),
      {.reason = "JOB_NOT_IN_DOUBT",
       .metadata = {{"job_id", std::string(job_id)},
                    {"why", std::string(why)}}});
}

absl::Status ExposureHigher(absl::string_view job_id, int64_t millicredits,
                            int64_t max_millicredits) {
  return Make(
      absl::StatusCode::kFailedPrecondition,
      absl::StrCat("Sending the job ", Quoted(job_id), " again can cost ",
                   millicredits, " thousandths of a credit, over the ",
                   max_millicredits, " that max_millicredits allows."),
      {.reason = "EXPOSURE_HIGHER",
       .metadata = {{"job_id", std::string(job_id)},
                    {"millicredits", absl::StrCat(millicredits)},
                    {"max_millicredits", absl::StrCat(max_millicredits)}}});
}

absl::Status ProviderNotConfigured(absl::string_view provider) {
  return Make(absl::StatusCode::kFailedPrecondition,
              absl::StrCat("No configured provider account ", Quoted(provider),
                           " takes the job any more."),
              {.reason = "PROVIDER_NOT_CONFIGURED",
               .metadata = {{"provider", std::string(provider)}}});
}

absl::Status InvalidResumeToken(absl::string_view why) {
  return Make(absl::StatusCode::kInvalidArgument,
              absl::StrCat("resume_token cannot be used: ", why, "."),
              {.reason = "INVALID_RESUME_TOKEN",
               .metadata = {{"why", std::string(why)}}});
}

absl::Status InvalidPageToken() {
  return Make(absl::StatusCode::kInvalidArgument,
              "page_token is not one this call returned.",
              {.reason = "INVALID_PAGE_TOKEN"});
}

absl::Status HistoryGone(absl::string_view oldest_resume_token) {
  return Make(
      absl::StatusCode::kOutOfRange,
      "Events after resume_token were deleted; oldest_resume_token is the "
      "oldest that can be resumed.",
      {.reason = "HISTORY_GONE",
       .metadata = {
           {"oldest_resume_token", std::string(oldest_resume_token)}}});
}

absl::Status SlowReader(absl::Duration stalled) {
  return Make(
      absl::StatusCode::kAborted,
      absl::StrCat("Nothing was read for ", absl::FormatDuration(stalled),
                   "; resume with the last token."),
      {.reason = "SLOW_READER",
       .metadata = {{"stalled", absl::FormatDuration(stalled)}}});
}

absl::Status StoreUnavailable(absl::string_view why) {
  return Make(absl::StatusCode::kUnavailable,
              absl::StrCat("The store cannot be used: ", why, "."),
              {.reason = "STORE_UNAVAILABLE",
               .metadata = {{"why", std::string(why)}},
               .retry_delay = kRetrySoon});
}

absl::Status ShuttingDown() {
  return Make(absl::StatusCode::kUnavailable, "The server is shutting down.",
              {.reason = "SHUTTING_DOWN", .retry_delay = kRetrySoon});
}

absl::Status CredentialMissing() {
  return Make(absl::StatusCode::kUnauthenticated,
              "The call carries no credential in its authorization metadata.",
              {.reason = "CREDENTIAL_MISSING"});
}

absl::Status CredentialInvalid() {
  return Make(absl::StatusCode::kUnauthenticated,
              "The credential of the call is not valid.",
              {.reason = "CREDENTIAL_INVALID"});
}

absl::Status NotOperator() {
  return Make(absl::StatusCode::kPermissionDenied,
              "The call needs a credential of an operator.",
              {.reason = "NOT_OPERATOR"});
}

}  // namespace error
}  // namespace enrich
