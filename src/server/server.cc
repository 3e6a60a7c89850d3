#include "server/server.h"

#include <algorithm>
#include <atomic>
#include <future>
#include <string>
#include <utility>
#include <vector>

#include "adapters/all.h"
#include "base/crypto.h"
#include "base/executor.h"
#include "base/log.h"
#include "base/status_macros.h"
#include "engine/engine.h"
#include "engine/result_feed.h"
#include "http/http_client.h"
#include "http/http_server.h"
#include "rpc/auth.h"
#include "rpc/call_limit.h"
#include "rpc/enrichment_service.h"
#include "rpc/grpc_server.h"
#include "rpc/job_service.h"
#include "rpc/proto_event_encoder.h"
#include "rpc/provider_service.h"
#include "rpc/webhook_service.h"
#include "server/metrics.h"
#include "server/retention.h"
#include "store/sqlite/sqlite_store.h"
#include "webhook/webhook_handler.h"

namespace enrich {
namespace {

// Threads for reads of the store on behalf of calls and webhooks.
constexpr int kPoolThreads = 4;

// No answer outlives the batch it was bought for.
AnswerLifetimes LifetimesFrom(const config::v1::Config& config) {
  const absl::Duration longest = ToDuration(config.store().retention());
  return {.found = std::min(ToDuration(config.cache().found_for()), longest),
          .not_found =
              std::min(ToDuration(config.cache().not_found_for()), longest)};
}

EngineOptions EngineOptionsFrom(const LoadedConfig& config) {
  const config::v1::Engine& engine = config.proto.engine();
  const config::v1::Waterfalls& waterfalls = config.proto.waterfalls();
  EngineOptions options = {
      .public_url = config.proto.server().public_url(),
      .linger = ToDuration(engine.linger()),
      .request_timeout = ToDuration(engine.request_timeout()),
      .give_up_sending_after = ToDuration(engine.give_up_sending_after()),
      .park_unknown_after = ToDuration(engine.park_unknown_after()),
      .breaker_failures = engine.breaker_failures(),
      .breaker_pause = ToDuration(engine.breaker_pause()),
      .max_open_contacts = config.proto.limits().max_open_contacts(),
      .max_open_contacts_per_tenant =
          config.proto.limits().max_open_contacts_per_tenant(),
      .balance_interval = ToDuration(engine.balance_interval()),
      .answer_lifetimes = LifetimesFrom(config.proto)};
  const auto add = [&](ContactField field, const auto& accounts) {
    options.waterfalls.push_back(
        {.field = field, .accounts = {accounts.begin(), accounts.end()}});
  };
  add(ContactField::kWorkEmail, waterfalls.work_email());
  add(ContactField::kPhone, waterfalls.phone());
  add(ContactField::kPersonalEmail, waterfalls.personal_email());
  add(ContactField::kEmailVerification, waterfalls.email_verification());
  return options;
}

Authenticator AuthenticatorFrom(const LoadedConfig& config) {
  std::vector<TenantToken> tokens;
  for (const LoadedConfig::Token& token : config.tokens) {
    tokens.push_back({.tenant = token.tenant,
                      .token_sha256 = Sha256(token.token.Reveal()),
                      .is_operator = token.is_operator});
  }
  return Authenticator(std::move(tokens));
}

std::vector<RegisteredCallback> RegisteredCallbacks(
    const LoadedConfig& config) {
  std::vector<RegisteredCallback> callbacks;
  for (const AccountConfig& account : config.accounts) {
    const absl::string_view token = account.callback_token.Reveal();
    if (token.empty()) continue;
    callbacks.push_back({.token_hash = Sha256(token), .account = account.name});
  }
  return callbacks;
}

class GatewayServerImpl final : public GatewayServer {
 public:
  GatewayServerImpl(const LoadedConfig& config, const Clock& clock,
                    Random& random)
      : config_(config),
        clock_(clock),
        random_(random),
        authenticator_(AuthenticatorFrom(config)),
        calls_(config.proto.limits().max_unary_calls()) {}

  ~GatewayServerImpl() override { Shutdown(clock_.Now()); }

  absl::Status Start(std::function<void(const absl::Status&)> on_fatal) {
    RETURN_IF_ERROR(OpenStore(on_fatal));
    RETURN_IF_ERROR(StartEngine(std::move(on_fatal)));
    RETURN_IF_ERROR(Listen());
    SetReady(true);
    StartRetention(
        {.batches = ToDuration(config_.proto.store().retention()),
         .bodies = ToDuration(config_.proto.store().webhook_retention()),
         .answers = LifetimesFrom(config_.proto)},
        clock_, *store_, *service_executor_);
    return absl::OkStatus();
  }

