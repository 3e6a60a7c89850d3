#ifndef ENRICH_TESTS_FAKES_FAKE_ENRICHMENT_SERVICE_H_
#define ENRICH_TESTS_FAKES_FAKE_ENRICHMENT_SERVICE_H_

#include <google/protobuf/util/message_differencer.h>
#include <grpcpp/server_context.h>

#include <deque>
#include <functional>
#include <map>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "absl/strings/numbers.h"
#include "absl/strings/str_cat.h"
#include "absl/time/time.h"
#include "base/mutex.h"
#include "enrich/v1/enrichment_service.grpc.pb.h"
#include "fakes/fake_token.h"
#include "fakes/field_results.h"
#include "fakes/rich_status.h"

namespace enrich {

// Batches in memory. A batch is answered as soon as it is accepted, the last
// contact first. Faults are set up before a call meets them. Thread-safe.
class FakeEnrichmentService final : public v1::EnrichmentService::Service {
 public:
  // The answer to one lookup.
  using Answer =
      std::function<v1::FieldResult(const v1::Contact&, v1::ContactField)>;

  explicit FakeEnrichmentService(const FakeToken& token) : token_(token) {}

  // What each batch saved at "acme".
  void set_saved_millicredits(int64_t saved) {
    MutexLock lock(&mu_);
    saved_millicredits_ = saved;
  }
  void set_answer(Answer answer) {
    MutexLock lock(&mu_);
    answer_ = std::move(answer);
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

  grpc::Status EnrichBatch(grpc::ServerContext* context,
                           const v1::EnrichBatchRequest* request,
                           v1::EnrichBatchResponse* response) override {
    const grpc::Status allowed = token_.Check(*context);
    return allowed.ok() ? Enrich(*request, *response) : allowed;
  }
  grpc::Status WatchResults(
      grpc::ServerContext* context, const v1::WatchResultsRequest* request,
      grpc::ServerWriter<v1::WatchResultsResponse>* writer) override {
    std::vector<v1::ResultEvent> events;
    std::optional<Drop> drop;
    std::optional<int> hold;
    int64_t skipped = 0;
    {
      MutexLock lock(&mu_);
      watches_.push_back(*request);
      skipped = skipped_sequence_;
      const auto found = batches_.find(request->batch_id());
      if (found == batches_.end()) return NoBatch(request->batch_id());
      events = found->second.events;
      if (!drops_.empty()) {
        drop = drops_.front();
        drops_.pop_front();
      }
      if (found->second.number > free_batches_) hold = hold_after_;
    }
    int64_t after = 0;
    (void)absl::SimpleAtoi(request->resume_token(), &after);
    int sent = 0;
    for (const v1::ResultEvent& event : events) {
      if (event.sequence() <= after) continue;
      if (drop.has_value() && sent == drop->events) {
        return EndEarly(*drop, event.sequence() - 1, *writer);
      }
      if (hold.has_value() && sent == *hold) return Hold(*context);
      v1::WatchResultsResponse message;
      message.set_resume_token(absl::StrCat(event.sequence()));
      *message.add_events() = event;
      ++sent;
      if (event.sequence() == skipped) continue;
      if (!writer->Write(message)) break;
    }
    return grpc::Status::OK;
  }
  grpc::Status GetBatch(grpc::ServerContext*,
                        const v1::GetBatchRequest* request,
                        v1::GetBatchResponse* response) override {
    MutexLock lock(&mu_);
    const auto found = batches_.find(request->batch_id());
    if (found == batches_.end()) return NoBatch(request->batch_id());
    *response->mutable_batch() = found->second.batch;
    return grpc::Status::OK;
  }
  grpc::Status CancelBatch(grpc::ServerContext*,
                           const v1::CancelBatchRequest* request,
                           v1::CancelBatchResponse* response) override {
    MutexLock lock(&mu_);
    const auto found = batches_.find(request->batch_id());
    if (found == batches_.end()) return NoBatch(request->batch_id());
    found->second.batch.set_state(v1::BATCH_STATE_CANCELLED);
    *response->mutable_batch() = found->second.batch;
    return grpc::Status::OK;
  }
  // One batch a page.
  grpc::Status ListBatches(grpc::ServerContext*,
                           const v1::ListBatchesRequest* request,
                           v1::ListBatchesResponse* response) override {
    MutexLock lock(&mu_);
    int64_t skip = 0;
    (void)absl::SimpleAtoi(request->page_token(), &skip);
    int64_t position = 0;
    for (const auto& [id, stored] : batches_) {
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
    MutexLock lock(&mu_);
    const auto found = batches_.find(request->batch_id());
    if (found == batches_.end()) return NoBatch(request->batch_id());
    for (const auto& event : found->second.events) {
      *response->add_events() = event;
    }
    return grpc::Status::OK;
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

  static bool IsValid(const v1::Contact& contact) {
    return !contact.full_name().empty() || !contact.last_name().empty() ||
           !contact.linkedin_url().empty();
  }

  v1::FieldResult AnswerOne(const v1::Contact& contact, v1::ContactField field)
      ABSL_EXCLUSIVE_LOCKS_REQUIRED(mu_) {
    return IsValid(contact) ? answer_(contact, field) : InvalidResult(field);
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

  grpc::Status Enrich(const v1::EnrichBatchRequest& request,
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

  const FakeToken& token_;
  mutable Mutex mu_;
  CondVar changed_;
  Answer answer_ ABSL_GUARDED_BY(mu_) = &FoundResult;
  int64_t saved_millicredits_ ABSL_GUARDED_BY(mu_) = 0;
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
};

}  // namespace enrich

#endif  // ENRICH_TESTS_FAKES_FAKE_ENRICHMENT_SERVICE_H_
