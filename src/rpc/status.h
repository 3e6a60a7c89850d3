#ifndef ENRICH_RPC_STATUS_H_
#define ENRICH_RPC_STATUS_H_

#include "absl/status/status.h"
#include "grpcpp/support/status.h"

namespace enrich {

// The domain of every ErrorInfo.
inline constexpr char kErrorDomain[] = "enrich.gateway";

// Converts a status with what model/errors.h attached to it: ErrorInfo,
// BadRequest and RetryInfo travel as details. A status that was not built there
// becomes STORE_UNAVAILABLE when it is worth another try, INTERNAL otherwise.
grpc::Status ToGrpcStatus(const absl::Status& status);

}  // namespace enrich

#endif  // ENRICH_RPC_STATUS_H_
