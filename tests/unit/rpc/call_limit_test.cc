#include "rpc/call_limit.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <future>
#include <string>

#include "support/status_matchers.h"
#include "unit/rpc/grpc_errors.h"
#include "unit/rpc/service_harness.h"

namespace enrich {
namespace {

TEST(CallLimit, GivesAwayAsManyPlacesAsItHas) {
  CallLimit limit(2);
  EXPECT_THAT(limit.Enter(), IsOk());
  EXPECT_THAT(limit.Enter(), IsOk());
  EXPECT_THAT(limit.Enter(), StatusIs(absl::StatusCode::kResourceExhausted));
  limit.Leave();
  EXPECT_THAT(limit.Enter(), IsOk());
}

// A server with one place for calls, which a submission holds.
class FullServer : public ::testing::Test {
 protected:
  FullServer() {
    harness_.engine.hold_submissions = true;
    submission_ = std::async(std::launch::async, [this] { return Submit(); });
    EXPECT_TRUE(
        Eventually([this] { return !harness_.engine.submitted().empty(); }));
  }
  ~FullServer() override { harness_.engine.AnswerSubmissions(); }

  grpc::Status Submit() {
    v1::EnrichBatchRequest request;
    request.set_request_id("req-1");
    request.add_fields(v1::CONTACT_FIELD_WORK_EMAIL);
    v1::Contact& contact = *request.add_contacts();
    contact.set_contact_ref("1");
    contact.set_linkedin_url("https://www.linkedin.com/in/ada-example");
    v1::EnrichBatchResponse response;
    return harness_.stub->EnrichBatch(ServiceHarness::Context().get(), request,
                                      &response);
  }
  grpc::Status ListBatches() {
    v1::ListBatchesResponse response;
    return harness_.stub->ListBatches(ServiceHarness::Context().get(), {},
                                      &response);
  }
  grpc::Status ListProviders() {
    v1::ListProvidersResponse response;
    return harness_.provider_stub->ListProviders(
        ServiceHarness::Context().get(), {}, &response);
  }

  ServiceHarness harness_{QuickOptions(), {}, /*max_unary_calls=*/1};
  std::future<grpc::Status> submission_;
};

TEST_F(FullServer, RefusesCallsOfEveryServiceAndSaysWhenToComeBack) {
  for (const grpc::Status& status : {ListBatches(), ListProviders()}) {
    EXPECT_EQ(status.error_code(), grpc::StatusCode::RESOURCE_EXHAUSTED);
    EXPECT_EQ(ReasonOf(status), "TOO_MANY_CALLS");
    EXPECT_EQ(MetadataOf(status, "limit"), "1");
    const auto retry = DetailOf<google::rpc::RetryInfo>(status);
    ASSERT_TRUE(retry.has_value());
    EXPECT_EQ(retry->retry_delay().seconds(), 1);
  }
}

TEST_F(FullServer, StillServesStreams) {
  Watch watch(harness_, FromOldest());
  watch.ReadHistory();
  EXPECT_FALSE(watch.done());
  watch.Cancel();
}

TEST_F(FullServer, ServesAgainOnceTheCallHasItsAnswer) {
  harness_.engine.AnswerSubmissions();
  EXPECT_TRUE(submission_.get().ok());
  EXPECT_TRUE(ListBatches().ok());
  EXPECT_TRUE(ListProviders().ok());
}

}  // namespace
}  // namespace enrich
