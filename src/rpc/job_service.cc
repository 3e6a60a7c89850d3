#include "rpc/job_service.h"

#include <utility>
#include <vector>

#include "absl/strings/escaping.h"
#include "absl/strings/str_cat.h"
#include "base/status_macros.h"
#include "base/text.h"
#include "model/errors.h"
#include "rpc/message.h"
#include "rpc/paging.h"
#include "rpc/to_proto.h"
#include "rpc/tokens.h"

namespace enrich {
namespace {

using Violations = std::vector<std::pair<std::string, std::string>>;

constexpr int kDefaultPage = 50;
constexpr size_t kMaxNameBytes = 100;
constexpr size_t kMaxNoteBytes = 500;

TokenCodec JobIds(const Store& store, const std::string& tenant) {
  return TokenCodec(TokenKind::kJob, store.store_id(), tenant);
}

// The key behind a job's id.
absl::StatusOr<int64_t> JobKey(const TokenCodec& ids, const std::string& id) {
  if (id.empty()) return error::InvalidRequest({{"job_id", "is required"}});
  absl::StatusOr<int64_t> key = ids.Decode(id);
  if (!key.ok()) return error::JobNotFound(id);
  return key;
}

std::string IdOf(const TokenCodec& ids, int64_t key) {
  return key == 0 ? "" : ids.Encode(key);
}

void CheckText(const std::string& field, const std::string& text, size_t most,
               Violations& violations) {
  if (text.size() > most) {
    violations.emplace_back(field,
                            absl::StrCat("must be at most ", most, " bytes"));
  } else if (HasControlCharacter(text)) {
    violations.emplace_back(field, "must not have control characters");
  }
}

template <typename Request>
absl::Status CheckOrder(const Request& request, Violations violations = {}) {
  if (request.decided_by().empty()) {
    violations.emplace_back("decided_by", "is required");
  }
  CheckText("decided_by", request.decided_by(), kMaxNameBytes, violations);
  CheckText("note", request.note(), kMaxNoteBytes, violations);
  if (violations.empty()) return absl::OkStatus();
  return error::InvalidRequest(std::move(violations));
}

absl::Status Check(const v1::ApproveResendRequest& request) {
  Violations violations;
  if (request.max_millicredits() < 0) {
    violations.emplace_back("max_millicredits", "must not be negative");
  }
  return CheckOrder(request, std::move(violations));
}

absl::Status Check(const v1::AbandonJobRequest& request) {
  return CheckOrder(request);
}

void FillEntry(const TokenCodec& ids, const AuditEntry& from,
               v1::AuditEntry& to) {
  to.set_number(from.key);
  ToProto(from.time, *to.mutable_time());
  to.set_actor(from.actor);
  to.set_action(static_cast<v1::AuditAction>(from.action));
  to.set_job_id(IdOf(ids, from.chunk_key));
  to.set_resend_job_id(IdOf(ids, from.resend_key));
  to.set_provider(from.account);
  to.set_contacts(from.contacts);
  to.set_exposure_millicredits(from.exposure.milli);
  to.set_note(from.note);
  to.set_hash(absl::BytesToHexString(from.hash));
}

}  // namespace

// ---- Reads ------------------------------------------------------------------

grpc::ServerUnaryReactor* JobService::ListJobs(
    grpc::CallbackServerContext* context, const grpc::ByteBuffer* request,
    grpc::ByteBuffer* response) {
  return AnswerOnPool(*this, deps_, context, request, response,
                      &JobService::ReadJobs);
}

grpc::ServerUnaryReactor* JobService::GetJob(
    grpc::CallbackServerContext* context, const grpc::ByteBuffer* request,
    grpc::ByteBuffer* response) {
  return AnswerOnPool(*this, deps_, context, request, response,
                      &JobService::ReadJob);
}

grpc::ServerUnaryReactor* JobService::ListAuditEntries(
    grpc::CallbackServerContext* context, const grpc::ByteBuffer* request,
    grpc::ByteBuffer* response) {
  return AnswerOnPool(*this, deps_, context, request, response,
                      &JobService::ReadAudit);
}

absl::StatusOr<grpc::ByteBuffer> JobService::ReadJobs(
    const std::string& tenant, const v1::ListJobsRequest& request) const {
  const TokenCodec pages(TokenKind::kJobPage, deps_.store.store_id(), tenant);
  ASSIGN_OR_RETURN(const int size, PageSize(request.page_size(), kDefaultPage));
  ASSIGN_OR_RETURN(const int64_t before,
                   PagePosition(pages, request.page_token()));
  // One more than asked for tells whether there is another page.
  ASSIGN_OR_RETURN(std::vector<Chunk> jobs,
                   deps_.store.ListJobs({.tenant = tenant,
                                         .account = request.provider(),
                                         .in_doubt = !request.all_open()},
                                        before, size + 1));
  v1::ListJobsResponse response;
  if (jobs.size() > static_cast<size_t>(size)) {
    jobs.resize(static_cast<size_t>(size));
    response.set_next_page_token(pages.Encode(jobs.back().key));
  }
  for (const Chunk& job : jobs) FillJob(tenant, job, *response.add_jobs());
  return SerializeMessage(response);
}

absl::StatusOr<grpc::ByteBuffer> JobService::ReadJob(
    const std::string& tenant, const v1::GetJobRequest& request) const {
  ASSIGN_OR_RETURN(const int64_t key,
                   JobKey(JobIds(deps_.store, tenant), request.job_id()));
  const absl::StatusOr<Chunk> job = deps_.store.ReadChunk(key);
  const bool foreign = job.ok() && job->lane.tenant != tenant;
  if (absl::IsNotFound(job.status()) || foreign) {
    return error::JobNotFound(request.job_id());
  }
  RETURN_IF_ERROR(job.status());
  v1::GetJobResponse response;
  FillJob(tenant, *job, *response.mutable_job());
  return SerializeMessage(response);
}

absl::StatusOr<grpc::ByteBuffer> JobService::ReadAudit(
    const std::string& tenant,
    const v1::ListAuditEntriesRequest& request) const {
  const TokenCodec pages(TokenKind::kAuditPage, deps_.store.store_id(), tenant);
  const TokenCodec ids = JobIds(deps_.store, tenant);
  ASSIGN_OR_RETURN(const int size, PageSize(request.page_size(), kDefaultPage));
  ASSIGN_OR_RETURN(const int64_t before,
                   PagePosition(pages, request.page_token()));
  ASSIGN_OR_RETURN(std::vector<AuditEntry> entries,
                   deps_.store.ListAudit(tenant, before, size + 1));
  v1::ListAuditEntriesResponse response;
  if (entries.size() > static_cast<size_t>(size)) {
    entries.resize(static_cast<size_t>(size));
    response.set_next_page_token(pages.Encode(entries.back().key));
  }
  for (const AuditEntry& entry : entries) {
    FillEntry(ids, entry, *response.add_entries());
  }
  return SerializeMessage(response);
}

// ---- Decisions --------------------------------------------------------------

template <typename Request>
absl::StatusOr<JobOrder> JobService::TakeOrder(
    const UnaryCall& call, const grpc::CallbackServerContext& context,
    const grpc::ByteBuffer& bytes, Request& request) const {
  ASSIGN_OR_RETURN(std::string tenant, AdmitOperator(call, deps_.authenticator,
                                                     context, bytes, request));
  ASSIGN_OR_RETURN(const int64_t key,
                   JobKey(JobIds(deps_.store, tenant), request.job_id()));
  RETURN_IF_ERROR(Check(request));
  return JobOrder{.tenant = std::move(tenant),
                  .chunk_key = key,
                  .job_id = request.job_id(),
                  .actor = request.decided_by(),
                  .note = request.note()};
}

// On the executor: the engine's thread has no time for sending.
template <typename Response, typename Fill>
StoreCallback<DecidedJob> JobService::Answer(UnaryCall call, std::string tenant,
                                             Fill fill) const {
  return [this, call = std::move(call), tenant = std::move(tenant),
          fill](absl::StatusOr<DecidedJob> decided) mutable {
    deps_.executor.Post([this, call = std::move(call),
                         tenant = std::move(tenant), fill,
                         decided = std::move(decided)]() mutable {
      if (!decided.ok()) return call.Finish(decided.status());
      Response response;
      fill(*this, tenant, *decided, response);
      call.Finish(SerializeMessage(response));
    });
  };
}

grpc::ServerUnaryReactor* JobService::ApproveResend(
    grpc::CallbackServerContext* context, const grpc::ByteBuffer* bytes,
    grpc::ByteBuffer* buffer) {
  UnaryCall call(deps_.calls, *context, *buffer);
  grpc::ServerUnaryReactor* const reactor = call.reactor();
  v1::ApproveResendRequest request;
  absl::StatusOr<JobOrder> order = TakeOrder(call, *context, *bytes, request);
  if (!order.ok()) {
    call.Finish(order.status());
    return reactor;
  }
  auto answer = Answer<v1::ApproveResendResponse>(
      std::move(call), order->tenant,
      [](const JobService& self, const std::string& tenant,
         const DecidedJob& decided, v1::ApproveResendResponse& response) {
        self.FillJob(tenant, decided.job, *response.mutable_job());
        if (!decided.resend.has_value()) return;
        self.FillJob(tenant, *decided.resend, *response.mutable_resend());
      });
  deps_.engine.ApproveResend(*std::move(order),
                             Credits{request.max_millicredits()},
                             std::move(answer));
  return reactor;
}

grpc::ServerUnaryReactor* JobService::AbandonJob(
    grpc::CallbackServerContext* context, const grpc::ByteBuffer* bytes,
    grpc::ByteBuffer* buffer) {
  UnaryCall call(deps_.calls, *context, *buffer);
  grpc::ServerUnaryReactor* const reactor = call.reactor();
  v1::AbandonJobRequest request;
  absl::StatusOr<JobOrder> order = TakeOrder(call, *context, *bytes, request);
  if (!order.ok()) {
    call.Finish(order.status());
    return reactor;
  }
  auto answer = Answer<v1::AbandonJobResponse>(
      std::move(call), order->tenant,
      [](const JobService& self, const std::string& tenant,
         const DecidedJob& decided, v1::AbandonJobResponse& response) {
        self.FillJob(tenant, decided.job, *response.mutable_job());
      });
  deps_.engine.AbandonJob(*std::move(order), std::move(answer));
  return reactor;
}

// ---- Jobs as messages -------------------------------------------------------

void JobService::FillJob(const std::string& tenant, const Chunk& from,
                         v1::Job& to) const {
  const TokenCodec ids = JobIds(deps_.store, tenant);
  to.set_job_id(IdOf(ids, from.key));
  to.set_provider(from.lane.account);
  to.set_operation(from.lane.operation);
  to.set_state(static_cast<v1::JobState>(from.state));
  to.set_contacts(static_cast<int64_t>(from.items.size()));
  to.set_exposure_millicredits(ExposureOf(from).milli);
  to.set_reference(from.attempt.reference);
  to.set_provider_job_id(from.attempt.provider_job_id);
  ToProto(from.create_time, *to.mutable_create_time());
  if (from.attempt.key != 0) {
    ToProto(from.attempt.start_time, *to.mutable_submit_time());
  }
  to.set_attempts(from.attempt_count);
  to.set_resend_of(IdOf(ids, from.resend_of));
  to.set_resent_as(IdOf(ids, from.resent_as));
}

// What the account does not offer any more cannot be sent again: then only what
// may have been paid is told.
Credits JobService::ExposureOf(const Chunk& job) const {
  const ProviderAdapter* adapter = deps_.engine.FindAdapter(job.lane.account);
  const OperationSpec* operation =
      adapter == nullptr ? nullptr
                         : adapter->capabilities().Find(job.lane.operation);
  if (operation == nullptr) return job.attempt.max_cost;
  Credits exposure;
  for (size_t i = 0; i < job.items.size(); ++i) {
    exposure += operation->PriceOf(job.items[i].fields - job.settled[i]);
  }
  return exposure;
}

}  // namespace enrich
