#ifndef ENRICH_TESTS_UNIT_RPC_SERVICE_HARNESS_H_
#define ENRICH_TESTS_UNIT_RPC_SERVICE_HARNESS_H_

#include <gtest/gtest.h>

#include <memory>
#include <string>
#include <thread>
#include <utility>
#include <vector>

#include "absl/time/clock.h"
#include "base/crypto.h"
#include "base/executor.h"
#include "engine/result_feed.h"
#include "enrich/v1/enrichment_service.grpc.pb.h"
#include "enrich/v1/job_service.grpc.pb.h"
#include "enrich/v1/provider_service.grpc.pb.h"
#include "enrich/v1/webhook_service.grpc.pb.h"
#include "fakes/fake_engine.h"
#include "fakes/fake_log_store.h"
#include "grpcpp/client_context.h"
#include "grpcpp/create_channel.h"
#include "rpc/enrichment_service.h"
#include "rpc/grpc_server.h"
#include "rpc/job_service.h"
#include "rpc/provider_service.h"
#include "rpc/webhook_service.h"
#include "support/seeded_random.h"

namespace enrich {

// Options whose times suit a test.
inline EnrichmentServiceOptions QuickOptions() {
  return {.max_contacts_per_batch = 5,
          .watch = {.heartbeat = absl::Minutes(1),
                    .write_stall = absl::Minutes(1),
                    .max_age = absl::Hours(1),
                    .sweep = absl::Milliseconds(5)}};
}

// The services over a fake engine and a log in memory, on a port of their own.
// Tenant "acme" has the token "acme-token", and "acme-operator" for what only
// an operator may do; "globex" has "globex-token".
class ServiceHarness {
 public:
  explicit ServiceHarness(EnrichmentServiceOptions options = QuickOptions(),
                          const GrpcServerOptions& server_options = {},
                          int64_t max_unary_calls = 1000)
      : store([this](const auto& segments) { feed.Publish(segments); }),
        authenticator_(
            {{.tenant = "acme", .token_sha256 = Sha256("acme-token")},
             {.tenant = "acme",
              .token_sha256 = Sha256("acme-operator"),
              .is_operator = true},
             {.tenant = "globex", .token_sha256 = Sha256("globex-token")}}),
        calls_(max_unary_calls),
        executor_(NewThreadExecutor("rpc")),
        pool_(NewThreadPool("reads", 2)),
        service(options, {.authenticator = authenticator_,
                          .calls = calls_,
                          .engine = engine,
                          .store = store,
                          .feed = feed,
                          .random = random_,
                          .executor = *executor_,
                          .pool = *pool_}),
        providers_(authenticator_, calls_, engine, *executor_),
        jobs_({.authenticator = authenticator_,
               .calls = calls_,
               .engine = engine,
               .store = store,
               .executor = *executor_,
               .pool = *pool_}),
        webhooks_({.authenticator = authenticator_,
                   .calls = calls_,
                   .engine = engine,
                   .store = store,
                   .executor = *executor_,
                   .pool = *pool_}) {
    auto started = GrpcServer::Start(
        server_options, service, providers_,
        {{&jobs_, v1::JobService::service_full_name()},
         {&webhooks_, v1::WebhookService::service_full_name()}});
    EXPECT_TRUE(started.ok()) << started.status();
    server = *std::move(started);
    // A window that stays small: a reader that reads nothing takes nothing.
    grpc::ChannelArguments arguments;
    arguments.SetInt(GRPC_ARG_HTTP2_BDP_PROBE, 0);
    arguments.SetInt(GRPC_ARG_HTTP2_STREAM_LOOKAHEAD_BYTES, 64 * 1024);
    channel = grpc::CreateCustomChannel(
        "127.0.0.1:" + std::to_string(server->port()),
        grpc::InsecureChannelCredentials(), arguments);
    stub = v1::EnrichmentService::NewStub(channel);
    provider_stub = v1::ProviderService::NewStub(channel);
    job_stub = v1::JobService::NewStub(channel);
    webhook_stub = v1::WebhookService::NewStub(channel);
  }
  ~ServiceHarness() {
    server->Shutdown(absl::Now());
    executor_->Shutdown();
  }

