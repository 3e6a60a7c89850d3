#include "rpc/provider_service.h"

#include <string>
#include <utility>
#include <vector>

#include "model/errors.h"
#include "rpc/message.h"
#include "rpc/to_proto.h"
#include "rpc/unary_call.h"

namespace enrich {
namespace {

absl::StatusOr<grpc::ByteBuffer> FindProvider(
    const std::vector<AccountStatus>& accounts, const std::string& tenant,
    const std::string& name) {
  for (const AccountStatus& account : accounts) {
    if (account.name != name) continue;
    v1::GetProviderResponse response;
    ToProto(account, tenant, *response.mutable_provider());
    return SerializeMessage(response);
  }
  return error::ProviderNotFound(name);
}

}  // namespace

ProviderService::ProviderService(const Authenticator& authenticator,
                                 CallLimit& calls, Engine& engine,
                                 Executor& executor)
    : authenticator_(authenticator),
      calls_(calls),
      engine_(engine),
      executor_(executor) {}

grpc::ServerUnaryReactor* ProviderService::ListProviders(
    grpc::CallbackServerContext* context, const grpc::ByteBuffer* bytes,
    grpc::ByteBuffer* buffer) {
  UnaryCall call(calls_, *context, *buffer);
  grpc::ServerUnaryReactor* const reactor = call.reactor();
  v1::ListProvidersRequest request;
  absl::StatusOr<std::string> tenant =
      Admit(call, authenticator_, *context, *bytes, request);
  if (!tenant.ok()) {
    call.Finish(tenant.status());
    return reactor;
  }
  engine_.ReadAccounts(
      [this, call = std::move(call), tenant = *std::move(tenant)](
          std::vector<AccountStatus> accounts) mutable {
        executor_.Post([call = std::move(call), tenant = std::move(tenant),
                        accounts = std::move(accounts)]() mutable {
          v1::ListProvidersResponse response;
          for (const AccountStatus& account : accounts) {
            ToProto(account, tenant, *response.add_providers());
          }
          call.Finish(SerializeMessage(response));
        });
      });
  return reactor;
}

grpc::ServerUnaryReactor* ProviderService::GetProvider(
    grpc::CallbackServerContext* context, const grpc::ByteBuffer* bytes,
    grpc::ByteBuffer* buffer) {
  UnaryCall call(calls_, *context, *buffer);
  grpc::ServerUnaryReactor* const reactor = call.reactor();
  v1::GetProviderRequest request;
  absl::StatusOr<std::string> tenant =
      Admit(call, authenticator_, *context, *bytes, request);
  absl::Status status = tenant.status();
  if (status.ok() && request.provider().empty()) {
    status = error::InvalidRequest({{"provider", "is required"}});
  }
  if (!status.ok()) {
    call.Finish(status);
    return reactor;
  }
  engine_.ReadAccounts(
      [this, call = std::move(call), tenant = *std::move(tenant),
       name = request.provider()](std::vector<AccountStatus> accounts) mutable {
        executor_.Post([call = std::move(call), tenant = std::move(tenant),
                        name = std::move(name),
                        accounts = std::move(accounts)]() mutable {
          call.Finish(FindProvider(accounts, tenant, name));
        });
      });
  return reactor;
}

}  // namespace enrich
