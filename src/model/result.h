#ifndef ENRICH_MODEL_RESULT_H_
#define ENRICH_MODEL_RESULT_H_

#include <cstdint>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "absl/time/time.h"
#include "base/phone.h"
#include "model/contact.h"
#include "model/credits.h"
#include "model/field.h"

namespace enrich {

// How a lookup, or one provider's attempt at it, ended. The numbers are those
// of the API and are stored.
enum class Outcome : uint8_t {
  kOpen = 0,
  kFound = 1,
  kNotFound = 2,
  kFailed = 3,
  kUnknown = 4,
  kInvalidInput = 5,
  kCancelled = 6,
  kSkipped = 7,
};

// Best first, so that "at least as good" is <=. Those of the API; stored.
enum class EmailQuality : uint8_t {
  kDeliverable = 1,
  kHighProbability = 2,
  kCatchAll = 3,
  kInvalid = 4,
  kUnknown = 5,
};

struct EmailValue {
  std::string address = {};
  EmailQuality quality = EmailQuality::kUnknown;
  bool operator==(const EmailValue&) const = default;
};

struct PhoneValue {
  // Empty when the provider's spelling is no valid number.
  std::string e164 = {};
  std::string region = {};
  LineType line_type = LineType::kUnknown;
  std::string provider_spelling = {};
  bool operator==(const PhoneValue&) const = default;
};

struct Profile {
  std::string full_name = {};
  std::string job_title = {};
  std::string location = {};
  std::string linkedin_url = {};
  std::string company_name = {};
  std::string company_domain = {};
  std::string company_industry = {};
  int64_t company_headcount = 0;
  // The account that sent it.
  std::string provider = {};
  bool operator==(const Profile&) const = default;
};

// Why an attempt gave no answer. The names are part of the API
// (AttemptError.reason).
enum class FailureReason : uint8_t {
  kNone = 0,
  kProviderUnavailable,  // down, timed out before sending, breaker open
  kProviderRejected,     // refused the request or the contact
  kProviderAuth,         // key refused or feature not in the plan
  kOutOfCredits,
  kNotReturned,     // finished without a word on this contact
  kOutcomeUnknown,  // sent, and nothing ever settled it
  kJobCancelled,    // cancelled at the provider
  kJobFailed,
  kResultExpired,  // the provider no longer knows the job
  kInsufficientInput,
  kContractDrift,    // answered in a way its contract does not know
  kBudgetExhausted,  // the batch's ceiling leaves no room to ask
};
absl::string_view FailureReasonName(FailureReason reason);

// What a provider said of one field of one contact: kFound, kNotFound or
// kFailed. A field it said nothing of is left out.
struct FieldAnswer {
  ContactField field = ContactField::kWorkEmail;
  Outcome outcome = Outcome::kNotFound;
  // Why, with kFailed; kNone when the provider does not say.
  FailureReason reason = FailureReason::kNone;
  std::vector<EmailValue> emails = {};
  std::vector<PhoneValue> phones = {};
  // What this field cost, by the provider's price list.
  Credits credits = {};
  // Whether the answer itself names them.
  bool credits_reported = false;
};

// One provider's try at one lookup.
struct Attempt {
  std::string provider = {};
  Outcome outcome = Outcome::kOpen;
  absl::Time start_time = absl::UnixEpoch();
  absl::Duration duration = absl::ZeroDuration();
  Credits credits = {};
  std::string error_reason = {};
  std::string error_message = {};
  // Why the search went on or stopped here.
  std::string decision = {};
  // When the answer was bought, if that was for an earlier lookup; and what it
  // cost then.
  std::optional<absl::Time> cached_from = {};
  Credits saved = {};
};

// What is known of one lookup.
struct FieldProgress {
  ContactField field = ContactField::kWorkEmail;
  // kOpen while providers remain to be asked.
  Outcome outcome = Outcome::kOpen;
  std::vector<EmailValue> emails = {};
  std::vector<PhoneValue> phones = {};
  std::string provider = {};
  std::vector<Attempt> attempts = {};
  std::string explanation = {};
};

// What is known of one contact. Becomes its result once no field is open.
struct ContactProgress {
  // In request order.
  std::vector<FieldProgress> fields = {};
  Profile profile = {};
  // Provider account and its item as received.
  std::vector<std::pair<std::string, std::string>> raw_items = {};
  // Sequence of the contact's latest event, 0 before the first. A correction
  // supersedes it.
  int64_t sequence = 0;

  bool Done() const;
  FieldProgress* Find(ContactField field);
};

}  // namespace enrich

#endif  // ENRICH_MODEL_RESULT_H_
