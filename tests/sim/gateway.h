#ifndef ENRICH_TESTS_SIM_GATEWAY_H_
#define ENRICH_TESTS_SIM_GATEWAY_H_

#include <functional>
#include <memory>
#include <string>
#include <vector>

#include "engine/engine.h"
#include "engine/result_feed.h"
#include "sim/events.h"
#include "sim/executors.h"
#include "sim/network.h"
#include "sim/sim_store.h"
#include "webhook/webhook_handler.h"

namespace enrich::sim {

// What all processes of an installation have in common: the configuration, and
// the world around them. All of it must outlive them.
struct GatewaySetup {
  World& world;
  const Weather& weather;
  const Clock& clock;
  Journal& journal;
  ProviderNetwork& network;
  PushNetwork& pushes;
  PushNetwork::Observer on_push_answer = {};
  // Of the database file.
  std::string path = {};

  // Where pushes arrive; empty for a gateway without pushes.
  std::string public_url = {};
  absl::Duration slowness = {};
  absl::Duration linger = {};
  absl::Duration give_up_sending_after = {};
  absl::Duration park_unknown_after = {};
  absl::Duration balance_interval = {};
  int max_contacts_per_request = 1;
  // Account names, for every field alike.
  std::vector<std::string> waterfall = {};
};

// One process of the gateway: engine, store, feed and webhook handler, put
// together as server.cc does. Destroying it is kill -9: what it had begun is
// never completed, what it had sent still arrives.
class Gateway {
 public:
  // `left_out` is an account that is not configured this time, if any.
  // `on_fatal`: the process is about to exit. It must not be destroyed before
  // the event under way is over.
  Gateway(const GatewaySetup& setup, std::string left_out,
          std::function<void()> on_fatal);
  ~Gateway();
  Gateway(const Gateway&) = delete;
  Gateway& operator=(const Gateway&) = delete;

  // Opens the file and takes up what is open.
  absl::Status Start();

  Engine& engine() { return *engine_; }
  SimStore& store() { return *store_; }
  ResultFeed& feed() { return feed_; }
  const ProcessPtr& process() const { return process_; }
  // Tasks of the engine that wait.
  size_t backlog() const { return executor_.size(); }

 private:
  EngineOptions Options() const;

  const GatewaySetup& setup_;
  const std::string left_out_;
  const ProcessPtr process_ = std::make_shared<Process>();
  const std::function<void()> on_fatal_;
  const SimEventEncoder encoder_;
  ResultFeed feed_;
  std::unique_ptr<HttpClient> http_;
  SimExecutor executor_;
  std::unique_ptr<SimThreadPool> pool_;
  std::unique_ptr<SimStore> store_;
  std::unique_ptr<Engine> engine_;
  std::unique_ptr<WebhookHandler> webhooks_;
};

}  // namespace enrich::sim

#endif  // ENRICH_TESTS_SIM_GATEWAY_H_
