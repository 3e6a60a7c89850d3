#include "bench/stage.h"

#include <algorithm>
#include <filesystem>
#include <system_error>

#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"

namespace enrich::bench {

Stage::Stage(const BenchOptions& options, Measurements& out)
    : options_(options), folder_(options.folder + "/bench-data"), out_(out) {}

Stage::~Stage() {
  std::error_code ignored;
  std::filesystem::remove_all(folder_, ignored);
}

bool Stage::Wanted(const std::string& work) const {
  return absl::StrContains(work, options_.filter);
}

int Stage::Scaled(int amount) const {
  return std::max(1, static_cast<int>(amount * options_.scale));
}

void Stage::AddThreads(const std::string& work, const Child& gateway,
                       const std::map<std::string, absl::Duration>& before,
                       double contacts) {
  // The rest are gRPC's own.
  std::map<std::string, absl::Duration> used = {
      {"engine", {}}, {"http-server", {}}, {"reader", {}}, {"store", {}}};
  absl::Duration rest;
  for (auto [thread, time] : gateway.process().CpuTimeByThread()) {
    if (const auto old = before.find(thread); old != before.end()) {
      time -= old->second;
    }
    const auto stage = used.find(thread);
    (stage == used.end() ? rest : stage->second) += time;
  }
  used["gRPC and others"] = rest;
  for (const auto& [thread, time] : used) {
    Add(work + ", by thread", thread, kCpu,
        absl::ToDoubleMicroseconds(time) / contacts);
  }
}

void Stage::EmptyFolder() const {
  std::error_code ignored;
  std::filesystem::remove_all(folder_, ignored);
  std::filesystem::create_directories(folder_);
}

absl::StatusOr<std::unique_ptr<Child>> Stage::StartFloor(
    const FloorHistory& history) const {
  EmptyFolder();
  return Child::Start({"--serve=floor", "--folder=" + folder_,
                       absl::StrCat("--history-events=", history.events),
                       absl::StrCat("--event-bytes=", history.event_bytes)});
}

absl::StatusOr<std::unique_ptr<Child>> Stage::StartGateway(
    const GatewaySetup& setup) const {
  EmptyFolder();
  return StartGatewayAgain(setup);
}

absl::StatusOr<std::unique_ptr<Child>> Stage::StartGatewayAgain(
    const GatewaySetup& setup) const {
  return Child::Start(
      {"--serve=gateway", "--folder=" + folder_,
       absl::StrCat("--accounts=", setup.accounts),
       absl::StrCat("--max-running=", setup.max_running_contacts),
       absl::StrCat("--provider-port=", setup.provider_port)});
}

}  // namespace enrich::bench
