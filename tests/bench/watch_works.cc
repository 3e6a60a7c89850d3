#include <algorithm>
#include <cstdint>
#include <memory>
#include <string>
#include <vector>

#include "absl/strings/str_cat.h"
#include "absl/time/clock.h"
#include "base/status_macros.h"
#include "bench/fake_provider.h"
#include "bench/grpc_clients.h"
#include "bench/payloads.h"
#include "bench/push_client.h"
#include "bench/push_plan.h"
#include "bench/works.h"

namespace enrich::bench {
namespace {

// Pushes made at once, so that their bodies are not all in memory.
constexpr ptrdiff_t kJobsAtOnce = 1000;

absl::Status MeasureIdleStreams(Stage& stage, const std::string& work) {
  const int streams = stage.Scaled(10'000);
  for (const char* subject : {kGateway, kFloor}) {
    ASSIGN_OR_RETURN(const std::unique_ptr<Child> server,
                     subject == kGateway
                         ? stage.StartGateway({.provider_port = 1})
                         : stage.StartFloor());
    const int64_t before = server->process().ResidentBytes();
    ASSIGN_OR_RETURN(
        const std::unique_ptr<Watchers> watchers,
        Watchers::Open(server->ports().grpc, {.watchers = streams}));
    const int64_t grown = server->process().ResidentBytes() - before;
    stage.Add(work, subject, "resident kB/stream",
              static_cast<double>(grown) / 1024 / streams);
    stage.Add(work, subject, "streams served", streams);
  }
  return absl::OkStatus();
}

// Makes a history of the results of `jobs`, and returns its events.
absl::StatusOr<int64_t> MakeHistory(const Child& gateway,
                                    FakeProvider& provider, int jobs) {
  ASSIGN_OR_RETURN(const auto watcher,
                   Watchers::Open(gateway.ports().grpc, {}));
  int batches = 0;
  for (int first = 0; first < jobs; first += kJobsPerAccount) {
    const int count = std::min(kJobsPerAccount, jobs - first);
    AcceptLoad load = {
        .request = MakeRequest(first * kJobContacts, count * kJobContacts)};
    load.request.add_providers(absl::StrCat("p", batches));
    RETURN_IF_ERROR(RunAccept(gateway.ports().grpc, load,
                              absl::StrCat("batch-", ++batches, "-"))
                        .status());
  }
  const int contacts = jobs * kJobContacts;
  ASSIGN_OR_RETURN(const std::vector<StartedJob> started,
                   provider.TakeJobs(static_cast<size_t>(contacts)));
  // Each batch also has an event of its end.
  const int64_t events = int64_t{contacts} + batches;
  watcher->Expect(events);
  for (auto job = started.begin(); job != started.end();) {
    const auto end = job + std::min(kJobsAtOnce, started.end() - job);
    const std::vector<StartedJob> lot(job, end);
    RETURN_IF_ERROR(RunPushes(gateway.ports().http, {.connections = 16},
                              PlanGatewayPushes(kJobContacts, lot).requests)
                        .status());
    job = end;
  }
  RETURN_IF_ERROR(watcher->Wait().status());
  return events;
}

// How fast one new watcher gets `events`. Returns the bytes of an event.
absl::StatusOr<int64_t> Replay(Stage& stage, const Child& server,
                               const std::string& subject,
                               const std::string& work, int64_t events) {
  const absl::Time start = absl::Now();
  const absl::Duration cpu = server.process().CpuTime();
  ASSIGN_OR_RETURN(
      const auto watcher,
      Watchers::Open(server.ports().grpc, {.replayed_events = events}));
  ASSIGN_OR_RETURN(const absl::Time complete, watcher->Wait());
  const absl::Duration used = server.process().CpuTime() - cpu;
  const auto count = static_cast<double>(events);
  stage.Add(work, subject, "events/s",
            count / absl::ToDoubleSeconds(complete - start));
  stage.Add(work, subject, "events/core-second",
            count / absl::ToDoubleSeconds(used));
  return watcher->bytes() / events;
}

absl::Status MeasureReplay(Stage& stage, const std::string& work) {
  const int jobs = stage.Scaled(1'000'000 / kJobContacts);
  int64_t events = 0;
  int64_t event_bytes = 0;
  {
    ASSIGN_OR_RETURN(const auto provider, FakeProvider::Start());
    ASSIGN_OR_RETURN(
        const auto gateway,
        stage.StartGateway({.provider_port = provider->port(),
                            .accounts = AccountsFor(jobs),
                            .max_running_contacts = kManyContacts}));
    ASSIGN_OR_RETURN(events, MakeHistory(*gateway, *provider, jobs));
    ASSIGN_OR_RETURN(event_bytes,
                     Replay(stage, *gateway, kGateway, work, events));
  }
  ASSIGN_OR_RETURN(
      const auto floor,
      stage.StartFloor({.events = events, .event_bytes = event_bytes}));
  return Replay(stage, *floor, kFloor, work, events).status();
}

}  // namespace

absl::Status RunWatchWorks(Stage& stage) {
  const std::string idle = "idle watchers";
  if (stage.Wanted(idle)) RETURN_IF_ERROR(MeasureIdleStreams(stage, idle));
  const std::string replay = "replay 1,000,000";
  if (stage.Wanted(replay)) RETURN_IF_ERROR(MeasureReplay(stage, replay));
  return absl::OkStatus();
}

}  // namespace enrich::bench
