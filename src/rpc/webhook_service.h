#ifndef ENRICH_RPC_WEBHOOK_SERVICE_H_
#define ENRICH_RPC_WEBHOOK_SERVICE_H_

#include <string>

#include "absl/status/statusor.h"
#include "base/executor.h"
#include "engine/engine.h"
#include "enrich/v1/webhook_service.grpc.pb.h"
#include "grpcpp/server_context.h"
#include "grpcpp/support/byte_buffer.h"
#include "grpcpp/support/server_callback.h"
#include "rpc/auth.h"
#include "rpc/call_limit.h"
#include "rpc/tokens.h"
#include "rpc/unary_call.h"
#include "store/store.h"

namespace enrich {

// What the service works with. All must outlive the server it is registered
// with and the tasks left on `executor` and `pool`.
struct WebhookServiceDeps {
  const Authenticator& authenticator;
  CallLimit& calls;
  Engine& engine;
  Store& store;
  // Answers to calls that the engine completed.
  Executor& executor;
  // Reads of the store, which block.
  ThreadPool& pool;
};

using WebhookServiceBase =
    v1::WebhookService::WithRawCallbackMethod_ListWebhooks<
        v1::WebhookService::WithRawCallbackMethod_ReplayWebhooks<
            v1::WebhookService::Service>>;

// enrich.v1.WebhookService: reads the store's inbox, or has the engine run it
// again. Blocks no gRPC thread.
class WebhookService final : public WebhookServiceBase {
 public:
  explicit WebhookService(const WebhookServiceDeps& deps) : deps_(deps) {}

  grpc::ServerUnaryReactor* ListWebhooks(grpc::CallbackServerContext* context,
                                         const grpc::ByteBuffer* request,
                                         grpc::ByteBuffer* response) override;
  grpc::ServerUnaryReactor* ReplayWebhooks(grpc::CallbackServerContext* context,
                                           const grpc::ByteBuffer* request,
                                           grpc::ByteBuffer* response) override;

 private:
  absl::StatusOr<grpc::ByteBuffer> Read(
      const std::string& tenant, const v1::ListWebhooksRequest& request) const;
  // What a replay would run.
  absl::StatusOr<grpc::ByteBuffer> Count(const InboxFilter& filter,
                                         int64_t after_key,
                                         const TokenCodec& codec) const;
  void Replay(InboxFilter filter, int64_t after_key, const TokenCodec& codec,
              UnaryCall call);

  const WebhookServiceDeps deps_;
};

}  // namespace enrich

#endif  // ENRICH_RPC_WEBHOOK_SERVICE_H_
