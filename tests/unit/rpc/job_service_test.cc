#include "rpc/job_service.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "fakes/fake_adapter.h"
#include "rpc/tokens.h"
#include "unit/rpc/grpc_errors.h"
#include "unit/rpc/service_harness.h"

namespace enrich {
namespace {

using ::testing::ElementsAre;
using ::testing::IsEmpty;
using ::testing::SizeIs;

Chunk Job(int64_t key, ChunkState state, const std::string& tenant = "acme",
          const std::string& account = "main") {
  return {.key = key,
          .lane = {tenant, account, "find"},
          .state = state,
          .items = {{.contact_key = 1, .fields = ContactField::kWorkEmail},
                    {.contact_key = 2, .fields = ContactField::kWorkEmail}},
          .answered = {FieldSet(), FieldSet()},
          .settled = {FieldSet(), FieldSet(ContactField::kWorkEmail)},
          .attempt = {.key = key + 1000,
                      .chunk_key = key,
                      .reference = "reference",
                      .start_time = absl::FromUnixSeconds(1'790'000'005),
                      .max_cost = Credits::Whole(2),
                      .provider_job_id = "p-1"},
          .attempt_count = 3,
          .create_time = absl::FromUnixSeconds(1'790'000'000)};
}

class JobServiceTest : public ::testing::Test {
 protected:
  JobServiceTest() { harness_.engine.adapters = {{"main", &adapter_}}; }

  std::vector<v1::Job> List(const v1::ListJobsRequest& request = {},
                            const std::string& token = "acme-token") {
    v1::ListJobsResponse response;
    EXPECT_TRUE(
        harness_.job_stub
            ->ListJobs(harness_.Context(token).get(), request, &response)
            .ok());
    next_page_ = response.next_page_token();
    return {response.jobs().begin(), response.jobs().end()};
  }
  // The id of a job by the tenant's reckoning.
  std::string IdOf(int64_t key, const std::string& tenant = "acme") const {
    return TokenCodec(TokenKind::kJob, harness_.store.store_id(), tenant)
        .Encode(key);
  }
  grpc::Status Get(const std::string& id, v1::Job* job = nullptr,
                   const std::string& token = "acme-token") {
    v1::GetJobRequest request;
    request.set_job_id(id);
    v1::GetJobResponse response;
    const grpc::Status status = harness_.job_stub->GetJob(
        harness_.Context(token).get(), request, &response);
    if (job != nullptr) *job = response.job();
    return status;
  }
  v1::ApproveResendRequest Approval(const std::string& id) {
    v1::ApproveResendRequest request;
    request.set_job_id(id);
    request.set_max_millicredits(1500);
    request.set_decided_by("ada");
    request.set_note("not in their list");
    return request;
  }
  grpc::Status Approve(const v1::ApproveResendRequest& request,
                       const std::string& token = "acme-operator") {
    return harness_.job_stub->ApproveResend(harness_.Context(token).get(),
                                            request, &approved_);
  }
  grpc::Status Abandon(const v1::AbandonJobRequest& request,
                       const std::string& token = "acme-operator") {
    return harness_.job_stub->AbandonJob(harness_.Context(token).get(), request,
                                         &abandoned_);
  }

  FakeAdapter adapter_{"loud", FakeAdapter::Simple()};
  ServiceHarness harness_;
  std::string next_page_;
  v1::ApproveResendResponse approved_;
  v1::AbandonJobResponse abandoned_;
};

// ---- Reads ------------------------------------------------------------------

TEST_F(JobServiceTest, TellsAllOfAJobInDoubt) {
  Chunk chunk = Job(7, ChunkState::kParked);
  chunk.resend_of = 5;
  harness_.store.AddJob(chunk);
  const std::vector<v1::Job> jobs = List();
  ASSERT_THAT(jobs, SizeIs(1));
  const v1::Job& job = jobs[0];
  EXPECT_EQ(job.job_id(), IdOf(7));
  EXPECT_EQ(job.provider(), "main");
  EXPECT_EQ(job.operation(), "find");
  EXPECT_EQ(job.state(), v1::JOB_STATE_PARKED);
  EXPECT_EQ(job.contacts(), 2);
  EXPECT_EQ(job.exposure_millicredits(), 1000) << "one of the two is settled";
  EXPECT_EQ(job.reference(), "reference");
  EXPECT_EQ(job.provider_job_id(), "p-1");
  EXPECT_EQ(job.create_time().seconds(), 1'790'000'000);
  EXPECT_EQ(job.submit_time().seconds(), 1'790'000'005);
  EXPECT_EQ(job.attempts(), 3);
  EXPECT_EQ(job.resend_of(), IdOf(5));
  EXPECT_EQ(job.resent_as(), "");
}

TEST_F(JobServiceTest, TheExposureOfAGoneAccountIsWhatMayHaveBeenPaid) {
  harness_.store.AddJob(Job(7, ChunkState::kParked, "acme", "gone"));
  EXPECT_EQ(List().at(0).exposure_millicredits(), 2000);
}

TEST_F(JobServiceTest, ListsWhatIsInDoubtUnlessAskedForAll) {
  harness_.store.AddJob(Job(1, ChunkState::kAccepted));
  harness_.store.AddJob(Job(2, ChunkState::kUnknown));
  harness_.store.AddJob(Job(3, ChunkState::kParked, "acme", "spare"));
  harness_.store.AddJob(Job(4, ChunkState::kParked, "globex"));
  EXPECT_THAT(List(), SizeIs(2));
  v1::ListJobsRequest request;
  request.set_provider("spare");
  EXPECT_THAT(List(request), SizeIs(1));
  request.clear_provider();
  request.set_all_open(true);
  EXPECT_THAT(List(request), SizeIs(3));
}

TEST_F(JobServiceTest, ListsByPage) {
  for (int key = 1; key <= 3; ++key) {
    harness_.store.AddJob(Job(key, ChunkState::kParked));
  }
  v1::ListJobsRequest request;
  request.set_page_size(2);
  std::vector<v1::Job> page = List(request);
  ASSERT_THAT(page, SizeIs(2));
  EXPECT_EQ(page[0].job_id(), IdOf(3));
  request.set_page_token(next_page_);
  page = List(request);
  ASSERT_THAT(page, SizeIs(1));
  EXPECT_EQ(page[0].job_id(), IdOf(1));
  EXPECT_EQ(next_page_, "");

  v1::ListJobsResponse response;
  request.set_page_token(IdOf(3));
  EXPECT_EQ(ReasonOf(harness_.job_stub->ListJobs(harness_.Context().get(),
                                                 request, &response)),
            "INVALID_PAGE_TOKEN");
  request.set_page_size(1001);
  EXPECT_THAT(ViolatedFields(harness_.job_stub->ListJobs(
                  harness_.Context().get(), request, &response)),
              ElementsAre("page_size"));
}

TEST_F(JobServiceTest, AJobIsThereForItsTenantAlone) {
  harness_.store.AddJob(Job(7, ChunkState::kDone));
  harness_.store.AddJob(Job(8, ChunkState::kParked, "globex"));
  v1::Job job;
  ASSERT_TRUE(Get(IdOf(7), &job).ok());
  EXPECT_EQ(job.state(), v1::JOB_STATE_DONE);
  // The other tenant's id, one made up for a key of theirs, and others.
  for (const std::string& id :
       {IdOf(8, "globex"), IdOf(8), IdOf(9), std::string("nonsense")}) {
    const grpc::Status status = Get(id);
    EXPECT_EQ(status.error_code(), grpc::StatusCode::NOT_FOUND) << id;
    EXPECT_EQ(ReasonOf(status), "JOB_NOT_FOUND") << id;
    EXPECT_EQ(MetadataOf(status, "job_id"), id);
  }
  EXPECT_THAT(ViolatedFields(Get("")), ElementsAre("job_id"));
}

TEST_F(JobServiceTest, ListsTheAuditLogByPage) {
  const AuditEntry entry = {.key = 41,
                            .time = absl::FromUnixSeconds(1'790'000'000),
                            .tenant = "acme",
                            .actor = "ada",
                            .action = AuditAction::kQuietReplay,
                            .chunk_key = 7,
                            .resend_key = 8,
                            .account = "main",
                            .contacts = 2,
                            .exposure = Credits{1500},
                            .note = "why",
                            .hash = "\x01\xff"};
  harness_.store.AddAudit(entry);
  AuditEntry foreign = entry;
  foreign.key = 42;
  foreign.tenant = "globex";
  harness_.store.AddAudit(foreign);
  AuditEntry newer = entry;
  newer.key = 43;
  newer.action = AuditAction::kAbandon;
  newer.resend_key = 0;
  harness_.store.AddAudit(newer);

  v1::ListAuditEntriesRequest request;
  request.set_page_size(1);
  v1::ListAuditEntriesResponse response;
  ASSERT_TRUE(
      harness_.job_stub
          ->ListAuditEntries(harness_.Context().get(), request, &response)
          .ok());
  ASSERT_EQ(response.entries_size(), 1);
  EXPECT_EQ(response.entries(0).number(), 43);
  EXPECT_EQ(response.entries(0).action(), v1::AUDIT_ACTION_ABANDON);
  EXPECT_EQ(response.entries(0).resend_job_id(), "");
  request.set_page_token(response.next_page_token());
  ASSERT_TRUE(
      harness_.job_stub
          ->ListAuditEntries(harness_.Context().get(), request, &response)
          .ok());
  ASSERT_EQ(response.entries_size(), 1);
  const v1::AuditEntry& first = response.entries(0);
  EXPECT_EQ(first.number(), 41);
  EXPECT_EQ(first.time().seconds(), 1'790'000'000);
  EXPECT_EQ(first.actor(), "ada");
  EXPECT_EQ(first.action(), v1::AUDIT_ACTION_QUIET_REPLAY);
  EXPECT_EQ(first.job_id(), IdOf(7));
  EXPECT_EQ(first.resend_job_id(), IdOf(8));
  EXPECT_EQ(first.provider(), "main");
  EXPECT_EQ(first.contacts(), 2);
  EXPECT_EQ(first.exposure_millicredits(), 1500);
  EXPECT_EQ(first.note(), "why");
  EXPECT_EQ(first.hash(), "01ff");
  EXPECT_EQ(response.next_page_token(), "");
}

// ---- Decisions --------------------------------------------------------------

TEST_F(JobServiceTest, HandsAnApprovalToTheEngine) {
  harness_.engine.decided_job = {.job = Job(7, ChunkState::kFailed),
                                 .resend = Job(8, ChunkState::kPlanned)};
  ASSERT_TRUE(Approve(Approval(IdOf(7))).ok());
  const std::vector<JobOrder> orders = harness_.engine.orders();
  ASSERT_THAT(orders, SizeIs(1));
  EXPECT_EQ(orders[0].tenant, "acme");
  EXPECT_EQ(orders[0].chunk_key, 7);
  EXPECT_EQ(orders[0].job_id, IdOf(7));
  EXPECT_EQ(orders[0].actor, "ada");
  EXPECT_EQ(orders[0].note, "not in their list");
  EXPECT_THAT(harness_.engine.approved_costs(), ElementsAre(Credits{1500}));
  EXPECT_EQ(approved_.job().state(), v1::JOB_STATE_FAILED);
  EXPECT_EQ(approved_.resend().job_id(), IdOf(8));
}

TEST_F(JobServiceTest, HandsAnAbandonmentToTheEngine) {
  harness_.engine.decided_job = {.job = Job(7, ChunkState::kFailed)};
  v1::AbandonJobRequest request;
  request.set_job_id(IdOf(7));
  request.set_decided_by("ada");
  ASSERT_TRUE(Abandon(request).ok());
  ASSERT_THAT(harness_.engine.orders(), SizeIs(1));
  EXPECT_THAT(harness_.engine.approved_costs(), IsEmpty());
  EXPECT_EQ(abandoned_.job().job_id(), IdOf(7));
}

TEST_F(JobServiceTest, OnlyAnOperatorDecides) {
  v1::AbandonJobRequest abandon;
  abandon.set_job_id(IdOf(7));
  abandon.set_decided_by("ada");
  for (const grpc::Status& status : {Approve(Approval(IdOf(7)), "acme-token"),
                                     Abandon(abandon, "acme-token")}) {
    EXPECT_EQ(status.error_code(), grpc::StatusCode::PERMISSION_DENIED);
    EXPECT_EQ(ReasonOf(status), "NOT_OPERATOR");
  }
  EXPECT_EQ(ReasonOf(Approve(Approval(IdOf(7)), "guess")),
            "CREDENTIAL_INVALID");
  EXPECT_EQ(ReasonOf(Abandon(abandon, "")), "CREDENTIAL_MISSING");
  EXPECT_THAT(harness_.engine.orders(), IsEmpty());
}

TEST_F(JobServiceTest, PassesOnWhatTheEngineRefuses) {
  harness_.engine.status = error::ExposureHigher(IdOf(7), 2000, 1500);
  const grpc::Status status = Approve(Approval(IdOf(7)));
  EXPECT_EQ(status.error_code(), grpc::StatusCode::FAILED_PRECONDITION);
  EXPECT_EQ(ReasonOf(status), "EXPOSURE_HIGHER");
  EXPECT_EQ(MetadataOf(status, "millicredits"), "2000");
}

TEST_F(JobServiceTest, AnotherTenantsJobCannotBeDecided) {
  const grpc::Status status = Approve(Approval(IdOf(8, "globex")));
  EXPECT_EQ(ReasonOf(status), "JOB_NOT_FOUND");
  EXPECT_THAT(harness_.engine.orders(), IsEmpty());
}

TEST_F(JobServiceTest, ListsWhatIsWrongWithADecision) {
  v1::ApproveResendRequest request;
  EXPECT_THAT(ViolatedFields(Approve(request)), ElementsAre("job_id"));
  request.set_job_id(IdOf(7));
  request.set_max_millicredits(-1);
  request.set_note(std::string(501, 'x'));
  EXPECT_THAT(ViolatedFields(Approve(request)),
              ElementsAre("max_millicredits", "decided_by", "note"));
  request = Approval(IdOf(7));
  request.set_decided_by("ada\n{\"level\":\"info\"}");
  EXPECT_THAT(ViolatedFields(Approve(request)), ElementsAre("decided_by"));
  EXPECT_THAT(harness_.engine.orders(), IsEmpty());
}

TEST_F(JobServiceTest, EveryMethodAsksWhoCalls) {
  v1::ListJobsResponse jobs;
  EXPECT_EQ(ReasonOf(harness_.job_stub->ListJobs(harness_.Context("").get(), {},
                                                 &jobs)),
            "CREDENTIAL_MISSING");
  EXPECT_EQ(ReasonOf(Get(IdOf(7), nullptr, "guess")), "CREDENTIAL_INVALID");
  v1::ListAuditEntriesResponse audit;
  EXPECT_EQ(ReasonOf(harness_.job_stub->ListAuditEntries(
                harness_.Context("").get(), {}, &audit)),
            "CREDENTIAL_MISSING");
}

}  // namespace
}  // namespace enrich
