#include "integration/gateway_client.h"

#include "absl/strings/str_cat.h"
#include "absl/time/clock.h"
#include "enrich/v1/enrichment_service.grpc.pb.h"
#include "enrich/v1/job_service.grpc.pb.h"
#include "enrich/v1/provider_service.grpc.pb.h"
#include "enrich/v1/webhook_service.grpc.pb.h"
#include "grpcpp/client_context.h"
#include "grpcpp/create_channel.h"

namespace enrich {
namespace {

using Reader = grpc::ClientReader<v1::WatchResultsResponse>;

std::unique_ptr<grpc::ClientContext> NewContext(const std::string& token,
                                                absl::Duration timeout) {
  auto context = std::make_unique<grpc::ClientContext>();
  context->set_deadline(absl::ToChronoTime(absl::Now() + timeout));
  context->set_wait_for_ready(true);
  if (!token.empty()) {
    context->AddMetadata("authorization", absl::StrCat("Bearer ", token));
  }
  return context;
}

class GrpcWatcher final : public Watcher {
 public:
  GrpcWatcher(v1::EnrichmentService::Stub& stub,
              std::unique_ptr<grpc::ClientContext> context,
              const v1::WatchResultsRequest& request)
      : context_(std::move(context)),
        reader_(stub.WatchResults(context_.get(), request)) {}
  ~GrpcWatcher() override {
    context_->TryCancel();
    if (!finished_) Finish();
  }

  bool ReadUntil(const std::function<bool(const Watcher&)>& enough) override {
    while (!enough(*this)) {
      v1::WatchResultsResponse message;
      if (!reader_->Read(&message)) return false;
      for (v1::ResultEvent& event : *message.mutable_events()) {
        events.push_back(std::move(event));
      }
      if (!message.resume_token().empty()) token = message.resume_token();
      live |= message.has_live();
      handover |= message.has_handover();
    }
    return true;
  }

  grpc::Status Finish() override {
    finished_ = true;
    ReadUntil([](const Watcher&) { return false; });
    return reader_->Finish();
  }

  void Cancel() override { context_->TryCancel(); }

 private:
  const std::unique_ptr<grpc::ClientContext> context_;
  const std::unique_ptr<Reader> reader_;
  bool finished_ = false;
};

class GrpcGatewayClient final : public GatewayClient {
 public:
  GrpcGatewayClient(std::shared_ptr<grpc::Channel> channel, std::string token)
      : token_(std::move(token)),
        enrichment_(v1::EnrichmentService::NewStub(channel)),
        providers_(v1::ProviderService::NewStub(channel)),
        jobs_(v1::JobService::NewStub(channel)),
        webhooks_(v1::WebhookService::NewStub(channel)) {}

  grpc::Status EnrichBatch(const v1::EnrichBatchRequest& request,
                           v1::EnrichBatchResponse& response) override {
    return enrichment_->EnrichBatch(Context().get(), request, &response);
  }

  grpc::Status GetBatch(const std::string& batch_id,
                        v1::Batch& batch) override {
    v1::GetBatchRequest request;
    request.set_batch_id(batch_id);
    v1::GetBatchResponse response;
    const grpc::Status status =
        enrichment_->GetBatch(Context().get(), request, &response);
    batch = std::move(*response.mutable_batch());
    return status;
  }

  grpc::Status CancelBatch(const std::string& batch_id,
                           v1::Batch& batch) override {
    v1::CancelBatchRequest request;
    request.set_batch_id(batch_id);
    v1::CancelBatchResponse response;
    const grpc::Status status =
        enrichment_->CancelBatch(Context().get(), request, &response);
    batch = std::move(*response.mutable_batch());
    return status;
  }

  grpc::Status ListBatches(int page_size,
                           std::vector<v1::Batch>& batches) override {
    v1::ListBatchesRequest request;
    request.set_page_size(page_size);
    do {
      v1::ListBatchesResponse page;
      const grpc::Status status =
          enrichment_->ListBatches(Context().get(), request, &page);
      if (!status.ok()) return status;
      batches.insert(batches.end(), page.batches().begin(),
                     page.batches().end());
      request.set_page_token(page.next_page_token());
    } while (!request.page_token().empty());
    return grpc::Status::OK;
  }

