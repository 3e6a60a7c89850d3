#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <memory>
#include <string>

#include "absl/strings/str_cat.h"
#include "absl/time/clock.h"
#include "grpcpp/create_channel.h"
#include "grpcpp/security/credentials.h"
#include "rpc/grpc_server.h"
#include "support/status_matchers.h"
#include "support/test_certificates.h"
#include "unit/rpc/service_harness.h"

namespace enrich {
namespace {

using Credentials = std::shared_ptr<grpc::ChannelCredentials>;

class GrpcTls : public ::testing::Test {
 protected:
  GrpcTls() { certificates_.Issue("server"); }

  TlsFiles ServerFiles() const {
    return {.certificate_file = certificates_.certificate("server"),
            .key_file = certificates_.key("server")};
  }
  TlsFiles MutualFiles() const {
    TlsFiles files = ServerFiles();
    files.client_ca_file = certificates_.ca();
    return files;
  }

  // Credentials of a client that trusts `authorities`, and of one that shows a
  // certificate issued by `issuer` besides.
  static Credentials Trusting(const TestCertificates& authorities) {
    grpc::SslCredentialsOptions options;
    options.pem_root_certs = ReadPem(authorities.ca());
    return grpc::SslCredentials(options);
  }
  Credentials Showing(TestCertificates& issuer) const {
    issuer.Issue("client");
    grpc::SslCredentialsOptions options;
    options.pem_root_certs = ReadPem(certificates_.ca());
    options.pem_cert_chain = ReadPem(issuer.certificate("client"));
    options.pem_private_key = ReadPem(issuer.key("client"));
    return grpc::SslCredentials(options);
  }

  TestCertificates certificates_;
};

// How a call to `server` ends for a client with these credentials.
grpc::StatusCode Call(ServiceHarness& server, const Credentials& credentials) {
  const auto stub = v1::ProviderService::NewStub(grpc::CreateChannel(
      absl::StrCat("127.0.0.1:", server.server->port()), credentials));
  const auto context = ServiceHarness::Context();
  context->set_wait_for_ready(false);
  v1::ListProvidersResponse response;
  return stub->ListProviders(context.get(), {}, &response).error_code();
}

TEST_F(GrpcTls, ServesClientsThatTrustItsAuthority) {
  ServiceHarness server(QuickOptions(), {.tls = ServerFiles()});
  EXPECT_EQ(Call(server, Trusting(certificates_)), grpc::StatusCode::OK);
}

TEST_F(GrpcTls, PlaintextAndStrangersGetNothing) {
  ServiceHarness server(QuickOptions(), {.tls = ServerFiles()});
  EXPECT_EQ(Call(server, grpc::InsecureChannelCredentials()),
            grpc::StatusCode::UNAVAILABLE);
  const TestCertificates others;
  EXPECT_EQ(Call(server, Trusting(others)), grpc::StatusCode::UNAVAILABLE);
}

TEST_F(GrpcTls, AsksForACertificateOfTheClientAuthority) {
  ServiceHarness server(QuickOptions(), {.tls = MutualFiles()});
  EXPECT_EQ(Call(server, Showing(certificates_)), grpc::StatusCode::OK);
  EXPECT_EQ(Call(server, Trusting(certificates_)),
            grpc::StatusCode::UNAVAILABLE);
  TestCertificates others;
  EXPECT_EQ(Call(server, Showing(others)), grpc::StatusCode::UNAVAILABLE);
  EXPECT_EQ(Call(server, grpc::InsecureChannelCredentials()),
            grpc::StatusCode::UNAVAILABLE);
}

TEST_F(GrpcTls, FilesThatCannotBeReadStopTheStart) {
  ServiceHarness plain;
  const Authenticator authenticator({});
  CallLimit calls(1000);
  const auto executor = NewThreadExecutor("rpc");
  const auto pool = NewThreadPool("reads", 1);
  ProviderService providers(authenticator, calls, plain.engine, *executor);
  JobService jobs({.authenticator = authenticator,
                   .calls = calls,
                   .engine = plain.engine,
                   .store = plain.store,
                   .executor = *executor,
                   .pool = *pool});
  for (std::string TlsFiles::*const file :
       {&TlsFiles::certificate_file, &TlsFiles::key_file,
        &TlsFiles::client_ca_file}) {
    TlsFiles files = MutualFiles();
    files.*file = "/no/such/file";
    const auto server =
        GrpcServer::Start({.tls = files}, plain.service, providers,
                          {{&jobs, v1::JobService::service_full_name()}});
    EXPECT_THAT(server, StatusIs(absl::StatusCode::kInvalidArgument));
    EXPECT_EQ(server.status().message(),
              "cannot read the TLS file /no/such/file");
  }
}

}  // namespace
}  // namespace enrich
