#include "sim/gateway.h"

#include <utility>

#include "adapters/all.h"
#include "base/status_macros.h"
#include "sim/quiet_provider.h"

namespace enrich::sim {
namespace {

std::vector<Account> MakeAccounts(int max_contacts_per_request,
                                  absl::string_view left_out) {
  std::vector<Account> accounts;
  for (const SimAccount& account : Providers::Accounts()) {
    if (account.name == left_out) continue;
    const bool is_file = account.provider == "quiet";
    auto adapter = AllAdapters().Create(
        {.name = account.name,
         .adapter = is_file ? "rest" : account.provider,
         .definition = is_file ? std::string(kQuietFile) : "",
         .definition_file = "quiet.yaml",
         .base_url = Providers::BaseUrl(account.provider),
         .api_key = Secret(account.api_key),
         .max_contacts_per_request = max_contacts_per_request,
         // Rarer than by default: some jobs never end, and are read for days.
         .poll_interval = absl::Minutes(20)});
    accounts.push_back({account.name, *std::move(adapter)});
  }
  return accounts;
}

}  // namespace

Gateway::Gateway(const GatewaySetup& setup, std::string left_out,
                 std::function<void()> on_fatal)
    : setup_(setup),
      left_out_(std::move(left_out)),
      on_fatal_(std::move(on_fatal)),
      http_(setup.network.NewClient(process_)),
      executor_(setup.world, setup.slowness),
      pool_(std::make_unique<SimThreadPool>(setup.world)) {}

// The handler waits for the pushes under way, which the others hold.
Gateway::~Gateway() {
  process_->alive = false;
  setup_.pushes.StopListening(process_);
  executor_.Shutdown();
  pool_.reset();
  store_.reset();
  engine_.reset();
  webhooks_.reset();
}

absl::Status Gateway::Start() {
  ASSIGN_OR_RETURN(
      store_,
      SimStore::Open(
          setup_.world, setup_.weather, setup_.journal, setup_.path, encoder_,
          {.on_commit =
               [this](const std::vector<LogSegmentPtr>& segments) {
                 feed_.Publish(segments);
               },
           .on_fatal = [this](const absl::Status&) { on_fatal_(); }}));
  engine_ = NewEngine(
      Options(),
      {.clock = setup_.clock,
       .random = setup_.world.product_random(),
       .http = *http_,
       .store = *store_,
       .executor = executor_,
       .encoder = encoder_,
       .on_fatal = [this](const absl::Status& status) {
         // What goes wrong here passes, but for what the store itself says.
         setup_.world.Violate(
             "I3", absl::StrCat("the engine gives up: ", status.ToString()));
         on_fatal_();
       }});
  RETURN_IF_ERROR(engine_->Start());
  webhooks_ =
      std::make_unique<WebhookHandler>(*engine_, *store_, *pool_, setup_.clock);
  setup_.pushes.Listen(setup_.public_url, process_, webhooks_->handler(),
                       setup_.on_push_answer);
  return absl::OkStatus();
}

EngineOptions Gateway::Options() const {
  EngineOptions options = {
      .accounts = MakeAccounts(setup_.max_contacts_per_request, left_out_),
      .public_url = setup_.public_url,
      .linger = setup_.linger,
      .give_up_sending_after = setup_.give_up_sending_after,
      .park_unknown_after = setup_.park_unknown_after,
      .balance_interval = setup_.balance_interval};
  std::vector<std::string> waterfall = setup_.waterfall;
  std::erase(waterfall, left_out_);
  for (const ContactField field : kAllContactFields) {
    options.waterfalls.push_back({.field = field, .accounts = waterfall});
  }
  return options;
}

}  // namespace enrich::sim
