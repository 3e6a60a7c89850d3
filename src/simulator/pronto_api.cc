#include "simulator/pronto_api.h"

#include <algorithm>
#include <cmath>
#include <optional>
#include <utility>

#include "absl/strings/str_cat.h"
#include "absl/strings/strip.h"
#include "simulator/credit_text.h"

namespace enrich::simulator {
namespace {

constexpr absl::string_view kSinglePath = "/contacts/single_enrich";
constexpr absl::string_view kBulkPath = "/contacts/bulk_enrich";

bool IsSubmit(absl::string_view method, absl::string_view path) {
  return method == "POST" && (path == kSinglePath || path == kBulkPath);
}

// The id of the enrichment to be read.
std::optional<absl::string_view> ReadPath(absl::string_view method,
                                          absl::string_view path) {
  if (method != "GET" || !absl::ConsumePrefix(&path, "/contacts/")) {
    return std::nullopt;
  }
  return path;
}

}  // namespace

ProntoApi::ProntoApi(std::shared_ptr<Environment> environment)
    : env_(std::move(environment)),
      books_(ProviderName(Provider::kPronto), env_->options.pronto, *env_) {}

EndpointKind ProntoApi::KindOf(absl::string_view method,
                               absl::string_view path) const {
  if (IsSubmit(method, path)) return EndpointKind::kSubmit;
  return ReadPath(method, path) ? EndpointKind::kFetch : EndpointKind::kAccount;
}

HttpResponse ProntoApi::Handle(const ApiCall& call) {
  if (IsSubmit(call.method, call.path)) {
    return Submit(call, call.path == kBulkPath);
  }
  MutexLock lock(&mu_);
  books_.BeginCall();
  const auto key = Admit(call);
  if (auto* refusal = std::get_if<HttpResponse>(&key)) return *refusal;
  const std::string& account = std::get<std::string>(key);
  return ReadPath(call.method, call.path) ? Read(call, account)
                                          : ReadAccount(call, account);
}

std::variant<std::string, HttpResponse> ProntoApi::Admit(const ApiCall& call) {
  const auto found =
      books_.accounts().find(FindHeader(call.headers, "x-api-key"));
  if (found == books_.accounts().end()) {
    return ProntoError(401, "Unauthorized");
  }
  if (!found->second.calls.Admit(env_->clock.Now())) return ErrorAnswer(429);
  return found->first;
}

// ---- Submitting -------------------------------------------------------------

HttpResponse ProntoApi::Submit(const ApiCall& call, bool bulk) {
  const absl::StatusOr<json::Document> body = json::Document::Parse(call.body);
  const json::Value root = body.ok() ? body->root() : json::Value();
  MutexLock lock(&mu_);
  books_.BeginCall();
  Submission entry = books_.NewEntry(call);
  DescribeProntoRequest(bulk, root, entry);
  std::vector<std::string> jobs;
  HttpResponse response = Accept(call, bulk, root, entry, jobs);
  entry.status = response.status;
  env_->ledger->Append(std::move(entry));
  if (!jobs.empty()) Schedule(jobs, call.FailsJob());
  return response;
}

HttpResponse ProntoApi::Accept(const ApiCall& call, bool bulk,
                               const json::Value& root, Submission& entry,
                               std::vector<std::string>& jobs) {
  const auto key = Admit(call);
  if (auto* refusal = std::get_if<HttpResponse>(&key)) return *refusal;
  auto read = ReadProntoRequest(bulk, root);
  if (auto* refusal = std::get_if<HttpResponse>(&read)) return *refusal;
  auto& request = std::get<ProntoRequest>(read);
  const ProntoOptions& options = env_->options.pronto;
  if (request.fields.Has(ContactField::kPersonalEmail) && options.no_consent) {
    return ProntoError(422,
                       "You can't use the personal email enrichment feature "
                       "without consenting with our terms of use");
  }
  const Credits price = ProntoPrice(request.fields, options) *
                        static_cast<int64_t>(request.contacts.size());
  const std::string& account_key = std::get<std::string>(key);
  Account& account = books_.accounts().at(account_key);
  if (account.balance < account.promised + price) {
    return ProntoError(422, "Insufficient enrichment credits");
  }
  account.promised += price;
  const std::string id = NewUuid(env_->clock, env_->random);
  jobs = AddJobs(account_key, bulk, id, std::move(request));
  entry.accepted = true;
  entry.job_id = id;
  if (!bulk) {
    return JsonAnswer(200, RenderProntoJob(env_->oracle, *books_.Find(id)));
  }
  json::Writer out;
  out.StartObject().Member("enrichment_id", id).EndObject();
  return JsonAnswer(202, out.Take());
}

std::vector<std::string> ProntoApi::AddJobs(const std::string& account,
                                            bool bulk,
                                            const std::string& batch_id,
                                            ProntoRequest request) {
  const auto batch = std::make_shared<ProntoBatch>(ProntoBatch{
      .id = batch_id,
      .fields = request.fields,
      .phone_countries = std::move(request.phone_countries),
      .webhook = std::move(request.webhook),
      .contact_price = ProntoPrice(request.fields, env_->options.pronto),
      .running = request.contacts.size()});
  std::vector<std::string> ids;
  for (ProntoContact& contact : request.contacts) {
    ids.push_back(bulk ? NewUuid(env_->clock, env_->random) : batch_id);
    books_.Add({.id = ids.back(),
                .account = account,
                .batch = batch,
                .contact = std::move(contact)});
  }
  return ids;
}

void ProntoApi::Schedule(const std::vector<std::string>& jobs, bool fails) {
  std::vector<absl::Duration> latencies(jobs.size());
  for (absl::Duration& latency : latencies) latency = env_->DrawLatency();
  const absl::Duration longest =
      *std::max_element(latencies.begin(), latencies.end());
  // All begin together, once the request has its place.
  const absl::Time now = env_->clock.Now();
  WorkPlaces& places =
      books_.accounts().at(books_.Find(jobs.front())->account).places;
  const absl::Time done =
      places.Take(env_->options.pronto.concurrency, now, longest);
  const absl::Duration wait = done - longest - now;
  for (size_t i = 0; i < jobs.size(); ++i) {
    env_->executor.PostAfter(
        wait + latencies[i], [weak = weak_from_this(), id = jobs[i], fails] {
          const std::shared_ptr<ProntoApi> self = weak.lock();
          if (self != nullptr) self->Finish(id, fails);
        });
  }
}

void ProntoApi::RecordUnhandled(const ApiCall& call, int status) {
  const absl::StatusOr<json::Document> body = json::Document::Parse(call.body);
  MutexLock lock(&mu_);
  Submission entry = books_.NewEntry(call, status);
  if (body.ok()) {
    DescribeProntoRequest(call.path == kBulkPath, body->root(), entry);
  }
  env_->ledger->Append(std::move(entry));
}

void ProntoApi::Finish(const std::string& job_id, bool fails) {
  MutexLock lock(&mu_);
  ProntoJob* job = books_.Find(job_id);
  if (job == nullptr) return;
  job->state = fails ? ProntoState::kFailed : ProntoState::kFinished;
  ProntoBatch& batch = *job->batch;
  const FieldSet found = fails ? FieldSet() : ProntoFound(env_->oracle, *job);
  const Credits cost = ProntoPrice(found, env_->options.pronto);
  Account& account = books_.accounts().at(job->account);
  account.balance = account.balance - cost;
  account.promised = account.promised - batch.contact_price;
  books_.End(*job);
  batch.cost += cost;
  if (--batch.running == 0) env_->ledger->SetCharged(batch.id, batch.cost);
  if (fails || batch.webhook.empty()) return;
  env_->webhooks->Send(
      {.provider = std::string(ProviderName(Provider::kPronto)),
       .url = batch.webhook,
       .body = RenderProntoJob(env_->oracle, *job)});
}

// ---- Reading ----------------------------------------------------------------

HttpResponse ProntoApi::Read(const ApiCall& call, const std::string& account) {
  books_.CountFetch();
  const ProntoJob* job =
      books_.FindOf(account, *ReadPath(call.method, call.path));
  if (job == nullptr) return ProntoError(404, "Not found");
  return JsonAnswer(200, RenderProntoJob(env_->oracle, *job));
}

HttpResponse ProntoApi::ReadAccount(const ApiCall& call,
                                    const std::string& account) {
  const bool owner = call.path == "/account";
  if (call.method != "GET" || (!owner && call.path != "/credits")) {
    return ProntoError(404, "Not found");
  }
  json::Writer out;
  out.StartObject();
  if (owner) {
    out.Key("id").Int(static_cast<int64_t>(
        env_->oracle.Draw(account, "pronto account", 1000000)));
  }
  out.Key("credits");
  WriteCredits(books_.accounts().at(account).balance, out);
  out.EndObject();
  return JsonAnswer(200, out.Take());
}

// ---- Administration ---------------------------------------------------------

HttpResponse ProntoApi::ErrorAnswer(int status) const {
  if (status != 429) {
    return ProntoError(status, status == 503 ? "Service Unavailable"
                                             : "Internal Server Error");
  }
  HttpResponse response = ProntoError(429, "Too Many Requests");
  const double seconds = std::ceil(
      absl::ToDoubleSeconds(env_->Scaled(env_->options.pronto.rate_window)));
  response.headers.emplace_back(
      "Retry-After",
      absl::StrCat(static_cast<int64_t>(std::max(1.0, seconds))));
  return response;
}

void ProntoApi::SetBalance(Credits balance) {
  MutexLock lock(&mu_);
  books_.SetBalance(balance);
}

void ProntoApi::Reset() {
  MutexLock lock(&mu_);
  books_.Reset();
}

void ProntoApi::WriteTotals(json::Writer& out) const {
  MutexLock lock(&mu_);
  books_.WriteTotals(out);
}

}  // namespace enrich::simulator
