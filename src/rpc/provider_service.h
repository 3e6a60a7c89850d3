#ifndef ENRICH_RPC_PROVIDER_SERVICE_H_
#define ENRICH_RPC_PROVIDER_SERVICE_H_

#include "base/executor.h"
#include "engine/engine.h"
#include "enrich/v1/provider_service.grpc.pb.h"
#include "grpcpp/server_context.h"
#include "grpcpp/support/byte_buffer.h"
#include "grpcpp/support/server_callback.h"
#include "rpc/auth.h"
#include "rpc/call_limit.h"

namespace enrich {

using ProviderServiceBase =
    v1::ProviderService::WithRawCallbackMethod_ListProviders<
        v1::ProviderService::WithRawCallbackMethod_GetProvider<
            v1::ProviderService::Service>>;

// enrich.v1.ProviderService: asks the engine. Blocks no gRPC thread.
class ProviderService final : public ProviderServiceBase {
 public:
  // All must outlive the server it is registered with. Calls are answered on
  // `executor`.
  ProviderService(const Authenticator& authenticator, CallLimit& calls,
                  Engine& engine, Executor& executor);

  grpc::ServerUnaryReactor* ListProviders(grpc::CallbackServerContext* context,
                                          const grpc::ByteBuffer* request,
                                          grpc::ByteBuffer* response) override;
  grpc::ServerUnaryReactor* GetProvider(grpc::CallbackServerContext* context,
                                        const grpc::ByteBuffer* request,
                                        grpc::ByteBuffer* response) override;

 private:
  const Authenticator& authenticator_;
  CallLimit& calls_;
  Engine& engine_;
  Executor& executor_;
};

}  // namespace enrich

#endif  // ENRICH_RPC_PROVIDER_SERVICE_H_
