#include "absl/time/time.h"
#include "engine/engine.h"
#include "server/config.h"

namespace enrich {
namespace {

namespace pb = ::enrich::config::v1;

void SetDuration(absl::Duration value, google::protobuf::Duration* out) {
  out->set_seconds(absl::IDivDuration(value, absl::Seconds(1), &value));
  out->set_nanos(static_cast<int32_t>(
      absl::IDivDuration(value, absl::Nanoseconds(1), &value)));
}

}  // namespace

absl::Duration ToDuration(const google::protobuf::Duration& duration) {
  return absl::Seconds(duration.seconds()) +
         absl::Nanoseconds(duration.nanos());
}

pb::Config DefaultConfig() {
  pb::Config config;
  pb::Server& server = *config.mutable_server();
  server.set_grpc_listen("127.0.0.1:8080");
  server.set_webhook_listen("127.0.0.1:8081");
  server.set_admin_listen("127.0.0.1:8082");
  server.set_reflection(true);
  SetDuration(absl::Seconds(20), server.mutable_drain_timeout());
  pb::Store& store = *config.mutable_store();
  store.set_path("enrich-gateway.db");
  SetDuration(absl::Hours(24 * 30), store.mutable_retention());
  SetDuration(absl::Hours(24 * 7), store.mutable_webhook_retention());
  const EngineOptions options;
  pb::Engine& engine = *config.mutable_engine();
  SetDuration(options.linger, engine.mutable_linger());
  SetDuration(options.request_timeout, engine.mutable_request_timeout());
  SetDuration(options.give_up_sending_after,
              engine.mutable_give_up_sending_after());
  SetDuration(options.park_unknown_after, engine.mutable_park_unknown_after());
  engine.set_breaker_failures(options.breaker_failures);
  SetDuration(options.breaker_pause, engine.mutable_breaker_pause());
  SetDuration(options.balance_interval, engine.mutable_balance_interval());
  pb::Cache& cache = *config.mutable_cache();
  SetDuration(options.answer_lifetimes.found, cache.mutable_found_for());
  SetDuration(options.answer_lifetimes.not_found,
              cache.mutable_not_found_for());
  pb::Limits& limits = *config.mutable_limits();
  limits.set_max_contacts_per_batch(10'000);
  limits.set_max_open_contacts(options.max_open_contacts);
  limits.set_max_message_bytes(4 << 20);
  limits.set_max_streams_per_tenant(1'000);
  limits.set_max_unary_calls(1'000);
  limits.set_max_webhook_bytes(8 << 20);
  limits.set_max_webhook_connections(1'024);
  config.set_log_level("info");
  return config;
}

}  // namespace enrich
