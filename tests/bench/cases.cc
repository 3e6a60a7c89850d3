#include "bench/cases.h"

#include <algorithm>
#include <filesystem>
#include <iostream>
#include <memory>
#include <utility>
#include <vector>

#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "absl/time/clock.h"
#include "base/status_macros.h"
#include "bench/child.h"
#include "bench/fake_provider.h"
#include "bench/floor_server.h"
#include "bench/grpc_clients.h"
#include "bench/payloads.h"
#include "bench/push_client.h"
#include "bench/push_plan.h"
#include "bench/row_writer.h"

namespace enrich::bench {
namespace {

constexpr char kGateway[] = "gateway";
constexpr char kFloor[] = "floor";
constexpr char kGrpc[] = "bare gRPC";
constexpr char kHttp[] = "bare HTTP";
constexpr char kSqlite[] = "bare SQLite";
constexpr char kRate[] = "contacts/s";
constexpr char kCpu[] = "server CPU us/contact";

// What FullEnrich starts for one account before it wants a pause.
constexpr int kJobsPerAccount = 60;
// No limit to what an account has at the provider.
constexpr int kManyContacts = 1'000'000;
// About what the gateway stores of a contact, and of an event.
constexpr size_t kContactBytes = 150;
constexpr size_t kEventBytes = 400;

// Accepts of `contacts` each.
struct AcceptWork {
  std::string name = {};
  int contacts = 1;
  int callers = 1;
  int calls = 1;
};

// Pushes of `contacts` each to `watchers`.
struct PushWork {
  std::string name = {};
  int contacts = 1;
  int jobs = 1;
  int watchers = 1;
  int connections = 1;
  double rate = 0;
};

class Runner {
 public:
  Runner(const BenchOptions& options, Measurements& out)
      : options_(options), folder_(options.folder + "/bench-data"), out_(out) {}
  ~Runner() { ClearFolder(); }

  absl::Status Run() {
    for (int round = 0; round < options_.rounds; ++round) {
      std::cerr << "round " << round + 1 << " of " << options_.rounds << "\n";
      out_.Add("machine", "spin", "ms", absl::ToDoubleMilliseconds(Spin()));
      RETURN_IF_ERROR(RunRound());
    }
    return absl::OkStatus();
  }

 private:
  absl::Status RunRound();
  absl::Status MeasureStart();
  absl::Status MeasureRestart();
  absl::Status MeasureIdleStreams();
  absl::Status MeasureAccept(const AcceptWork& work);
  absl::Status MeasurePush(const PushWork& work);
  absl::Status MeasureRows(const std::string& work, int rows_per_commit,
                           size_t row_bytes);

  absl::Status AcceptOn(const Child& server, const std::string& subject,
                        const AcceptWork& work,
                        const v1::EnrichBatchRequest& request);
  absl::Status PushTo(const Child& server, const std::string& subject,
                      const PushWork& work, const Pushes& pushes);
  absl::Status PushBare(const Child& server, const PushWork& work,
                        const std::vector<StartedJob>& jobs);

  bool Wanted(const std::string& work) const {
    return absl::StrContains(work, options_.filter);
  }
  int Scaled(int amount) const {
    return std::max(1, static_cast<int>(amount * options_.scale));
  }

  void ClearFolder() {
    std::error_code ignored;
    std::filesystem::remove_all(folder_, ignored);
  }
  // Servers begin on an empty store, unless they are started again.
  absl::StatusOr<std::unique_ptr<Child>> StartFloor();
  absl::StatusOr<std::unique_ptr<Child>> StartGatewayAgain(int accounts,
                                                           int max_running,
                                                           int provider_port);
  absl::StatusOr<std::unique_ptr<Child>> StartGateway(int accounts,
                                                      int max_running,
                                                      int provider_port);

