#ifndef ENRICH_RPC_ENRICHMENT_SERVICE_H_
#define ENRICH_RPC_ENRICHMENT_SERVICE_H_

#include <cstdint>
#include <memory>
#include <string>

#include "absl/status/statusor.h"
#include "absl/strings/string_view.h"
#include "base/executor.h"
#include "base/random.h"
#include "engine/engine.h"
#include "engine/result_feed.h"
#include "enrich/v1/enrichment_service.grpc.pb.h"
#include "grpcpp/server_context.h"
#include "grpcpp/support/byte_buffer.h"
#include "grpcpp/support/server_callback.h"
#include "rpc/auth.h"
#include "rpc/call_limit.h"
#include "rpc/unary_call.h"
#include "rpc/watch_hub.h"
#include "store/store.h"

namespace enrich {

struct EnrichmentServiceOptions {
  int64_t max_contacts_per_batch = 10'000;
  WatchOptions watch = {};
};

// What the service works with. All must outlive the server it is registered
// with and the tasks left on `executor` and `pool`.
struct EnrichmentServiceDeps {
  const Authenticator& authenticator;
  CallLimit& calls;
  Engine& engine;
  Store& store;
  ResultFeed& feed;
  Random& random;
  // Timers, and answers to calls that the engine or the store completed; must
  // not be blocked by others.
  Executor& executor;
  // Reads of the store, which block.
  ThreadPool& pool;
};

// Every method takes its request as bytes: a message that cannot be parsed then
// gets an answer that says where, rather than gRPC's INTERNAL.
using EnrichmentServiceBase =
    v1::EnrichmentService::WithRawCallbackMethod_EnrichBatch<
        v1::EnrichmentService::WithRawCallbackMethod_WatchResults<
            v1::EnrichmentService::WithRawCallbackMethod_GetBatch<
                v1::EnrichmentService::WithRawCallbackMethod_ListBatches<
                    v1::EnrichmentService::WithRawCallbackMethod_ListResults<
                        v1::EnrichmentService::
                            WithRawCallbackMethod_CancelBatch<
                                v1::EnrichmentService::Service>>>>>>;

// enrich.v1.EnrichmentService: checks and converts, then hands over to the
// engine, or reads the store. Blocks no gRPC thread.
class EnrichmentService final : public EnrichmentServiceBase {
 public:
  EnrichmentService(EnrichmentServiceOptions options,
                    EnrichmentServiceDeps deps);

  // See WatchHub::Drain.
  void Drain(absl::string_view reason) { watches_->Drain(reason); }

  grpc::ServerUnaryReactor* EnrichBatch(grpc::CallbackServerContext* context,
                                        const grpc::ByteBuffer* request,
                                        grpc::ByteBuffer* response) override;
  grpc::ServerWriteReactor<grpc::ByteBuffer>* WatchResults(
      grpc::CallbackServerContext* context,
      const grpc::ByteBuffer* request) override;
  grpc::ServerUnaryReactor* GetBatch(grpc::CallbackServerContext* context,
                                     const grpc::ByteBuffer* request,
                                     grpc::ByteBuffer* response) override;
  grpc::ServerUnaryReactor* ListBatches(grpc::CallbackServerContext* context,
                                        const grpc::ByteBuffer* request,
                                        grpc::ByteBuffer* response) override;
  grpc::ServerUnaryReactor* ListResults(grpc::CallbackServerContext* context,
                                        const grpc::ByteBuffer* request,
                                        grpc::ByteBuffer* response) override;
  grpc::ServerUnaryReactor* CancelBatch(grpc::CallbackServerContext* context,
                                        const grpc::ByteBuffer* request,
                                        grpc::ByteBuffer* response) override;

 private:
  // Plans or submits an accepted request.
  absl::StatusOr<grpc::ByteBuffer> Rehearse(const BatchRequest& request) const;
  void Submit(BatchRequest request, UnaryCall call);
  // Answers on the executor: sending takes system calls, for which the store's
  // and the engine's threads have no time.
  void Reply(UnaryCall call, absl::StatusOr<grpc::ByteBuffer> answer) const;

  absl::StatusOr<grpc::ByteBuffer> ReadBatch(
      const std::string& tenant, const v1::GetBatchRequest& request) const;
  absl::StatusOr<grpc::ByteBuffer> ReadBatches(
      const std::string& tenant, const v1::ListBatchesRequest& request) const;
  absl::StatusOr<grpc::ByteBuffer> ReadResults(
      const std::string& tenant, const v1::ListResultsRequest& request) const;

  const EnrichmentServiceOptions options_;
  const EnrichmentServiceDeps deps_;
  const std::shared_ptr<WatchHub> watches_;
};

}  // namespace enrich

#endif  // ENRICH_RPC_ENRICHMENT_SERVICE_H_
