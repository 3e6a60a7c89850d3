#include "adapters/rest/adapter.h"

#include <algorithm>
#include <string>
#include <utility>
#include <vector>

#include "absl/status/status.h"
#include "absl/strings/ascii.h"
#include "absl/strings/numbers.h"
#include "absl/strings/str_cat.h"
#include "adapters/rest/answer_body.h"
#include "adapters/rest/error_rules.h"
#include "adapters/rest/fetch_reply.h"
#include "adapters/rest/load.h"
#include "adapters/rest/request.h"
#include "adapters/rest/retry.h"
#include "adapters/rest/signature.h"
#include "adapters/rest/submit_reply.h"
#include "adapters/rest/webhook.h"

namespace enrich::rest {
namespace {

// ---- Inputs -----------------------------------------------------------------

bool HasInput(const Contact& contact, absl::string_view input) {
  if (input == "first_name") return !contact.SplitName().first.empty();
  if (input == "last_name") return !contact.SplitName().second.empty();
  if (input == "full_name") return contact.HasName();
  if (input == "company_name") return !contact.company_name.empty();
  if (input == "company_domain") return !contact.company_domain.empty();
  if (input == "linkedin_url") return !contact.linkedin_url.empty();
  return input == "email" && !contact.email.empty();
}

// Whether one of the alternatives is complete; also when none is needed.
bool HasInputs(const Contact& contact, const FieldPlan& field) {
  const auto has = [&contact](const std::string& input) {
    return HasInput(contact, input);
  };
  const auto has_one = [&has](const std::vector<std::string>& inputs) {
    return std::any_of(inputs.begin(), inputs.end(), has);
  };
  const auto complete =
      [&has_one](const std::vector<std::vector<std::string>>& all) {
        return std::all_of(all.begin(), all.end(), has_one);
      };
  const auto& alternatives = field.requires_inputs;
  return alternatives.empty() ||
         std::any_of(alternatives.begin(), alternatives.end(), complete);
}

// ---- The adapter ------------------------------------------------------------

class RestAdapter final : public ProviderAdapter {
 public:
  explicit RestAdapter(std::shared_ptr<const Plan> plan)
      : plan_(std::move(plan)) {
    for (const OperationPlan& operation : plan_->operations) {
      AddVerifier(operation.many);
      if (operation.single.has_value()) AddVerifier(*operation.single);
    }
  }

  absl::string_view name() const override { return plan_->id; }
  const Capabilities& capabilities() const override {
    return plan_->capabilities;
  }

  bool Accepts(const Contact& contact, ContactField field) const override {
    for (const OperationPlan& operation : plan_->operations) {
      for (const FieldPlan& candidate : operation.result.fields) {
        if (candidate.field == field) return HasInputs(contact, candidate);
      }
    }
    return false;
  }

  HttpRequest BuildSubmit(const SubmitRequest& request) const override {
    const auto items = static_cast<int>(request.items.size());
    expression::Arena arena;
    HttpRequest http = BuildRequest(
        plan_->Find(request.operation).VariantFor(items).submit.request,
        {.callback_url = request.callback_url, .reference = request.reference},
        SubmitContext(*plan_, request, arena), arena);
    http.paid = true;
    return http;
  }

  SubmitReply ParseSubmit(const SubmitRequest& request,
                          const HttpResponse& response) const override {
    return ReadSubmitReply(*plan_, plan_->Find(request.operation), request,
                           response);
  }

  bool CanFetch(const JobRef& job) const override {
    return TargetOf(job).can_fetch();
  }

  HttpRequest BuildFetch(const JobRef& job) const override {
    const FetchTarget target = TargetOf(job);
    const PollPlan& poll = *target.variant.poll;
    const bool then = target.cursor.ended.has_value() && poll.then.has_value();
    const Placeholders fill = {.job = target.id(), .jobs = target.ids()};
    // Written by us: what does not parse is the first page's.
    const absl::StatusOr<json::Document> page =
        json::Document::Parse(target.cursor.page);
    expression::Arena arena;
    return BuildRequest(
        then ? poll.then->request : poll.request, fill,
        PollContext(*plan_, fill, page.ok() ? Value(page->root()) : Value(),
                    job.item_count, arena),
        arena);
  }

  FetchReply ParseFetch(const JobRef& job,
                        const HttpResponse& response) const override {
    return ReadFetchReply(*plan_, TargetOf(job), response);
  }

  // The operation is not known yet: a file's webhooks are all signed, or none.
  bool VerifyWebhook(const HttpRequest& request,
                     absl::Time now) const override {
    return takes_unsigned_ || verifiers_.empty() ||
           std::any_of(verifiers_.begin(), verifiers_.end(),
                       [&](const SignatureVerifier& verifier) {
                         return verifier.Verify(request, now);
                       });
  }

