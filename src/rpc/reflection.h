#ifndef ENRICH_RPC_REFLECTION_H_
#define ENRICH_RPC_REFLECTION_H_

#include <memory>
#include <string>
#include <vector>

#include "grpcpp/impl/service_type.h"

namespace enrich {

// Services that describe `services` (full names, in the generated descriptor
// pool) to tools such as grpcurl: grpc.reflection.v1 and, for older tools,
// grpc.reflection.v1alpha, both of which describe themselves too. Not the
// library's: that one speaks v1alpha only and cannot be turned off.
std::vector<std::unique_ptr<grpc::Service>> NewReflectionServices(
    std::vector<std::string> services);

}  // namespace enrich

#endif  // ENRICH_RPC_REFLECTION_H_
