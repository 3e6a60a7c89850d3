#ifndef ENRICH_ENGINE_ENGINE_H_
#define ENRICH_ENGINE_ENGINE_H_

#include <cstdint>
#include <functional>
#include <map>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "absl/functional/any_invocable.h"
#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "absl/strings/string_view.h"
#include "absl/time/time.h"
#include "base/clock.h"
#include "base/executor.h"
#include "base/random.h"
#include "engine/account.h"
#include "engine/event_encoder.h"
#include "http/http_client.h"
#include "model/batch.h"
#include "model/bought_answer.h"
#include "model/contact.h"
#include "model/result.h"
#include "provider/account_gate.h"
#include "provider/adapter.h"
#include "store/store.h"

namespace enrich {

struct EngineOptions {
  // In configuration order.
  std::vector<Account> accounts = {};
  // One per field that can be asked for.
  std::vector<Waterfall> waterfalls = {};
  // Where providers reach the webhook listener, such as
  // "https://hooks.example.com"; empty turns pushes off.
  std::string public_url = {};
  // How long a chunk that is not full waits for more.
  absl::Duration linger = absl::Milliseconds(250);
  // For one exchange with a provider whose operation sets no limit of its own.
  absl::Duration request_timeout = absl::Seconds(30);
  // How long a chunk is offered to a provider that provably did not take it
  // before its lookups fail with PROVIDER_UNAVAILABLE and move on.
  absl::Duration give_up_sending_after = absl::Minutes(15);
  // How long an UNKNOWN chunk waits for evidence before it is PARKED. Not at
  // all where the provider has no way to push.
  absl::Duration park_unknown_after = absl::Hours(24);
  // Fetches in a row that read one job's results page by page; one whose pages
  // have no end then counts as running.
  int max_pages_in_a_row = 10'000;
  // Breaker: failures in a row that open it, and the pause before a probe.
  int breaker_failures = 5;
  absl::Duration breaker_pause = absl::Seconds(30);
  // Contacts with open lookups, all tenants; more are refused.
  int64_t max_open_contacts = 5'000'000;
  // Likewise of one tenant; 0 for no limit.
  int64_t max_open_contacts_per_tenant = 0;
  // How often each account's balance is read; zero for never.
  absl::Duration balance_interval = absl::Minutes(10);
  // How long a lookup is not bought again.
  AnswerLifetimes answer_lifetimes = {};
};

// A contact as received: checked, with what is wrong with it.
struct CheckedContact {
  Contact contact = {};
  std::vector<Violation> violations = {};
};

struct BatchRequest {
  std::string tenant = {};
  std::string request_id = {};
  std::string display_name = {};
  // SHA-256 over the request's content.
  std::string content_hash = {};
  // Every contact names its fields.
  std::vector<CheckedContact> contacts = {};
  EmailQuality min_email_quality = EmailQuality::kCatchAll;
  // Instead of the configured waterfalls; empty for those.
  std::vector<std::string> providers = {};
  bool include_raw_items = false;
  bool bypass_cache = false;
  // Without micros_per_credit.
  Ceilings ceilings = {};
};

// One step of a plan: see enrich.v1.PlannedStep.
struct PlannedStep {
  std::string account = {};
  std::string operation = {};
  int64_t lookups = 0;
  int64_t requests = 0;
  Credits max_cost = {};
};

struct EnrichPlan {
  std::vector<PlannedStep> steps = {};
  absl::Duration max_duration = absl::ZeroDuration();
  // All of it, in millionths of the currency unit; unset when an account has no
  // configured price.
  std::optional<int64_t> max_cost_micros = {};
  // The ceilings it would pass: accounts, and "" for the one on money.
  std::vector<std::string> over_ceiling = {};
};

// How an account's charges differ from the ledger, since the start of the
// process.
struct MoneyDrift {
  // What its provider reported for whole jobs, less what their answers add up
  // to: negative where jobs were cheaper.
  Credits jobs = {};
  // Charged for single lookups above the price that was set aside.
  Credits over_price = {};
  // By which the balance fell more than the ledger can explain.
  Credits balance = {};
  // The latest in words, empty for none.
  std::string last = {};
  std::optional<absl::Time> last_time = {};
};

// What somebody who may spend decides about a job in doubt.
struct JobOrder {
  std::string tenant = {};
  int64_t chunk_key = 0;
  // What the caller knows it by, for messages.
  std::string job_id = {};
  // Who decides, and why, for the audit log.
  std::string actor = {};
  std::string note = {};
};

// A job as it is after such a decision.
struct DecidedJob {
  Chunk job = {};
  // The job that asks again.
  std::optional<Chunk> resend = {};
};

// What running a webhook body again came to.
struct ReplayedBody {
  enum class Outcome {
    // It says what was known.
    kUnchanged,
    // Results were corrected, or answered for the first time.
    kChanged,
    // What it is about is no longer kept, or the body itself.
    kGone,
  };
  int64_t key = 0;
  Outcome outcome = Outcome::kUnchanged;
  // Why it is in quarantine now, if it is; the rest of it may have changed
  // results all the same.
  QuarantineReason quarantine = QuarantineReason::kNone;
};

struct ReplayPage {
  // In the order they came.
  std::vector<ReplayedBody> bodies = {};
  // Where to go on, as InboxPage.
  std::optional<int64_t> next_after = {};
};

// How an account fares.
struct AccountStatus {
  std::string name = {};
  // Outlives the status: owned by the engine.
  const ProviderAdapter* adapter = nullptr;
  BreakerState breaker = BreakerState::kClosed;
  std::string last_error = {};
  std::optional<absl::Time> last_error_time = {};
  double requests_available = 0;
  // Of the declared rate, as much as is used: less than 1 after refusals.
  double rate_share = 1;
  int64_t jobs_in_flight = 0;
  int64_t contacts_in_flight = 0;
  int64_t lookups_waiting = 0;
  // UNKNOWN or PARKED, and those PARKED among them.
  int64_t jobs_unknown = 0;
  int64_t jobs_parked = 0;
  // The most that they can have cost.
  Credits exposed = {};
  // Until when requests are kept back because of too many UNKNOWN ones.
  std::optional<absl::Time> doubt_pause_until = {};
  // Jobs that were paid for although an earlier one for the same lookups was,
  // as the provider reports it, since the start of the process.
  int64_t suspected_double_spends = 0;
  std::optional<Credits> balance = {};
  std::optional<absl::Time> balance_time = {};
  // Answers that were not as the provider's contract says, since the start of
  // the process; the last of them in words, and when.
  int64_t contract_drift_count = 0;
  std::string last_contract_drift = {};
  std::optional<absl::Time> last_contract_drift_time = {};
  // Webhook bodies in quarantine, of all tenants.
  int64_t webhooks_quarantined = 0;
  // What became of the credits set aside for it, by tenant.
  std::map<std::string, Funds> funds = {};
  // What was not paid again for answers that it gave before, since the start of
  // the process, by tenant.
  std::map<std::string, Credits> saved = {};
  MoneyDrift money_drift = {};
};

// What the engine is at, over all accounts.
struct EngineTotals {
  // Contacts with open lookups, once for each operation they wait for.
  int64_t contacts_open = 0;
  int64_t chunks_open = 0;
  // Kept and not applied yet.
  int64_t pushes_waiting = 0;
  // Changes that the store has not committed.
  int64_t decisions_open = 0;
  // How often a start of this process found a ledger that does not balance.
  int64_t ledger_errors = 0;
};

// The seams: everything outside the process that the engine touches. All must
// outlive it.
struct EngineSeams {
  const Clock& clock;
  Random& random;
  HttpClient& http;
  Store& store;
  // The engine's own: all its state is touched only from here.
  Executor& executor;
  const EventEncoder& encoder;
  // Called once, on the executor, when the store has failed in a way that
  // waiting does not mend. The engine decides nothing from then on: the process
  // is expected to exit and re-read.
  std::function<void(const absl::Status&)> on_fatal;
};

// Turns accepted batches into provider requests and provider answers into
// results. All work enters through SubmitBatch, all answers through one place,
// whether they came as a reply, a push or a fetch.
//
// Methods are thread-safe and do not block; callbacks run on the engine's or
// the store's thread and must not block.
class Engine {
 public:
  virtual ~Engine() = default;

