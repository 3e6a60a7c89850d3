// The pure parts, timed one by one.

#include "bench/micro.h"

#include <filesystem>
#include <fstream>
#include <memory>
#include <sstream>
#include <string>
#include <utility>
#include <vector>

#include "absl/strings/str_cat.h"
#include "adapters/rest/load.h"
#include "base/json.h"
#include "base/phone.h"
#include "bench/payloads.h"
#include "benchmark/benchmark.h"
#include "engine/planner.h"
#include "expression/expression.h"
#include "model/contact.h"
#include "model/identity.h"
#include "rpc/convert.h"
#include "rpc/proto_event_encoder.h"

namespace enrich::bench {
namespace {

std::string ReadFile(const std::filesystem::path& path) {
  std::stringstream text;
  text << std::ifstream(path).rdbuf();
  return text.str();
}

const std::filesystem::path kSource = ENRICH_SOURCE_DIR;

// FullEnrich by a provider file.
std::unique_ptr<ProviderAdapter> MakeDeclaredFullEnrich(
    const std::string& file) {
  AccountConfig config = ConfigOf("rest");
  config.definition = ReadFile(kSource / file);
  return AllAdapters().Create(config).value();
}

// ---- JSON -------------------------------------------------------------------

// The limit of the next two: the same body, parsed safely and dropped.
void JsonParse(benchmark::State& state, BodyKind kind) {
  const std::string body = MakeBody(kind, "job", true, MakeKeys(kContacts));
  for (auto _ : state) {
    auto document = json::Document::Parse(body);
    benchmark::DoNotOptimize(document);
  }
  CountContacts(state, kContacts);
}

void ParseFetchWith(benchmark::State& state, BodyKind kind,
                    const ProviderAdapter& adapter) {
  const bool enrow = kind == BodyKind::kEnrow;
  const JobRef job = {.operation = enrow ? "work_email" : "enrich",
                      .provider_job_id = "job",
                      .item_count = kContacts};
  const HttpResponse response = {
      .status = 200, .body = MakeBody(kind, "job", true, MakeKeys(kContacts))};
  for (auto _ : state) {
    FetchReply reply = adapter.ParseFetch(job, response);
    benchmark::DoNotOptimize(reply);
  }
  CountContacts(state, kContacts);
}

void ParseFetch(benchmark::State& state, BodyKind kind) {
  ParseFetchWith(
      state, kind,
      *MakeAdapter(kind == BodyKind::kEnrow ? "enrow" : "fullenrich"));
}

// The same bodies through a provider file.
void ParseFetchDeclared(benchmark::State& state, BodyKind kind) {
  ParseFetchWith(state, kind,
                 *MakeDeclaredFullEnrich("tests/bench/fullenrich.yaml"));
}

// Through one that gives what the native adapter does in every odd case.
void ParseFetchDeclaredInFull(benchmark::State& state, BodyKind kind) {
  ParseFetchWith(state, kind,
                 *MakeDeclaredFullEnrich("tests/golden/rest/fullenrich.yaml"));
}

BENCHMARK_CAPTURE(JsonParse, FullEnrich, BodyKind::kFullEnrich);
BENCHMARK_CAPTURE(JsonParse, FullEnrichPhone, BodyKind::kFullEnrichPhone);
BENCHMARK_CAPTURE(JsonParse, Enrow, BodyKind::kEnrow);
BENCHMARK_CAPTURE(ParseFetch, FullEnrich, BodyKind::kFullEnrich);
BENCHMARK_CAPTURE(ParseFetchDeclared, FullEnrich, BodyKind::kFullEnrich);
BENCHMARK_CAPTURE(ParseFetchDeclaredInFull, FullEnrich, BodyKind::kFullEnrich);
BENCHMARK_CAPTURE(ParseFetch, FullEnrichPhone, BodyKind::kFullEnrichPhone);
BENCHMARK_CAPTURE(ParseFetchDeclared, FullEnrichPhone,
                  BodyKind::kFullEnrichPhone);
BENCHMARK_CAPTURE(ParseFetch, Enrow, BodyKind::kEnrow);

// All files of the catalogue, as a gateway compiles them at its start.
void CompileProviderFiles(benchmark::State& state) {
  std::vector<std::string> files;
  for (const std::string folder : {"deploy/providers", "tests/golden/rest"}) {
    if (!std::filesystem::is_directory(kSource / folder)) continue;
    for (const auto& entry :
         std::filesystem::directory_iterator(kSource / folder)) {
      if (entry.path().extension() == ".yaml") {
        files.push_back(ReadFile(entry.path()));
      }
    }
  }
  for (auto _ : state) {
    for (const std::string& file : files) {
      auto loaded = rest::Load(file, rest::FixtureAccount(file));
      if (loaded.plan == nullptr) state.SkipWithError("a file has mistakes");
    }
  }
  state.SetItemsProcessed(state.iterations() *
                          static_cast<int64_t>(files.size()));
}
BENCHMARK(CompileProviderFiles)->Unit(benchmark::kMillisecond);

// ---- Expressions ------------------------------------------------------------

// A person whose mail address was found.
struct FoundMail {
  absl::string_view ref;
  absl::string_view address;
  absl::string_view grade;
};

const expression::Tables& MailTables() {
  static const auto* const tables =
      new expression::Tables{{"grade",
                              {{"ultra_sure", "DELIVERABLE"},
                               {"very_sure", "DELIVERABLE"},
                               {"probable", "RISKY"},
                               {"undeliverable", "UNDELIVERABLE"},
                               {"*", "UNKNOWN"}}}};
  return *tables;
}

json::Document MakeMails() {
  constexpr absl::string_view kGrades[] = {"ultra_sure", "probable", "odd"};
  json::Writer out;
  out.StartObject().Member("id", "job").Key("items").StartArray();
  for (int i = 0; i < kContacts; ++i) {
    out.StartObject().Key("order").Int(i);
    out.Member("status", i % 4 == 0 ? "NOT_FOUND" : "FOUND");
    out.Key("input").StartObject().Member("first_name", "Nadia");
    out.Member("last_name", "Lambert").Member("ref", absl::StrCat("ref-", i));
    out.EndObject().Key("results").StartObject().Key("emails").StartArray();
    out.StartObject().Member("address", "nadia.lambert@company.example");
    out.Member("certainty", kGrades[i % 3]).EndObject();
    out.EndArray().EndObject().EndObject();
  }
  out.EndArray().EndObject();
  return json::Document::Parse(out.Take()).value();
}

void ExpressionEvaluate(benchmark::State& state) {
  const json::Document document = MakeMails();
  const expression::Expression mails =
      expression::Expression::Compile(
          "items[?status == 'FOUND'].{ref: input.ref, "
          "address: results.emails[0].address, "
          "grade: lookup('grade', results.emails[0].certainty)}",
          MailTables())
          .value();
  for (auto _ : state) {
    expression::Arena arena;
    const expression::Value root(document.root());
    std::vector<FoundMail> found;
    mails.Evaluate(root, root, arena)
        .ForEachElement([&found](const expression::Value& one) {
          found.push_back({.ref = one["ref"].AsString(),
                           .address = one["address"].AsString(),
                           .grade = one["grade"].AsString()});
        });
    benchmark::DoNotOptimize(found);
  }
  CountContacts(state, kContacts);
}
BENCHMARK(ExpressionEvaluate);

// The limit of the one before: the same, written by hand.
void ExpressionByHand(benchmark::State& state) {
  const json::Document document = MakeMails();
  const expression::Table& grades = MailTables().at("grade");
  for (auto _ : state) {
    std::vector<FoundMail> found;
    for (const json::Value one : document.root()["items"]) {
      if (one["status"].AsString() != "FOUND") continue;
      const json::Value mail = one["results"]["emails"].at(0);
      auto grade = grades.find(mail["certainty"].AsString());
      if (grade == grades.end()) grade = grades.find("*");
      found.push_back({.ref = one["input"]["ref"].AsString(),
                       .address = mail["address"].AsString(),
                       .grade = grade->second});
    }
    benchmark::DoNotOptimize(found);
  }
  CountContacts(state, kContacts);
}
BENCHMARK(ExpressionByHand);

// ---- Accepting --------------------------------------------------------------

void ParseRequest(benchmark::State& state) {
  const std::string bytes = MakeRequest(0, 1000).SerializeAsString();
  for (auto _ : state) {
    v1::EnrichBatchRequest message;
    benchmark::DoNotOptimize(message.ParseFromString(bytes));
  }
  CountContacts(state, 1000);
}
BENCHMARK(ParseRequest);

void ConvertRequest(benchmark::State& state) {
  const v1::EnrichBatchRequest request = MakeRequest(0, 1000);
  for (auto _ : state) {
    state.PauseTiming();
    v1::EnrichBatchRequest message = request;
    message.set_request_id("benchmark");
    state.ResumeTiming();
    auto converted = BatchRequestFromProto("tenant", 10'000, message);
    benchmark::DoNotOptimize(converted);
  }
  CountContacts(state, 1000);
}
BENCHMARK(ConvertRequest);

void PlanBatch(benchmark::State& state) {
  std::vector<Account> list;
  list.push_back({.name = "fullenrich", .adapter = MakeAdapter("fullenrich")});
  const Accounts accounts(std::move(list));
  const std::vector<Waterfall> waterfalls = {
      {.field = ContactField::kWorkEmail, .accounts = {"fullenrich"}}};
  v1::EnrichBatchRequest message = MakeRequest(0, 1000);
  message.set_request_id("benchmark");
  const BatchRequest request =
      BatchRequestFromProto("tenant", 10'000, message).value();
  const ProtoEventEncoder encoder;
  for (auto _ : state) {
    state.PauseTiming();
    BatchRequest copy = request;
    state.ResumeTiming();
    auto plan = MakePlan(copy, accounts, waterfalls);
    NewBatch batch = MakeBatch(std::move(copy), *std::move(plan), accounts,
                               encoder, "batch", absl::UnixEpoch());
    benchmark::DoNotOptimize(batch);
  }
  CountContacts(state, 1000);
}
BENCHMARK(PlanBatch);

Contact OneContact() {
  const v1::Contact message = MakeContact(1);
  return {.contact_ref = message.contact_ref(),
          .first_name = message.first_name(),
          .last_name = message.last_name(),
          .company_name = message.company_name(),
          .company_domain = message.company_domain(),
          .linkedin_url = message.linkedin_url()};
}

void NormalizeOneContact(benchmark::State& state) {
  const Contact contact = OneContact();
  for (auto _ : state) {
    Contact copy = contact;
    auto violations = NormalizeContact(copy);
    benchmark::DoNotOptimize(violations);
  }
  CountContacts(state, 1);
}
BENCHMARK(NormalizeOneContact);

void IdentifyOneContact(benchmark::State& state) {
  const Contact contact = OneContact();
  for (auto _ : state) {
    Identity identity = IdentityOf("tenant", contact);
    benchmark::DoNotOptimize(identity);
  }
  CountContacts(state, 1);
}
BENCHMARK(IdentifyOneContact);

// ---- Results ----------------------------------------------------------------

void EncodeEvent(benchmark::State& state) {
  const ProtoEventEncoder encoder;
  const Contact contact = {.contact_ref = "r1"};
  const ContactProgress progress = {
      .fields = {{.field = ContactField::kWorkEmail,
                  .outcome = Outcome::kFound,
                  .emails = {{.address = "nadia.lambert@company-1.example",
                              .quality = EmailQuality::kDeliverable}},
                  .provider = "fullenrich",
                  .attempts = {{.provider = "fullenrich",
                                .outcome = Outcome::kFound,
                                .duration = absl::Seconds(50),
                                .credits = Credits::Whole(1),
                                .decision = "the quality suffices"}}}},
      .profile = {.full_name = "Nadia Lambert1",
                  .job_title = "Head of Sales",
                  .location = "Lyon, France",
                  .company_name = "Company 1",
                  .company_domain = "company-1.example",
                  .company_industry = "Machinery",
                  .company_headcount = 120,
                  .provider = "fullenrich"}};
  for (auto _ : state) {
    std::string event = encoder.EncodeContactResult("batch", absl::UnixEpoch(),
                                                    1, contact, progress, 0);
    benchmark::DoNotOptimize(event);
  }
  CountContacts(state, 1);
}
BENCHMARK(EncodeEvent);

void NormalizeOnePhone(benchmark::State& state) {
  for (auto _ : state) {
    NormalizedPhone phone = NormalizePhone("+33 6 39 98 00 01", "FR");
    benchmark::DoNotOptimize(phone);
  }
  CountContacts(state, 1);
}
BENCHMARK(NormalizeOnePhone);

}  // namespace
}  // namespace enrich::bench

BENCHMARK_MAIN();
