#ifndef ENRICH_PROVIDER_ADAPTER_H_
#define ENRICH_PROVIDER_ADAPTER_H_

#include <optional>
#include <string>
#include <utility>
#include <variant>
#include <vector>

#include "absl/status/statusor.h"
#include "absl/strings/string_view.h"
#include "absl/time/time.h"
#include "absl/types/span.h"
#include "base/secret.h"
#include "http/http_message.h"
#include "model/contact.h"
#include "model/credits.h"
#include "model/field.h"
#include "model/result.h"

namespace enrich {

// ---- What a provider can do -------------------------------------------------

// One kind of request.
struct OperationSpec {
  // Unique within the provider, such as "work_email". Stored with the work.
  std::string name = {};
  // Fields one request may ask for, any mix of them per contact.
  FieldSet fields = {};
  // What the provider's own request takes at least. For people: the adapter
  // sends any count from 1, with another request where this one takes more.
  int min_contacts = 1;
  int max_contacts = 1;
  // Instead of `max_contacts` when the gateway has no public address: what
  // could not be fetched must then not be sent. 0: nothing can be asked.
  std::optional<int> max_contacts_without_push = {};
  // For one exchange; zero for the gateway's own limit.
  absl::Duration request_timeout = absl::ZeroDuration();
  // Most credits one contact can cost for a field, if found.
  std::vector<std::pair<ContactField, Credits>> prices = {};
  // Input combinations of which one suffices, in words, for people.
  std::vector<std::string> inputs = {};

  Credits PriceOf(FieldSet fields) const;
  // Most contacts one request may have. `pushes`: the gateway has a public
  // address.
  int MaxContacts(bool pushes) const;
};

// A limit on how often requests may start.
struct RateLimit {
  // At most this many requests ...
  int requests = 0;
  // ... in any window of this length.
  absl::Duration window = absl::Seconds(1);
};

// The pace a provider allows one account.
struct PacingSpec {
  // On submissions. All of them hold.
  std::vector<RateLimit> submit_limits = {};
  // On fetches and balance reads.
  std::vector<RateLimit> call_limits = {};
  // Whether fetches and balance reads count against `submit_limits` too.
  bool all_calls_share_rate = false;
  // Submitted and unfinished contacts at once; 0 for no limit.
  int max_running_contacts = 0;
  // Submitted and unfinished requests at once; 0 for no limit.
  int max_running_jobs = 0;
  // HTTP exchanges at once.
  int max_concurrent_requests = 8;
  // How long to wait after a 429 without Retry-After.
  absl::Duration rate_limit_pause = absl::Minutes(1);
};

// When to fetch a job whose push did not come.
struct PollSpec {
  absl::Duration first_after = absl::Minutes(5);
  absl::Duration interval = absl::Minutes(5);
  // Give up on a job this long after it was accepted; its open lookups fail
  // with RESULT_EXPIRED.
  absl::Duration give_up_after = absl::Hours(48);
};

struct Capabilities {
  std::vector<OperationSpec> operations = {};
  PacingSpec pacing = {};
  PollSpec poll = {};
  // Whether results come by webhook (with fetches as the fallback).
  bool push = true;
  // Whether they come to one URL that is registered with the account, rather
  // than to one that each job names: see JobOfPush.
  bool registered_push = false;
  // A request that nothing was heard of may be sent again after this, with the
  // same inputs, at no further cost by the provider's own rules. Unset where
  // they say no such thing.
  std::optional<absl::Duration> quiet_replay_after = {};
  // Typical time from submit to answer, for the estimate of time left.
  absl::Duration typical_latency = absl::Seconds(60);

