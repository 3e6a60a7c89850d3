#ifndef ENRICH_CLI_GATEWAY_CLIENT_H_
#define ENRICH_CLI_GATEWAY_CLIENT_H_

#include <grpcpp/channel.h>
#include <grpcpp/client_context.h>

#include <memory>
#include <stop_token>
#include <string>

#include "absl/functional/function_ref.h"
#include "absl/status/statusor.h"
#include "absl/strings/string_view.h"
#include "absl/time/time.h"
#include "base/secret.h"
#include "enrich/v1/enrichment_service.grpc.pb.h"
#include "enrich/v1/job_service.grpc.pb.h"
#include "enrich/v1/provider_service.grpc.pb.h"
#include "enrich/v1/webhook_service.grpc.pb.h"

namespace enrich::cli {

struct ConnectOptions {
  // host:port, or any gRPC target.
  std::string server = "127.0.0.1:8080";
  bool tls = false;
  // PEM file of the certificate authorities to trust instead of the system's;
  // implies TLS.
  std::string ca_file = {};
  // PEM files of the certificate to present and its key, for a gateway that
  // asks for one; both or neither. They imply TLS.
  std::string certificate_file = {};
  std::string key_file = {};
};

// Whether the connection is encrypted.
bool UsesTls(const ConnectOptions& options);

// Makes a channel; connects later. INVALID_ARGUMENT for a file that cannot be
// read, and for a certificate without its key or a key without its certificate.
absl::StatusOr<std::shared_ptr<grpc::Channel>> OpenChannel(
    const ConnectOptions& options);

// The gateway's calls, made once each. Blocks; a requested stop cancels the
// call, which then is CANCELLED. Errors are described in rich_error.h.
// Thread-safe.
class GatewayClient {
 public:
  // Unary calls take `timeout` at most.
  GatewayClient(std::shared_ptr<grpc::Channel> channel, Secret token,
                absl::Duration timeout);

  absl::StatusOr<v1::EnrichBatchResponse> EnrichBatch(
      const v1::EnrichBatchRequest& request, std::stop_token stop) const;
  absl::StatusOr<v1::GetBatchResponse> GetBatch(
      const v1::GetBatchRequest& request, std::stop_token stop) const;
  absl::StatusOr<v1::ListBatchesResponse> ListBatches(
      const v1::ListBatchesRequest& request, std::stop_token stop) const;
  absl::StatusOr<v1::ListResultsResponse> ListResults(
      const v1::ListResultsRequest& request, std::stop_token stop) const;
  absl::StatusOr<v1::CancelBatchResponse> CancelBatch(
      const v1::CancelBatchRequest& request, std::stop_token stop) const;
  absl::StatusOr<v1::ListProvidersResponse> ListProviders(
      std::stop_token stop) const;
  absl::StatusOr<v1::ListJobsResponse> ListJobs(
      const v1::ListJobsRequest& request, std::stop_token stop) const;
  absl::StatusOr<v1::GetJobResponse> GetJob(const v1::GetJobRequest& request,
                                            std::stop_token stop) const;
  absl::StatusOr<v1::ApproveResendResponse> ApproveResend(
      const v1::ApproveResendRequest& request, std::stop_token stop) const;
  absl::StatusOr<v1::AbandonJobResponse> AbandonJob(
      const v1::AbandonJobRequest& request, std::stop_token stop) const;
  absl::StatusOr<v1::ListAuditEntriesResponse> ListAuditEntries(
      const v1::ListAuditEntriesRequest& request, std::stop_token stop) const;

  absl::StatusOr<v1::ListWebhooksResponse> ListWebhooks(
      const v1::ListWebhooksRequest& request, std::stop_token stop) const;
  absl::StatusOr<v1::ReplayWebhooksResponse> ReplayWebhooks(
      const v1::ReplayWebhooksRequest& request, std::stop_token stop) const;

  // Asks grpc.health.v1 about `service`; empty is the whole server. OK when it
  // serves, UNAVAILABLE when it says it does not.
  absl::Status CheckHealth(absl::string_view service,
                           std::stop_token stop) const;

  // Reads one stream to its end, or until `on_message` returns an error, which
  // is then returned. OK means that the gateway ended the stream.
  absl::Status WatchResults(
      const v1::WatchResultsRequest& request, std::stop_token stop,
      absl::FunctionRef<absl::Status(const v1::WatchResultsResponse&)>
          on_message) const;

 private:
  void Prepare(grpc::ClientContext& context, absl::Duration timeout) const;

  template <typename Stub, typename Request, typename Response>
  absl::StatusOr<Response> Call(
      Stub& stub,
      grpc::Status (Stub::*method)(grpc::ClientContext*, const Request&,
                                   Response*),
      const Request& request, std::stop_token stop) const;

  const std::shared_ptr<grpc::Channel> channel_;
  const Secret token_;
  const absl::Duration timeout_;
  const std::unique_ptr<v1::EnrichmentService::StubInterface> enrichment_;
  const std::unique_ptr<v1::ProviderService::StubInterface> providers_;
  const std::unique_ptr<v1::JobService::StubInterface> jobs_;
  const std::unique_ptr<v1::WebhookService::StubInterface> webhooks_;
};

}  // namespace enrich::cli

#endif  // ENRICH_CLI_GATEWAY_CLIENT_H_