  // Takes up what the store says is open: attempts that were being sent become
  // UNKNOWN, never PLANNED. Blocks on the store; call once, before anything
  // else.
  virtual absl::Status Start() = 0;

  // Starts no more exchanges; SubmitBatch fails with UNAVAILABLE
  // (error::ShuttingDown). Calls `idle` once the exchanges under way are over
  // and recorded: until then, stopping the process leaves them in doubt.
  virtual void Stop(absl::AnyInvocable<void()> idle) = 0;

  // What the request would do. Errors as SubmitBatch.
  virtual absl::StatusOr<EnrichPlan> Plan(
      const BatchRequest& request) const = 0;

  // Accepts a batch durably. Errors are those of EnrichBatch in
  // enrichment_service.proto that concern content.
  virtual void SubmitBatch(BatchRequest request,
                           StoreCallback<CreatedBatch> done) = 0;

  // Cancels what has not been sent; completes with the batch once that is
  // recorded.
  virtual void CancelBatch(std::string tenant, std::string batch_id,
                           StoreCallback<Batch> done) = 0;

  // Has the contacts of a job in doubt asked for again, by a job of its own and
  // as far as they are still in doubt. The lookups stay as they are, closed as
  // unknown, until an answer to either job corrects them. `most` is what the
  // caller is ready to risk. NOT_FOUND (error::JobNotFound) when the tenant has
  // no such job; FAILED_PRECONDITION: error::JobNotInDoubt, also when nothing
  // of it is in doubt any more; error::ExposureHigher when it can cost more
  // than `most`; error::ProviderNotConfigured.
  virtual void ApproveResend(JobOrder order, Credits most,
                             StoreCallback<DecidedJob> done) = 0;

