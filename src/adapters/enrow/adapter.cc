#include "adapters/enrow/adapter.h"

#include <algorithm>
#include <cassert>
#include <iterator>
#include <string>
#include <utility>
#include <vector>

#include "absl/status/status.h"
#include "absl/strings/ascii.h"
#include "absl/strings/str_cat.h"
#include "adapters/account_options.h"
#include "adapters/enrow/errors.h"
#include "adapters/enrow/wire.h"
#include "base/status_macros.h"

namespace enrich::enrow {
namespace {

constexpr absl::string_view kName = "enrow";
constexpr absl::string_view kPublicBaseUrl = "https://api.enrow.io";

// A search Enrow has. Named after the field it finds.
struct Search {
  ContactField field;
  // Of one contact and of more. POST creates, GET with an id reads.
  absl::string_view single_path;
  absl::string_view bulk_path;
  int max_contacts;
  // Per hit.
  int credits;
};

constexpr Search kSearches[] = {
    {ContactField::kWorkEmail, "/email/find/single", "/email/find/bulk", 5000,
     1},
    // Legacy plans pay 50: the account's `prices` say so.
    {ContactField::kPhone, "/phone/single", "/phone/bulk", 3000, 40},
};

// REQUIRES: `operation` is one of ours.
const Search& SearchOf(absl::string_view operation) {
  const auto* search = std::find_if(
      std::begin(kSearches), std::end(kSearches), [&](const Search& candidate) {
        return FieldName(candidate.field) == operation;
      });
  assert(search != std::end(kSearches));
  return *search;
}

// ---- Capabilities -----------------------------------------------------------

std::vector<std::string> InputsFor(ContactField field) {
  if (field == ContactField::kPhone) {
    return {"linkedin_url",
            "first_name, last_name, company_domain or company_name"};
  }
  return {"full_name, company_domain or company_name",
          "first_name, last_name, company_domain or company_name"};
}

Capabilities OwnCapabilities() {
  Capabilities own;
  for (const Search& search : kSearches) {
    own.operations.push_back(
        {.name = std::string(FieldName(search.field)),
         .fields = search.field,
         .min_contacts = 1,
         .max_contacts = search.max_contacts,
         .prices = {{search.field, Credits::Whole(search.credits)}},
         .inputs = InputsFor(search.field)});
  }
  // Per key on every POST; whether the endpoints share it is not said.
  own.pacing = {.submit_limits = {{.requests = 10, .window = absl::Seconds(1)}},
                .all_calls_share_rate = false,
                .rate_limit_pause = absl::Seconds(5)};
  // Reading is free and unlimited, and a webhook is sent but once.
  own.poll = {.first_after = absl::Minutes(2), .interval = absl::Minutes(1)};
  own.push = true;
  own.typical_latency = absl::Seconds(60);
  return own;
}

// The country in upper case, or empty.
absl::StatusOr<std::string> CountryOf(const AccountConfig& config) {
  const std::string country = absl::AsciiStrToUpper(config.default_country);
  if (country.empty()) return country;
  if (country.size() != 2 || !absl::ascii_isupper(country[0]) ||
      !absl::ascii_isupper(country[1])) {
    return absl::InvalidArgumentError(
        "default_country: must be an ISO 3166-1 alpha-2 code");
  }
  return country;
}

// ---- The adapter ------------------------------------------------------------

class EnrowAdapter final : public ProviderAdapter {
 public:
  EnrowAdapter(const AccountConfig& config, Capabilities capabilities,
               std::string base_url, std::string country)
      : capabilities_(std::move(capabilities)),
        base_url_(std::move(base_url)),
        country_(std::move(country)),
        api_key_(config.api_key) {}

  absl::string_view name() const override { return kName; }
  const Capabilities& capabilities() const override { return capabilities_; }

  bool Accepts(const Contact& contact, ContactField field) const override {
    if (field == ContactField::kWorkEmail) {
      return contact.HasName() && contact.HasCompany();
    }
    if (field != ContactField::kPhone) return false;
    if (!contact.linkedin_url.empty()) return true;
    const auto [first_name, last_name] = contact.SplitName();
    return !first_name.empty() && !last_name.empty() && contact.HasCompany();
  }

  HttpRequest BuildSubmit(const SubmitRequest& request) const override {
    const Search& search = SearchOf(request.operation);
    HttpRequest http =
        Call("POST",
             request.items.size() == 1 ? search.single_path : search.bulk_path);
    http.headers.emplace_back("Content-Type", "application/json");
    http.body = WriteSubmission(request, search.field, country_);
    http.paid = true;
    return http;
  }