  Ports ports() const override {
    return {.grpc = grpc_->port(),
            .webhook = webhook_server_->port(),
            .admin = admin_server_->port()};
  }

  // From the outside in; what is behind must outlive what is in front.
  void Shutdown(absl::Time deadline) override {
    if (std::exchange(shut_down_, true)) return;
    if (grpc_ != nullptr) {
      SetReady(false);
      grpc_->Drain();
      grpc_->Shutdown(deadline);
    }
    if (engine_ != nullptr) DrainEngine(deadline);
    webhook_server_.reset();
    admin_server_.reset();
    // What it has begun to commit would otherwise be sent by a client that is
    // gone.
    if (engine_executor_ != nullptr) engine_executor_->Shutdown();
    http_.reset();
    if (service_executor_ != nullptr) service_executor_->Shutdown();
    pool_.reset();
    store_.reset();
    // Holds the pushes under way, which the handler waits for.
    engine_.reset();
  }

 private:
  // What is cut off here is in doubt at the next start.
  void DrainEngine(absl::Time deadline) {
    auto idle = std::make_shared<std::promise<void>>();
    engine_->Stop([idle] { idle->set_value(); });
    idle->get_future().wait_for(
        absl::ToChronoMilliseconds(deadline - clock_.Now()));
  }

  absl::Status OpenStore(std::function<void(const absl::Status&)> on_fatal) {
    StoreHooks hooks = {.encode_batch_finished =
                            [this](const Batch& batch) {
                              return encoder_.EncodeBatchFinished(batch);
                            },
                        .on_commit =
                            [this](const std::vector<LogSegmentPtr>& segments) {
                              feed_.Publish(segments);
                            },
                        .on_fatal = std::move(on_fatal)};
    ASSIGN_OR_RETURN(store_,
                     OpenSqliteStore({.path = config_.proto.store().path()},
                                     std::move(hooks), random_));
    if (const absl::Status sound = store_->VerifyAudit(); !sound.ok()) {
      log::Error("the audit log does not add up", {{"status", sound}});
    }
    return absl::OkStatus();
  }

  absl::Status StartEngine(std::function<void(const absl::Status&)> on_fatal) {
    const config::v1::Egress& egress = config_.proto.egress();
    ASSIGN_OR_RETURN(
        http_, NewCurlHttpClient(
                   {.allow_plain_http = egress.allow_plain_http(),
                    .allow_private_addresses = egress.allow_private_addresses(),
                    .ca_file = egress.ca_file()}));
    engine_executor_ = NewThreadExecutor("engine");
    service_executor_ = NewThreadExecutor("service");
    pool_ = NewThreadPool("reader", kPoolThreads);
    EngineOptions options = EngineOptionsFrom(config_);
    const AdapterRegistry adapters = AllAdapters();
    for (const AccountConfig& account : config_.accounts) {
      ASSIGN_OR_RETURN(auto adapter, adapters.Create(account));
      options.accounts.push_back(
          {.name = account.name,
           .adapter = std::move(adapter),
           .doubt = account.doubt,
           .micros_per_credit = account.micros_per_credit});
    }
    engine_ = NewEngine(std::move(options), {.clock = clock_,
                                             .random = random_,
                                             .http = *http_,
                                             .store = *store_,
                                             .executor = *engine_executor_,
                                             .encoder = encoder_,
                                             .on_fatal = std::move(on_fatal)});
    return engine_->Start();
  }

