#include "adapters/fullenrich/adapter.h"

#include <algorithm>
#include <cstdint>
#include <iterator>
#include <memory>
#include <optional>
#include <string>
#include <utility>
#include <variant>
#include <vector>

#include "absl/status/status.h"
#include "absl/strings/ascii.h"
#include "absl/strings/match.h"
#include "absl/strings/numbers.h"
#include "absl/strings/str_cat.h"
#include "absl/time/time.h"
#include "adapters/account_options.h"
#include "adapters/fullenrich/wire.h"
#include "base/crypto.h"
#include "base/status_macros.h"

namespace enrich::fullenrich {
namespace {

constexpr absl::string_view kName = "fullenrich";
constexpr absl::string_view kPublicBaseUrl =
    "https://app.fullenrich.com/api/v2";
// Their window is a minute; a longer pause than this is a mistake.
constexpr absl::Duration kLongestPause = absl::Hours(1);

// The codes of a 400 that say nothing was enqueued. Closed: a 400 with any
// other code may have been.
constexpr absl::string_view kRejections[] = {
    "error.enrichment.name.empty",
    "error.enrichment.webhook_url",
    "error.enrichment.provider.empty",
    "error.enrichment.data.empty",
    "error.enrichment.first_name.empty",
    "error.enrichment.last_name.empty",
    "error.enrichment.domain.empty",
    "error.enrichment.enrich_fields.empty",
    "error.enrichment.enrich_field.value",
    "error.enrichment.custom.key.exceeded",
    "error.enrichment.custom.value.exceeded",
    // Not in the reference, but known to FullEnrich's own n8n node.
    "error.enrichment.domain.invalid",
    "error.enrichment.linkedin_url.invalid",
    "error.linkedin.malformated",
};

// What FullEnrich offers everybody, at its list prices.
Capabilities PublicCapabilities() {
  OperationSpec enrich{
      .name = "enrich",
      .min_contacts = 1,
      .max_contacts = kMaxContactsPerJob,
      .prices = {{ContactField::kWorkEmail, Credits::Whole(1)},
                 {ContactField::kPhone, Credits::Whole(10)},
                 {ContactField::kPersonalEmail, Credits::Whole(3)}},
      .inputs = {"linkedin_url",
                 "first_name, last_name, company_domain or company_name"}};
  for (const auto& [field, price] : enrich.prices) enrich.fields |= field;
  return {
      .operations = {std::move(enrich)},
      // A workspace works on 100 contacts at a time and queues the rest.
      // Waiting here instead keeps them cancellable and free.
      .pacing = {.submit_limits = {{.requests = 60,
                                    .window = absl::Minutes(1)}},
                 .all_calls_share_rate = true,
                 .max_running_contacts = 100,
                 .rate_limit_pause = absl::Minutes(1)},
      // Their error text says 30 seconds; their guide asks for 5 to 10 minutes.
      .poll = {.first_after = absl::Minutes(3), .interval = absl::Minutes(5)},
      .push = true,
      // What an account asked for within three months is free, unless it is
      // asked for while the first job still runs. That one has ended by then.
      .quiet_replay_after = absl::Hours(2),
      .typical_latency = absl::Seconds(56)};
}

// ---- Answers ----------------------------------------------------------------

// "HTTP 400 error.enrichment.domain.empty". Their `message` may quote what was
// sent, and a `code` could be anything: only what looks like a code is told.
std::string Describe(int status, absl::string_view code) {
  const bool is_code =
      absl::StartsWith(code, "error.") && code.size() <= 64 &&
      std::all_of(code.begin(), code.end(), [](char c) {
        return absl::ascii_islower(static_cast<unsigned char>(c)) || c == '.' ||
               c == '_';
      });
  return absl::StrCat("HTTP ", status, is_code ? " " : "", is_code ? code : "");
}

RateLimited ReadRateLimit(const HttpResponse& response) {
  int64_t seconds = 0;
  if (absl::SimpleAtoi(FindHeader(response.headers, "Retry-After"), &seconds) &&
      seconds > 0) {
    return {.retry_after = std::min(absl::Seconds(seconds), kLongestPause)};
  }
  // No Retry-After is documented, but the message says "Try again in 1m".
  const std::string message = ReadError(response.body).message;
  const size_t at = message.rfind("in ");
  absl::Duration wait;
  if (at != std::string::npos &&
      absl::ParseDuration(message.substr(at + 3), &wait) &&
      wait > absl::ZeroDuration()) {
    return {.retry_after = std::min(wait, kLongestPause)};
  }
  return {};
}

SubmitReply ReadAcceptance(const HttpResponse& response) {
  std::string id = ReadEnrichmentId(response.body);
  if (id.empty()) {
    return Indeterminate{absl::StrCat("HTTP ", response.status,
                                      " without a usable enrichment_id")};
  }
  // Nothing is debited yet: they charge per field found.
  return Accepted{.provider_job_id = std::move(id)};
}

SubmitReply ReadBadRequest(const HttpResponse& response) {
  const std::string code = ReadError(response.body).code;
  std::string message = Describe(response.status, code);
  if (std::find(std::begin(kRejections), std::end(kRejections), code) ==
      std::end(kRejections)) {
    return Indeterminate{absl::StrCat(message, " is no listed rejection")};
  }
  return Rejected{.reason = FailureReason::kProviderRejected,
                  .message = std::move(message)};
}

FetchReply ReadFetched(const HttpResponse& response,
                       const OperationSpec& operation, bool want_raw) {
  absl::StatusOr<ResultBody> result =
      ReadResult(response.body, operation, want_raw);
  if (!result.ok()) {
    return FetchFailed{.reason = FailureReason::kProviderUnavailable,
                       .message = absl::StrCat("HTTP ", response.status, ": ",
                                               result.status().message())};
  }
  return std::move(result->answer);
}

// A job that ran out of credits answers 402 and what it had found.
FetchReply ReadPaymentRequired(const HttpResponse& response,
                               const OperationSpec& operation, bool want_raw) {
  FetchReply reply = ReadFetched(response, operation, want_raw);
  const JobAnswer* answer = std::get_if<JobAnswer>(&reply);
  if (answer != nullptr && answer->phase == JobPhase::kOutOfCredits) {
    return reply;
  }
  return FetchFailed{.reason = FailureReason::kOutOfCredits,
                     .message = "HTTP 402 without a result"};
}

// ---- The adapter ------------------------------------------------------------

class FullEnrichAdapter final : public ProviderAdapter {
 public:
  FullEnrichAdapter(const AccountConfig& config, std::string base_url,
                    Capabilities capabilities)
      : capabilities_(std::move(capabilities)),
        base_url_(std::move(base_url)),
        authorization_(absl::StrCat("Bearer ", config.api_key.Reveal())) {
    signers_.emplace_back(config.api_key);
    // Webhooks are signed with the key the job was started with, and their
    // retries may outlive it.
    for (const Secret& key : config.previous_api_keys) {
      if (!key.empty()) signers_.emplace_back(key);
    }
  }

