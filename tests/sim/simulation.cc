#include "sim/simulation.h"

#include <unistd.h>

#include <algorithm>
#include <filesystem>
#include <memory>
#include <set>
#include <utility>

#include "sim/audit.h"
#include "sim/caller.h"
#include "sim/checks.h"
#include "sim/gateway.h"
#include "sim/network.h"
#include "sim/orders.h"
#include "sim/providers.h"
#include "sim/watcher.h"

namespace enrich::sim {
namespace {

// How long all may take to come to rest: what is in doubt is parked after a day
// at most, a job given up after two.
constexpr absl::Duration kPatience = absl::Hours(100);
// Pushes may be late by this much even then.
constexpr absl::Duration kAftermath = absl::Hours(4);
constexpr absl::Duration kLookInterval = absl::Minutes(10);

// What must never be exceeded (I8).
constexpr size_t kMostBacklog = 2000;
constexpr int kMostExchangesPerAccount = 8;

// Which account may be taken out of the configuration: one that no order names.
constexpr char kLeavingAccount[] = "quiet";

const char* const kTenants[] = {"acme", "globex"};

class Simulation {
 public:
  Simulation(uint64_t seed, const std::string& folder, bool tracing)
      : world_(seed, tracing),
        weather_(Weather::Draw(world_)),
        journal_(world_),
        checks_(world_, journal_),
        network_(world_, weather_,
                 {.on_departure =
                      [this](const HttpRequest& request) {
                        checks_.OnDeparture(request);
                        if (world_.Chance(weather_.crash_after_send)) {
                          KillSoon(world_.Span(absl::Microseconds(1),
                                               absl::Seconds(2)),
                                   "kill -9 after a request");
                        }
                      },
                  .on_arrival =
                      [this](const HttpRequest& request) {
                        checks_.OnArrival(request);
                      }}),
        pushes_(world_, weather_,
                {.on_answer =
                     [this](const HttpRequest& request,
                            const HttpResponse& response) {
                       checks_.OnPushAnswered(request, response);
                     }}),
        providers_(world_, weather_, pushes_),
        setup_(DrawSetup(folder)),
        caller_(world_, weather_, [this] { return gateway_.get(); }) {
    network_.Connect(providers_);
    checks_.Connect(providers_);
    for (const char* tenant : kTenants) {
      watchers_.push_back(std::make_unique<Watcher>(
          world_, weather_, journal_, [this] { return gateway_.get(); }, tenant,
          seen_));
    }
  }

  Report Run() {
    const absl::Duration storm = world_.Span(absl::Minutes(1), absl::Hours(3));
    PlaceOrders(storm);
    PlanTroubles(storm);
    StartGateway();
    const absl::Time end = world_.now() + storm;
    while (world_.next_event() <= end) Step();
    Heal();
    LiveOn();
    Check();
    gateway_.reset();
    return {.seed = world_.seed(),
            .violations = world_.violations(),
            .counts = world_.counts(),
            .hash = world_.hash(),
            .steps = world_.steps()};
  }

 private:
  GatewaySetup DrawSetup(const std::string& folder) {
    return {
        .world = world_,
        .weather = weather_,
        .journal = journal_,
        .network = network_,
        .pushes = pushes_,
        .path = folder + "/gateway.db",
        .public_url = world_.Chance(0.1) ? "" : "https://hooks.sim",
        .slowness = world_.Span(absl::Microseconds(5), absl::Milliseconds(100)),
        .linger = world_.Span(absl::Milliseconds(1), absl::Seconds(5)),
        .give_up_sending_after =
            world_.Span(absl::Seconds(30), absl::Minutes(30)),
        .park_unknown_after = world_.Span(absl::Minutes(5), absl::Hours(24)),
        .balance_interval =
            world_.Chance(0.2) ? absl::Hours(1) : absl::ZeroDuration(),
        .max_contacts_per_request = static_cast<int>(world_.Int(1, 20)),
        .waterfall = DrawWaterfall(world_)};
  }

  void PlaceOrders(absl::Duration storm) {
    for (const char* tenant : kTenants) {
      const int64_t orders = world_.Int(1, 3);
      for (int64_t i = 0; i < orders; ++i) {
        const absl::Time start =
            world_.now() + world_.Span(absl::Milliseconds(1), storm / 2);
        Order order = DrawOrder(world_, tenant, i, weather_.alike);
        checks_.ExpectAlike(MostAlike(order));
        caller_.Place(std::move(order), start);
      }
    }
  }

  void PlanTroubles(absl::Duration storm) {
    const auto plan = [&](int times, absl::AnyInvocable<void()> trouble) {
      const auto shared = std::make_shared<Task>(std::move(trouble));
      for (int i = 0; i < times; ++i) {
        world_.After(world_.Span(absl::Milliseconds(5), storm),
                     [shared] { (*shared)(); });
      }
    };
    plan(weather_.crashes, [this] { Kill("kill -9"); });
    plan(weather_.stops, [this] { Stop(); });
    plan(weather_.outages, [this] { StartOutage(); });
  }

  // ---- Processes

  void StartGateway() {
    world_.Trace("gateway starts");
    world_.Count("gateway starts");
    std::string left_out;
    if (world_.Chance(weather_.account_leaves)) {
      world_.Count("gateway starts without an account");
      left_out = kLeavingAccount;
    }
    gateway_ = std::make_unique<Gateway>(setup_, std::move(left_out),
                                         [this] { OnFatal(); });
    if (const absl::Status started = gateway_->Start(); !started.ok()) {
      // The store could not be read.
      world_.Trace("start failed: ", started.ToString());
      if (!absl::IsUnavailable(started)) {
        world_.Violate("I3", started.ToString());
      }
      return Kill("start failed");
    }
    CheckStore();
    for (const auto& watcher : watchers_) watcher->Start();
  }