  absl::Status Listen() {
    const config::v1::Server& server = config_.proto.server();
    const config::v1::Limits& limits = config_.proto.limits();
    webhooks_ = std::make_unique<WebhookHandler>(
        *engine_, *store_, *pool_, clock_, RegisteredCallbacks(config_));
    ASSIGN_OR_RETURN(
        webhook_server_,
        NewHttpServer(
            {.listen = server.webhook_listen(),
             .max_body_bytes = static_cast<size_t>(limits.max_webhook_bytes()),
             .max_connections = limits.max_webhook_connections()},
            webhooks_->handler()));
    ASSIGN_OR_RETURN(
        admin_server_,
        NewHttpServer({.listen = server.admin_listen()},
                      {.on_request = [this](const HttpRequest& request,
                                            HttpResponder done) {
                        if (request.url == "/metrics") {
                          return AnswerMetrics(std::move(done));
                        }
                        done(AnswerAdmin(request));
                      }}));
    enrichment_ = std::make_unique<EnrichmentService>(
        EnrichmentServiceOptions{
            .max_contacts_per_batch = limits.max_contacts_per_batch(),
            .watch = {.max_streams_per_tenant =
                          limits.max_streams_per_tenant()}},
        EnrichmentServiceDeps{.authenticator = authenticator_,
                              .calls = calls_,
                              .engine = *engine_,
                              .store = *store_,
                              .feed = feed_,
                              .random = random_,
                              .executor = *service_executor_,
                              .pool = *pool_});
    providers_ = std::make_unique<ProviderService>(
        authenticator_, calls_, *engine_, *service_executor_);
    jobs_ = std::make_unique<JobService>(
        JobServiceDeps{.authenticator = authenticator_,
                       .calls = calls_,
                       .engine = *engine_,
                       .store = *store_,
                       .executor = *service_executor_,
                       .pool = *pool_});
    webhook_api_ = std::make_unique<WebhookService>(
        WebhookServiceDeps{.authenticator = authenticator_,
                           .calls = calls_,
                           .engine = *engine_,
                           .store = *store_,
                           .executor = *service_executor_,
                           .pool = *pool_});
    ASSIGN_OR_RETURN(
        grpc_,
        GrpcServer::Start(
            {.address = server.grpc_listen(),
             .max_message_bytes = limits.max_message_bytes(),
             .tls = {.certificate_file = server.tls().certificate_file(),
                     .key_file = server.tls().key_file(),
                     .client_ca_file = server.tls().client_ca_file()},
             .reflection = server.reflection()},
            *enrichment_, *providers_,
            {{jobs_.get(), v1::JobService::service_full_name()},
             {webhook_api_.get(), v1::WebhookService::service_full_name()}}));
    return absl::OkStatus();
  }

  // Liveness never depends on providers; readiness ends with the first step of
  // a shutdown.
  HttpResponse AnswerAdmin(const HttpRequest& request) const {
    if (request.url == "/healthz") return {.status = 200, .body = "ok\n"};
    if (request.url == "/readyz") {
      return ready_ ? HttpResponse{.status = 200, .body = "ready\n"}
                    : HttpResponse{.status = 503, .body = "not ready\n"};
    }
    return {.status = 404};
  }

  void AnswerMetrics(HttpResponder done) {
    engine_->ReadTotals([this, done = std::move(done)](
                            const EngineTotals& totals) mutable {
      engine_->ReadAccounts([this, totals, done = std::move(done)](
                                std::vector<AccountStatus> accounts) mutable {
        pool_->Post([totals, accounts = std::move(accounts),
                     done = std::move(done)]() mutable {
          done({.status = 200,
                .headers = {{"content-type", kMetricsContentType}},
                .body = RenderMetrics(accounts, totals)});
        });
      });
    });
  }

  void SetReady(bool ready) {
    ready_ = ready;
    grpc_->SetServing("readiness", ready);
    grpc_->SetServing("liveness", true);
  }

  const LoadedConfig config_;
  const Clock& clock_;
  Random& random_;
  const Authenticator authenticator_;
  CallLimit calls_;
  const ProtoEventEncoder encoder_;
  ResultFeed feed_;
  std::atomic<bool> ready_ = false;
  bool shut_down_ = false;

  // In order of construction; Shutdown takes them down.
  std::unique_ptr<Store> store_;
  std::unique_ptr<HttpClient> http_;
  std::unique_ptr<Executor> engine_executor_;
  std::unique_ptr<Executor> service_executor_;
  std::unique_ptr<ThreadPool> pool_;
  std::unique_ptr<Engine> engine_;
  std::unique_ptr<WebhookHandler> webhooks_;
  std::unique_ptr<HttpServer> webhook_server_;
  std::unique_ptr<HttpServer> admin_server_;
  std::unique_ptr<EnrichmentService> enrichment_;
  std::unique_ptr<ProviderService> providers_;
  std::unique_ptr<WebhookService> webhook_api_;
  std::unique_ptr<JobService> jobs_;
  std::unique_ptr<GrpcServer> grpc_;
};

}  // namespace

absl::StatusOr<std::unique_ptr<GatewayServer>> GatewayServer::Start(
    const LoadedConfig& config, const Clock& clock, Random& random,
    std::function<void(const absl::Status&)> on_fatal) {
  auto server = std::make_unique<GatewayServerImpl>(config, clock, random);
  RETURN_IF_ERROR(server->Start(std::move(on_fatal)));
  return server;
}

}  // namespace enrich
