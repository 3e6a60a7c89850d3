#ifndef ENRICH_TESTS_FAKES_FAKE_JOB_SERVICE_H_
#define ENRICH_TESTS_FAKES_FAKE_JOB_SERVICE_H_

#include <grpcpp/server_context.h>

#include <string>
#include <utility>
#include <vector>

#include "absl/strings/numbers.h"
#include "absl/strings/str_cat.h"
#include "base/mutex.h"
#include "enrich/v1/job_service.grpc.pb.h"
#include "fakes/rich_status.h"

namespace enrich {

// Jobs in doubt, which stay so whatever is decided. Thread-safe.
class FakeJobService final : public v1::JobService::Service {
 public:
  // A job in doubt, the newest of them, at acme for 2.5 credits.
  void AddInDoubt(const std::string& job_id) {
    MutexLock lock(&mu_);
    v1::Job job;
    job.set_job_id(job_id);
    job.set_provider("acme");
    job.set_operation("find");
    job.set_state(v1::JOB_STATE_PARKED);
    job.set_contacts(3);
    job.set_exposure_millicredits(2500);
    job.set_reference("reference-of-" + job_id);
    in_doubt_.push_back(std::move(job));
  }
  // What was decided about them.
  std::vector<v1::ApproveResendRequest> approvals() const {
    MutexLock lock(&mu_);
    return approvals_;
  }
  std::vector<v1::AbandonJobRequest> abandonments() const {
    MutexLock lock(&mu_);
    return abandonments_;
  }
  v1::ListJobsRequest last_list() const {
    MutexLock lock(&mu_);
    return last_list_;
  }

  // One job a page.
  grpc::Status ListJobs(grpc::ServerContext*,
                        const v1::ListJobsRequest* request,
                        v1::ListJobsResponse* response) override {
    MutexLock lock(&mu_);
    last_list_ = *request;
    const std::vector<v1::Job>& jobs = in_doubt_;
    size_t skip = 0;
    (void)absl::SimpleAtoi(request->page_token(), &skip);
    if (skip < jobs.size()) {
      *response->add_jobs() = jobs[jobs.size() - 1 - skip];
    }
    if (skip + 1 < jobs.size()) {
      response->set_next_page_token(absl::StrCat(skip + 1));
    }
    return grpc::Status::OK;
  }
  grpc::Status GetJob(grpc::ServerContext*, const v1::GetJobRequest* request,
                      v1::GetJobResponse* response) override {
    MutexLock lock(&mu_);
    return Find(request->job_id(), *response->mutable_job());
  }
  grpc::Status ApproveResend(grpc::ServerContext*,
                             const v1::ApproveResendRequest* request,
                             v1::ApproveResendResponse* response) override {
    MutexLock lock(&mu_);
    approvals_.push_back(*request);
    response->mutable_resend()->set_job_id("resend");
    response->mutable_resend()->set_state(v1::JOB_STATE_PLANNED);
    return Find(request->job_id(), *response->mutable_job());
  }
  grpc::Status AbandonJob(grpc::ServerContext*,
                          const v1::AbandonJobRequest* request,
                          v1::AbandonJobResponse* response) override {
    MutexLock lock(&mu_);
    abandonments_.push_back(*request);
    return Find(request->job_id(), *response->mutable_job());
  }
  // One line a page, of two.
  grpc::Status ListAuditEntries(
      grpc::ServerContext*, const v1::ListAuditEntriesRequest* request,
      v1::ListAuditEntriesResponse* response) override {
    const bool first = request->page_token().empty();
    v1::AuditEntry& entry = *response->add_entries();
    entry.set_number(first ? 12 : 11);
    entry.set_actor("ada");
    entry.set_action(first ? v1::AUDIT_ACTION_ABANDON
                           : v1::AUDIT_ACTION_APPROVE_RESEND);
    entry.set_provider("acme");
    entry.set_exposure_millicredits(2500);
    if (first) response->set_next_page_token("more");
    return grpc::Status::OK;
  }

 private:
  grpc::Status Find(const std::string& job_id, v1::Job& job) const
      ABSL_EXCLUSIVE_LOCKS_REQUIRED(mu_) {
    for (const v1::Job& known : in_doubt_) {
      if (known.job_id() != job_id) continue;
      job = known;
      return grpc::Status::OK;
    }
    return RichStatus(grpc::StatusCode::NOT_FOUND,
                      "There is no job \"" + job_id + "\".", "JOB_NOT_FOUND");
  }

  mutable Mutex mu_;
  std::vector<v1::Job> in_doubt_ ABSL_GUARDED_BY(mu_);
  std::vector<v1::ApproveResendRequest> approvals_ ABSL_GUARDED_BY(mu_);
  std::vector<v1::AbandonJobRequest> abandonments_ ABSL_GUARDED_BY(mu_);
  v1::ListJobsRequest last_list_ ABSL_GUARDED_BY(mu_);
};

}  // namespace enrich

#endif  // ENRICH_TESTS_FAKES_FAKE_JOB_SERVICE_H_