  void Kill(absl::string_view why) {
    if (gateway_ == nullptr) return;
    world_.Trace("gateway ends: ", why);
    world_.Count(absl::StrCat("gateway ends: ", why));
    gateway_.reset();
    world_.After(world_.Span(absl::Milliseconds(100), weather_.longest_down),
                 [this] { StartGateway(); });
  }

  // Kills the process that runs now, unless it is gone by then.
  void KillSoon(absl::Duration delay, std::string why) {
    if (gateway_ == nullptr) return;
    world_.After(delay, [this, why = std::move(why),
                         weak = std::weak_ptr<Process>(gateway_->process())] {
      const ProcessPtr process = weak.lock();
      if (process != nullptr && process->alive) Kill(why);
    });
  }

  void OnFatal() { KillSoon(absl::Milliseconds(1), "the store failed"); }

  // What SIGTERM does: what is under way may end, within a time.
  void Stop() {
    if (gateway_ == nullptr) return;
    world_.Trace("gateway is asked to stop");
    gateway_->engine().Stop(
        [this] { KillSoon(absl::ZeroDuration(), "stopped"); });
    KillSoon(absl::Seconds(30), "stopped too slowly");
  }

  void StartOutage() {
    const auto accounts = static_cast<int64_t>(Providers::Accounts().size());
    const std::string provider =
        Providers::Accounts()[static_cast<size_t>(world_.Int(0, accounts - 1))]
            .provider;
    world_.Count("provider outage");
    providers_.SetDown(provider, true);
    world_.After(world_.Span(absl::Seconds(1), weather_.longest_outage),
                 [this, provider] { providers_.SetDown(provider, false); });
  }

  // ---- The course of things

  void Step() {
    world_.Step();
    if (gateway_ == nullptr) return;
    const int exchanges = network_.open();
    const auto most = kMostExchangesPerAccount *
                      static_cast<int>(Providers::Accounts().size());
    if (exchanges > most || gateway_->backlog() > kMostBacklog) {
      world_.Violate("I8", absl::StrCat(exchanges, " exchanges and ",
                                        gateway_->backlog(), " tasks"));
    }
  }

  void Heal() {
    world_.Trace("the weather clears");
    weather_ = {.longest_down = weather_.longest_down};
    providers_.Heal();
    caller_.CalmDown();
    for (const auto& watcher : watchers_) watcher->CalmDown();
  }

  void LiveOn() {
    const absl::Time limit = world_.now() + kPatience;
    while (world_.now() < limit && !AtRest()) LiveFor(kLookInterval);
    LiveFor(kAftermath);
    // Somebody must be there to be asked.
    while (gateway_ == nullptr) Step();
  }

  void LiveFor(absl::Duration duration) {
    const absl::Time end = world_.now() + duration;
    world_.At(end, [] {});
    while (world_.next_event() <= end) Step();
  }

  bool AtRest() {
    if (gateway_ == nullptr || !caller_.AllAcknowledged() ||
        journal_.HasMovingChunks()) {
      return false;
    }
    for (const auto& order : caller_.orders()) {
      const auto batch =
          gateway_->store().inner().ReadBatch(order->tenant, order->batch_id);
      if (!batch.ok() || !batch->finish_time.has_value()) return false;
    }
    return true;
  }

  // ---- Checks

  // After a start, what is open is what was committed.
  void CheckStore() {
    std::set<int64_t> open;
    const absl::Status read =
        gateway_->store().inner().ReadOpenChunks([&](const Chunk& chunk) {
          open.insert(chunk.key);
          const auto known = journal_.chunks().find(chunk.key);
          if (known == journal_.chunks().end() ||
              known->second != chunk.state) {
            world_.Violate("I3", absl::StrCat("chunk ", chunk.key, " is ",
                                              ChunkStateName(chunk.state)));
          }
        });
    for (const auto& [key, state] : journal_.chunks()) {
      if (!read.ok() || (!IsTerminal(state) && !open.contains(key))) {
        world_.Violate("I3", absl::StrCat("chunk ", key, " is gone"));
      }
    }
  }

  void Check() {
    Audit audit(world_, journal_, providers_, gateway_->store().inner());
    for (const auto& order : caller_.orders()) audit.CheckOrder(*order, seen_);
    audit.CheckBatches();
    audit.CheckMoney();
    audit.CheckDoubt();
    audit.CheckRest();
    for (const auto& watcher : watchers_) audit.CheckWatcher(*watcher);
  }

  World world_;
  Weather weather_;
  Journal journal_;
  Checks checks_;
  ProviderNetwork network_;
  PushNetwork pushes_;
  Providers providers_;
  const GatewaySetup setup_;
  std::unique_ptr<Gateway> gateway_;
  Caller caller_;
  SeenLog seen_;
  std::vector<std::unique_ptr<Watcher>> watchers_;
};

}  // namespace

std::filesystem::path MemoryFolder() {
  const std::filesystem::path memory = "/dev/shm";
  return access(memory.c_str(), W_OK | X_OK) == 0
             ? memory
             : std::filesystem::temp_directory_path();
}

Report Simulate(uint64_t seed, const std::string& folder, bool tracing) {
  for (const char* suffix : {"", "-wal", "-shm", ".lock"}) {
    std::filesystem::remove(folder + "/gateway.db" + suffix);
  }
  return Simulation(seed, folder, tracing).Run();
}

}  // namespace enrich::sim
