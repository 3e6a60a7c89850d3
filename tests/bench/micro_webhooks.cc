// What is done with a webhook before the engine has it.

#include <string>

#include "absl/strings/escaping.h"
#include "absl/strings/str_cat.h"
#include "absl/time/time.h"
#include "base/crypto.h"
#include "bench/micro.h"
#include "bench/payloads.h"
#include "benchmark/benchmark.h"

namespace enrich::bench {
namespace {

std::string FullEnrichBody(int64_t contacts) {
  return MakeBody(BodyKind::kFullEnrich, "job", true,
                  MakeKeys(static_cast<int>(contacts)));
}

// ---- Signatures -------------------------------------------------------------

void SignBody(benchmark::State& state) {
  const HmacSha1 signer(Secret("benchmark-key"));
  const std::string body = FullEnrichBody(state.range(0));
  for (auto _ : state) {
    std::string signature = signer.Sign(body);
    benchmark::DoNotOptimize(signature);
  }
  CountContacts(state, state.range(0));
}
BENCHMARK(SignBody)->Arg(1)->Arg(kContacts);

void VerifyWebhook(benchmark::State& state) {
  const auto adapter = MakeAdapter("fullenrich");
  const std::string body = FullEnrichBody(state.range(0));
  const std::string signature =
      absl::BytesToHexString(HmacSha1(Secret("benchmark-key")).Sign(body));
  const HttpRequest push = {.method = "POST",
                            .headers = {{"X-Signature-SHA1", signature}},
                            .body = body};
  for (auto _ : state) {
    if (!adapter->VerifyWebhook(push, absl::UnixEpoch())) {
      state.SkipWithError("the signature is refused");
      break;
    }
  }
  CountContacts(state, state.range(0));
}
BENCHMARK(VerifyWebhook)->Arg(1)->Arg(kContacts);

// ---- Bodies -----------------------------------------------------------------

void ParseWebhookWith(benchmark::State& state, const std::string& adapter_name,
                      const JobRef& job, const std::string& body) {
  const auto adapter = MakeAdapter(adapter_name);
  for (auto _ : state) {
    auto answer = adapter->ParseWebhook(job, body);
    if (!answer.ok()) {
      state.SkipWithError("the body is refused");
      break;
    }
    benchmark::DoNotOptimize(answer);
  }
  CountContacts(state, job.item_count);
}

void ParseWebhook(benchmark::State& state, BodyKind kind) {
  ParseWebhookWith(state, "fullenrich",
                   {.operation = "enrich",
                    .provider_job_id = "job",
                    .item_count = kContacts},
                   MakeBody(kind, "job", true, MakeKeys(kContacts)));
}
BENCHMARK_CAPTURE(ParseWebhook, FullEnrich, BodyKind::kFullEnrich);
BENCHMARK_CAPTURE(ParseWebhook, FullEnrichPhone, BodyKind::kFullEnrichPhone);

// All that a bulk search pushes is that it is over; counted as one.
void ParseWebhookEnrowBulk(benchmark::State& state) {
  ParseWebhookWith(
      state, "enrow",
      {.operation = "work_email", .provider_job_id = "job", .item_count = 1},
      R"({"event":"bulk_search_finished","id":"job","credits":{"cost":100}})");
}

// One person, with all that a plan may tell of one and we do not ask for.
void ParseWebhookEnrowSingle(benchmark::State& state) {
  std::string jobs;
  for (int i = 0; i < 20; ++i) {
    absl::StrAppend(
        &jobs, i == 0 ? "" : ",", R"({"title":"Head of Sales ", "number":)", i,
        R"(,"company":{"name":"Company","domain":"company.example",)"
        R"("industry":"Machinery","headcount":120,"location":"Lyon, France"},)"
        R"("start":"2020-01-01","end":null,"current":false})");
  }
  ParseWebhookWith(
      state, "enrow",
      {.operation = "work_email", .provider_job_id = "job", .item_count = 1},
      absl::StrCat(
          R"({"event":"single_search_finished","id":"job",)"
          R"("credits":{"cost":1},"result":{"qualification":"valid",)"
          R"("email":"nadia.lambert@company.example","custom":"ref.0",)"
          R"("info":{"company_domain":"company.example",)"
          R"("fullname":"Nadia Lambert","firstname":"Nadia",)"
          R"("lastname":"Lambert","experiences":[)",
          jobs, "]}}}"));
}
BENCHMARK(ParseWebhookEnrowBulk);
BENCHMARK(ParseWebhookEnrowSingle);

}  // namespace
}  // namespace enrich::bench
