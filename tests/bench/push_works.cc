#include <algorithm>
#include <string>
#include <vector>

#include "absl/strings/str_cat.h"
#include "base/status_macros.h"
#include "bench/fake_provider.h"
#include "bench/grpc_clients.h"
#include "bench/payloads.h"
#include "bench/push_client.h"
#include "bench/push_plan.h"
#include "bench/works.h"

namespace enrich::bench {
namespace {

// About what the gateway stores of an event.
constexpr size_t kEventBytes = 400;

// Pushes of `contacts` each to `watchers`.
struct PushWork {
  std::string name = {};
  int contacts = 1;
  int jobs = 1;
  int watchers = 1;
  int connections = 1;
  double rate = 0;
  // Whether to tell what each of the gateway's threads has used.
  bool by_thread = false;
};

// Gives the gateway one batch per job, and waits until it has started them.
absl::StatusOr<std::vector<StartedJob>> StartJobs(const Child& gateway,
                                                  FakeProvider& provider,
                                                  int jobs) {
  for (int i = 0; i < jobs; ++i) {
    AcceptLoad load = {.request = MakeRequest(i * kJobContacts, kJobContacts)};
    load.request.add_providers(absl::StrCat("p", i / kJobsPerAccount));
    RETURN_IF_ERROR(
        RunAccept(gateway.ports().grpc, load, absl::StrCat("batch-", i, "-"))
            .status());
  }
  return provider.TakeJobs(static_cast<size_t>(jobs * kJobContacts));
}

absl::Status PushTo(Stage& stage, const Child& server,
                    const std::string& subject, const PushWork& work,
                    const Pushes& pushes) {
  const bool paced = work.rate > 0;
  ASSIGN_OR_RETURN(
      const auto watchers,
      Watchers::Open(server.ports().grpc,
                     {.watchers = work.watchers,
                      .tracked_contacts =
                          paced ? pushes.warm_up_events + pushes.events : 0}));
  const auto split =
      pushes.requests.begin() + static_cast<ptrdiff_t>(pushes.warm_up);
  const PushLoad load = {.connections = work.connections, .rate = work.rate};
  const int port = server.ports().http;
  watchers->Expect(pushes.warm_up_events * work.watchers);
  RETURN_IF_ERROR(
      RunPushes(port, load, {pushes.requests.begin(), split}).status());
  RETURN_IF_ERROR(watchers->Wait().status());

  const std::vector<std::string> requests(split, pushes.requests.end());
  watchers->Expect(pushes.events * work.watchers);
  const absl::Duration cpu = server.process().CpuTime();
  const auto threads = server.process().CpuTimeByThread();
  ASSIGN_OR_RETURN(const PushResult result, RunPushes(port, load, requests));
  ASSIGN_OR_RETURN(const absl::Time complete, watchers->Wait());
  const auto contacts = static_cast<double>(requests.size()) * work.contacts;
  const double seconds = absl::ToDoubleSeconds(complete - result.start);
  stage.Add(
      work.name, subject, kCpu,
      absl::ToDoubleMicroseconds(server.process().CpuTime() - cpu) / contacts);
  if (subject == kGateway && work.by_thread) {
    stage.AddThreads(work.name, server, threads, contacts);
  }
  if (!paced) {
    stage.Add(work.name, subject, kRate, contacts / seconds);
    return absl::OkStatus();
  }
  std::vector<absl::Duration> latencies;
  for (size_t i = 0; i < requests.size(); ++i) {
    latencies.push_back(
        watchers->ArrivalOf(pushes.contacts[pushes.warm_up + i]) -
        result.due[i]);
  }
  stage.Add(work.name, subject, kP50, PercentileMs(latencies, 0.5));
  stage.Add(work.name, subject, kP99, PercentileMs(latencies, 0.99));
  return absl::OkStatus();
}

absl::Status PushBare(Stage& stage, const Child& server, const PushWork& work,
                      const std::vector<StartedJob>& jobs) {
  const Pushes pushes = PlanFloorPushes(work.contacts, jobs, kBarePath);
  ASSIGN_OR_RETURN(
      const PushResult result,
      RunPushes(server.ports().http, {.connections = work.connections},
                pushes.requests));
  stage.Add(work.name, "bare HTTP", kRate,
            static_cast<double>(pushes.requests.size()) * work.contacts /
                absl::ToDoubleSeconds(result.duration));
  return absl::OkStatus();
}

// With a million open lookups besides, of an account that is full.
absl::Status MeasurePushWhileOpen(Stage& stage, const PushWork& work) {
  const int jobs = std::max(2, stage.Scaled(work.jobs));
  const int accounts = AccountsFor(jobs);
  ASSIGN_OR_RETURN(const auto provider, FakeProvider::Start());
  ASSIGN_OR_RETURN(const auto gateway,
                   stage.StartGateway({.provider_port = provider->port(),
                                       .accounts = accounts + 1,
                                       .max_running_contacts =
                                           kJobsPerAccount * kJobContacts}));
  ASSIGN_OR_RETURN(const std::vector<StartedJob> started,
                   StartJobs(*gateway, *provider, jobs));
  RETURN_IF_ERROR(AcceptMillion(stage, *gateway, absl::StrCat("p", accounts),
                                int64_t{jobs} * kJobContacts)
                      .status());
  return PushTo(stage, *gateway, kGateway, work,
                PlanGatewayPushes(work.contacts, started));
}

absl::Status MeasurePush(Stage& stage, const PushWork& work) {
  // One at least for warming up.
  const int jobs = std::max(2, stage.Scaled(work.jobs));
  {
    ASSIGN_OR_RETURN(const auto provider, FakeProvider::Start());
    ASSIGN_OR_RETURN(
        const auto gateway,
        stage.StartGateway({.provider_port = provider->port(),
                            .accounts = AccountsFor(jobs),
                            .max_running_contacts = kManyContacts}));
    ASSIGN_OR_RETURN(const std::vector<StartedJob> started,
                     StartJobs(*gateway, *provider, jobs));
    RETURN_IF_ERROR(PushTo(stage, *gateway, kGateway, work,
                           PlanGatewayPushes(work.contacts, started)));
  }
  ASSIGN_OR_RETURN(const auto floor, stage.StartFloor());
  const std::vector<StartedJob> invented = InventJobs(jobs);
  RETURN_IF_ERROR(PushTo(stage, *floor, kFloor, work,
                         PlanFloorPushes(work.contacts, invented, kStorePath)));
  if (work.rate > 0 || work.watchers > 1) return absl::OkStatus();
  RETURN_IF_ERROR(PushBare(stage, *floor, work, invented));
  return MeasureBareSqlite(stage, work.name, work.contacts, kEventBytes);
}

}  // namespace

absl::Status RunPushWorks(Stage& stage) {
  const PushWork works[] = {
      {.name = "push 1",
       .contacts = 1,
       .jobs = 120,
       .connections = 64,
       .by_thread = true},
      {.name = "push 100",
       .contacts = 100,
       .jobs = 300,
       .connections = 16,
       .by_thread = true},
      {.name = "push 1 at 2000/s",
       .contacts = 1,
       .jobs = 60,
       .connections = 32,
       .rate = 2000,
       .by_thread = true},
      {.name = "push 100 to 10 watchers",
       .contacts = 100,
       .jobs = 240,
       .watchers = 10,
       .connections = 16},
      {.name = "push 100 to 100 watchers",
       .contacts = 100,
       .jobs = 120,
       .watchers = 100,
       .connections = 16},
      {.name = "push 100 to 1000 watchers",
       .contacts = 100,
       .jobs = 60,
       .watchers = 1'000,
       .connections = 16},
  };
  for (const PushWork& work : works) {
    if (stage.Wanted(work.name)) RETURN_IF_ERROR(MeasurePush(stage, work));
  }
  const PushWork open = {.name = "push 100, 1,000,000 open",
                         .contacts = 100,
                         .jobs = 300,
                         .connections = 16};
  return stage.Wanted(open.name) ? MeasurePushWhileOpen(stage, open)
                                 : absl::OkStatus();
}

}  // namespace enrich::bench
