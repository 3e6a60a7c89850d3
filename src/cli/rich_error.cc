#include "cli/rich_error.h"

#include "absl/status/statusor.h"
#include "absl/strings/cord.h"
#include "absl/strings/str_cat.h"
#include "google/rpc/error_details.pb.h"
#include "google/rpc/status.pb.h"

namespace enrich::cli {
namespace {

constexpr char kPayloadUrl[] = "type.googleapis.com/google.rpc.Status";
constexpr size_t kViolationsShown = 20;

void AddDetail(const google::protobuf::Any& any, RichError& error) {
  if (google::rpc::ErrorInfo info; any.UnpackTo(&info)) {
    error.reason = info.reason();
  } else if (google::rpc::BadRequest bad; any.UnpackTo(&bad)) {
    for (const auto& violation : bad.field_violations()) {
      error.violations.emplace_back(violation.field(), violation.description());
    }
  } else if (google::rpc::QuotaFailure quota; any.UnpackTo(&quota)) {
    for (const auto& violation : quota.violations()) {
      error.violations.emplace_back(violation.subject(),
                                    violation.description());
    }
  } else if (google::rpc::PreconditionFailure failure; any.UnpackTo(&failure)) {
    for (const auto& violation : failure.violations()) {
      error.violations.emplace_back(violation.subject(),
                                    violation.description());
    }
  } else if (google::rpc::RetryInfo retry; any.UnpackTo(&retry)) {
    error.retry_delay = absl::Seconds(retry.retry_delay().seconds()) +
                        absl::Nanoseconds(retry.retry_delay().nanos());
  }
}

}  // namespace

absl::Status FromGrpc(const grpc::Status& status) {
  if (status.ok()) return absl::OkStatus();
  absl::Status result(static_cast<absl::StatusCode>(status.error_code()),
                      status.error_message());
  // Present even without details: it tells a reply from an error of our own.
  result.SetPayload(kPayloadUrl, absl::Cord(status.error_details()));
  return result;
}

RichError RichErrorOf(const absl::Status& status) {
  RichError error;
  const auto payload = status.GetPayload(kPayloadUrl);
  google::rpc::Status details;
  if (!payload.has_value() || !details.ParseFromString(std::string(*payload))) {
    return error;
  }
  for (const auto& any : details.details()) AddDetail(any, error);
  return error;
}

bool IsTransient(const absl::Status& status) {
  const RichError error = RichErrorOf(status);
  switch (status.code()) {
    case absl::StatusCode::kUnavailable:
    case absl::StatusCode::kDeadlineExceeded:
    case absl::StatusCode::kAborted:
      return true;
    // What gRPC and proxies make of a broken connection. The gateway's own
    // errors carry a reason.
    case absl::StatusCode::kCancelled:
    case absl::StatusCode::kUnknown:
    case absl::StatusCode::kInternal:
      return status.GetPayload(kPayloadUrl).has_value() && error.reason.empty();
    case absl::StatusCode::kResourceExhausted:
      return error.retry_delay.has_value() ||
             error.reason == "TOO_MANY_OPEN_CONTACTS" ||
             error.reason == "TOO_MANY_STREAMS";
    default:
      return false;
  }
}

std::string DescribeError(const absl::Status& status) {
  if (!status.GetPayload(kPayloadUrl).has_value()) {
    return absl::StrCat("error: ", status.message());
  }
  const RichError error = RichErrorOf(status);
  std::string text =
      absl::StrCat("error: ", absl::StatusCodeToString(status.code()), ": ",
                   status.message());
  if (!error.reason.empty()) absl::StrAppend(&text, " (", error.reason, ")");
  const size_t shown = std::min(error.violations.size(), kViolationsShown);
  for (size_t i = 0; i < shown; ++i) {
    const auto& [field, description] = error.violations[i];
    absl::StrAppend(&text, "\n  ", field, ": ", description);
  }
  if (error.violations.size() > shown) {
    absl::StrAppend(&text, "\n  and ", error.violations.size() - shown,
                    " more");
  }
  if (error.retry_delay.has_value()) {
    absl::StrAppend(&text, "\n  retry after ",
                    absl::FormatDuration(*error.retry_delay));
  }
  return text;
}

}  // namespace enrich::cli