  grpc::Status ListResults(const std::string& batch_id, int page_size,
                           std::vector<v1::ResultEvent>& events) override {
    v1::ListResultsRequest request;
    request.set_batch_id(batch_id);
    request.set_page_size(page_size);
    do {
      v1::ListResultsResponse page;
      const grpc::Status status =
          enrichment_->ListResults(Context().get(), request, &page);
      if (!status.ok()) return status;
      events.insert(events.end(), page.events().begin(), page.events().end());
      request.set_page_token(page.next_page_token());
    } while (!request.page_token().empty());
    return grpc::Status::OK;
  }

  grpc::Status GetProvider(const std::string& name,
                           v1::Provider& provider) override {
    v1::GetProviderRequest request;
    request.set_provider(name);
    v1::GetProviderResponse response;
    const grpc::Status status =
        providers_->GetProvider(Context().get(), request, &response);
    provider = std::move(*response.mutable_provider());
    return status;
  }

  grpc::Status ListJobs(std::vector<v1::Job>& jobs) override {
    v1::ListJobsRequest request;
    request.set_page_size(1000);
    v1::ListJobsResponse page;
    const grpc::Status status =
        jobs_->ListJobs(Context().get(), request, &page);
    jobs.assign(page.jobs().begin(), page.jobs().end());
    return status;
  }

  grpc::Status ApproveResend(const v1::ApproveResendRequest& request,
                             v1::ApproveResendResponse& response) override {
    return jobs_->ApproveResend(Context().get(), request, &response);
  }

  grpc::Status ListWebhooks(const v1::WebhookFilter& filter,
                            std::vector<v1::Webhook>& webhooks) override {
    v1::ListWebhooksRequest request;
    *request.mutable_filter() = filter;
    v1::ListWebhooksResponse page;
    const grpc::Status status =
        webhooks_->ListWebhooks(Context().get(), request, &page);
    webhooks = {page.webhooks().begin(), page.webhooks().end()};
    return status;
  }

  grpc::Status ReplayWebhooks(const v1::WebhookFilter& filter,
                              v1::ReplayWebhooksResponse& sum) override {
    v1::ReplayWebhooksRequest request;
    *request.mutable_filter() = filter;
    do {
      v1::ReplayWebhooksResponse page;
      const grpc::Status status =
          webhooks_->ReplayWebhooks(Context().get(), request, &page);
      if (!status.ok()) return status;
      request.set_page_token(page.next_page_token());
      sum.set_replayed(sum.replayed() + page.replayed());
      sum.set_changed(sum.changed() + page.changed());
      sum.set_quarantined(sum.quarantined() + page.quarantined());
    } while (!request.page_token().empty());
    return grpc::Status::OK;
  }

  std::unique_ptr<Watcher> Watch(const v1::WatchResultsRequest& request,
                                 absl::Duration timeout) override {
    return std::make_unique<GrpcWatcher>(*enrichment_,
                                         NewContext(token_, timeout), request);
  }

 private:
  std::unique_ptr<grpc::ClientContext> Context() const {
    return NewContext(token_, absl::Seconds(20));
  }

  const std::string token_;
  const std::unique_ptr<v1::EnrichmentService::Stub> enrichment_;
  const std::unique_ptr<v1::ProviderService::Stub> providers_;
  const std::unique_ptr<v1::JobService::Stub> jobs_;
  const std::unique_ptr<v1::WebhookService::Stub> webhooks_;
};

}  // namespace

std::unique_ptr<GatewayClient> GatewayClient::Connect(
    int port, const std::string& token) {
  grpc::ChannelArguments arguments;
  // A channel of its own, which tries again soon after a restart; so does the
  // scheme `ipv4`, where a DNS resolver would rest for 30 s.
  arguments.SetInt(GRPC_ARG_USE_LOCAL_SUBCHANNEL_POOL, 1);
  arguments.SetInt(GRPC_ARG_INITIAL_RECONNECT_BACKOFF_MS, 20);
  arguments.SetInt(GRPC_ARG_MAX_RECONNECT_BACKOFF_MS, 100);
  arguments.SetMaxReceiveMessageSize(-1);
  return std::make_unique<GrpcGatewayClient>(
      grpc::CreateCustomChannel(absl::StrCat("ipv4:127.0.0.1:", port),
                                grpc::InsecureChannelCredentials(), arguments),
      token);
}

v1::WatchResultsRequest WatchFromOldest(const std::string& batch_id) {
  v1::WatchResultsRequest request;
  request.set_batch_id(batch_id);
  request.mutable_from_oldest();
  return request;
}

v1::WatchResultsRequest WatchAfter(const std::string& batch_id,
                                   const std::string& token) {
  v1::WatchResultsRequest request;
  request.set_batch_id(batch_id);
  request.set_resume_token(token);
  return request;
}

}  // namespace enrich
