#include "rpc/status.h"

#include <optional>
#include <string>

#include "absl/time/time.h"
#include "google/rpc/error_details.pb.h"
#include "google/rpc/status.pb.h"
#include "grpcpp/support/error_details.h"
#include "model/errors.h"

namespace enrich {
namespace {

// The cause is for the log of whoever found it; the caller gets no internals.
ErrorDetails UnexpectedError() { return {.reason = "INTERNAL"}; }

void AddErrorInfo(const ErrorDetails& details, google::rpc::Status& out) {
  google::rpc::ErrorInfo info;
  info.set_reason(details.reason);
  info.set_domain(kErrorDomain);
  for (const auto& [key, value] : details.metadata) {
    (*info.mutable_metadata())[key] = value;
  }
  out.add_details()->PackFrom(info);
}

void AddBadRequest(const ErrorDetails& details, google::rpc::Status& out) {
  if (details.field_violations.empty()) return;
  google::rpc::BadRequest bad_request;
  for (const auto& [field, description] : details.field_violations) {
    auto* violation = bad_request.add_field_violations();
    violation->set_field(field);
    violation->set_description(description);
  }
  out.add_details()->PackFrom(bad_request);
}

void AddRetryInfo(const ErrorDetails& details, google::rpc::Status& out) {
  if (!details.retry_delay) return;
  google::rpc::RetryInfo retry;
  const absl::Duration delay = *details.retry_delay;
  const int64_t seconds = absl::ToInt64Seconds(delay);
  retry.mutable_retry_delay()->set_seconds(seconds);
  retry.mutable_retry_delay()->set_nanos(static_cast<int32_t>(
      absl::ToInt64Nanoseconds(delay - absl::Seconds(seconds))));
  out.add_details()->PackFrom(retry);
}

grpc::Status Build(absl::StatusCode code, const std::string& message,
                   const ErrorDetails& details) {
  google::rpc::Status out;
  out.set_code(static_cast<int>(code));
  out.set_message(message);
  AddErrorInfo(details, out);
  AddBadRequest(details, out);
  AddRetryInfo(details, out);
  grpc::Status status;
  grpc::SetErrorDetails(out, &status);
  return status;
}

}  // namespace

grpc::Status ToGrpcStatus(const absl::Status& status) {
  if (status.ok()) return grpc::Status::OK;
  if (const std::optional<ErrorDetails> details = DetailsOf(status)) {
    return Build(status.code(), std::string(status.message()), *details);
  }
  if (absl::IsUnavailable(status) || absl::IsResourceExhausted(status)) {
    return ToGrpcStatus(error::StoreUnavailable(status.message()));
  }
  return Build(absl::StatusCode::kInternal, "internal error",
               UnexpectedError());
}

}  // namespace enrich
