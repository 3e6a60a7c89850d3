#include "rpc/enrichment_service.h"

#include <algorithm>
#include <optional>
#include <utility>
#include <vector>

#include "base/failpoint.h"
#include "base/status_macros.h"
#include "google/protobuf/arena.h"
#include "model/errors.h"
#include "model/event_frame.h"
#include "rpc/convert.h"
#include "rpc/message.h"
#include "rpc/paging.h"
#include "rpc/to_proto.h"
#include "rpc/tokens.h"

namespace enrich {
namespace {

constexpr int kDefaultBatchPage = 50;
constexpr int kDefaultResultPage = 100;
// Well under what a client accepts in one message.
constexpr size_t kMaxPageBytes = 1024 * 1024;
constexpr int kMaxListedViolations = 100;

absl::Status RequireBatchId(const std::string& batch_id) {
  if (!batch_id.empty()) return absl::OkStatus();
  return error::InvalidRequest({{"batch_id", "is required"}});
}

// The events of `segments` after `after`, at most `size`. A token follows when
// the batch has more, of which `last_sequence` is the least that is known.
absl::StatusOr<grpc::ByteBuffer> PageOfResults(
    const std::vector<LogSegmentPtr>& segments, int64_t after, int size,
    int64_t last_sequence, const TokenCodec& codec) {
  std::string events;
  int count = 0;
  for (const LogSegmentPtr& segment : segments) {
    absl::string_view frames = segment->frames;
    while (!frames.empty() && count < size && events.size() < kMaxPageBytes) {
      const std::optional<EventFrame> frame = NextEventFrame(frames);
      if (!frame) return absl::DataLossError("the result log is damaged");
      if (frame->position.sequence <= after) continue;
      events.append(frame->entry.data(), frame->entry.size());
      after = frame->position.sequence;
      ++count;
    }
    last_sequence = std::max(last_sequence, segment->last_sequence);
  }
  v1::ListResultsResponse rest;
  if (after < last_sequence) rest.set_next_page_token(codec.Encode(after));
  // The stored form of events is that of the response.
  const grpc::Slice slices[] = {grpc::Slice(events),
                                grpc::Slice(rest.SerializeAsString())};
  return grpc::ByteBuffer(slices, 2);
}

v1::EnrichBatchResponse ListViolations(const BatchRequest& request) {
  v1::EnrichBatchResponse response;
  for (size_t i = 0; i < request.contacts.size(); ++i) {
    for (const Violation& violation : request.contacts[i].violations) {
      if (response.violations_size() == kMaxListedViolations) return response;
      v1::ContactViolation& out = *response.add_violations();
      out.set_contact_index(static_cast<int32_t>(i));
      out.set_field(violation.field);
      out.set_description(violation.description);
    }
  }
  return response;
}

}  // namespace

EnrichmentService::EnrichmentService(EnrichmentServiceOptions options,
                                     EnrichmentServiceDeps deps)
    : options_(options),
      deps_(deps),
      watches_(std::make_shared<WatchHub>(
          options.watch, WatchSources{.store = deps.store,
                                      .feed = deps.feed,
                                      .engine = deps.engine,
                                      .random = deps.random,
                                      .executor = deps.executor,
                                      .pool = deps.pool})) {}

grpc::ServerUnaryReactor* EnrichmentService::EnrichBatch(
    grpc::CallbackServerContext* context, const grpc::ByteBuffer* bytes,
    grpc::ByteBuffer* response) {
  UnaryCall call(deps_.calls, *context, *response);
  grpc::ServerUnaryReactor* const reactor = call.reactor();
  google::protobuf::Arena arena;
  auto& message =
      *google::protobuf::Arena::CreateMessage<v1::EnrichBatchRequest>(&arena);
  const absl::StatusOr<std::string> tenant =
      Admit(call, deps_.authenticator, *context, *bytes, message);
  if (!tenant.ok()) {
    call.Finish(tenant.status());
    return reactor;
  }
  absl::StatusOr<BatchRequest> request =
      BatchRequestFromProto(*tenant, options_.max_contacts_per_batch, message);
  if (!request.ok()) {
    call.Finish(request.status());
  } else if (message.validate_only()) {
    call.Finish(Rehearse(*request));
  } else {
    Submit(*std::move(request), std::move(call));
  }
  return reactor;
}

absl::StatusOr<grpc::ByteBuffer> EnrichmentService::Rehearse(
    const BatchRequest& request) const {
  ASSIGN_OR_RETURN(const EnrichPlan plan, deps_.engine.Plan(request));
  v1::EnrichBatchResponse response = ListViolations(request);
  ToProto(plan, *response.mutable_plan());
  return SerializeMessage(response);
}

void EnrichmentService::Submit(BatchRequest request, UnaryCall call) {
  auto answer = [this, call = std::move(call),
                 response = ListViolations(request)](
                    absl::StatusOr<CreatedBatch> created) mutable {
    if (created.ok()) {
      const absl::Status failed = ENRICH_FAILPOINT("accept.before_reply");
      if (!failed.ok()) created = failed;
    }
    if (!created.ok()) return Reply(std::move(call), created.status());
    ToProto(created->batch, deps_.engine.TimeLeft(created->batch),
            *response.mutable_batch());
    Reply(std::move(call), SerializeMessage(response));
  };
  deps_.engine.SubmitBatch(std::move(request), std::move(answer));
}

void EnrichmentService::Reply(UnaryCall call,
                              absl::StatusOr<grpc::ByteBuffer> answer) const {
  deps_.executor.Post(
      [call = std::move(call), answer = std::move(answer)]() mutable {
        call.Finish(std::move(answer));
      });
}

grpc::ServerWriteReactor<grpc::ByteBuffer>* EnrichmentService::WatchResults(
    grpc::CallbackServerContext* context, const grpc::ByteBuffer* bytes) {
  v1::WatchResultsRequest request;
  absl::StatusOr<std::string> tenant =
      Admit(deps_.authenticator, *context, *bytes, request);
  if (!tenant.ok()) return WatchHub::Refuse(tenant.status());
  return watches_->Watch(context, *std::move(tenant), request);
}

grpc::ServerUnaryReactor* EnrichmentService::GetBatch(
    grpc::CallbackServerContext* context, const grpc::ByteBuffer* request,
    grpc::ByteBuffer* response) {
  return AnswerOnPool(*this, deps_, context, request, response,
                      &EnrichmentService::ReadBatch);
}

grpc::ServerUnaryReactor* EnrichmentService::ListBatches(
    grpc::CallbackServerContext* context, const grpc::ByteBuffer* request,
    grpc::ByteBuffer* response) {
  return AnswerOnPool(*this, deps_, context, request, response,
                      &EnrichmentService::ReadBatches);
}

grpc::ServerUnaryReactor* EnrichmentService::ListResults(
    grpc::CallbackServerContext* context, const grpc::ByteBuffer* request,
    grpc::ByteBuffer* response) {
  return AnswerOnPool(*this, deps_, context, request, response,
                      &EnrichmentService::ReadResults);
}

grpc::ServerUnaryReactor* EnrichmentService::CancelBatch(
    grpc::CallbackServerContext* context, const grpc::ByteBuffer* bytes,
    grpc::ByteBuffer* buffer) {
  UnaryCall call(deps_.calls, *context, *buffer);
  grpc::ServerUnaryReactor* const reactor = call.reactor();
  v1::CancelBatchRequest request;
  absl::StatusOr<std::string> tenant =
      Admit(call, deps_.authenticator, *context, *bytes, request);
  absl::Status status = tenant.status();
  if (status.ok()) status = RequireBatchId(request.batch_id());
  if (!status.ok()) {
    call.Finish(status);
    return reactor;
  }
  auto answer = [this,
                 call = std::move(call)](absl::StatusOr<Batch> batch) mutable {
    if (!batch.ok()) return Reply(std::move(call), batch.status());
    v1::CancelBatchResponse response;
    ToProto(*batch, deps_.engine.TimeLeft(*batch), *response.mutable_batch());
    Reply(std::move(call), SerializeMessage(response));
  };
  deps_.engine.CancelBatch(*std::move(tenant), request.batch_id(),
                           std::move(answer));
  return reactor;
}

absl::StatusOr<grpc::ByteBuffer> EnrichmentService::ReadBatch(
    const std::string& tenant, const v1::GetBatchRequest& request) const {
  RETURN_IF_ERROR(RequireBatchId(request.batch_id()));
  ASSIGN_OR_RETURN(const Batch batch,
                   deps_.store.ReadBatch(tenant, request.batch_id()));
  v1::GetBatchResponse response;
  ToProto(batch, deps_.engine.TimeLeft(batch), *response.mutable_batch());
  return SerializeMessage(response);
}

absl::StatusOr<grpc::ByteBuffer> EnrichmentService::ReadBatches(
    const std::string& tenant, const v1::ListBatchesRequest& request) const {
  const TokenCodec codec(TokenKind::kBatchPage, deps_.store.store_id(), tenant);
  ASSIGN_OR_RETURN(const int size,
                   PageSize(request.page_size(), kDefaultBatchPage));
  ASSIGN_OR_RETURN(const int64_t before,
                   PagePosition(codec, request.page_token()));
  // One more than asked for tells whether there is another page.
  ASSIGN_OR_RETURN(std::vector<Batch> batches,
                   deps_.store.ListBatches(tenant, before, size + 1));
  v1::ListBatchesResponse response;
  if (batches.size() > static_cast<size_t>(size)) {
    batches.resize(static_cast<size_t>(size));
    response.set_next_page_token(codec.Encode(batches.back().key));
  }
  for (const Batch& batch : batches) {
    ToProto(batch, deps_.engine.TimeLeft(batch), *response.add_batches());
  }
  return SerializeMessage(response);
}

absl::StatusOr<grpc::ByteBuffer> EnrichmentService::ReadResults(
    const std::string& tenant, const v1::ListResultsRequest& request) const {
  RETURN_IF_ERROR(RequireBatchId(request.batch_id()));
  ASSIGN_OR_RETURN(const int size,
                   PageSize(request.page_size(), kDefaultResultPage));
  const TokenCodec codec(TokenKind::kResultPage, deps_.store.store_id(), tenant,
                         request.batch_id());
  ASSIGN_OR_RETURN(const int64_t after,
                   PagePosition(codec, request.page_token()));
  ASSIGN_OR_RETURN(const Batch batch,
                   deps_.store.ReadBatch(tenant, request.batch_id()));
  ASSIGN_OR_RETURN(const std::vector<LogSegmentPtr> segments,
                   deps_.store.ReadBatchLog(batch.key, after, kMaxPageBytes));
  return PageOfResults(segments, after, size, batch.last_sequence, codec);
}

}  // namespace enrich
