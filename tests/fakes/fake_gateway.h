#ifndef ENRICH_TESTS_FAKES_FAKE_GATEWAY_H_
#define ENRICH_TESTS_FAKES_FAKE_GATEWAY_H_

#include <grpcpp/server.h>
#include <grpcpp/server_builder.h>

#include <chrono>
#include <memory>
#include <string>

#include "absl/strings/str_cat.h"
#include "fakes/fake_enrichment_service.h"
#include "fakes/fake_job_service.h"
#include "fakes/fake_provider_service.h"
#include "fakes/fake_token.h"
#include "fakes/fake_webhook_service.h"

namespace enrich {

// A gateway in memory on a loopback port. Thread-safe.
class FakeGateway {
 public:
  FakeGateway() {
    grpc::EnableDefaultHealthCheckService(true);
    grpc::ServerBuilder builder;
    builder.AddListeningPort("127.0.0.1:0", grpc::InsecureServerCredentials(),
                             &port_);
    builder.RegisterService(&enrichment);
    builder.RegisterService(&providers_);
    builder.RegisterService(&jobs);
    builder.RegisterService(&webhooks);
    server_ = builder.BuildAndStart();
  }
  ~FakeGateway() {
    server_->Shutdown(std::chrono::system_clock::now());
    server_->Wait();
  }

  std::string address() const { return absl::StrCat("127.0.0.1:", port_); }

  FakeToken token;
  // What calls are answered with, and what they asked for.
  FakeEnrichmentService enrichment{token};
  FakeJobService jobs;
  FakeWebhookService webhooks{token};

 private:
  FakeProviderService providers_{token};
  int port_ = 0;
  std::unique_ptr<grpc::Server> server_;
};

}  // namespace enrich

#endif  // ENRICH_TESTS_FAKES_FAKE_GATEWAY_H_
