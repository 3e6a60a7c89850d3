#ifndef ENRICH_RPC_JOB_SERVICE_H_
#define ENRICH_RPC_JOB_SERVICE_H_

#include <cstdint>
#include <string>

#include "absl/status/statusor.h"
#include "base/executor.h"
#include "engine/engine.h"
#include "enrich/v1/job_service.grpc.pb.h"
#include "grpcpp/server_context.h"
#include "grpcpp/support/byte_buffer.h"
#include "grpcpp/support/server_callback.h"
#include "rpc/auth.h"
#include "rpc/call_limit.h"
#include "rpc/unary_call.h"
#include "store/store.h"

namespace enrich {

// What the service works with. All must outlive the server it is registered
// with and the tasks left on `executor` and `pool`.
struct JobServiceDeps {
  const Authenticator& authenticator;
  CallLimit& calls;
  Engine& engine;
  Store& store;
  // Answers to calls that the engine completed.
  Executor& executor;
  // Reads of the store, which block.
  ThreadPool& pool;
};

using JobServiceBase = v1::JobService::WithRawCallbackMethod_ListJobs<
    v1::JobService::WithRawCallbackMethod_GetJob<
        v1::JobService::WithRawCallbackMethod_ApproveResend<
            v1::JobService::WithRawCallbackMethod_AbandonJob<
                v1::JobService::WithRawCallbackMethod_ListAuditEntries<
                    v1::JobService::Service>>>>>;

// enrich.v1.JobService: reads the store, and hands decisions over to the
// engine. A job's id is its chunk's key, sealed for the tenant. Blocks no gRPC
// thread.
class JobService final : public JobServiceBase {
 public:
  explicit JobService(JobServiceDeps deps) : deps_(deps) {}

  grpc::ServerUnaryReactor* ListJobs(grpc::CallbackServerContext* context,
                                     const grpc::ByteBuffer* request,
                                     grpc::ByteBuffer* response) override;
  grpc::ServerUnaryReactor* GetJob(grpc::CallbackServerContext* context,
                                   const grpc::ByteBuffer* request,
                                   grpc::ByteBuffer* response) override;
  grpc::ServerUnaryReactor* ApproveResend(grpc::CallbackServerContext* context,
                                          const grpc::ByteBuffer* request,
                                          grpc::ByteBuffer* response) override;
  grpc::ServerUnaryReactor* AbandonJob(grpc::CallbackServerContext* context,
                                       const grpc::ByteBuffer* request,
                                       grpc::ByteBuffer* response) override;
  grpc::ServerUnaryReactor* ListAuditEntries(
      grpc::CallbackServerContext* context, const grpc::ByteBuffer* request,
      grpc::ByteBuffer* response) override;

 private:
  absl::StatusOr<grpc::ByteBuffer> ReadJobs(
      const std::string& tenant, const v1::ListJobsRequest& request) const;
  absl::StatusOr<grpc::ByteBuffer> ReadJob(
      const std::string& tenant, const v1::GetJobRequest& request) const;
  absl::StatusOr<grpc::ByteBuffer> ReadAudit(
      const std::string& tenant,
      const v1::ListAuditEntriesRequest& request) const;

  // Admits an operator's call; what they decide, and about which job.
  template <typename Request>
  absl::StatusOr<JobOrder> TakeOrder(const UnaryCall& call,
                                     const grpc::CallbackServerContext& context,
                                     const grpc::ByteBuffer& bytes,
                                     Request& request) const;
  // Answers a call once the engine has carried out its order.
  template <typename Response, typename Fill>
  StoreCallback<DecidedJob> Answer(UnaryCall call, std::string tenant,
                                   Fill fill) const;

  void FillJob(const std::string& tenant, const Chunk& from, v1::Job& to) const;
  Credits ExposureOf(const Chunk& job) const;

  const JobServiceDeps deps_;
};

}  // namespace enrich

#endif  // ENRICH_RPC_JOB_SERVICE_H_
