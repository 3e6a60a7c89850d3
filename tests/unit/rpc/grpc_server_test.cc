#include "rpc/grpc_server.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "absl/strings/str_cat.h"
#include "google/protobuf/descriptor.pb.h"
#include "grpc/health/v1/health.grpc.pb.h"
#include "grpc/reflection/v1/reflection.grpc.pb.h"
#include "grpc/reflection/v1alpha/reflection.grpc.pb.h"
#include "support/status_matchers.h"
#include "unit/rpc/service_harness.h"

namespace enrich {
namespace {

using ::testing::ElementsAre;
using ::testing::IsSupersetOf;
using ::testing::SizeIs;

namespace v1_reflection = grpc::reflection::v1;

v1_reflection::ServerReflectionResponse Ask(
    grpc::Channel& channel,
    const v1_reflection::ServerReflectionRequest& request) {
  auto stub = v1_reflection::ServerReflection::NewStub(
      std::shared_ptr<grpc::Channel>(&channel, [](grpc::Channel*) {}));
  const auto context = ServiceHarness::Context("");
  auto stream = stub->ServerReflectionInfo(context.get());
  v1_reflection::ServerReflectionResponse response;
  EXPECT_TRUE(stream->Write(request));
  EXPECT_TRUE(stream->Read(&response));
  stream->WritesDone();
  EXPECT_TRUE(stream->Finish().ok());
  return response;
}

std::vector<std::string> FilesFor(grpc::Channel& channel,
                                  const std::string& symbol) {
  v1_reflection::ServerReflectionRequest request;
  request.set_file_containing_symbol(symbol);
  std::vector<std::string> names;
  const auto response = Ask(channel, request);
  for (const std::string& bytes :
       response.file_descriptor_response().file_descriptor_proto()) {
    google::protobuf::FileDescriptorProto file;
    EXPECT_TRUE(file.ParseFromString(bytes));
    names.push_back(file.name());
  }
  return names;
}

TEST(Reflection, ListsEveryServiceAndDescribesEachOfThem) {
  ServiceHarness harness;
  v1_reflection::ServerReflectionRequest request;
  request.set_list_services("*");
  std::vector<std::string> services;
  const auto response = Ask(*harness.channel, request);
  for (const auto& service : response.list_services_response().service()) {
    services.push_back(service.name());
    EXPECT_FALSE(FilesFor(*harness.channel, service.name()).empty())
        << service.name();
  }
  EXPECT_THAT(services,
              ElementsAre("enrich.v1.EnrichmentService", "enrich.v1.JobService",
                          "enrich.v1.ProviderService",
                          "enrich.v1.WebhookService", "grpc.health.v1.Health",
                          "grpc.reflection.v1.ServerReflection",
                          "grpc.reflection.v1alpha.ServerReflection"));
}

TEST(Reflection, SendsAFileWithWhatItImports) {
  ServiceHarness harness;
  EXPECT_THAT(
      FilesFor(*harness.channel, "enrich.v1.EnrichmentService.EnrichBatch"),
      IsSupersetOf({"enrich/v1/enrichment_service.proto",
                    "enrich/v1/contact.proto", "enrich/v1/result.proto",
                    "google/protobuf/timestamp.proto"}));
}

TEST(Reflection, AnswersTheOtherQuestionsToo) {
  ServiceHarness harness;
  v1_reflection::ServerReflectionRequest file;
  file.set_host("host");
  file.set_file_by_filename("enrich/v1/contact.proto");
  const auto found = Ask(*harness.channel, file);
  EXPECT_THAT(found.file_descriptor_response().file_descriptor_proto(),
              SizeIs(1));
  EXPECT_EQ(found.valid_host(), "host");
  EXPECT_EQ(found.original_request().host(), "host");

  v1_reflection::ServerReflectionRequest type;
  type.set_all_extension_numbers_of_type("enrich.v1.Contact");
  EXPECT_EQ(Ask(*harness.channel, type)
                .all_extension_numbers_response()
                .base_type_name(),
            "enrich.v1.Contact");
}

TEST(Reflection, SaysWhatItDoesNotKnow) {
  ServiceHarness harness;
  std::vector<v1_reflection::ServerReflectionRequest> requests(4);
  requests[0].set_file_by_filename("no/such.proto");
  requests[1].set_file_containing_symbol("no.such.Symbol");
  requests[2].set_all_extension_numbers_of_type("no.such.Type");
  requests[3].mutable_file_containing_extension()->set_containing_type("x");
  for (const auto& request : requests) {
    EXPECT_EQ(Ask(*harness.channel, request).error_response().error_code(),
              grpc::StatusCode::NOT_FOUND);
  }
  EXPECT_EQ(Ask(*harness.channel, {}).error_response().error_code(),
            grpc::StatusCode::INVALID_ARGUMENT);
}

TEST(Reflection, SpeaksTheOlderVersion) {
  ServiceHarness harness;
  auto stub =
      grpc::reflection::v1alpha::ServerReflection::NewStub(harness.channel);
  const auto context = ServiceHarness::Context("");
  auto stream = stub->ServerReflectionInfo(context.get());
  grpc::reflection::v1alpha::ServerReflectionRequest request;
  request.set_list_services("*");
  grpc::reflection::v1alpha::ServerReflectionResponse response;
  // Several questions in one call.
  for (int i = 0; i < 2; ++i) {
    ASSERT_TRUE(stream->Write(request));
    ASSERT_TRUE(stream->Read(&response));
    EXPECT_THAT(response.list_services_response().service(), SizeIs(7));
  }
}

grpc::Status CheckHealth(ServiceHarness& harness, const std::string& service,
                         grpc::health::v1::HealthCheckResponse* response) {
  const auto stub = grpc::health::v1::Health::NewStub(harness.channel);
  grpc::health::v1::HealthCheckRequest request;
  request.set_service(service);
  return stub->Check(ServiceHarness::Context("").get(), request, response);
}

TEST(GrpcServer, ReportsHealthPerService) {
  ServiceHarness harness;
  grpc::health::v1::HealthCheckResponse response;
  for (const char* service :
       {"", "enrich.v1.EnrichmentService", "enrich.v1.ProviderService",
        "enrich.v1.WebhookService"}) {
    ASSERT_TRUE(CheckHealth(harness, service, &response).ok()) << service;
    EXPECT_EQ(response.status(), response.SERVING) << service;
  }
  EXPECT_EQ(CheckHealth(harness, "readiness", &response).error_code(),
            grpc::StatusCode::NOT_FOUND);
  harness.server->SetServing("readiness", false);
  ASSERT_TRUE(CheckHealth(harness, "readiness", &response).ok());
  EXPECT_EQ(response.status(), response.NOT_SERVING);
  harness.server->Drain();
  ASSERT_TRUE(CheckHealth(harness, "", &response).ok());
  EXPECT_EQ(response.status(), response.NOT_SERVING);
}

TEST(GrpcServer, ASecondServerDoesNotShareThePort) {
  ServiceHarness harness;
  FakeEngine engine;
  const Authenticator authenticator({});
  CallLimit calls(1000);
  const auto executor = NewThreadExecutor("rpc");
  const auto pool = NewThreadPool("reads", 1);
  ProviderService providers(authenticator, calls, engine, *executor);
  JobService jobs({.authenticator = authenticator,
                   .calls = calls,
                   .engine = engine,
                   .store = harness.store,
                   .executor = *executor,
                   .pool = *pool});
  const auto second = GrpcServer::Start(
      {.address = absl::StrCat("127.0.0.1:", harness.server->port())},
      harness.service, providers,
      {{&jobs, v1::JobService::service_full_name()}});
  EXPECT_THAT(second, StatusIs(absl::StatusCode::kUnavailable));
}

TEST(GrpcServer, ReflectionCanBeTurnedOff) {
  FakeEngine engine;
  FakeLogStore store;
  ResultFeed feed;
  SeededRandom random;
  const Authenticator authenticator({});
  CallLimit calls(1000);
  const auto executor = NewThreadExecutor("rpc");
  const auto pool = NewThreadPool("reads", 1);
  EnrichmentService enrichment({}, {.authenticator = authenticator,
                                    .calls = calls,
                                    .engine = engine,
                                    .store = store,
                                    .feed = feed,
                                    .random = random,
                                    .executor = *executor,
                                    .pool = *pool});
  ProviderService providers(authenticator, calls, engine, *executor);
  JobService jobs({.authenticator = authenticator,
                   .calls = calls,
                   .engine = engine,
                   .store = store,
                   .executor = *executor,
                   .pool = *pool});
  ASSERT_OK_AND_ASSIGN(
      const auto server,
      GrpcServer::Start({.reflection = false}, enrichment, providers,
                        {{&jobs, v1::JobService::service_full_name()}}));
  auto stub =
      v1_reflection::ServerReflection::NewStub(server->InProcessChannel());
  grpc::ClientContext context;
  auto stream = stub->ServerReflectionInfo(&context);
  v1_reflection::ServerReflectionResponse response;
  EXPECT_FALSE(stream->Read(&response));
  EXPECT_EQ(stream->Finish().error_code(), grpc::StatusCode::UNIMPLEMENTED);
}

TEST(GrpcServer, ShutdownEndsStreamsThatDoNotGo) {
  ServiceHarness harness;
  Watch watch(harness, FromOldest());
  watch.ReadHistory();
  harness.server->Shutdown(absl::Now());
  EXPECT_FALSE(watch.Finish().ok());
}

}  // namespace
}  // namespace enrich