  // All webhooks of a file come to the same kind of URL.
  std::string JobOfPush(const HttpRequest& request) const override {
    for (const OperationPlan& operation : plan_->operations) {
      const std::optional<WebhookPlan>& webhook = operation.many.webhook;
      if (!webhook.has_value() || !webhook->registered.has_value()) continue;
      std::string job = ReadPart(*webhook->registered, request);
      if (!job.empty()) return job;
    }
    return "";
  }

  absl::StatusOr<WebhookAnswer> ParseWebhook(
      const JobRef& job, absl::string_view body) const override {
    return ReadWebhook(*plan_, TargetOf(job), body);
  }

  // ---- Balance and tokens ---------------------------------------------------

  std::optional<HttpRequest> BuildBalance() const override {
    if (!plan_->balance.has_value()) return std::nullopt;
    return BuildPlain(plan_->balance->request);
  }

  absl::StatusOr<Credits> ParseBalance(
      const HttpResponse& response) const override {
    const std::string what = absl::StrCat(plan_->id, " balance: ");
    AnswerBody body(plan_->id, response.body);
    if (!IsSuccess(response)) return Refusal(what, response);
    const std::optional<Credits> balance =
        plan_->balance.has_value()
            ? CreditsOf(body.Evaluate(plan_->balance->value), body.arena())
            : std::nullopt;
    if (!balance.has_value() || !body.readable()) {
      return absl::UnavailableError(
          absl::StrCat(what, "HTTP ", response.status, " without credits"));
    }
    return *balance;
  }

  std::optional<HttpRequest> BuildToken() const override {
    if (!plan_->token.has_value()) return std::nullopt;
    return BuildPlain(plan_->token->request);
  }

  absl::StatusOr<AccessToken> ParseToken(
      const HttpResponse& response) const override {
    const std::string what = absl::StrCat(plan_->id, " token: ");
    if (!plan_->token.has_value()) {
      return ProviderAdapter::ParseToken(response);
    }
    if (!IsSuccess(response)) return Refusal(what, response);
    AnswerBody body(plan_->id, response.body);
    const std::string token(
        body.Evaluate(plan_->token->token).AsText(body.arena()));
    if (!IsUsableToken(token) || !body.readable()) {
      return absl::UnavailableError(
          absl::StrCat(what, "HTTP ", response.status, " without a token"));
    }
    AccessToken access{.token = Secret(token)};
    int64_t seconds = 0;
    if (absl::SimpleAtoi(body.Text(plan_->token->lifetime, body.root()),
                         &seconds) &&
        seconds > 0) {
      access.lifetime = absl::Seconds(seconds);
    }
    return access;
  }

  void Authorize(const Secret& token, HttpRequest& request) const override {
    if (!plan_->token.has_value()) return;
    request.headers.emplace_back("Authorization",
                                 absl::StrCat("Bearer ", token.Reveal()));
  }

  std::optional<RateLimited> ReadPace(
      const HttpResponse& response) const override {
    return ReadRemaining(plan_->remaining, response);
  }

 private:
  FetchTarget TargetOf(const JobRef& job) const {
    return FetchTarget(plan_->Find(job.operation), job);
  }

  void AddVerifier(const Variant& variant) {
    if (!variant.webhook.has_value()) return;
    if (variant.webhook->verify.has_value()) {
      verifiers_.emplace_back(*variant.webhook->verify);
    } else {
      takes_unsigned_ = true;
    }
  }

  // A request of the account, about no job.
  HttpRequest BuildPlain(const RequestPlan& request) const {
    expression::Arena arena;
    return BuildRequest(request, {}, PollContext(*plan_, {}, Value(), 0, arena),
                        arena);
  }

  static absl::Status Refusal(absl::string_view what,
                              const HttpResponse& response) {
    const std::string text = absl::StrCat(what, "HTTP ", response.status);
    const bool ours = response.status == 401 || response.status == 403;
    return ours ? absl::FailedPreconditionError(text)
                : absl::UnavailableError(text);
  }

  // It goes into a header.
  static bool IsUsableToken(absl::string_view token) {
    return !token.empty() &&
           std::all_of(token.begin(), token.end(), [](char c) {
             return absl::ascii_isgraph(static_cast<unsigned char>(c));
           });
  }

  std::shared_ptr<const Plan> plan_;
  std::vector<SignatureVerifier> verifiers_;
  bool takes_unsigned_ = false;
};

}  // namespace

absl::StatusOr<std::unique_ptr<ProviderAdapter>> CreateAdapter(
    const AccountConfig& config) {
  LoadResult loaded = Load(config.definition, config);
  if (loaded.plan == nullptr) {
    return absl::InvalidArgumentError(
        FormatMistakes(config.definition_file, loaded.mistakes));
  }
  return NewAdapter(std::move(loaded.plan));
}

std::unique_ptr<ProviderAdapter> NewAdapter(std::shared_ptr<const Plan> plan) {
  return std::make_unique<RestAdapter>(std::move(plan));
}

}  // namespace enrich::rest
