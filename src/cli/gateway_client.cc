#include "cli/gateway_client.h"

#include <google/protobuf/wrappers.pb.h>
#include <grpcpp/create_channel.h>
#include <grpcpp/generic/generic_stub.h>
#include <grpcpp/security/credentials.h>

#include <fstream>
#include <sstream>
#include <utility>

#include "absl/strings/str_cat.h"
#include "absl/time/clock.h"
#include "base/status_macros.h"
#include "cli/rich_error.h"

namespace enrich::cli {
namespace {

constexpr int kMaxMessageBytes = 64 << 20;
constexpr int kKeepaliveMs = 30'000;
constexpr int kKeepaliveTimeoutMs = 10'000;
// A stream is renewed this often, in case it hangs somewhere on the way.
constexpr absl::Duration kMaxStreamAge = absl::Minutes(10);
constexpr int kServing = 1;

absl::StatusOr<std::string> ReadFile(const std::string& path) {
  std::ifstream in(path, std::ios::binary);
  std::stringstream text;
  text << in.rdbuf();
  if (!in) {
    return absl::InvalidArgumentError(absl::StrCat("cannot read ", path));
  }
  return text.str();
}

absl::StatusOr<std::shared_ptr<grpc::ChannelCredentials>> CredentialsFrom(
    const ConnectOptions& options) {
  if (!UsesTls(options)) return grpc::InsecureChannelCredentials();
  if (options.certificate_file.empty() != options.key_file.empty()) {
    return absl::InvalidArgumentError(
        "--cert-file and --key-file are given together");
  }
  grpc::SslCredentialsOptions tls;
  const std::pair<const std::string&, std::string&> files[] = {
      {options.ca_file, tls.pem_root_certs},
      {options.certificate_file, tls.pem_cert_chain},
      {options.key_file, tls.pem_private_key}};
  for (const auto& [path, text] : files) {
    if (path.empty()) continue;
    ASSIGN_OR_RETURN(text, ReadFile(path));
  }
  return grpc::SslCredentials(tls);
}

}  // namespace

bool UsesTls(const ConnectOptions& options) {
  return options.tls || !options.ca_file.empty() ||
         !options.certificate_file.empty() || !options.key_file.empty();
}

absl::StatusOr<std::shared_ptr<grpc::Channel>> OpenChannel(
    const ConnectOptions& options) {
  grpc::ChannelArguments arguments;
  arguments.SetMaxReceiveMessageSize(kMaxMessageBytes);
  arguments.SetInt(GRPC_ARG_KEEPALIVE_TIME_MS, kKeepaliveMs);
  arguments.SetInt(GRPC_ARG_KEEPALIVE_TIMEOUT_MS, kKeepaliveTimeoutMs);
  // Retries are ours: they know what must not be given up.
  arguments.SetInt(GRPC_ARG_ENABLE_RETRIES, 0);
  ASSIGN_OR_RETURN(const auto credentials, CredentialsFrom(options));
  return grpc::CreateCustomChannel(options.server, credentials, arguments);
}

GatewayClient::GatewayClient(std::shared_ptr<grpc::Channel> channel,
                             Secret token, absl::Duration timeout)
    : channel_(std::move(channel)),
      token_(std::move(token)),
      timeout_(timeout),
      enrichment_(v1::EnrichmentService::NewStub(channel_)),
      providers_(v1::ProviderService::NewStub(channel_)),
      jobs_(v1::JobService::NewStub(channel_)),
      webhooks_(v1::WebhookService::NewStub(channel_)) {}

void GatewayClient::Prepare(grpc::ClientContext& context,
                            absl::Duration timeout) const {
  context.set_deadline(absl::ToChronoTime(absl::Now() + timeout));
  if (!token_.empty()) {
    context.AddMetadata("authorization",
                        absl::StrCat("Bearer ", token_.Reveal()));
  }
}

template <typename Stub, typename Request, typename Response>
absl::StatusOr<Response> GatewayClient::Call(
    Stub& stub,
    grpc::Status (Stub::*method)(grpc::ClientContext*, const Request&,
                                 Response*),
    const Request& request, std::stop_token stop) const {
  grpc::ClientContext context;
  Prepare(context, timeout_);
  const std::stop_callback cancel(stop, [&] { context.TryCancel(); });
  Response response;
  const grpc::Status status = (stub.*method)(&context, request, &response);
  if (!status.ok()) return FromGrpc(status);
  return response;
}

absl::StatusOr<v1::EnrichBatchResponse> GatewayClient::EnrichBatch(
    const v1::EnrichBatchRequest& request, std::stop_token stop) const {
  using Stub = v1::EnrichmentService::StubInterface;
  return Call(*enrichment_, &Stub::EnrichBatch, request, std::move(stop));
}

absl::StatusOr<v1::GetBatchResponse> GatewayClient::GetBatch(
    const v1::GetBatchRequest& request, std::stop_token stop) const {
  using Stub = v1::EnrichmentService::StubInterface;
  return Call(*enrichment_, &Stub::GetBatch, request, std::move(stop));
}

absl::StatusOr<v1::ListBatchesResponse> GatewayClient::ListBatches(
    const v1::ListBatchesRequest& request, std::stop_token stop) const {
  using Stub = v1::EnrichmentService::StubInterface;
  return Call(*enrichment_, &Stub::ListBatches, request, std::move(stop));
}

absl::StatusOr<v1::ListResultsResponse> GatewayClient::ListResults(
    const v1::ListResultsRequest& request, std::stop_token stop) const {
  using Stub = v1::EnrichmentService::StubInterface;
  return Call(*enrichment_, &Stub::ListResults, request, std::move(stop));
}

absl::StatusOr<v1::CancelBatchResponse> GatewayClient::CancelBatch(
    const v1::CancelBatchRequest& request, std::stop_token stop) const {
  using Stub = v1::EnrichmentService::StubInterface;
  return Call(*enrichment_, &Stub::CancelBatch, request, std::move(stop));
}

absl::StatusOr<v1::ListProvidersResponse> GatewayClient::ListProviders(
    std::stop_token stop) const {
  using Stub = v1::ProviderService::StubInterface;
  return Call(*providers_, &Stub::ListProviders, v1::ListProvidersRequest(),
              std::move(stop));
}

absl::StatusOr<v1::ListJobsResponse> GatewayClient::ListJobs(
    const v1::ListJobsRequest& request, std::stop_token stop) const {
  using Stub = v1::JobService::StubInterface;
  return Call(*jobs_, &Stub::ListJobs, request, std::move(stop));
}

absl::StatusOr<v1::GetJobResponse> GatewayClient::GetJob(
    const v1::GetJobRequest& request, std::stop_token stop) const {
  using Stub = v1::JobService::StubInterface;
  return Call(*jobs_, &Stub::GetJob, request, std::move(stop));
}

absl::StatusOr<v1::ApproveResendResponse> GatewayClient::ApproveResend(
    const v1::ApproveResendRequest& request, std::stop_token stop) const {
  using Stub = v1::JobService::StubInterface;
  return Call(*jobs_, &Stub::ApproveResend, request, std::move(stop));
}

absl::StatusOr<v1::AbandonJobResponse> GatewayClient::AbandonJob(
    const v1::AbandonJobRequest& request, std::stop_token stop) const {
  using Stub = v1::JobService::StubInterface;
  return Call(*jobs_, &Stub::AbandonJob, request, std::move(stop));
}

absl::StatusOr<v1::ListAuditEntriesResponse> GatewayClient::ListAuditEntries(
    const v1::ListAuditEntriesRequest& request, std::stop_token stop) const {
  using Stub = v1::JobService::StubInterface;
  return Call(*jobs_, &Stub::ListAuditEntries, request, std::move(stop));
}

absl::StatusOr<v1::ListWebhooksResponse> GatewayClient::ListWebhooks(
    const v1::ListWebhooksRequest& request, std::stop_token stop) const {
  using Stub = v1::WebhookService::StubInterface;
  return Call(*webhooks_, &Stub::ListWebhooks, request, std::move(stop));
}

absl::StatusOr<v1::ReplayWebhooksResponse> GatewayClient::ReplayWebhooks(
    const v1::ReplayWebhooksRequest& request, std::stop_token stop) const {
  using Stub = v1::WebhookService::StubInterface;
  return Call(*webhooks_, &Stub::ReplayWebhooks, request, std::move(stop));
}

absl::Status GatewayClient::CheckHealth(absl::string_view service,
                                        std::stop_token stop) const {
  // HealthCheckRequest is {string service = 1} and HealthCheckResponse
  // {enum status = 1}: on the wire the same as these two wrappers.
  grpc::TemplatedGenericStub<google::protobuf::StringValue,
                             google::protobuf::Int32Value>
      stub(channel_);
  google::protobuf::StringValue request;
  request.set_value(std::string(service));
  google::protobuf::Int32Value response;
  grpc::ClientContext context;
  Prepare(context, timeout_);
  const std::stop_callback cancel(std::move(stop),
                                  [&] { context.TryCancel(); });
  grpc::CompletionQueue queue;
  const auto call = stub.PrepareUnaryCall(
      &context, "/grpc.health.v1.Health/Check", request, &queue);
  call->StartCall();
  grpc::Status status;
  call->Finish(&response, &status, nullptr);
  void* tag = nullptr;
  bool ok = false;
  queue.Next(&tag, &ok);
  if (!status.ok()) return FromGrpc(status);
  if (response.value() == kServing) return absl::OkStatus();
  return absl::UnavailableError("not serving");
}

absl::Status GatewayClient::WatchResults(
    const v1::WatchResultsRequest& request, std::stop_token stop,
    absl::FunctionRef<absl::Status(const v1::WatchResultsResponse&)> on_message)
    const {
  grpc::ClientContext context;
  Prepare(context, kMaxStreamAge);
  const std::stop_callback cancel(std::move(stop),
                                  [&] { context.TryCancel(); });
  const auto stream = enrichment_->WatchResults(&context, request);
  v1::WatchResultsResponse message;
  absl::Status handled;
  while (handled.ok() && stream->Read(&message)) handled = on_message(message);
  if (!handled.ok()) context.TryCancel();
  while (stream->Read(&message)) {
  }
  const grpc::Status ended = stream->Finish();
  return handled.ok() ? FromGrpc(ended) : handled;
}

}  // namespace enrich::cli
