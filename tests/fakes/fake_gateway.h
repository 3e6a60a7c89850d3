#ifndef ENRICH_TESTS_FAKES_FAKE_GATEWAY_H_
#define ENRICH_TESTS_FAKES_FAKE_GATEWAY_H_

#include <google/protobuf/util/message_differencer.h>
#include <grpcpp/server.h>
#include <grpcpp/server_builder.h>
#include <grpcpp/support/error_details.h>

#include <chrono>
#include <deque>
#include <functional>
#include <map>
#include <memory>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "absl/strings/numbers.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_split.h"
#include "absl/time/time.h"
#include "base/mutex.h"
#include "enrich/v1/enrichment_service.grpc.pb.h"
#include "enrich/v1/job_service.grpc.pb.h"
#include "enrich/v1/provider_service.grpc.pb.h"
#include "enrich/v1/webhook_service.grpc.pb.h"
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

// A gateway in memory on a loopback port. A batch is answered as soon as it is
// accepted, the last contact first. Faults are set up before a call meets them.
// Thread-safe.
class FakeGateway {
 public:
  // The answer to one lookup.
  using Answer =
      std::function<v1::FieldResult(const v1::Contact&, v1::ContactField)>;

  FakeGateway()
      : enrichment_(*this), providers_(*this), jobs_(*this), webhooks_(*this) {
    grpc::EnableDefaultHealthCheckService(true);
    grpc::ServerBuilder builder;
    builder.AddListeningPort("127.0.0.1:0", grpc::InsecureServerCredentials(),
                             &port_);
    builder.RegisterService(&enrichment_);
    builder.RegisterService(&providers_);
    builder.RegisterService(&jobs_);
    builder.RegisterService(&webhooks_);
    server_ = builder.BuildAndStart();
  }
  ~FakeGateway() {
    server_->Shutdown(std::chrono::system_clock::now());
    server_->Wait();
  }

  std::string address() const { return absl::StrCat("127.0.0.1:", port_); }

  // Found at example.com, for one credit.
  static v1::FieldResult Found(const v1::Contact& contact,
                               v1::ContactField field) {
    v1::FieldResult result;
    result.set_field(field);
    result.set_outcome(v1::LOOKUP_OUTCOME_FOUND);
    if (field == v1::CONTACT_FIELD_PHONE) {
      result.add_phones()->set_e164("+33199000001");
    } else {
      auto* email = result.add_emails();
      email->set_address(
          absl::StrCat("contact", contact.contact_ref(), "@example.com"));
      email->set_quality(v1::EMAIL_QUALITY_DELIVERABLE);
    }
    result.set_provider("acme");
    auto* attempt = result.add_attempts();
    attempt->set_provider("acme");
    attempt->set_outcome(v1::LOOKUP_OUTCOME_FOUND);
    attempt->set_millicredits(1000);
    return result;
  }
  static v1::FieldResult Without(v1::ContactField field,
                                 v1::LookupOutcome outcome,
                                 const std::string& reason) {
    v1::FieldResult result;
    result.set_field(field);
    result.set_outcome(outcome);
    auto* attempt = result.add_attempts();
    attempt->set_provider("acme");
    attempt->set_outcome(outcome);
    attempt->mutable_error()->set_reason(reason);
    return result;
  }

  // What each batch saved at "acme".
  void set_saved_millicredits(int64_t saved) {
    MutexLock lock(&mu_);
    saved_millicredits_ = saved;
  }
  void set_answer(Answer answer) {
    MutexLock lock(&mu_);
    answer_ = std::move(answer);
  }
  void set_token(const std::string& token) {
    MutexLock lock(&mu_);
    token_ = token;
  }
  // The next EnrichBatch fails, before or after the batch is accepted.
  void RefuseNext(grpc::Status status) {
    MutexLock lock(&mu_);
    refusals_.push_back(std::move(status));
  }
  void LoseNextReply() {
    MutexLock lock(&mu_);
    lose_reply_ = true;
  }
  // A stream ends after `events`: with UNAVAILABLE, or as a hand-over.
  void DropNextStream(int events, bool handover = false) {
    MutexLock lock(&mu_);
    drops_.push_back({events, handover});
  }
  // Streams of batches that are not among the first `free_batches` say nothing
  // more after `events` until they are cancelled.
  void HoldStreams(std::optional<int> events, int free_batches = 0) {
    MutexLock lock(&mu_);
    hold_after_ = events;
    free_batches_ = free_batches;
  }
  // The stream leaves out this event of each batch.
  void SkipSequence(int64_t sequence) {
    MutexLock lock(&mu_);
    skipped_sequence_ = sequence;
  }
  // Every batch gets a correction of its first event before it ends.
  void CorrectFirst(v1::FieldResult corrected) {
    MutexLock lock(&mu_);
    correction_ = std::move(corrected);
  }

