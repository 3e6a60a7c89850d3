#ifndef ENRICH_RPC_GRPC_SERVER_H_
#define ENRICH_RPC_GRPC_SERVER_H_

#include <memory>
#include <string>
#include <vector>

#include "absl/status/statusor.h"
#include "absl/strings/string_view.h"
#include "absl/time/time.h"
#include "grpcpp/channel.h"
#include "grpcpp/server.h"
#include "rpc/enrichment_service.h"
#include "rpc/provider_service.h"

namespace enrich {

// PEM files. Read again when they change, without a restart.
struct TlsFiles {
  // Empty for a server without TLS.
  std::string certificate_file = {};
  std::string key_file = {};
  // With this, clients must present a certificate it signed.
  std::string client_ca_file = {};
};

struct GrpcServerOptions {
  // host:port; port 0 for any that is free.
  std::string address = "127.0.0.1:0";
  int max_message_bytes = 4 * 1024 * 1024;
  int max_metadata_bytes = 8 * 1024;
  // Calls at once per connection.
  int max_concurrent_streams = 100;
  TlsFiles tls = {};
  // Whether tools may ask what is served.
  bool reflection = true;
  // Pings on a silent connection, to find dead watchers.
  absl::Duration keepalive_time = absl::Seconds(60);
  absl::Duration keepalive_timeout = absl::Seconds(20);
  // The least between two pings of a client; more often is an offence.
  absl::Duration min_ping_interval = absl::Seconds(30);
  absl::Duration handshake_timeout = absl::Seconds(10);
  absl::Duration max_connection_idle = absl::Minutes(5);
  // Connections are renewed, so that a load balancer gets a say.
  absl::Duration max_connection_age = absl::Minutes(30);
  // Longer than the age at which streams are handed over, so that none is cut.
  absl::Duration max_connection_age_grace = absl::Minutes(20);
};

// A further service of the API, and its full name.
struct ApiService {
  grpc::Service* service = nullptr;
  std::string name = {};
};

// The listening gRPC server: the API's services, health and reflection.
class GrpcServer {
 public:
  // Listens. UNAVAILABLE when the address cannot be bound, INVALID_ARGUMENT for
  // a TLS file that cannot be read. The services must outlive the server.
  static absl::StatusOr<std::unique_ptr<GrpcServer>> Start(
      const GrpcServerOptions& options, EnrichmentService& enrichment,
      ProviderService& providers, std::vector<ApiService> others = {});

  // Shuts down at once.
  ~GrpcServer();

  int port() const { return port_; }

  // What health says of a service; "" is the whole server. It, and each service
  // of the API, serve from the start until Drain.
  void SetServing(absl::string_view service, bool serving);

  // Ends every stream with a handover and refuses new ones; other calls go on.
  void Drain();

  // Accepts nothing more, waits for the calls under way, cancels those left at
  // `deadline`. Blocks until all are gone.
  void Shutdown(absl::Time deadline);

  // A channel within the process, for tests.
  std::shared_ptr<grpc::Channel> InProcessChannel();

 private:
  explicit GrpcServer(EnrichmentService& enrichment)
      : enrichment_(enrichment) {}

  void SetApiServing(bool serving);

  EnrichmentService& enrichment_;
  // Full names of the API's services.
  std::vector<std::string> services_;
  std::vector<std::unique_ptr<grpc::Service>> reflection_;
  std::unique_ptr<grpc::Server> server_;
  int port_ = 0;
};

}  // namespace enrich

#endif  // ENRICH_RPC_GRPC_SERVER_H_