  // Gives up a job in doubt: nothing is waited for any more, though late
  // answers still correct the results. Errors as ApproveResend.
  virtual void AbandonJob(JobOrder order, StoreCallback<DecidedJob> done) = 0;

  // Keeps a push with a good token, and takes up what it says, in one
  // transaction. Calls `kept` once: with OK when the push is durable; NOT_FOUND
  // when what it is about was deleted; UNAVAILABLE when it could not be kept.
  // Never, when the engine is destroyed before. `kept` may be called on any
  // thread and must not block.
  using PushKept = absl::AnyInvocable<void(absl::Status)>;
  virtual void TakePush(AttemptRef attempt, NewInboxEvent push,
                        PushKept kept) = 0;

  // A push with a good token was refused (bad signature, unreadable, too
  // large): the job is fetched soon instead.
  virtual void HandleRefusedPush(AttemptRef attempt) = 0;

  // Runs webhook bodies again through the present adapters, those after
  // `after_key`, a bounded number. What a body is now read as in another way
  // than before corrects results: nothing is asked of a provider for what was
  // answered before. A body that was in quarantine and whose job is still open
  // is taken as a push that comes now. Pending bodies are left alone. Of the
  // bodies that the filter names, those that are not there count as gone.
  //
  // UNAVAILABLE (error::ShuttingDown) once the engine was stopped; errors of
  // the store.
  virtual void ReplayInbox(InboxFilter filter, int64_t after_key,
                           StoreCallback<ReplayPage> done) = 0;

  // The adapter of an account, null when there is none. Valid as long as the
  // engine.
  virtual const ProviderAdapter* FindAdapter(
      absl::string_view account) const = 0;

  // The state of every account, in configuration order.
  virtual void ReadAccounts(
      absl::AnyInvocable<void(std::vector<AccountStatus>)> done) = 0;

  virtual void ReadTotals(absl::AnyInvocable<void(EngineTotals)> done) = 0;

  // How long it takes until the lookups of the batch that wait or are being
  // asked now have their answers: by the limits and the state of the accounts,
  // after the work that goes before them. Zero where that is not known: when
  // none is open, and for a batch that is new or in doubt.
  virtual absl::Duration TimeLeft(const Batch& batch) const = 0;
};

std::unique_ptr<Engine> NewEngine(EngineOptions options, EngineSeams seams);

}  // namespace enrich

#endif  // ENRICH_ENGINE_ENGINE_H_
