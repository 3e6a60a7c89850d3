#include "rpc/grpc_server.h"

#include <cstdio>
#include <fstream>
#include <utility>

#include "absl/status/status.h"
#include "absl/strings/str_cat.h"
#include "base/status_macros.h"
#include "grpc/grpc.h"
#include "grpcpp/ext/health_check_service_server_builder_option.h"
#include "grpcpp/health_check_service_interface.h"
#include "grpcpp/security/server_credentials.h"
#include "grpcpp/security/tls_certificate_provider.h"
#include "grpcpp/security/tls_credentials_options.h"
#include "grpcpp/server_builder.h"
#include "rpc/reflection.h"

namespace enrich {
namespace {

constexpr char kHealthService[] = "grpc.health.v1.Health";
constexpr int kMaxPingStrikes = 2;
constexpr unsigned kTlsRefreshSeconds = 60;

int Millis(absl::Duration duration) {
  return static_cast<int>(absl::ToInt64Milliseconds(duration));
}

void Configure(const GrpcServerOptions& options, grpc::ServerBuilder& builder) {
  builder.SetMaxReceiveMessageSize(options.max_message_bytes);
  // A small message that unpacks to a large one is an attack.
  builder.SetCompressionAlgorithmSupportStatus(GRPC_COMPRESS_DEFLATE, false);
  builder.SetCompressionAlgorithmSupportStatus(GRPC_COMPRESS_GZIP, false);
  const std::pair<const char*, int> arguments[] = {
      // Two servers on one port would share calls by accident.
      {GRPC_ARG_ALLOW_REUSEPORT, 0},
      {GRPC_ARG_MAX_METADATA_SIZE, options.max_metadata_bytes},
      {GRPC_ARG_MAX_CONCURRENT_STREAMS, options.max_concurrent_streams},
      {GRPC_ARG_KEEPALIVE_TIME_MS, Millis(options.keepalive_time)},
      {GRPC_ARG_KEEPALIVE_TIMEOUT_MS, Millis(options.keepalive_timeout)},
      {GRPC_ARG_KEEPALIVE_PERMIT_WITHOUT_CALLS, 1},
      {GRPC_ARG_HTTP2_MIN_RECV_PING_INTERVAL_WITHOUT_DATA_MS,
       Millis(options.min_ping_interval)},
      {GRPC_ARG_HTTP2_MAX_PING_STRIKES, kMaxPingStrikes},
      {GRPC_ARG_SERVER_HANDSHAKE_TIMEOUT_MS, Millis(options.handshake_timeout)},
      {GRPC_ARG_MAX_CONNECTION_IDLE_MS, Millis(options.max_connection_idle)},
      {GRPC_ARG_MAX_CONNECTION_AGE_MS, Millis(options.max_connection_age)},
      {GRPC_ARG_MAX_CONNECTION_AGE_GRACE_MS,
       Millis(options.max_connection_age_grace)},
  };
  for (const auto& [name, value] : arguments) {
    builder.AddChannelArgument(name, value);
  }
}

// gRPC would start without them and refuse every client.
absl::Status CheckReadable(const TlsFiles& tls) {
  for (const std::string& path :
       {tls.certificate_file, tls.key_file, tls.client_ca_file}) {
    if (path.empty() || std::ifstream(path).peek() != EOF) continue;
    return absl::InvalidArgumentError(
        absl::StrCat("cannot read the TLS file ", path));
  }
  return absl::OkStatus();
}

absl::StatusOr<std::shared_ptr<grpc::ServerCredentials>> CredentialsFrom(
    const TlsFiles& tls) {
  if (tls.certificate_file.empty()) return grpc::InsecureServerCredentials();
  RETURN_IF_ERROR(CheckReadable(tls));
  const auto provider =
      std::make_shared<grpc::experimental::FileWatcherCertificateProvider>(
          tls.key_file, tls.certificate_file, tls.client_ca_file,
          kTlsRefreshSeconds);
  grpc::experimental::TlsServerCredentialsOptions options(provider);
  options.watch_identity_key_cert_pairs();
  if (!tls.client_ca_file.empty()) {
    options.watch_root_certs();
    options.set_cert_request_type(
        GRPC_SSL_REQUEST_AND_REQUIRE_CLIENT_CERTIFICATE_AND_VERIFY);
  }
  return grpc::experimental::TlsServerCredentials(options);
}

}  // namespace

absl::StatusOr<std::unique_ptr<GrpcServer>> GrpcServer::Start(
    const GrpcServerOptions& options, EnrichmentService& enrichment,
    ProviderService& providers, std::vector<ApiService> others) {
  ASSIGN_OR_RETURN(const auto credentials, CredentialsFrom(options.tls));
  grpc::EnableDefaultHealthCheckService(true);
  auto result = std::unique_ptr<GrpcServer>(new GrpcServer(enrichment));
  grpc::ServerBuilder builder;
  Configure(options, builder);
  builder.AddListeningPort(options.address, credentials, &result->port_);
  builder.RegisterService(&enrichment);
  builder.RegisterService(&providers);
  result->services_ = {v1::EnrichmentService::service_full_name(),
                       v1::ProviderService::service_full_name()};
  for (ApiService& other : others) {
    builder.RegisterService(other.service);
    result->services_.push_back(std::move(other.name));
  }
  if (options.reflection) {
    std::vector<std::string> described = result->services_;
    described.push_back(kHealthService);
    result->reflection_ = NewReflectionServices(std::move(described));
    for (const auto& service : result->reflection_) {
      builder.RegisterService(service.get());
    }
  }
  result->server_ = builder.BuildAndStart();
  if (result->server_ == nullptr) {
    return absl::UnavailableError(
        absl::StrCat("cannot listen on ", options.address));
  }
  result->SetApiServing(true);
  return result;
}

GrpcServer::~GrpcServer() {
  if (server_ != nullptr) Shutdown(absl::InfinitePast());
}

void GrpcServer::SetServing(absl::string_view service, bool serving) {
  server_->GetHealthCheckService()->SetServingStatus(std::string(service),
                                                     serving);
}

void GrpcServer::SetApiServing(bool serving) {
  SetServing("", serving);
  for (const std::string& service : services_) SetServing(service, serving);
}

void GrpcServer::Drain() {
  SetApiServing(false);
  enrichment_.Drain("the server is shutting down");
}

void GrpcServer::Shutdown(absl::Time deadline) {
  server_->Shutdown(absl::ToChronoTime(deadline));
  server_->Wait();
}

std::shared_ptr<grpc::Channel> GrpcServer::InProcessChannel() {
  return server_->InProcessChannel(grpc::ChannelArguments());
}

}  // namespace enrich
