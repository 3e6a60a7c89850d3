#include "rpc/webhook_service.h"

#include <algorithm>
#include <optional>
#include <utility>
#include <vector>

#include "absl/algorithm/container.h"
#include "absl/strings/escaping.h"
#include "absl/strings/str_cat.h"
#include "base/status_macros.h"
#include "model/errors.h"
#include "rpc/message.h"
#include "rpc/paging.h"
#include "rpc/to_proto.h"
#include "rpc/tokens.h"

namespace enrich {
namespace {

constexpr int kDefaultPage = 50;
constexpr int kMaxIds = 1000;
// Of a hash, in hexadecimal digits.
constexpr size_t kHashPrefix = 16;

v1::WebhookState ToProto(InboxState state) {
  switch (state) {
    case InboxState::kPending:
      return v1::WEBHOOK_STATE_PENDING;
    case InboxState::kApplied:
      return v1::WEBHOOK_STATE_APPLIED;
    case InboxState::kQuarantined:
      return v1::WEBHOOK_STATE_QUARANTINED;
    case InboxState::kExpired:
      return v1::WEBHOOK_STATE_EXPIRED;
  }
  return v1::WEBHOOK_STATE_UNSPECIFIED;
}

void ToProto(const InboxRow& from, v1::Webhook& to) {
  to.set_webhook_id(from.key);
  to.set_provider(from.account);
  to.set_provider_job_id(from.provider_job_id);
  to.set_job_over(IsTerminal(from.chunk_state));
  to.set_state(ToProto(from.state));
  to.set_reason(std::string(QuarantineReasonName(from.reason)));
  enrich::ToProto(from.receive_time, *to.mutable_receive_time());
  enrich::ToProto(from.state_time, *to.mutable_state_time());
  to.set_body_bytes(from.body_bytes);
  to.set_body_sha256_prefix(
      absl::BytesToHexString(from.body_hash).substr(0, kHashPrefix));
  to.set_replayable(from.has_body);
}

v1::ReplayOutcome ToProto(ReplayedBody::Outcome outcome) {
  switch (outcome) {
    case ReplayedBody::Outcome::kUnchanged:
      return v1::REPLAY_OUTCOME_UNCHANGED;
    case ReplayedBody::Outcome::kChanged:
      return v1::REPLAY_OUTCOME_CHANGED;
    case ReplayedBody::Outcome::kGone:
      return v1::REPLAY_OUTCOME_GONE;
  }
  return v1::REPLAY_OUTCOME_UNSPECIFIED;
}

absl::StatusOr<std::vector<InboxState>> StatesFrom(v1::WebhookState state) {
  switch (state) {
    case v1::WEBHOOK_STATE_UNSPECIFIED:
      return std::vector<InboxState>();
    case v1::WEBHOOK_STATE_PENDING:
      return std::vector<InboxState>{InboxState::kPending};
    case v1::WEBHOOK_STATE_APPLIED:
      return std::vector<InboxState>{InboxState::kApplied};
    case v1::WEBHOOK_STATE_QUARANTINED:
      return std::vector<InboxState>{InboxState::kQuarantined};
    case v1::WEBHOOK_STATE_EXPIRED:
      return std::vector<InboxState>{InboxState::kExpired};
    default:
      return error::InvalidRequest({{"filter.state", "is not a known state"}});
  }
}

absl::Time TimeFrom(const google::protobuf::Timestamp& from) {
  return absl::FromUnixSeconds(from.seconds()) +
         absl::Nanoseconds(from.nanos());
}

absl::StatusOr<InboxFilter> FilterFrom(const std::string& tenant,
                                       const v1::WebhookFilter& from) {
  InboxFilter filter = {.tenant = tenant,
                        .account = from.provider(),
                        .provider_job_id = from.provider_job_id()};
  ASSIGN_OR_RETURN(filter.states, StatesFrom(from.state()));
  if (from.has_since()) filter.since = TimeFrom(from.since());
  if (from.has_until()) filter.until = TimeFrom(from.until());
  return filter;
}

absl::StatusOr<InboxFilter> ReplayFilter(
    const std::string& tenant, const v1::ReplayWebhooksRequest& request) {
  ASSIGN_OR_RETURN(InboxFilter filter, FilterFrom(tenant, request.filter()));
  if (request.webhook_ids_size() > kMaxIds) {
    return error::InvalidRequest(
        {{"webhook_ids", absl::StrCat("has more than ", kMaxIds, " ids")}});
  }
  filter.keys = {request.webhook_ids().begin(), request.webhook_ids().end()};
  absl::c_sort(filter.keys);
  filter.keys.erase(std::unique(filter.keys.begin(), filter.keys.end()),
                    filter.keys.end());
  // Whoever names one is told that it is gone.
  filter.with_body = filter.keys.empty();
  return filter;
}

void Add(const ReplayedBody& body, v1::ReplayWebhooksResponse& response) {
  response.set_replayed(response.replayed() + 1);
  switch (body.outcome) {
    case ReplayedBody::Outcome::kUnchanged:
      response.set_unchanged(response.unchanged() + 1);
      break;
    case ReplayedBody::Outcome::kChanged:
      response.set_changed(response.changed() + 1);
      break;
    case ReplayedBody::Outcome::kGone:
      response.set_gone(response.gone() + 1);
      break;
  }
  if (body.quarantine != QuarantineReason::kNone) {
    response.set_quarantined(response.quarantined() + 1);
  }
  v1::ReplayedWebhook& out = *response.add_webhooks();
  out.set_webhook_id(body.key);
  out.set_outcome(ToProto(body.outcome));
  out.set_reason(std::string(QuarantineReasonName(body.quarantine)));
}

template <typename Response>
void SetNextPage(const std::optional<int64_t>& next_after,
                 const TokenCodec& codec, Response& response) {
  if (next_after) response.set_next_page_token(codec.Encode(*next_after));
}

}  // namespace

grpc::ServerUnaryReactor* WebhookService::ListWebhooks(
    grpc::CallbackServerContext* context, const grpc::ByteBuffer* request,
    grpc::ByteBuffer* response) {
  return AnswerOnPool(*this, deps_, context, request, response,
                      &WebhookService::Read);
}

absl::StatusOr<grpc::ByteBuffer> WebhookService::Read(
    const std::string& tenant, const v1::ListWebhooksRequest& request) const {
  const TokenCodec codec(TokenKind::kWebhookPage, deps_.store.store_id(),
                         tenant);
  ASSIGN_OR_RETURN(const InboxFilter filter,
                   FilterFrom(tenant, request.filter()));
  ASSIGN_OR_RETURN(const int size, PageSize(request.page_size(), kDefaultPage));
  ASSIGN_OR_RETURN(const int64_t after,
                   PagePosition(codec, request.page_token()));
  ASSIGN_OR_RETURN(const InboxPage page,
                   deps_.store.ReadInbox(filter, after, size));
  v1::ListWebhooksResponse response;
  for (const InboxRow& row : page.rows) {
    ToProto(row, *response.add_webhooks());
  }
  SetNextPage(page.next_after, codec, response);
  return SerializeMessage(response);
}

grpc::ServerUnaryReactor* WebhookService::ReplayWebhooks(
    grpc::CallbackServerContext* context, const grpc::ByteBuffer* bytes,
    grpc::ByteBuffer* buffer) {
  UnaryCall call(deps_.calls, *context, *buffer);
  grpc::ServerUnaryReactor* const reactor = call.reactor();
  v1::ReplayWebhooksRequest request;
  const absl::StatusOr<std::string> tenant =
      Admit(call, deps_.authenticator, *context, *bytes, request);
  if (!tenant.ok()) {
    call.Finish(tenant.status());
    return reactor;
  }
  const TokenCodec codec(TokenKind::kWebhookPage, deps_.store.store_id(),
                         *tenant);
  absl::StatusOr<InboxFilter> filter = ReplayFilter(*tenant, request);
  const absl::StatusOr<int64_t> after =
      PagePosition(codec, request.page_token());
  if (!filter.ok() || !after.ok()) {
    call.Finish(filter.ok() ? after.status() : filter.status());
  } else if (request.validate_only()) {
    deps_.pool.Post([this, call = std::move(call), filter = *std::move(filter),
                     after = *after, codec]() mutable {
      call.Finish(Count(filter, after, codec));
    });
  } else {
    Replay(*std::move(filter), *after, codec, std::move(call));
  }
  return reactor;
}

absl::StatusOr<grpc::ByteBuffer> WebhookService::Count(
    const InboxFilter& filter, int64_t after_key,
    const TokenCodec& codec) const {
  ASSIGN_OR_RETURN(const InboxPage page,
                   deps_.store.ReadInbox(filter, after_key, kMaxPageSize));
  v1::ReplayWebhooksResponse response;
  for (const InboxRow& row : page.rows) {
    if (!row.has_body || row.state == InboxState::kPending) continue;
    response.set_replayed(response.replayed() + 1);
  }
  SetNextPage(page.next_after, codec, response);
  return SerializeMessage(response);
}

void WebhookService::Replay(InboxFilter filter, int64_t after_key,
                            const TokenCodec& codec, UnaryCall call) {
  deps_.engine.ReplayInbox(
      std::move(filter), after_key,
      [this, codec,
       call = std::move(call)](absl::StatusOr<ReplayPage> page) mutable {
        deps_.executor.Post(
            [codec, call = std::move(call), page = std::move(page)]() mutable {
              if (!page.ok()) return call.Finish(page.status());
              v1::ReplayWebhooksResponse response;
              for (const ReplayedBody& body : page->bodies) Add(body, response);
              SetNextPage(page->next_after, codec, response);
              call.Finish(SerializeMessage(response));
            });
      });
}

}  // namespace enrich