  absl::string_view name() const override { return kName; }
  const Capabilities& capabilities() const override { return capabilities_; }

  bool Accepts(const Contact& contact, ContactField) const override {
    if (!contact.linkedin_url.empty()) return true;
    const auto [first_name, last_name] = contact.SplitName();
    return !first_name.empty() && !last_name.empty() && contact.HasCompany();
  }

  HttpRequest BuildSubmit(const SubmitRequest& request) const override {
    // Without silentFail one contact FullEnrich dislikes fails the other 99,
    // and no error says which it was. With it such a contact comes back without
    // data, which looks like a miss: it is reported as not found. Our own
    // validation makes that rare.
    HttpRequest http = Call("POST", "/contact/enrich/bulk?silentFail=true");
    http.headers.emplace_back("Content-Type", "application/json");
    http.body = WriteSubmission(request);
    http.paid = true;
    return http;
  }

  SubmitReply ParseSubmit(const SubmitRequest&,
                          const HttpResponse& response) const override {
    switch (response.status) {
      case 200:
      // Undocumented, but an id is an id.
      case 201:
      case 202:
        return ReadAcceptance(response);
      case 400:
        return ReadBadRequest(response);
      case 401:
        return Rejected{.reason = FailureReason::kProviderAuth,
                        .message = DescribeError(response)};
      // The next three are not among the documented answers to a POST. They
      // come from checks that precede the work.
      case 402:
        return Rejected{.reason = FailureReason::kOutOfCredits,
                        .message = DescribeError(response)};
      case 404:
      case 413:
        return Rejected{.reason = FailureReason::kProviderRejected,
                        .message = DescribeError(response)};
      case 429:
        return ReadRateLimit(response);
      default:
        return Indeterminate{DescribeError(response)};
    }
  }

  bool CanFetch(const JobRef&) const override { return true; }

  HttpRequest BuildFetch(const JobRef& job) const override {
    // Not with forceResults: what it returns early is not final.
    return Call("GET", absl::StrCat("/contact/enrich/bulk/",
                                    EscapeUrlPart(job.provider_job_id)));
  }

