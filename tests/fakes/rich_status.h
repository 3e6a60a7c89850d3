#ifndef ENRICH_TESTS_FAKES_RICH_STATUS_H_
#define ENRICH_TESTS_FAKES_RICH_STATUS_H_

#include <grpcpp/support/error_details.h>
#include <grpcpp/support/status.h>

#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "google/rpc/error_details.pb.h"
#include "google/rpc/status.pb.h"

namespace enrich {

// A status as the gateway sends it.
inline grpc::Status RichStatus(
    grpc::StatusCode code, const std::string& message,
    const std::string& reason,
    const std::vector<std::pair<std::string, std::string>>& violations = {},
    std::optional<int> retry_seconds = std::nullopt) {
  google::rpc::Status details;
  details.set_code(code);
  details.set_message(message);
  google::rpc::ErrorInfo info;
  info.set_reason(reason);
  info.set_domain("enrich.gateway");
  details.add_details()->PackFrom(info);
  if (!violations.empty()) {
    google::rpc::BadRequest bad;
    for (const auto& [field, description] : violations) {
      auto* violation = bad.add_field_violations();
      violation->set_field(field);
      violation->set_description(description);
    }
    details.add_details()->PackFrom(bad);
  }
  if (retry_seconds.has_value()) {
    google::rpc::RetryInfo retry;
    retry.mutable_retry_delay()->set_seconds(*retry_seconds);
    details.add_details()->PackFrom(retry);
  }
  return {code, message, details.SerializeAsString()};
}

}  // namespace enrich

#endif  // ENRICH_TESTS_FAKES_RICH_STATUS_H_