  // A context of a call by "acme" that ends by itself if the test is wrong.
  static std::unique_ptr<grpc::ClientContext> Context(
      const std::string& token = "acme-token") {
    auto context = std::make_unique<grpc::ClientContext>();
    context->set_deadline(absl::ToChronoTime(absl::Now() + absl::Seconds(20)));
    context->set_wait_for_ready(true);
    if (!token.empty()) {
      context->AddMetadata("authorization", "Bearer " + token);
    }
    return context;
  }

  FakeEngine engine;
  ResultFeed feed;
  FakeLogStore store;

 private:
  SeededRandom random_;
  const Authenticator authenticator_;
  CallLimit calls_;
  const std::unique_ptr<Executor> executor_;
  const std::unique_ptr<ThreadPool> pool_;

 public:
  EnrichmentService service;

 private:
  ProviderService providers_;
  JobService jobs_;
  WebhookService webhooks_;

 public:
  std::unique_ptr<GrpcServer> server;
  std::shared_ptr<grpc::Channel> channel;
  std::unique_ptr<v1::EnrichmentService::Stub> stub;
  std::unique_ptr<v1::ProviderService::Stub> provider_stub;
  std::unique_ptr<v1::JobService::Stub> job_stub;
  std::unique_ptr<v1::WebhookService::Stub> webhook_stub;
};

// A stream as a client reads it.
class Watch {
 public:
  Watch(ServiceHarness& harness, const v1::WatchResultsRequest& request,
        const std::string& token = "acme-token")
      : context_(ServiceHarness::Context(token)),
        reader_(harness.stub->WatchResults(context_.get(), request)) {}

  // The next message; an empty one, with `done()`, at the end.
  v1::WatchResultsResponse Next() {
    v1::WatchResultsResponse message;
    if (!reader_->Read(&message)) done_ = true;
    for (const v1::ResultEvent& event : message.events()) {
      events.push_back(event);
    }
    if (!message.resume_token().empty()) token = message.resume_token();
    return message;
  }
  // Reads until the history has ended or the stream has.
  void ReadHistory() {
    while (!done_ && !Next().has_live()) {
    }
  }
  // Reads until there are so many events or the stream has ended.
  void ReadEvents(size_t count) {
    while (!done_ && events.size() < count) Next();
  }
  // Reads to the end of the stream.
  grpc::Status Finish() {
    while (!done_) Next();
    return reader_->Finish();
  }
  void Cancel() { context_->TryCancel(); }

  bool done() const { return done_; }
  std::vector<int64_t> revisions() const {
    std::vector<int64_t> result;
    for (const v1::ResultEvent& event : events) {
      result.push_back(event.revision());
    }
    return result;
  }

  std::vector<v1::ResultEvent> events;
  // Of the last message.
  std::string token;

 private:
  std::unique_ptr<grpc::ClientContext> context_;
  std::unique_ptr<grpc::ClientReader<v1::WatchResultsResponse>> reader_;
  bool done_ = false;
};

inline v1::WatchResultsRequest FromOldest(const std::string& batch_id = "") {
  v1::WatchResultsRequest request;
  request.set_batch_id(batch_id);
  request.mutable_from_oldest();
  return request;
}
inline v1::WatchResultsRequest FromNow(const std::string& batch_id = "") {
  v1::WatchResultsRequest request;
  request.set_batch_id(batch_id);
  request.mutable_from_now();
  return request;
}
inline v1::WatchResultsRequest From(const std::string& token,
                                    const std::string& batch_id = "") {
  v1::WatchResultsRequest request;
  request.set_batch_id(batch_id);
  request.set_resume_token(token);
  return request;
}

// Asks until the answer is yes or too much time has passed.
template <typename Condition>
bool Eventually(Condition condition) {
  const absl::Time deadline = absl::Now() + absl::Seconds(10);
  while (!condition()) {
    if (absl::Now() > deadline) return false;
    std::this_thread::yield();
  }
  return true;
}

}  // namespace enrich

#endif  // ENRICH_TESTS_UNIT_RPC_SERVICE_HARNESS_H_