  FetchReply ParseFetch(const JobRef& job,
                        const HttpResponse& response) const override {
    switch (response.status) {
      case 200:
        return ReadFetched(response, operation(), job.want_raw);
      case 400:
        return ReadFetchBadRequest(response);
      case 401:
        return FetchFailed{.reason = FailureReason::kProviderAuth,
                           .message = DescribeError(response)};
      case 402:
        return ReadPaymentRequired(response, operation(), job.want_raw);
      case 404:
        return ReadNotFound(response);
      case 429:
        return ReadRateLimit(response);
      default:
        return FetchFailed{.reason = FailureReason::kProviderUnavailable,
                           .message = DescribeError(response)};
    }
  }

  bool VerifyWebhook(const HttpRequest& request, absl::Time) const override {
    const absl::string_view signature =
        FindHeader(request.headers, "X-Signature-SHA1");
    return std::any_of(signers_.begin(), signers_.end(),
                       [&](const HmacSha1& signer) {
                         return signer.VerifyHex(request.body, signature);
                       });
  }

  absl::StatusOr<WebhookAnswer> ParseWebhook(
      const JobRef& job, absl::string_view body) const override {
    ASSIGN_OR_RETURN(ResultBody result,
                     ReadResult(body, operation(), job.want_raw));
    WebhookAnswer webhook{.provider_job_id = std::move(result.job_id),
                          .answer = std::move(result.answer)};
    JobAnswer& answer = *webhook.answer;
    // An end that does not name every contact may be the event of the last
    // contact, sent when the job had just ended. Taking it for the event of the
    // job would fail all others: the items count, the end is to be confirmed.
    if (answer.phase != JobPhase::kRunning &&
        static_cast<int>(answer.items.size()) < job.item_count) {
      answer.phase = JobPhase::kRunning;
      answer.cost.reset();
      webhook.fetch = true;
    }
    return webhook;
  }

  std::optional<HttpRequest> BuildBalance() const override {
    return Call("GET", "/account/credits");
  }

  absl::StatusOr<Credits> ParseBalance(
      const HttpResponse& response) const override {
    const std::string description =
        absl::StrCat("fullenrich balance: ", DescribeError(response));
    if (response.status == 401) {
      return absl::FailedPreconditionError(description);
    }
    if (response.status != 200) return absl::UnavailableError(description);
    const std::optional<Credits> balance = ReadBalance(response.body);
    if (!balance.has_value()) {
      return absl::UnavailableError(
          absl::StrCat(description, " without a usable balance"));
    }
    return *balance;
  }

 private:
  const OperationSpec& operation() const {
    return capabilities_.operations.front();
  }

  HttpRequest Call(absl::string_view method, absl::string_view path) const {
    return {.method = std::string(method),
            .url = absl::StrCat(base_url_, path),
            .headers = {{"Authorization", authorization_},
                        {"Accept", "application/json"}}};
  }

  static std::string DescribeError(const HttpResponse& response) {
    return Describe(response.status, ReadError(response.body).code);
  }

  static FetchReply ReadFetchBadRequest(const HttpResponse& response) {
    // One of two spellings of "running": the live API has been seen to answer
    // 200 with IN_PROGRESS and no data instead.
    const std::string code = ReadError(response.body).code;
    if (code == "error.enrichment.in_progress") return JobAnswer{};
    return FetchFailed{.reason = FailureReason::kProviderRejected,
                       .message = Describe(response.status, code)};
  }

  static FetchReply ReadNotFound(const HttpResponse& response) {
    const std::string code = ReadError(response.body).code;
    std::string message = Describe(response.status, code);
    // A 404 of something in between says nothing of the job.
    if (code != "error.enrichment.not_found") {
      return FetchFailed{.reason = FailureReason::kProviderUnavailable,
                         .message = std::move(message)};
    }
    return JobUnknown{std::move(message)};
  }

  Capabilities capabilities_;
  std::string base_url_;
  std::string authorization_;
  std::vector<HmacSha1> signers_;
};

}  // namespace

absl::StatusOr<std::unique_ptr<ProviderAdapter>> CreateAdapter(
    const AccountConfig& config) {
  RETURN_IF_ERROR(CheckApiKey(config));
  ASSIGN_OR_RETURN(std::string base_url, BaseUrlOf(config, kPublicBaseUrl));
  Capabilities capabilities = PublicCapabilities();
  RETURN_IF_ERROR(ApplyOverrides(config, capabilities));
  return std::make_unique<FullEnrichAdapter>(config, std::move(base_url),
                                             std::move(capabilities));
}

}  // namespace enrich::fullenrich
