#include "rpc/status.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "model/errors.h"
#include "unit/rpc/grpc_errors.h"

namespace enrich {
namespace {

using ::testing::ElementsAre;
using ::testing::HasSubstr;

TEST(ToGrpcStatus, OkIsOk) { EXPECT_TRUE(ToGrpcStatus(absl::OkStatus()).ok()); }

TEST(ToGrpcStatus, CarriesReasonDomainAndMetadata) {
  const grpc::Status status = ToGrpcStatus(error::BatchNotFound("batch-7"));
  EXPECT_EQ(status.error_code(), grpc::StatusCode::NOT_FOUND);
  EXPECT_THAT(status.error_message(), HasSubstr("batch-7"));
  const auto info = DetailOf<google::rpc::ErrorInfo>(status);
  ASSERT_TRUE(info.has_value());
  EXPECT_EQ(info->reason(), "BATCH_NOT_FOUND");
  EXPECT_EQ(info->domain(), "enrich.gateway");
  EXPECT_EQ(info->metadata().at("batch_id"), "batch-7");
  EXPECT_FALSE(DetailOf<google::rpc::BadRequest>(status).has_value());
  EXPECT_FALSE(DetailOf<google::rpc::RetryInfo>(status).has_value());
}

TEST(ToGrpcStatus, CarriesFieldViolations) {
  const grpc::Status status = ToGrpcStatus(error::InvalidRequest(
      {{"request_id", "is required"}, {"fields[1]", "is unknown"}}));
  EXPECT_EQ(status.error_code(), grpc::StatusCode::INVALID_ARGUMENT);
  EXPECT_THAT(ViolatedFields(status), ElementsAre("request_id", "fields[1]"));
}

TEST(ToGrpcStatus, CarriesTheRetryDelay) {
  const grpc::Status status = ToGrpcStatus(
      error::TooManyOpenContacts(10, 10, absl::Milliseconds(1500)));
  EXPECT_EQ(status.error_code(), grpc::StatusCode::RESOURCE_EXHAUSTED);
  const auto retry = DetailOf<google::rpc::RetryInfo>(status);
  ASSERT_TRUE(retry.has_value());
  EXPECT_EQ(retry->retry_delay().seconds(), 1);
  EXPECT_EQ(retry->retry_delay().nanos(), 500'000'000);
}

TEST(ToGrpcStatus, AStoreThatCannotServeIsWorthAnotherTry) {
  for (const absl::Status& cause :
       {absl::UnavailableError("busy"), absl::ResourceExhaustedError("full")}) {
    const grpc::Status status = ToGrpcStatus(cause);
    EXPECT_EQ(status.error_code(), grpc::StatusCode::UNAVAILABLE);
    EXPECT_EQ(ReasonOf(status), "STORE_UNAVAILABLE");
  }
}

TEST(ToGrpcStatus, AnUnexpectedErrorTellsNoInternals) {
  const grpc::Status status =
      ToGrpcStatus(absl::DataLossError("row 17 of table chunks"));
  EXPECT_EQ(status.error_code(), grpc::StatusCode::INTERNAL);
  EXPECT_EQ(ReasonOf(status), "INTERNAL");
  EXPECT_EQ(status.error_message().find("row 17"), std::string::npos);
}

}  // namespace
}  // namespace enrich
