#include "fuzz/provider_body.h"

#include <variant>
#include <vector>

#include "absl/status/statusor.h"
#include "fuzz/require.h"

namespace enrich {
namespace {

// Each leads to another reader of the body.
constexpr int kStatuses[] = {200, 201, 202, 400, 401, 402, 404, 422, 429, 500};
constexpr int kItems = 2;

void Check(const FieldAnswer& field) {
  Require(field.credits >= Credits(), "negative credits");
  const bool has_values = !field.emails.empty() || !field.phones.empty();
  switch (field.outcome) {
    case Outcome::kFound:
      Require(has_values, "found without a value");
      break;
    case Outcome::kNotFound:
    case Outcome::kFailed:
      break;
    default:
      Require(false, "an outcome that is not the provider's to say");
  }
  for (const EmailValue& email : field.emails) {
    Require(!email.address.empty(), "an empty address");
  }
}

void Check(const JobAnswer& answer) {
  Require(!answer.cost || *answer.cost >= Credits(), "negative cost");
  for (const ItemAnswer& item : answer.items) {
    for (const FieldAnswer& field : item.fields) Check(field);
  }
}

template <typename Reply>
void CheckReply(const Reply& reply) {
  if (const auto* answer = std::get_if<JobAnswer>(&reply)) Check(*answer);
}

void ReadAsAnswers(const ProviderAdapter& adapter,
                   const OperationSpec& operation, const std::string& body) {
  const std::vector<SubmitItem> items = {
      {.key = "ref.0", .fields = operation.fields},
      {.key = "ref.1", .fields = operation.fields}};
  const SubmitRequest request = {.operation = operation.name,
                                 .reference = "ref",
                                 .items = items,
                                 .want_raw = true};
  const JobRef job = {.operation = operation.name,
                      .provider_job_id = "job",
                      .item_count = kItems,
                      .want_raw = true};
  for (const int status : kStatuses) {
    const HttpResponse response = {.status = status, .body = body};
    CheckReply(adapter.ParseSubmit(request, response));
    CheckReply(adapter.ParseFetch(job, response));
  }
  const absl::StatusOr<WebhookAnswer> webhook = adapter.ParseWebhook(job, body);
  if (webhook.ok() && webhook->answer) Check(*webhook->answer);
}

}  // namespace

void ReadAsEverything(const ProviderAdapter& adapter, const std::string& body) {
  for (const OperationSpec& operation : adapter.capabilities().operations) {
    ReadAsAnswers(adapter, operation, body);
  }
  const absl::StatusOr<Credits> balance =
      adapter.ParseBalance({.status = 200, .body = body});
  Require(!balance.ok() || *balance >= Credits(), "negative balance");
}

}  // namespace enrich
