#include "sim/simulation.h"

#include <unistd.h>

#include <filesystem>
#include <memory>
#include <utility>

#include "absl/algorithm/container.h"
#include "sim/installation.h"
#include "sim/invoice.h"
#include "sim/providers.h"

namespace enrich::sim {
namespace {

// How long all may take to come to rest: what is in doubt is parked after a day
// at most, a job given up after two.
constexpr absl::Duration kPatience = absl::Hours(100);
// Pushes may be late by this much even then.
constexpr absl::Duration kAftermath = absl::Hours(4);
constexpr absl::Duration kLookInterval = absl::Minutes(10);

class Simulation {
 public:
  Simulation(uint64_t seed, const std::string& folder, bool tracing)
      : world_(seed, tracing),
        weather_(Weather::Draw(world_)),
        pushes_(world_, weather_),
        providers_(world_, weather_, pushes_) {
    for (int64_t number = 1; number <= weather_.installations; ++number) {
      all_.push_back(std::make_unique<Installation>(
          Installation::Surroundings{.world = world_,
                                     .weather = weather_,
                                     .providers = providers_,
                                     .pushes = pushes_,
                                     .folder = folder,
                                     .count = weather_.installations},
          number));
    }
    if (all_.size() > 1) world_.Count("installations share accounts");
  }

  Report Run() {
    const absl::Duration storm = world_.Span(absl::Minutes(1), absl::Hours(3));
    for (const auto& one : all_) {
      one->PlaceOrders(storm);
      one->PlanTroubles(storm);
    }
    PlanOutages(storm);
    for (const auto& one : all_) one->StartGateway();
    const absl::Time end = world_.now() + storm;
    while (world_.next_event() <= end) Step();
    Heal();
    LiveOn();
    Check();
    all_.clear();
    return {.seed = world_.seed(),
            .violations = world_.violations(),
            .counts = world_.counts(),
            .hash = world_.hash(),
            .steps = world_.steps()};
  }

 private:
  void PlanOutages(absl::Duration storm) {
    for (int i = 0; i < weather_.outages; ++i) {
      world_.After(world_.Span(absl::Milliseconds(5), storm),
                   [this] { StartOutage(); });
    }
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

  void Step() {
    world_.Step();
    for (const auto& one : all_) one->CheckBounds();
  }

  void Heal() {
    world_.Trace("the weather clears");
    weather_ = {.longest_down = weather_.longest_down};
    providers_.Heal();
    for (const auto& one : all_) one->CalmDown();
  }

  void LiveOn() {
    const auto at_rest = [](const auto& one) { return one->AtRest(); };
    const absl::Time limit = world_.now() + kPatience;
    while (world_.now() < limit && !absl::c_all_of(all_, at_rest)) {
      LiveFor(kLookInterval);
    }
    LiveFor(kAftermath);
    // Somebody must be there to be asked.
    const auto is_down = [](const auto& one) {
      return one->gateway() == nullptr;
    };
    while (absl::c_any_of(all_, is_down)) Step();
    for (const auto& one : all_) one->ReadDrift();
    LiveFor(absl::Seconds(1));
  }

  void LiveFor(absl::Duration duration) {
    const absl::Time end = world_.now() + duration;
    world_.At(end, [] {});
    while (world_.next_event() <= end) Step();
  }

  void Check() {
    for (const auto& one : all_) one->Check();
    const Credits untold = CheckInvoice(world_, providers_, all_);
    CheckDrift(world_, untold, all_);
  }

  World world_;
  Weather weather_;
  PushNetwork pushes_;
  Providers providers_;
  std::vector<std::unique_ptr<Installation>> all_;
};

}  // namespace

std::filesystem::path MemoryFolder() {
  const std::filesystem::path memory = "/dev/shm";
  return access(memory.c_str(), W_OK | X_OK) == 0
             ? memory
             : std::filesystem::temp_directory_path();
}

Report Simulate(uint64_t seed, const std::string& folder, bool tracing) {
  return Simulation(seed, folder, tracing).Run();
}

}  // namespace enrich::sim
