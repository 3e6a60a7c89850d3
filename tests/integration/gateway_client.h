#ifndef ENRICH_TESTS_INTEGRATION_GATEWAY_CLIENT_H_
#define ENRICH_TESTS_INTEGRATION_GATEWAY_CLIENT_H_

#include <functional>
#include <memory>
#include <string>
#include <vector>

#include "absl/strings/string_view.h"
#include "absl/time/time.h"
#include "enrich/v1/enrichment_service.pb.h"
#include "enrich/v1/job_service.pb.h"
#include "enrich/v1/provider_service.pb.h"
#include "enrich/v1/webhook_service.pb.h"
#include "grpcpp/support/status.h"

namespace enrich {

// A result stream as a client reads it. Not thread-safe, but for Cancel.
class Watcher {
 public:
  virtual ~Watcher() = default;

  // Reads until `enough` says so of what has been read, or the stream is over.
  // Returns whether `enough` was satisfied.
  virtual bool ReadUntil(const std::function<bool(const Watcher&)>& enough) = 0;
  // Reads to the end of the stream.
  virtual grpc::Status Finish() = 0;
  virtual void Cancel() = 0;

  // Every event read, and the token of the last message.
  std::vector<v1::ResultEvent> events = {};
  std::string token = {};
  // Whether history has ended; whether the server handed the stream over.
  bool live = false;
  bool handover = false;
};

// The client's side of a gateway, in blocking calls. Keeps the gRPC headers,
// which are slow to compile, out of the tests. Thread-safe.
class GatewayClient {
 public:
  static std::unique_ptr<GatewayClient> Connect(int port,
                                                const std::string& token = "");
  virtual ~GatewayClient() = default;

  virtual grpc::Status EnrichBatch(const v1::EnrichBatchRequest& request,
                                   v1::EnrichBatchResponse& response) = 0;
  virtual grpc::Status GetBatch(const std::string& batch_id,
                                v1::Batch& batch) = 0;
  virtual grpc::Status CancelBatch(const std::string& batch_id,
                                   v1::Batch& batch) = 0;
  // All pages, `page_size` events each.
  virtual grpc::Status ListBatches(int page_size,
                                   std::vector<v1::Batch>& batches) = 0;
  virtual grpc::Status ListResults(const std::string& batch_id, int page_size,
                                   std::vector<v1::ResultEvent>& events) = 0;
  virtual grpc::Status GetProvider(const std::string& name,
                                   v1::Provider& provider) = 0;
  // All jobs in doubt.
  virtual grpc::Status ListJobs(std::vector<v1::Job>& jobs) = 0;
  virtual grpc::Status ApproveResend(const v1::ApproveResendRequest& request,
                                     v1::ApproveResendResponse& response) = 0;
  // The first page.
  virtual grpc::Status ListWebhooks(const v1::WebhookFilter& filter,
                                    std::vector<v1::Webhook>& webhooks) = 0;
  // All calls, summed up.
  virtual grpc::Status ReplayWebhooks(const v1::WebhookFilter& filter,
                                      v1::ReplayWebhooksResponse& sum) = 0;
  // The stream ends by itself after `timeout`.
  virtual std::unique_ptr<Watcher> Watch(
      const v1::WatchResultsRequest& request,
      absl::Duration timeout = absl::Seconds(30)) = 0;
};

// Requests for a stream over one batch, or over all with an empty id.
v1::WatchResultsRequest WatchFromOldest(const std::string& batch_id);
v1::WatchResultsRequest WatchAfter(const std::string& batch_id,
                                   const std::string& token);

}  // namespace enrich

#endif  // ENRICH_TESTS_INTEGRATION_GATEWAY_CLIENT_H_
