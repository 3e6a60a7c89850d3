#include "sim/installation.h"

#include <filesystem>
#include <map>
#include <set>
#include <utility>

#include "sim/audit.h"
#include "sim/orders.h"

namespace enrich::sim {
namespace {

// What must never be exceeded (I8).
constexpr size_t kMostBacklog = 2000;
constexpr int kMostExchangesPerAccount = 8;

// Which account may be taken out of the configuration: one that no order names.
constexpr char kLeavingAccount[] = "quiet";

const char* const kTenants[] = {"acme", "globex"};
const char* const kStoreFiles[] = {"", "-wal", "-shm", ".lock"};

// When each file of the store was written to, and its size.
using Stamps = std::map<std::string, std::pair<int64_t, uintmax_t>>;
Stamps ReadStamps(const std::string& path) {
  Stamps stamps;
  for (const char* suffix : kStoreFiles) {
    std::error_code none;
    const std::filesystem::path file = path + suffix;
    const auto written = std::filesystem::last_write_time(file, none);
    const uintmax_t size = std::filesystem::file_size(file, none);
    stamps[suffix] = {written.time_since_epoch().count(), size};
  }
  return stamps;
}

}  // namespace

Installation::Installation(const Surroundings& around, int64_t number)
    : world_(around.world),
      weather_(around.weather),
      providers_(around.providers),
      number_(number),
      count_(around.count),
      name_(absl::StrCat("gateway ", number)),
      clock_(world_),
      journal_(world_),
      checks_(world_, journal_),
      network_(world_, weather_, providers_,
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
                    [this](const HttpRequest& request,
                           const Providers::Booked& booked) {
                      checks_.OnArrival(request, booked);
                    }}),
      setup_(DrawSetup(around)),
      caller_(world_, weather_, [this] { return gateway(); }) {
  for (const char* suffix : kStoreFiles) {
    std::filesystem::remove(setup_.path + suffix);
  }
  for (const char* tenant : kTenants) {
    watchers_.push_back(std::make_unique<Watcher>(
        world_, weather_, journal_, [this] { return gateway(); }, tenant,
        seen_));
  }
}

GatewaySetup Installation::DrawSetup(const Surroundings& around) {
  return {
      .world = world_,
      .weather = weather_,
      .clock = clock_,
      .journal = journal_,
      .network = network_,
      .pushes = around.pushes,
      .on_push_answer =
          [this](const HttpRequest& request, const HttpResponse& response) {
            checks_.OnPushAnswered(request, response);
          },
      .path = absl::StrCat(around.folder, "/gateway", number_, ".db"),
      .public_url = world_.Chance(0.1)
                        ? ""
                        : absl::StrCat("https://hooks", number_, ".sim"),
      .slowness = world_.Span(absl::Microseconds(5), absl::Milliseconds(100)),
      .linger = world_.Span(absl::Milliseconds(1), absl::Seconds(5)),
      .give_up_sending_after =
          world_.Span(absl::Seconds(30), absl::Minutes(30)),
      .park_unknown_after = world_.Span(absl::Minutes(5), absl::Hours(24)),
      .balance_interval = world_.Chance(count_ > 1 ? 0.5 : 0.2)
                              ? absl::Hours(1)
                              : absl::ZeroDuration(),
      .max_contacts_per_request = static_cast<int>(world_.Int(1, 20)),
      .waterfall = DrawWaterfall(world_)};
}

// ---- What happens -----------------------------------------------------------

void Installation::PlaceOrders(absl::Duration storm) {
  for (const char* tenant : kTenants) {
    const int64_t orders = world_.Int(1, count_ > 1 ? 1 : 3);
    for (int64_t i = 0; i < orders; ++i) {
      const absl::Time start =
          world_.now() + world_.Span(absl::Milliseconds(1), storm / 2);
      Order order = DrawOrder(world_, tenant, i, weather_.alike);
      checks_.ExpectAlike(MostAlike(order));
      caller_.Place(std::move(order), start);
    }
  }
}

void Installation::PlanTroubles(absl::Duration storm) {
  const auto plan = [&](int times, absl::AnyInvocable<void()> trouble) {
    const auto shared = std::make_shared<Task>(std::move(trouble));
    for (int i = 0; i < times; ++i) {
      world_.After(world_.Span(absl::Milliseconds(5), storm),
                   [shared] { (*shared)(); });
    }
  };
  plan(weather_.crashes, [this] { Kill("kill -9"); });
  plan(weather_.stops, [this] { Stop(); });
  plan(weather_.second_starts, [this] { StartSecond(); });
  plan(weather_.clock_sets, [this] { SetClock(); });
}