  // What the next calls about webhooks answer, page by page; the last one for
  // good.
  void SetWebhooks(std::vector<v1::ListWebhooksResponse> pages) {
    MutexLock lock(&mu_);
    webhook_pages_ = {pages.begin(), pages.end()};
  }
  void SetReplays(std::vector<v1::ReplayWebhooksResponse> pages) {
    MutexLock lock(&mu_);
    replay_pages_ = {pages.begin(), pages.end()};
  }
  std::vector<v1::ListWebhooksRequest> webhook_lists() const {
    MutexLock lock(&mu_);
    return webhook_lists_;
  }
  std::vector<v1::ReplayWebhooksRequest> replays() const {
    MutexLock lock(&mu_);
    return replays_;
  }

  // A job in doubt, the newest of them, at acme for 2.5 credits.
  void AddJobInDoubt(const std::string& job_id) {
    MutexLock lock(&mu_);
    v1::Job job;
    job.set_job_id(job_id);
    job.set_provider("acme");
    job.set_operation("find");
    job.set_state(v1::JOB_STATE_PARKED);
    job.set_contacts(3);
    job.set_exposure_millicredits(2500);
    job.set_reference("reference-of-" + job_id);
    jobs_in_doubt_.push_back(std::move(job));
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
  v1::ListJobsRequest last_job_list() const {
    MutexLock lock(&mu_);
    return last_job_list_;
  }

  // Waits until `streams` streams are held; false after a while.
  bool WaitForHeldStreams(int streams) {
    const absl::Time deadline = absl::Now() + absl::Seconds(20);
    MutexLock lock(&mu_);
    while (held_ < streams && absl::Now() < deadline) {
      changed_.WaitFor(&mu_, absl::Milliseconds(100));
    }
    return held_ >= streams;
  }
  // Request ids of accepted batches, in order of acceptance.
  std::vector<std::string> accepted() const {
    MutexLock lock(&mu_);
    return accepted_;
  }
  std::vector<v1::EnrichBatchRequest> requests() const {
    MutexLock lock(&mu_);
    std::vector<v1::EnrichBatchRequest> requests;
    for (const auto& [id, stored] : batches_) {
      requests.push_back(stored.request);
    }
    return requests;
  }
  // Calls of EnrichBatch and WatchResults.
  int submits() const {
    MutexLock lock(&mu_);
    return submits_;
  }
  std::vector<v1::WatchResultsRequest> watches() const {
    MutexLock lock(&mu_);
    return watches_;
  }
  v1::EnrichBatchRequest last_request() const {
    MutexLock lock(&mu_);
    return last_request_;
  }

 private:
  struct StoredBatch {
    // From 1.
    int number = 0;
    v1::EnrichBatchRequest request = {};
    v1::Batch batch = {};
    std::vector<v1::ResultEvent> events = {};
  };
  struct Drop {
    int events = 0;
    bool handover = false;
  };

  grpc::Status CheckToken(const grpc::ServerContext& context) const {
    MutexLock lock(&mu_);
    if (token_.empty()) return grpc::Status::OK;
    const auto found = context.client_metadata().find("authorization");
    if (found != context.client_metadata().end() &&
        std::string(found->second.data(), found->second.size()) ==
            "Bearer " + token_) {
      return grpc::Status::OK;
    }
    return RichStatus(grpc::StatusCode::UNAUTHENTICATED,
                      "The token is not known.", "CREDENTIAL_INVALID");
  }

  static bool IsValid(const v1::Contact& contact) {
    return !contact.full_name().empty() || !contact.last_name().empty() ||
           !contact.linkedin_url().empty();
  }

  v1::FieldResult AnswerOne(const v1::Contact& contact, v1::ContactField field)
      ABSL_EXCLUSIVE_LOCKS_REQUIRED(mu_) {
    if (!IsValid(contact)) {
      v1::FieldResult result;
      result.set_field(field);
      result.set_outcome(v1::LOOKUP_OUTCOME_INVALID_INPUT);
      result.set_explanation("a name or a LinkedIn URL is needed");
      return result;
    }
    return answer_(contact, field);
  }

  static void Count(const v1::ContactResult& result,
                    v1::BatchProgress& progress) {
    progress.set_contacts_done(progress.contacts_done() + 1);
    for (const auto& field : result.fields()) {
      if (field.outcome() == v1::LOOKUP_OUTCOME_FOUND) {
        progress.set_found(progress.found() + 1);
      } else if (field.outcome() == v1::LOOKUP_OUTCOME_FAILED) {
        progress.set_failed(progress.failed() + 1);
      }
    }
  }

  v1::ResultEvent& AddEvent(StoredBatch& stored) {
    v1::ResultEvent& event = stored.events.emplace_back();
    event.set_sequence(static_cast<int64_t>(stored.events.size()));
    event.set_revision(event.sequence());
    event.set_batch_id(stored.batch.batch_id());
    return event;
  }

  StoredBatch Accept(const v1::EnrichBatchRequest& request)
      ABSL_EXCLUSIVE_LOCKS_REQUIRED(mu_) {
    StoredBatch stored{.number = static_cast<int>(accepted_.size()) + 1,
                       .request = request};
    stored.batch.set_batch_id(absl::StrCat("batch-", stored.number));
    stored.batch.set_request_id(request.request_id());
    stored.batch.set_state(v1::BATCH_STATE_FINISHED);
    stored.batch.set_display_name(request.display_name());
    auto& progress = *stored.batch.mutable_progress();
    progress.set_contacts(request.contacts_size());
    if (saved_millicredits_ > 0) {
      (*progress.mutable_saved_millicredits())["acme"] = saved_millicredits_;
    }
    for (int i = request.contacts_size() - 1; i >= 0; --i) {
      v1::ContactResult& result = *AddEvent(stored).mutable_contact_result();
      result.set_contact_ref(request.contacts(i).contact_ref());
      result.set_contact_index(i);
      for (const int field : request.fields()) {
        *result.add_fields() = AnswerOne(request.contacts(i),
                                         static_cast<v1::ContactField>(field));
      }
      Count(result, progress);
    }
    if (correction_.has_value()) {
      v1::ResultEvent& event = AddEvent(stored);
      event.set_supersedes(1);
      *event.mutable_contact_result() = stored.events[0].contact_result();
      *event.mutable_contact_result()->mutable_fields(0) = *correction_;
    }
    *AddEvent(stored).mutable_batch_finished()->mutable_batch() = stored.batch;
    return stored;
  }

  static v1::Plan PlanOf(const v1::EnrichBatchRequest& request) {
    v1::Plan plan;
    auto* step = plan.add_steps();
    step->set_provider("acme");
    step->set_operation("work_email");
    step->set_lookups(request.contacts_size());
    step->set_requests(1);
    step->set_max_millicredits(1000 * request.contacts_size());
    plan.mutable_max_duration()->set_seconds(30);
    plan.set_max_cost_micros(step->max_millicredits() * 50);
    for (const auto& [account, most] : request.max_millicredits()) {
      if (step->max_millicredits() > most) plan.add_over_ceilings(account);
    }
    return plan;
  }

  grpc::Status EnrichBatch(const v1::EnrichBatchRequest& request,
                           v1::EnrichBatchResponse& response) {
    MutexLock lock(&mu_);
    ++submits_;
    last_request_ = request;
    if (!refusals_.empty()) {
      const grpc::Status refusal = refusals_.front();
      refusals_.pop_front();
      return refusal;
    }
    std::vector<std::pair<std::string, std::string>> violations;
    for (int i = 0; i < request.contacts_size(); ++i) {
      if (IsValid(request.contacts(i))) continue;
      violations.emplace_back(absl::StrCat("contacts[", i, "].full_name"),
                              "a name or a LinkedIn URL is needed");
    }
    if (static_cast<int>(violations.size()) == request.contacts_size()) {
      return RichStatus(grpc::StatusCode::INVALID_ARGUMENT,
                        "The request is not valid.", "INVALID_REQUEST",
                        violations);
    }
    if (request.validate_only()) {
      *response.mutable_plan() = PlanOf(request);
      return grpc::Status::OK;
    }
    const auto known = batch_of_request_.find(request.request_id());
    if (known != batch_of_request_.end()) {
      const StoredBatch& stored = batches_.at(known->second);
      if (!google::protobuf::util::MessageDifferencer::Equals(stored.request,
                                                              request)) {
        return RichStatus(grpc::StatusCode::ALREADY_EXISTS,
                          "The request id was used for other content.",
                          "REQUEST_ID_REUSED");
      }
      *response.mutable_batch() = stored.batch;
      return grpc::Status::OK;
    }
    StoredBatch stored = Accept(request);
    *response.mutable_batch() = stored.batch;
    const std::string batch_id = stored.batch.batch_id();
    accepted_.push_back(request.request_id());
    batch_of_request_[request.request_id()] = batch_id;
    batches_[batch_id] = std::move(stored);
    if (std::exchange(lose_reply_, false)) {
      return {grpc::StatusCode::UNAVAILABLE, "connection reset"};
    }
    return grpc::Status::OK;
  }

  grpc::Status NoBatch(const std::string& batch_id) const {
    return RichStatus(grpc::StatusCode::NOT_FOUND,
                      "There is no batch " + batch_id + ".", "BATCH_NOT_FOUND");
  }

  grpc::Status WatchResults(
      grpc::ServerContext& context, const v1::WatchResultsRequest& request,
      grpc::ServerWriter<v1::WatchResultsResponse>& writer) {
    std::vector<v1::ResultEvent> events;
    std::optional<Drop> drop;
    std::optional<int> hold;
    {
      MutexLock lock(&mu_);
      watches_.push_back(request);
      const auto found = batches_.find(request.batch_id());
      if (found == batches_.end()) return NoBatch(request.batch_id());
      events = found->second.events;
      if (!drops_.empty()) {
        drop = drops_.front();
        drops_.pop_front();
      }
      if (found->second.number > free_batches_) hold = hold_after_;
    }
    int64_t after = 0;
    (void)absl::SimpleAtoi(request.resume_token(), &after);
    int sent = 0;
    for (const v1::ResultEvent& event : events) {
      if (event.sequence() <= after) continue;
      if (drop.has_value() && sent == drop->events) {
        return EndEarly(*drop, event.sequence() - 1, writer);
      }
      if (hold.has_value() && sent == *hold) return Hold(context);
      v1::WatchResultsResponse message;
      message.set_resume_token(absl::StrCat(event.sequence()));
      *message.add_events() = event;
      ++sent;
      if (event.sequence() == SkippedSequence()) continue;
      if (!writer.Write(message)) break;
    }
    return grpc::Status::OK;
  }

  static grpc::Status EndEarly(
      const Drop& drop, int64_t sequence,
      grpc::ServerWriter<v1::WatchResultsResponse>& writer) {
    if (!drop.handover) return {grpc::StatusCode::UNAVAILABLE, "gone"};
    v1::WatchResultsResponse message;
    message.set_resume_token(absl::StrCat(sequence));
    message.mutable_handover()->set_reason("draining");
    writer.Write(message);
    return grpc::Status::OK;
  }

  int64_t SkippedSequence() const {
    MutexLock lock(&mu_);
    return skipped_sequence_;
  }

  grpc::Status Hold(grpc::ServerContext& context) {
    MutexLock lock(&mu_);
    ++held_;
    changed_.SignalAll();
    const absl::Time deadline = absl::Now() + absl::Seconds(30);
    while (!context.IsCancelled() && absl::Now() < deadline) {
      changed_.WaitFor(&mu_, absl::Milliseconds(5));
    }
    return grpc::Status::CANCELLED;
  }

  class Enrichment final : public v1::EnrichmentService::Service {
   public:
    explicit Enrichment(FakeGateway& gateway) : gateway_(gateway) {}

    grpc::Status EnrichBatch(grpc::ServerContext* context,
                             const v1::EnrichBatchRequest* request,
                             v1::EnrichBatchResponse* response) override {
      const grpc::Status allowed = gateway_.CheckToken(*context);
      return allowed.ok() ? gateway_.EnrichBatch(*request, *response) : allowed;
    }
    grpc::Status WatchResults(
        grpc::ServerContext* context, const v1::WatchResultsRequest* request,
        grpc::ServerWriter<v1::WatchResultsResponse>* writer) override {
      return gateway_.WatchResults(*context, *request, *writer);
    }
    grpc::Status GetBatch(grpc::ServerContext*,
                          const v1::GetBatchRequest* request,
                          v1::GetBatchResponse* response) override {
      MutexLock lock(&gateway_.mu_);
      const auto found = gateway_.batches_.find(request->batch_id());
      if (found == gateway_.batches_.end()) {
        return gateway_.NoBatch(request->batch_id());
      }
      *response->mutable_batch() = found->second.batch;
      return grpc::Status::OK;
    }
    grpc::Status CancelBatch(grpc::ServerContext*,
                             const v1::CancelBatchRequest* request,
                             v1::CancelBatchResponse* response) override {
      MutexLock lock(&gateway_.mu_);
      const auto found = gateway_.batches_.find(request->batch_id());
      if (found == gateway_.batches_.end()) {
        return gateway_.NoBatch(request->batch_id());
      }
      found->second.batch.set_state(v1::BATCH_STATE_CANCELLED);
      *response->mutable_batch() = found->second.batch;
      return grpc::Status::OK;
    }
    // One batch a page.
    grpc::Status ListBatches(grpc::ServerContext*,
                             const v1::ListBatchesRequest* request,
                             v1::ListBatchesResponse* response) override {
      MutexLock lock(&gateway_.mu_);
      int64_t skip = 0;
      (void)absl::SimpleAtoi(request->page_token(), &skip);
      int64_t position = 0;
      for (const auto& [id, stored] : gateway_.batches_) {
        if (position++ < skip) continue;
        if (response->batches_size() == 1) {
          response->set_next_page_token(absl::StrCat(skip + 1));
          break;
        }
        *response->add_batches() = stored.batch;
      }
      return grpc::Status::OK;
    }
    grpc::Status ListResults(grpc::ServerContext*,
                             const v1::ListResultsRequest* request,
                             v1::ListResultsResponse* response) override {
      MutexLock lock(&gateway_.mu_);
      const auto found = gateway_.batches_.find(request->batch_id());
      if (found == gateway_.batches_.end()) {
        return gateway_.NoBatch(request->batch_id());
      }
      for (const auto& event : found->second.events) {
        *response->add_events() = event;
      }
      return grpc::Status::OK;
    }

   private:
    FakeGateway& gateway_;
  };

  class Providers final : public v1::ProviderService::Service {
   public:
    explicit Providers(FakeGateway& gateway) : gateway_(gateway) {}

    grpc::Status ListProviders(grpc::ServerContext* context,
                               const v1::ListProvidersRequest*,
                               v1::ListProvidersResponse* response) override {
      auto* provider = response->add_providers();
      provider->set_provider("acme");
      provider->set_adapter("generic");
      provider->set_delivery(v1::DELIVERY_MODE_POLL);
      provider->set_breaker(v1::BREAKER_STATE_CLOSED);
      provider->set_balance_millicredits(12500);
      provider->set_webhooks_quarantined(3);
      provider->mutable_balance_time()->set_seconds(1);
      provider->add_operations()->add_fields(v1::CONTACT_FIELD_WORK_EMAIL);
      return gateway_.CheckToken(*context);
    }

   private:
    FakeGateway& gateway_;
  };

  class Webhooks final : public v1::WebhookService::Service {
   public:
    explicit Webhooks(FakeGateway& gateway) : gateway_(gateway) {}

    grpc::Status ListWebhooks(grpc::ServerContext* context,
                              const v1::ListWebhooksRequest* request,
                              v1::ListWebhooksResponse* response) override {
      const grpc::Status allowed = gateway_.CheckToken(*context);
      MutexLock lock(&gateway_.mu_);
      gateway_.webhook_lists_.push_back(*request);
      TakePage(gateway_.webhook_pages_, *response);
      return allowed;
    }
    grpc::Status ReplayWebhooks(grpc::ServerContext* context,
                                const v1::ReplayWebhooksRequest* request,
                                v1::ReplayWebhooksResponse* response) override {
      const grpc::Status allowed = gateway_.CheckToken(*context);
      MutexLock lock(&gateway_.mu_);
      gateway_.replays_.push_back(*request);
      TakePage(gateway_.replay_pages_, *response);
      return allowed;
    }

   private:
    template <typename Page>
    static void TakePage(std::deque<Page>& pages, Page& page) {
      if (pages.empty()) return;
      page = pages.front();
      if (pages.size() > 1) pages.pop_front();
    }

    FakeGateway& gateway_;
  };

  class Jobs final : public v1::JobService::Service {
   public:
    explicit Jobs(FakeGateway& gateway) : gateway_(gateway) {}

    // One job a page.
    grpc::Status ListJobs(grpc::ServerContext*,
                          const v1::ListJobsRequest* request,
                          v1::ListJobsResponse* response) override {
      MutexLock lock(&gateway_.mu_);
      gateway_.last_job_list_ = *request;
      const std::vector<v1::Job>& jobs = gateway_.jobs_in_doubt_;
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
      MutexLock lock(&gateway_.mu_);
      return gateway_.FindJob(request->job_id(), *response->mutable_job());
    }
    grpc::Status ApproveResend(grpc::ServerContext*,
                               const v1::ApproveResendRequest* request,
                               v1::ApproveResendResponse* response) override {
      MutexLock lock(&gateway_.mu_);
      gateway_.approvals_.push_back(*request);
      response->mutable_resend()->set_job_id("resend");
      response->mutable_resend()->set_state(v1::JOB_STATE_PLANNED);
      return gateway_.FindJob(request->job_id(), *response->mutable_job());
    }
    grpc::Status AbandonJob(grpc::ServerContext*,
                            const v1::AbandonJobRequest* request,
                            v1::AbandonJobResponse* response) override {
      MutexLock lock(&gateway_.mu_);
      gateway_.abandonments_.push_back(*request);
      return gateway_.FindJob(request->job_id(), *response->mutable_job());
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
    FakeGateway& gateway_;
  };

  grpc::Status FindJob(const std::string& job_id, v1::Job& job) const
      ABSL_EXCLUSIVE_LOCKS_REQUIRED(mu_) {
    for (const v1::Job& known : jobs_in_doubt_) {
      if (known.job_id() != job_id) continue;
      job = known;
      return grpc::Status::OK;
    }
    return RichStatus(grpc::StatusCode::NOT_FOUND,
                      "There is no job \"" + job_id + "\".", "JOB_NOT_FOUND");
  }

  mutable Mutex mu_;
  CondVar changed_;
  Answer answer_ ABSL_GUARDED_BY(mu_) = &Found;
  int64_t saved_millicredits_ ABSL_GUARDED_BY(mu_) = 0;
  std::string token_ ABSL_GUARDED_BY(mu_);
  std::deque<grpc::Status> refusals_ ABSL_GUARDED_BY(mu_);
  bool lose_reply_ ABSL_GUARDED_BY(mu_) = false;
  std::deque<Drop> drops_ ABSL_GUARDED_BY(mu_);
  std::optional<int> hold_after_ ABSL_GUARDED_BY(mu_);
  int64_t skipped_sequence_ ABSL_GUARDED_BY(mu_) = 0;
  std::optional<v1::FieldResult> correction_ ABSL_GUARDED_BY(mu_);
  int free_batches_ ABSL_GUARDED_BY(mu_) = 0;
  int held_ ABSL_GUARDED_BY(mu_) = 0;
  int submits_ ABSL_GUARDED_BY(mu_) = 0;
  std::vector<std::string> accepted_ ABSL_GUARDED_BY(mu_);
  std::vector<v1::WatchResultsRequest> watches_ ABSL_GUARDED_BY(mu_);
  v1::EnrichBatchRequest last_request_ ABSL_GUARDED_BY(mu_);
  std::map<std::string, std::string> batch_of_request_ ABSL_GUARDED_BY(mu_);
  std::map<std::string, StoredBatch> batches_ ABSL_GUARDED_BY(mu_);
  std::vector<v1::Job> jobs_in_doubt_ ABSL_GUARDED_BY(mu_);
  std::vector<v1::ApproveResendRequest> approvals_ ABSL_GUARDED_BY(mu_);
  std::vector<v1::AbandonJobRequest> abandonments_ ABSL_GUARDED_BY(mu_);
  v1::ListJobsRequest last_job_list_ ABSL_GUARDED_BY(mu_);

  std::deque<v1::ListWebhooksResponse> webhook_pages_ ABSL_GUARDED_BY(mu_);
  std::deque<v1::ReplayWebhooksResponse> replay_pages_ ABSL_GUARDED_BY(mu_);
  std::vector<v1::ListWebhooksRequest> webhook_lists_ ABSL_GUARDED_BY(mu_);
  std::vector<v1::ReplayWebhooksRequest> replays_ ABSL_GUARDED_BY(mu_);

  int port_ = 0;
  Enrichment enrichment_;
  Providers providers_;
  Jobs jobs_;
  Webhooks webhooks_;
  std::unique_ptr<grpc::Server> server_;
};

}  // namespace enrich

#endif  // ENRICH_TESTS_FAKES_FAKE_GATEWAY_H_
