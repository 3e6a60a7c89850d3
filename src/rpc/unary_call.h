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
#include "rpc/auth.h"
#include "rpc/message.h"
#include "rpc/status.h"

namespace enrich {

// A unary call that takes and gives serialised messages. A handle: copies mean
// the same call. Thread-safe; valid until one of them was finished.
class UnaryCall {
 public:
  UnaryCall(grpc::CallbackServerContext& context, grpc::ByteBuffer& response)
      : reactor_(context.DefaultReactor()), response_(&response) {}

  // What the service method returns.
  grpc::ServerUnaryReactor* reactor() const { return reactor_; }

  // Answers the call. Exactly one of these, once.
  void Finish(const absl::Status& error) const {
    reactor_->Finish(ToGrpcStatus(error));
  }
  void Finish(absl::StatusOr<grpc::ByteBuffer> response) const {
    if (!response.ok()) return Finish(response.status());
    response_->Swap(&*response);
    reactor_->Finish(grpc::Status::OK);
  }

 private:
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

}  // namespace enrich

#endif  // ENRICH_RPC_UNARY_CALL_H_
