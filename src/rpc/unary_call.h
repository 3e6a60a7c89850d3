#ifndef ENRICH_RPC_UNARY_CALL_H_
#define ENRICH_RPC_UNARY_CALL_H_

#include <string>
#include <utility>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "base/status_macros.h"
#include "google/protobuf/message.h"
#include "grpcpp/server_context.h"
#include "grpcpp/support/byte_buffer.h"
#include "grpcpp/support/server_callback.h"
#include "model/errors.h"
#include "rpc/auth.h"
#include "rpc/call_limit.h"
#include "rpc/message.h"
#include "rpc/status.h"

namespace enrich {

// A unary call that takes and gives serialised messages. Whoever holds it owes
// an answer, once, from any thread; one that is dropped unanswered, as when an
// executor shuts down with it in its queue, ends with error::ShuttingDown.
class UnaryCall {
 public:
  // Takes a place in `limit`, which must outlive the call.
  UnaryCall(CallLimit& limit, grpc::CallbackServerContext& context,
            grpc::ByteBuffer& response)
      : limit_(&limit),
        place_(limit.Enter()),
        reactor_(context.DefaultReactor()),
        response_(&response) {}
  UnaryCall(UnaryCall&& other) noexcept
      : limit_(other.limit_),
        place_(other.place_),
        reactor_(std::exchange(other.reactor_, nullptr)),
        response_(other.response_) {}
  ~UnaryCall() {
    if (reactor_ != nullptr) Finish(error::ShuttingDown());
  }

  // What the service method returns. REQUIRES: not answered.
  grpc::ServerUnaryReactor* reactor() const { return reactor_; }

  // An error when there was no place for the call, which it must be finished
  // with.
  const absl::Status& place() const { return place_; }

  void Finish(const absl::Status& error) { Answer(ToGrpcStatus(error)); }
  void Finish(absl::StatusOr<grpc::ByteBuffer> response) {
    if (!response.ok()) return Finish(response.status());
    response_->Swap(&*response);
    Answer(grpc::Status::OK);
  }

 private:
  // The place is given back first: who has the answer may call again.
  void Answer(const grpc::Status& status) {
    if (place_.ok()) limit_->Leave();
    std::exchange(reactor_, nullptr)->Finish(status);
  }

  CallLimit* limit_;
  absl::Status place_;
  grpc::ServerUnaryReactor* reactor_;
  grpc::ByteBuffer* response_;
};

// Finds out who calls, and only then reads what they say. Returns the tenant.
inline absl::StatusOr<std::string> Admit(
    const Authenticator& authenticator,
    const grpc::CallbackServerContext& context, const grpc::ByteBuffer& bytes,
    google::protobuf::Message& request) {
  ASSIGN_OR_RETURN(std::string tenant, authenticator.Authenticate(context));
  RETURN_IF_ERROR(ParseMessage(bytes, request));
  return tenant;
}

// Likewise for a unary call, if there is a place for it.
inline absl::StatusOr<std::string> Admit(
    const UnaryCall& call, const Authenticator& authenticator,
    const grpc::CallbackServerContext& context, const grpc::ByteBuffer& bytes,
    google::protobuf::Message& request) {
  RETURN_IF_ERROR(call.place());
  return Admit(authenticator, context, bytes, request);
}

// Likewise for a unary call that needs an operator.
inline absl::StatusOr<std::string> AdmitOperator(
    const UnaryCall& call, const Authenticator& authenticator,
    const grpc::CallbackServerContext& context, const grpc::ByteBuffer& bytes,
    google::protobuf::Message& request) {
  RETURN_IF_ERROR(call.place());
  ASSIGN_OR_RETURN(std::string tenant,
                   authenticator.AuthenticateOperator(context));
  RETURN_IF_ERROR(ParseMessage(bytes, request));
  return tenant;
}

// Admits a unary call of `service` and answers it on a pool with what `handle`
// returns. `deps` has `calls`, `authenticator` and `pool`; like the service, it
// must outlive the tasks left on the pool.
template <typename Service, typename Deps, typename Request>
grpc::ServerUnaryReactor* AnswerOnPool(
    const Service& service, const Deps& deps,
    grpc::CallbackServerContext* context, const grpc::ByteBuffer* bytes,
    grpc::ByteBuffer* response,
    absl::StatusOr<grpc::ByteBuffer> (Service::*handle)(
        const std::string& tenant, const Request& request) const) {
  UnaryCall call(deps.calls, *context, *response);
  grpc::ServerUnaryReactor* const reactor = call.reactor();
  Request request;
  absl::StatusOr<std::string> tenant =
      Admit(call, deps.authenticator, *context, *bytes, request);
  if (!tenant.ok()) {
    call.Finish(tenant.status());
  } else {
    deps.pool.Post([&service, handle, call = std::move(call),
                    tenant = *std::move(tenant),
                    request = std::move(request)]() mutable {
      call.Finish((service.*handle)(tenant, request));
    });
  }
  return reactor;
}

}  // namespace enrich

#endif  // ENRICH_RPC_UNARY_CALL_H_