void Installation::StartGateway() {
  world_.Trace(name_, " starts");
  world_.Count("gateway starts");
  std::string left_out;
  if (world_.Chance(weather_.account_leaves)) {
    world_.Count("gateway starts without an account");
    left_out = kLeavingAccount;
  }
  gateway_ = std::make_unique<Gateway>(setup_, std::move(left_out), [this] {
    KillSoon(absl::Milliseconds(1), "the store failed");
  });
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

void Installation::Kill(absl::string_view why) {
  if (gateway_ == nullptr) return;
  world_.Trace(name_, " ends: ", why);
  world_.Count(absl::StrCat("gateway ends: ", why));
  gateway_.reset();
  world_.After(world_.Span(absl::Milliseconds(100), weather_.longest_down),
               [this] { StartGateway(); });
}

void Installation::KillSoon(absl::Duration delay, std::string why) {
  if (gateway_ == nullptr) return;
  world_.After(delay, [this, why = std::move(why),
                       weak = std::weak_ptr<Process>(gateway_->process())] {
    const ProcessPtr process = weak.lock();
    if (process != nullptr && process->alive) Kill(why);
  });
}

void Installation::Stop() {
  if (gateway_ == nullptr) return;
  world_.Trace(name_, " is asked to stop");
  gateway_->engine().Stop(
      [this] { KillSoon(absl::ZeroDuration(), "stopped"); });
  KillSoon(absl::Seconds(30), "stopped too slowly");
}

void Installation::StartSecond() {
  if (gateway_ == nullptr) return;
  world_.Trace(name_, " is started a second time");
  world_.Count("gateway started twice");
  const Stamps before = ReadStamps(setup_.path);
  const absl::Status started = Gateway(setup_, "", [] {}).Start();
  if (!absl::IsFailedPrecondition(started)) {
    world_.Violate("I2", absl::StrCat("a second process on one store: ",
                                      started.ToString()));
  }
  if (ReadStamps(setup_.path) != before) {
    world_.Violate("I3", "a process that did not start changed the store");
  }
}

void Installation::SetClock() {
  absl::Duration by = world_.Span(absl::Milliseconds(1), absl::Hours(1));
  if (world_.Chance(0.5)) by = -by;
  world_.Count(by > absl::Seconds(5)    ? "clock set forward"
               : by < -absl::Seconds(5) ? "clock set back"
                                        : "clock corrected");
  world_.Trace("the clock of ", name_, " is set by ", absl::FormatDuration(by));
  clock_.Set(by);
}

void Installation::CalmDown() {
  caller_.CalmDown();
  for (const auto& watcher : watchers_) watcher->CalmDown();
}

bool Installation::AtRest() {
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

// ---- Checks -----------------------------------------------------------------

void Installation::CheckBounds() {
  if (gateway_ == nullptr) return;
  const int exchanges = gateway_->process()->exchanges;
  const auto most =
      kMostExchangesPerAccount * static_cast<int>(Providers::Accounts().size());
  if (exchanges > most || gateway_->backlog() > kMostBacklog) {
    world_.Violate("I8", absl::StrCat(exchanges, " exchanges and ",
                                      gateway_->backlog(), " tasks"));
  }
}

void Installation::CheckStore() {
  std::set<int64_t> open;
  const absl::Status read =
      gateway_->store().inner().ReadOpenChunks([&](const Chunk& chunk) {
        open.insert(chunk.key);
        const auto known = journal_.chunks().find(chunk.key);
        if (known == journal_.chunks().end() || known->second != chunk.state) {
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

void Installation::ReadDrift() {
  gateway_->engine().ReadAccounts(
      [this](const std::vector<AccountStatus>& all) {
        drift_ = {};
        for (const AccountStatus& account : all) {
          drift_ += account.money_drift.balance;
        }
      });
}

void Installation::Check() {
  Audit audit(world_, journal_, providers_, gateway_->store().inner());
  for (const auto& order : caller_.orders()) audit.CheckOrder(*order, seen_);
  audit.CheckBatches();
  audit.CheckMoney();
  audit.CheckDoubt();
  audit.CheckRest();
  for (const auto& watcher : watchers_) audit.CheckWatcher(*watcher);
}

}  // namespace enrich::sim
