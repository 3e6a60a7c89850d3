#include "provider/adapter.h"

#include "absl/status/status.h"

namespace enrich {

Credits OperationSpec::PriceOf(FieldSet wanted) const {
  Credits sum;
  for (const auto& [field, price] : prices) {
    if (wanted.Has(field)) sum += price;
  }
  return sum;
}

int OperationSpec::MaxContacts(bool pushes) const {
  return pushes ? max_contacts
                : max_contacts_without_push.value_or(max_contacts);
}

const OperationSpec* Capabilities::Find(absl::string_view operation) const {
  for (const OperationSpec& spec : operations) {
    if (spec.name == operation) return &spec;
  }
  return nullptr;
}

absl::StatusOr<AccessToken> ProviderAdapter::ParseToken(
    const HttpResponse&) const {
  return absl::UnimplementedError("the provider issues no tokens");
}

void ProviderAdapter::Authorize(const Secret&, HttpRequest&) const {}

std::string ProviderAdapter::JobOfPush(const HttpRequest&) const { return ""; }

std::optional<RateLimited> ProviderAdapter::ReadPace(
    const HttpResponse&) const {
  return std::nullopt;
}

}  // namespace enrich