  SubmitReply ParseSubmit(const SubmitRequest& request,
                          const HttpResponse& response) const override {
    if (response.status < 200 || response.status > 299) {
      return ReadSubmitError(response, static_cast<int>(request.items.size()));
    }
    // 200 or 201 by endpoint; with any of them an id is an id.
    Receipt receipt = ReadReceipt(response.body);
    if (receipt.job_id.empty()) {
      return Indeterminate{
          absl::StrCat(Describe(response), " without a usable id")};
    }
    return Accepted{.provider_job_id = std::move(receipt.job_id),
                    .debited = receipt.debited};
  }

  bool CanFetch(const JobRef&) const override { return true; }

  HttpRequest BuildFetch(const JobRef& job) const override {
    const Search& search = SearchOf(job.operation);
    return Call("GET",
                absl::StrCat(
                    job.item_count == 1 ? search.single_path : search.bulk_path,
                    "?id=", EscapeUrlPart(job.provider_job_id)));
  }

  FetchReply ParseFetch(const JobRef& job,
                        const HttpResponse& response) const override {
    if (response.status < 200 || response.status > 299) {
      return ReadFetchError(response);
    }
    absl::StatusOr<JobAnswer> answer =
        ReadResult(response.body, ContextOf(job));
    if (answer.ok()) return *std::move(answer);
    // Says "ongoing" by itself.
    if (response.status == 202) return JobAnswer{};
    return FetchFailed{.reason = FailureReason::kProviderUnavailable,
                       .message = absl::StrCat("HTTP ", response.status, ": ",
                                               answer.status().message())};
  }

  bool VerifyWebhook(const HttpRequest&, absl::Time) const override {
    return true;
  }

  // Nothing is signed. News of a bulk search carry no results. Those of a
  // single one do, and are good where they echo our key, which nobody else
  // knows: they may answer that contact, but leave it to a fetch to say that
  // the job is over. Without the key they are a hint.
  absl::StatusOr<WebhookAnswer> ParseWebhook(
      const JobRef& job, absl::string_view body) const override {
    ASSIGN_OR_RETURN(Event event, ReadEvent(body, ContextOf(job)));
    WebhookAnswer webhook{.provider_job_id = std::move(event.job_id)};
    if (!event.item.has_value() || event.item->key.empty()) {
      webhook.fetch = true;
      return webhook;
    }
    webhook.answer = JobAnswer{.phase = JobPhase::kRunning, .cost = event.cost};
    webhook.answer->items.push_back(*std::move(event.item));
    return webhook;
  }

  std::optional<HttpRequest> BuildBalance() const override {
    return Call("GET", "/account/info");
  }

  absl::StatusOr<Credits> ParseBalance(
      const HttpResponse& response) const override {
    const std::string description =
        absl::StrCat("enrow balance: ", Describe(response));
    if (response.status == 401) {
      return absl::FailedPreconditionError(description);
    }
    if (response.status != 200) return absl::UnavailableError(description);
    const std::optional<Credits> balance = ReadBalance(response.body);
    if (!balance.has_value()) {
      return absl::UnavailableError(
          absl::StrCat(description, " without usable credits"));
    }
    return *balance;
  }

 private:
  HttpRequest Call(absl::string_view method, absl::string_view path) const {
    return {.method = std::string(method),
            .url = absl::StrCat(base_url_, path),
            .headers = {{"x-api-key", api_key_.Reveal()},
                        {"Accept", "application/json"}}};
  }

  JobContext ContextOf(const JobRef& job) const {
    return {.field = SearchOf(job.operation).field,
            .item_count = job.item_count,
            .price = PriceOf(job),
            .want_raw = job.want_raw};
  }

  // What one hit of the job costs. The full price of all items is debited at
  // submit, which tells a plan's price better than any list.
  Credits PriceOf(const JobRef& job) const {
    const int64_t debited = job.debited.value_or(Credits()).milli;
    if (job.item_count > 0 && debited > 0 && debited % job.item_count == 0) {
      return {debited / job.item_count};
    }
    const OperationSpec& operation = *capabilities_.Find(job.operation);
    return operation.PriceOf(operation.fields);
  }

  Capabilities capabilities_;
  std::string base_url_;
  std::string country_;
  Secret api_key_;
};

}  // namespace

absl::StatusOr<std::unique_ptr<ProviderAdapter>> CreateAdapter(
    const AccountConfig& config) {
  RETURN_IF_ERROR(CheckApiKey(config));
  ASSIGN_OR_RETURN(std::string base_url, BaseUrlOf(config, kPublicBaseUrl));
  ASSIGN_OR_RETURN(std::string country, CountryOf(config));
  Capabilities capabilities = OwnCapabilities();
  RETURN_IF_ERROR(ApplyOverrides(config, capabilities));
  return std::make_unique<EnrowAdapter>(
      config, std::move(capabilities), std::move(base_url), std::move(country));
}

}  // namespace enrich::enrow