  const BenchOptions& options_;
  const std::string folder_;
  Measurements& out_;
};

absl::StatusOr<std::unique_ptr<Child>> Runner::StartFloor() {
  ClearFolder();
  std::filesystem::create_directories(folder_);
  return Child::Start({"--serve=floor", "--folder=" + folder_});
}

absl::StatusOr<std::unique_ptr<Child>> Runner::StartGateway(int accounts,
                                                            int max_running,
                                                            int provider_port) {
  ClearFolder();
  std::filesystem::create_directories(folder_);
  return StartGatewayAgain(accounts, max_running, provider_port);
}

absl::StatusOr<std::unique_ptr<Child>> Runner::StartGatewayAgain(
    int accounts, int max_running, int provider_port) {
  return Child::Start({"--serve=gateway", "--folder=" + folder_,
                       absl::StrCat("--accounts=", accounts),
                       absl::StrCat("--max-running=", max_running),
                       absl::StrCat("--provider-port=", provider_port)});
}

// ---- Idle -------------------------------------------------------------------

absl::Status Runner::MeasureStart() {
  ASSIGN_OR_RETURN(const std::unique_ptr<Child> gateway,
                   StartGateway(1, kManyContacts, 1));
  out_.Add("start", kGateway, "exec to serving ms",
           absl::ToDoubleMilliseconds(gateway->start_duration()));
  out_.Add("start", kGateway, "resident MB",
           static_cast<double>(gateway->ResidentBytes()) / (1 << 20));
  return absl::OkStatus();
}

// Like "start", with a million lookups open.
absl::Status Runner::MeasureRestart() {
  constexpr int kContactsPerBatch = 10'000;
  const std::string work = "start, 1,000,000 open";
  ASSIGN_OR_RETURN(const auto provider, FakeProvider::Start());
  AcceptLoad load = {.request = MakeRequest(0, kContactsPerBatch),
                     .calls = Scaled(1'000'000 / kContactsPerBatch),
                     .callers = 2};
  load.request.add_providers("p0");
  {
    ASSIGN_OR_RETURN(const auto gateway,
                     StartGateway(1, kJobContacts, provider->port()));
    RETURN_IF_ERROR(RunAccept(gateway->ports().grpc, load, "call-").status());
  }
  ASSIGN_OR_RETURN(const auto gateway,
                   StartGatewayAgain(1, kJobContacts, provider->port()));
  out_.Add(work, kGateway, "exec to serving ms",
           absl::ToDoubleMilliseconds(gateway->start_duration()));
  out_.Add(work, kGateway, "resident MB",
           static_cast<double>(gateway->ResidentBytes()) / (1 << 20));
  return absl::OkStatus();
}

absl::Status Runner::MeasureIdleStreams() {
  const int streams = Scaled(2000);
  for (const char* subject : {kGateway, kFloor}) {
    ASSIGN_OR_RETURN(
        const std::unique_ptr<Child> server,
        subject == kGateway ? StartGateway(1, kManyContacts, 1) : StartFloor());
    const int64_t before = server->ResidentBytes();
    ASSIGN_OR_RETURN(
        const std::unique_ptr<Watchers> watchers,
        Watchers::Open(server->ports().grpc, {.watchers = streams}));
    out_.Add(
        "idle watchers", subject, "resident kB/stream",
        static_cast<double>(server->ResidentBytes() - before) / 1024 / streams);
  }
  return absl::OkStatus();
}

// ---- Accepting --------------------------------------------------------------

absl::Status Runner::AcceptOn(const Child& server, const std::string& subject,
                              const AcceptWork& work,
                              const v1::EnrichBatchRequest& request) {
  AcceptLoad load = {.request = request,
                     .calls = std::max(Scaled(work.calls) / 10, work.callers),
                     .callers = work.callers};
  const int port = server.ports().grpc;
  RETURN_IF_ERROR(RunAccept(port, load, "warm-up-").status());
  load.calls = Scaled(work.calls);
  const absl::Duration cpu = server.CpuTime();
  ASSIGN_OR_RETURN(const AcceptResult result, RunAccept(port, load, "call-"));
  const double contacts = static_cast<double>(load.calls) * work.contacts;
  out_.Add(work.name, subject, kRate,
           contacts / absl::ToDoubleSeconds(result.duration));
  out_.Add(work.name, subject, kCpu,
           absl::ToDoubleMicroseconds(server.CpuTime() - cpu) / contacts);
  out_.Add(work.name, subject, "p50 ms", PercentileMs(result.latencies, 0.5));
  out_.Add(work.name, subject, "p99 ms", PercentileMs(result.latencies, 0.99));
  return absl::OkStatus();
}

absl::Status Runner::MeasureAccept(const AcceptWork& work) {
  v1::EnrichBatchRequest request = MakeRequest(0, work.contacts);
  request.add_providers("p0");
  {
    ASSIGN_OR_RETURN(const auto provider, FakeProvider::Start());
    // One job fills the account: the rest waits, as it does for most of the
    // life of a large batch.
    ASSIGN_OR_RETURN(const auto gateway,
                     StartGateway(1, kJobContacts, provider->port()));
    RETURN_IF_ERROR(AcceptOn(*gateway, kGateway, work, request));
  }
  {
    ASSIGN_OR_RETURN(const auto floor, StartFloor());
    RETURN_IF_ERROR(AcceptOn(*floor, kFloor, work, request));
    request.set_validate_only(true);
    RETURN_IF_ERROR(AcceptOn(*floor, kGrpc, work, request));
  }
  return MeasureRows(work.name, work.contacts, kContactBytes);
}

absl::Status Runner::MeasureRows(const std::string& work, int rows_per_commit,
                                 size_t row_bytes) {
  const int commits = std::max(20, Scaled(rows_per_commit == 1 ? 2000 : 400));
  ClearFolder();
  std::filesystem::create_directories(folder_);
  ASSIGN_OR_RETURN(const auto table, RowTable::Open(folder_ + "/rows.db"));
  const std::string row(row_bytes, 'x');
  const absl::Time start = absl::Now();
  for (int commit = 0; commit < commits; ++commit) {
    RETURN_IF_ERROR(table->Begin());
    for (int i = 0; i < rows_per_commit; ++i) {
      RETURN_IF_ERROR(table->Insert(row));
    }
    RETURN_IF_ERROR(table->Commit());
  }
  out_.Add(work, kSqlite, kRate,
           static_cast<double>(commits) * rows_per_commit /
               absl::ToDoubleSeconds(absl::Now() - start));
  return absl::OkStatus();
}

// ---- From a push to the watchers --------------------------------------------

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
  return provider.TakeJobs(static_cast<size_t>(jobs));
}

absl::Status Runner::PushTo(const Child& server, const std::string& subject,
                            const PushWork& work, const Pushes& pushes) {
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
  const absl::Duration cpu = server.CpuTime();
  ASSIGN_OR_RETURN(const PushResult result, RunPushes(port, load, requests));
  ASSIGN_OR_RETURN(const absl::Time complete, watchers->Wait());
  const auto contacts = static_cast<double>(requests.size()) * work.contacts;
  const double seconds = absl::ToDoubleSeconds(complete - result.start);
  out_.Add(work.name, subject, kCpu,
           absl::ToDoubleMicroseconds(server.CpuTime() - cpu) / contacts);
  if (!paced) {
    out_.Add(work.name, subject, kRate, contacts / seconds);
    return absl::OkStatus();
  }
  std::vector<absl::Duration> latencies;
  for (size_t i = 0; i < requests.size(); ++i) {
    latencies.push_back(
        watchers->ArrivalOf(pushes.contacts[pushes.warm_up + i]) -
        result.due[i]);
  }
  out_.Add(work.name, subject, "p50 ms", PercentileMs(latencies, 0.5));
  out_.Add(work.name, subject, "p99 ms", PercentileMs(latencies, 0.99));
  return absl::OkStatus();
}

absl::Status Runner::PushBare(const Child& server, const PushWork& work,
                              const std::vector<StartedJob>& jobs) {
  const Pushes pushes = PlanFloorPushes(work.contacts, jobs, kBarePath);
  ASSIGN_OR_RETURN(
      const PushResult result,
      RunPushes(server.ports().http, {.connections = work.connections},
                pushes.requests));
  out_.Add(work.name, kHttp, kRate,
           static_cast<double>(pushes.requests.size()) * work.contacts /
               absl::ToDoubleSeconds(result.duration));
  return absl::OkStatus();
}

absl::Status Runner::MeasurePush(const PushWork& work) {
  // One at least for warming up.
  const int jobs = std::max(2, Scaled(work.jobs));
  {
    ASSIGN_OR_RETURN(const auto provider, FakeProvider::Start());
    ASSIGN_OR_RETURN(const auto gateway,
                     StartGateway((jobs - 1) / kJobsPerAccount + 1,
                                  kManyContacts, provider->port()));
    ASSIGN_OR_RETURN(const std::vector<StartedJob> started,
                     StartJobs(*gateway, *provider, jobs));
    const Pushes pushes = PlanGatewayPushes(work.contacts, started);
    RETURN_IF_ERROR(PushTo(*gateway, kGateway, work, pushes));
  }
  ASSIGN_OR_RETURN(const auto floor, StartFloor());
  const std::vector<StartedJob> invented = InventJobs(jobs);
  RETURN_IF_ERROR(PushTo(*floor, kFloor, work,
                         PlanFloorPushes(work.contacts, invented, kStorePath)));
  if (work.rate > 0 || work.watchers > 1) return absl::OkStatus();
  RETURN_IF_ERROR(PushBare(*floor, work, invented));
  return MeasureRows(work.name, work.contacts, kEventBytes);
}

// ---- All --------------------------------------------------------------------

absl::Status Runner::RunRound() {
  const AcceptWork accepts[] = {
      {.name = "accept 1", .contacts = 1, .callers = 64, .calls = 20'000},
      {.name = "accept 100", .contacts = 100, .callers = 32, .calls = 1'000},
      {.name = "accept 1000", .contacts = 1'000, .callers = 8, .calls = 200},
      {.name = "accept 100, one caller", .contacts = 100, .calls = 300},
      {.name = "accept 1000, one caller", .contacts = 1'000, .calls = 100},
  };
  const PushWork pushes[] = {
      {.name = "push 1", .contacts = 1, .jobs = 120, .connections = 64},
      {.name = "push 100", .contacts = 100, .jobs = 300, .connections = 16},
      {.name = "push 1 at 2000/s",
       .contacts = 1,
       .jobs = 60,
       .connections = 32,
       .rate = 2000},
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
  if (Wanted("start")) RETURN_IF_ERROR(MeasureStart());
  if (Wanted("start")) RETURN_IF_ERROR(MeasureRestart());
  for (const AcceptWork& work : accepts) {
    if (Wanted(work.name)) RETURN_IF_ERROR(MeasureAccept(work));
  }
  for (const PushWork& work : pushes) {
    if (Wanted(work.name)) RETURN_IF_ERROR(MeasurePush(work));
  }
  if (Wanted("idle watchers")) RETURN_IF_ERROR(MeasureIdleStreams());
  return absl::OkStatus();
}

}  // namespace

absl::Status RunAll(const BenchOptions& options, Measurements& out) {
  return Runner(options, out).Run();
}

}  // namespace enrich::bench
