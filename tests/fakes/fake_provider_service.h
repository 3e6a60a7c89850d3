#ifndef ENRICH_TESTS_FAKES_FAKE_PROVIDER_SERVICE_H_
#define ENRICH_TESTS_FAKES_FAKE_PROVIDER_SERVICE_H_

#include <grpcpp/server_context.h>

#include "enrich/v1/provider_service.grpc.pb.h"
#include "fakes/fake_token.h"

namespace enrich {

// One account at acme.
class FakeProviderService final : public v1::ProviderService::Service {
 public:
  explicit FakeProviderService(const FakeToken& token) : token_(token) {}

  grpc::Status ListProviders(grpc::ServerContext* context,
                             const v1::ListProvidersRequest*,
                             v1::ListProvidersResponse* response) override {
    auto* provider = response->add_providers();
    provider->set_provider("acme");
    provider->set_adapter("generic");
    provider->set_delivery(v1::DELIVERY_MODE_POLL);
    provider->set_breaker(v1::BREAKER_STATE_CLOSED);
    provider->set_balance_millicredits(12500);
    provider->set_webhooks_quarantined(3);
    provider->mutable_balance_time()->set_seconds(1);
    provider->add_operations()->add_fields(v1::CONTACT_FIELD_WORK_EMAIL);
    return token_.Check(*context);
  }

 private:
  const FakeToken& token_;
};

}  // namespace enrich

#endif  // ENRICH_TESTS_FAKES_FAKE_PROVIDER_SERVICE_H_
