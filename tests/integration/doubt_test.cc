#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "integration/gateway_fixture.h"

namespace enrich {
namespace {

using ::testing::SizeIs;

class Doubt : public GatewayFixture {
 protected:
  // Enrow takes the first job, but neither its reply nor any push arrives.
  void StartInDoubt() {
    knobs.park_unknown_after = absl::Seconds(1);
    knobs.poll_first_after = absl::Seconds(1);
    simulator_options.faults = R"([
        {"endpoint":"submit","action":"http_500","when":"after","count":1},
        {"endpoint":"webhook","action":"lost"}])";
    Start();
    batch_ = Submit(BatchOf({Person("vera", "Found")}));
    EXPECT_EQ(Summaries(Collect(batch_.batch_id())).at("vera"),
              "work_email=unknown[enrow=unknown/OUTCOME_UNKNOWN]");
  }
  v1::Job JobInDoubt() {
    std::vector<v1::Job> jobs;
    EXPECT_TRUE(client().ListJobs(jobs).ok());
    EXPECT_THAT(jobs, SizeIs(1));
    return jobs.empty() ? v1::Job() : jobs[0];
  }
  static v1::ApproveResendRequest Approval(const v1::Job& job) {
    v1::ApproveResendRequest request;
    request.set_job_id(job.job_id());
    request.set_max_millicredits(job.exposure_millicredits());
    request.set_decided_by("ada");
    return request;
  }

  v1::Batch batch_;
};

TEST_F(Doubt, AnApprovalIsGoodForExactlyOneMoreRequest) {
  StartInDoubt();
  const v1::Job job = JobInDoubt();
  EXPECT_EQ(job.provider(), "enrow");
  EXPECT_EQ(job.state(), v1::JOB_STATE_PARKED);
  EXPECT_EQ(job.exposure_millicredits(), 1000);
  EXPECT_EQ(Total("enrow", "submissions"), 1);

  approved_lookups["enrow"] = 1;
  v1::ApproveResendResponse response;
  ASSERT_TRUE(client().ApproveResend(Approval(job), response).ok());
  EXPECT_FALSE(client().ApproveResend(Approval(job), response).ok());
  const std::vector<v1::ResultEvent> events =
      WaitForEvents(batch_.batch_id(), 3);
  ASSERT_THAT(events, SizeIs(3));
  EXPECT_EQ(events[2].supersedes(), 1);
  EXPECT_EQ(Summary(events[2].contact_result()),
            "work_email=found[enrow=found]");
  EXPECT_EQ(Total("enrow", "submissions"), 2);
  EXPECT_EQ(Total("enrow", "accepted"), 2);
  EXPECT_EQ(Total("fullenrich", "submissions"), 0);
  v1::Provider enrow;
  ASSERT_TRUE(client().GetProvider("enrow", enrow).ok());
  EXPECT_EQ(enrow.jobs_unknown(), 0);
  EXPECT_EQ(enrow.jobs_parked(), 0);
  EXPECT_EQ(enrow.exposed_millicredits(), 0);
}

TEST_F(Doubt, AParkedJobWaitsOverARestart) {
  StartInDoubt();
  StopGateway();
  StartGateway();
  v1::Provider enrow;
  ASSERT_TRUE(client().GetProvider("enrow", enrow).ok());
  EXPECT_EQ(enrow.jobs_parked(), 1);
  EXPECT_EQ(enrow.exposed_millicredits(), 1000);
  EXPECT_EQ(JobInDoubt().state(), v1::JOB_STATE_PARKED);
  EXPECT_EQ(Total("enrow", "submissions"), 1);
}

}  // namespace
}  // namespace enrich
