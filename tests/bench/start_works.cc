#include <cstdint>
#include <string>

#include "absl/strings/str_cat.h"
#include "base/status_macros.h"
#include "bench/fake_provider.h"
#include "bench/grpc_clients.h"
#include "bench/payloads.h"
#include "bench/push_plan.h"
#include "bench/works.h"

namespace enrich::bench {
namespace {

constexpr char kOpen[] = "1,000,000 open";
constexpr char kStartOpen[] = "start, 1,000,000 open";
constexpr char kAcceptOpen[] = "accept 1000, 1,000,000 open";

void AddStart(Stage& stage, const std::string& work, const Child& gateway) {
  stage.Add(work, kGateway, "exec to serving ms",
            absl::ToDoubleMilliseconds(gateway.start_duration()));
  stage.Add(work, kGateway, "resident MB",
            static_cast<double>(gateway.process().ResidentBytes()) / (1 << 20));
}

absl::Status MeasureStart(Stage& stage) {
  ASSIGN_OR_RETURN(const auto gateway,
                   stage.StartGateway({.provider_port = 1}));
  AddStart(stage, "start", *gateway);
  return absl::OkStatus();
}

// A million open lookups: what they hold in memory, how long a start with them
// takes, and what a further contact costs then.
absl::Status MeasureOpen(Stage& stage) {
  ASSIGN_OR_RETURN(const auto provider, FakeProvider::Start());
  const GatewaySetup setup = {.provider_port = provider->port(),
                              .max_running_contacts = kJobContacts};
  {
    ASSIGN_OR_RETURN(const auto gateway, stage.StartGateway(setup));
    const int64_t before = gateway->process().ResidentBytes();
    ASSIGN_OR_RETURN(const int64_t contacts,
                     AcceptMillion(stage, *gateway, "p0", 0));
    const int64_t grown = gateway->process().ResidentBytes() - before;
    stage.Add(kOpen, kGateway, "resident bytes/open contact",
              static_cast<double>(grown) / static_cast<double>(contacts));
  }
  ASSIGN_OR_RETURN(const auto gateway, stage.StartGatewayAgain(setup));
  AddStart(stage, kStartOpen, *gateway);
  const AcceptWork work = {
      .name = kAcceptOpen, .contacts = 1'000, .callers = 8, .calls = 200};
  v1::EnrichBatchRequest request = MakeRequest(0, work.contacts);
  request.add_providers("p0");
  return MeasureAccept(stage, *gateway, kGateway, work, request);
}

}  // namespace

absl::StatusOr<int64_t> AcceptMillion(Stage& stage, const Child& gateway,
                                      const std::string& account,
                                      int64_t first_contact) {
  constexpr int kContactsPerBatch = 10'000;
  const int batches = stage.Scaled(1'000'000 / kContactsPerBatch);
  for (int batch = 0; batch < batches; ++batch) {
    AcceptLoad load = {
        .request = MakeRequest(first_contact + batch * kContactsPerBatch,
                               kContactsPerBatch)};
    load.request.add_providers(account);
    RETURN_IF_ERROR(
        RunAccept(gateway.ports().grpc, load, absl::StrCat("open-", batch, "-"))
            .status());
  }
  return int64_t{batches} * kContactsPerBatch;
}

absl::Status RunStartWorks(Stage& stage) {
  if (stage.Wanted("start")) RETURN_IF_ERROR(MeasureStart(stage));
  const bool open = stage.Wanted(kOpen) || stage.Wanted(kStartOpen) ||
                    stage.Wanted(kAcceptOpen);
  return open ? MeasureOpen(stage) : absl::OkStatus();
}

}  // namespace enrich::bench
