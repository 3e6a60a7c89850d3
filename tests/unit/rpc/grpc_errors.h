#ifndef ENRICH_TESTS_UNIT_RPC_GRPC_ERRORS_H_
#define ENRICH_TESTS_UNIT_RPC_GRPC_ERRORS_H_

#include <gtest/gtest.h>

#include <optional>
#include <string>
#include <vector>

#include "google/rpc/error_details.pb.h"
#include "google/rpc/status.pb.h"
#include "grpcpp/support/status.h"

namespace enrich {

// The first detail of a type, as a client decodes it.
template <typename Detail>
std::optional<Detail> DetailOf(const grpc::Status& status) {
  google::rpc::Status decoded;
  if (!decoded.ParseFromString(status.error_details())) return std::nullopt;
  for (const auto& any : decoded.details()) {
    Detail detail;
    if (any.UnpackTo(&detail)) return detail;
  }
  return std::nullopt;
}

// "INVALID_ARGUMENT"-like codes are numbers in gRPC; the reason says more.
// Empty when the call went well.
inline std::string ReasonOf(const grpc::Status& status) {
  const auto info = DetailOf<google::rpc::ErrorInfo>(status);
  return info ? info->reason() : "";
}

inline std::string MetadataOf(const grpc::Status& status,
                              const std::string& key) {
  const auto info = DetailOf<google::rpc::ErrorInfo>(status);
  if (!info || !info->metadata().contains(key)) return "";
  return info->metadata().at(key);
}

// The paths of the field violations.
inline std::vector<std::string> ViolatedFields(const grpc::Status& status) {
  std::vector<std::string> fields;
  if (const auto bad = DetailOf<google::rpc::BadRequest>(status)) {
    for (const auto& violation : bad->field_violations()) {
      fields.push_back(violation.field());
    }
  }
  return fields;
}

}  // namespace enrich

#endif  // ENRICH_TESTS_UNIT_RPC_GRPC_ERRORS_H_