  const OperationSpec* Find(absl::string_view operation) const;
};

// ---- Requests to a provider -------------------------------------------------

// One contact of a submission. Borrowed for the duration of the call.
struct SubmitItem {
  // Our key, to be echoed by the provider: reference + "." + index in the
  // chunk. Opaque, at most 40 characters.
  std::string key = {};
  // Null in ParseSubmit: the answer is matched by key.
  const Contact* contact = nullptr;
  // What to look up; within the operation's fields and accepted by `Accepts`.
  FieldSet fields = {};
};

// A chunk about to be sent.
struct SubmitRequest {
  absl::string_view operation = {};
  // Names the job at the provider; opaque, no contact data.
  absl::string_view reference = {};
  absl::Span<const SubmitItem> items = {};
  // Where the provider shall push; the token is its last path segment. Empty
  // when the gateway has no public address.
  absl::string_view callback_url = {};
  // Whether somebody asked for the items as received.
  bool want_raw = false;
};

// A job the provider accepted.
struct JobRef {
  std::string operation = {};
  std::string provider_job_id = {};
  // Contacts in it. One may have gone to another endpoint than many.
  int item_count = 0;
  // Debited at submit, where the provider said so.
  std::optional<Credits> debited = {};
  // Where reading goes on: JobAnswer.cursor of the fetch before, empty to begin
  // with.
  std::string cursor = {};
  // Whether somebody asked for the items as received.
  bool want_raw = false;
};

// ---- Answers of a provider --------------------------------------------------

// What an answer repeats of a contact, for providers that echo no key.
struct InputEcho {
  enum class Input : uint8_t { kEmail, kLinkedinUrl, kCompanyDomain };
  Input input = Input::kEmail;
  // As the provider spells it.
  std::string value = {};
};

struct ItemAnswer {
  // As sent in SubmitItem.key. Empty when the provider did not echo it.
  std::string key = {};
  // Stands for a missing `key`: every contact of the job with this input,
  // compared after normalising, is meant; none when there is none, or several
  // with the same company.
  std::optional<InputEcho> echo = {};
  // Position in the request where the provider gives one: believed only when
  // `key` is empty, and the answer came from a fetch of our own job or the job
  // has just one contact.
  std::optional<int> index = {};
  std::vector<FieldAnswer> fields = {};
  // `provider` is left empty.
  std::optional<Profile> profile = {};
  // The item as received; empty unless asked for.
  std::string raw = {};
};

enum class JobPhase {
  // More will come; `items` holds what is final already.
  kRunning,
  // All is said: what is missing was not returned.
  kFinished,
  // Ended early; what is missing failed for that reason.
  kOutOfCredits,
  kCancelled,
  kFailed,
};

struct JobAnswer {
  JobPhase phase = JobPhase::kRunning;
  std::vector<ItemAnswer> items = {};
  // Final net cost of the whole job, where the provider reports it.
  std::optional<Credits> cost = {};
  // Set when a further fetch with this cursor reads more at once: the next
  // page, the next part, or the results of what has just ended.
  std::string cursor = {};
  // What was not as the provider's contract says, for people; no contact data.
  // Counted; nothing of it was taken for an answer.
  std::vector<std::string> drift = {};
};

// The provider took the job.
struct Accepted {
  std::string provider_job_id = {};
  std::optional<Credits> debited = {};
};

// The provider said, in a way its contract lists, that nothing was enqueued.
struct Rejected {
  FailureReason reason = FailureReason::kProviderRejected;
  // For people; no contact data.
  std::string message = {};
  // The one contact at fault, where the provider names it: the rest may be
  // sent again without it.
  std::optional<int> item_index = {};
};

// 429: nothing was enqueued; the same request may be sent later.
struct RateLimited {
  // Empty when the provider does not say.
  std::optional<absl::Duration> retry_after = {};
  // Where it names a moment instead.
  std::optional<absl::Time> retry_at = {};
};

// Anything else: it may have been enqueued.
struct Indeterminate {
  std::string message = {};
  // As JobAnswer.drift.
  std::vector<std::string> drift = {};
};

using SubmitReply =
    std::variant<Accepted, JobAnswer, Rejected, RateLimited, Indeterminate>;

// The provider does not know the job (or no longer does).
struct JobUnknown {
  std::string message = {};
};

// The fetch failed; the job is unaffected.
struct FetchFailed {
  FailureReason reason = FailureReason::kProviderUnavailable;
  std::string message = {};
  // As JobAnswer.drift.
  std::vector<std::string> drift = {};
};

using FetchReply =
    std::variant<JobAnswer, JobUnknown, RateLimited, FetchFailed>;

// What a webhook body says.
struct WebhookAnswer {
  // Empty where the body does not name it.
  std::string provider_job_id = {};
  // Results, or nothing but the news that the job moved.
  std::optional<JobAnswer> answer = {};
  // The results must be confirmed or read by a fetch.
  bool fetch = false;
};

// A credential that a provider issues for a while.
struct AccessToken {
  Secret token = Secret();
  absl::Duration lifetime = absl::Hours(1);
};

// ---- The adapter ------------------------------------------------------------

// Speaks one provider's dialect for one account: a pure translator. Stateless
// after construction, does no I/O, safe from any thread. Sending, pacing,
// retrying and storing belong to others.
class ProviderAdapter {
 public:
  virtual ~ProviderAdapter() = default;

  // The provider, such as "enrow".
  virtual absl::string_view name() const = 0;
  virtual const Capabilities& capabilities() const = 0;

  // Whether the contact's inputs suffice to look up `field`.
  virtual bool Accepts(const Contact& contact, ContactField field) const = 0;

  // REQUIRES: item count within the operation's bounds.
  virtual HttpRequest BuildSubmit(const SubmitRequest& request) const = 0;
  // `response` may carry any status. Only what the provider's contract lists as
  // a rejection is Rejected.
  virtual SubmitReply ParseSubmit(const SubmitRequest& request,
                                  const HttpResponse& response) const = 0;

  // Whether the job can be read, and read again, by its id. A question of
  // operation and size: the id may not be known yet.
  virtual bool CanFetch(const JobRef& job) const = 0;
  // REQUIRES: CanFetch(job).
  virtual HttpRequest BuildFetch(const JobRef& job) const = 0;
  virtual FetchReply ParseFetch(const JobRef& job,
                                const HttpResponse& response) const = 0;

  // Whether the request is from the provider, for providers that sign; true for
  // the others, whose token in the URL is all there is. `now` is for signatures
  // that age.
  virtual bool VerifyWebhook(const HttpRequest& request,
                             absl::Time now) const = 0;
  // With `registered_push`: the provider's id of the job that a push is about;
  // empty when it names none.
  virtual std::string JobOfPush(const HttpRequest& request) const;
  // INVALID_ARGUMENT for a body that is not what the contract says.
  virtual absl::StatusOr<WebhookAnswer> ParseWebhook(
      const JobRef& job, absl::string_view body) const = 0;

  // How to read the account's balance; empty when the provider has no way.
  virtual std::optional<HttpRequest> BuildBalance() const = 0;
  virtual absl::StatusOr<Credits> ParseBalance(
      const HttpResponse& response) const = 0;

  // How to get the token that every other request needs (OAuth2); empty for
  // providers whose requests carry what they need.
  virtual std::optional<HttpRequest> BuildToken() const { return {}; }
  virtual absl::StatusOr<AccessToken> ParseToken(
      const HttpResponse& response) const;
  // Puts the token into a request. Called for every request but BuildToken's,
  // only when there is a token to get.
  virtual void Authorize(const Secret& token, HttpRequest& request) const;

  // The pause that any response, good or bad, asks for before the next request:
  // set when the quota it reports is used up.
  virtual std::optional<RateLimited> ReadPace(
      const HttpResponse& response) const;
};

}  // namespace enrich

#endif  // ENRICH_PROVIDER_ADAPTER_H_
