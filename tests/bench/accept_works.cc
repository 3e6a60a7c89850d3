#include <algorithm>
#include <string>
#include <vector>

#include "absl/strings/str_cat.h"
#include "base/status_macros.h"
#include "bench/fake_provider.h"
#include "bench/grpc_clients.h"
#include "bench/payloads.h"
#include "bench/push_plan.h"
#include "bench/works.h"

namespace enrich::bench {
namespace {

// About what the gateway stores of a contact.
constexpr size_t kContactBytes = 150;

absl::Status MeasureAcceptBesideLimits(Stage& stage, const AcceptWork& work) {
  v1::EnrichBatchRequest request = MakeRequest(0, work.contacts);
  request.add_providers("p0");
  {
    ASSIGN_OR_RETURN(const auto provider, FakeProvider::Start());
    // One job fills the account: the rest waits, as it does for most of the
    // life of a large batch.
    ASSIGN_OR_RETURN(
        const auto gateway,
        stage.StartGateway({.provider_port = provider->port(),
                            .max_running_contacts = kJobContacts}));
    RETURN_IF_ERROR(MeasureAccept(stage, *gateway, kGateway, work, request));
  }
  {
    ASSIGN_OR_RETURN(const auto floor, stage.StartFloor());
    RETURN_IF_ERROR(MeasureAccept(stage, *floor, kFloor, work, request));
    request.set_validate_only(true);
    RETURN_IF_ERROR(MeasureAccept(stage, *floor, "bare gRPC", work, request));
  }
  return MeasureBareSqlite(stage, work.name, work.contacts, kContactBytes);
}

// How many requests to the provider become of calls with a contact each.
absl::Status MeasureSharing(Stage& stage, const std::string& work) {
  // An account starts no more jobs than one of these fills.
  constexpr int kAccounts = 2;
  const int calls = stage.Scaled(10'000 / kAccounts);
  ASSIGN_OR_RETURN(const auto provider, FakeProvider::Start());
  ASSIGN_OR_RETURN(const auto gateway,
                   stage.StartGateway({.provider_port = provider->port(),
                                       .accounts = kAccounts,
                                       .max_running_contacts = kManyContacts}));
  for (int account = 0; account < kAccounts; ++account) {
    AcceptLoad load = {.request = MakeRequest(0, 0),
                       .calls = calls,
                       .callers = std::min(64, calls),
                       .first_contact = account * calls};
    load.request.add_providers(absl::StrCat("p", account));
    RETURN_IF_ERROR(
        RunAccept(gateway->ports().grpc, load, absl::StrCat("p", account, "-"))
            .status());
  }
  ASSIGN_OR_RETURN(const std::vector<StartedJob> jobs,
                   provider->TakeJobs(static_cast<size_t>(calls * kAccounts)));
  constexpr char kRequests[] = "provider requests";
  stage.Add(work, kGateway, kRequests, static_cast<double>(jobs.size()));
  const int full = (calls + kJobContacts - 1) / kJobContacts * kAccounts;
  stage.Add(work, "full requests", kRequests, full);
  return absl::OkStatus();
}

}  // namespace

absl::Status MeasureAccept(Stage& stage, const Child& server,
                           const std::string& subject, const AcceptWork& work,
                           const v1::EnrichBatchRequest& request) {
  AcceptLoad load = {
      .request = request,
      .calls = std::max(stage.Scaled(work.calls) / 10, work.callers),
      .callers = work.callers};
  const int port = server.ports().grpc;
  RETURN_IF_ERROR(RunAccept(port, load, "warm-up-").status());
  load.calls = stage.Scaled(work.calls);
  const absl::Duration cpu = server.process().CpuTime();
  const auto threads = server.process().CpuTimeByThread();
  ASSIGN_OR_RETURN(const AcceptResult result, RunAccept(port, load, "call-"));
  const double contacts = static_cast<double>(load.calls) * work.contacts;
  stage.Add(work.name, subject, kRate,
            contacts / absl::ToDoubleSeconds(result.duration));
  stage.Add(
      work.name, subject, kCpu,
      absl::ToDoubleMicroseconds(server.process().CpuTime() - cpu) / contacts);
  stage.Add(work.name, subject, kP50, PercentileMs(result.latencies, 0.5));
  stage.Add(work.name, subject, kP99, PercentileMs(result.latencies, 0.99));
  if (subject == kGateway && work.by_thread) {
    stage.AddThreads(work.name, server, threads, contacts);
  }
  return absl::OkStatus();
}

absl::Status RunAcceptWorks(Stage& stage) {
  const AcceptWork works[] = {
      {.name = "accept 1", .contacts = 1, .callers = 64, .calls = 20'000},
      {.name = "accept 100", .contacts = 100, .callers = 32, .calls = 1'000},
      {.name = "accept 1000",
       .contacts = 1'000,
       .callers = 8,
       .calls = 200,
       .by_thread = true},
      {.name = "accept 100, one caller", .contacts = 100, .calls = 300},
      {.name = "accept 1000, one caller", .contacts = 1'000, .calls = 100},
  };
  for (const AcceptWork& work : works) {
    if (stage.Wanted(work.name)) {
      RETURN_IF_ERROR(MeasureAcceptBesideLimits(stage, work));
    }
  }
  const std::string sharing = "10,000 calls of one contact";
  if (stage.Wanted(sharing)) RETURN_IF_ERROR(MeasureSharing(stage, sharing));
  return absl::OkStatus();
}

}  // namespace enrich::bench
