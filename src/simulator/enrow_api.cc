#include "simulator/enrow_api.h"

#include <utility>

#include "simulator/credit_text.h"

namespace enrich::simulator {
namespace {

HttpResponse Message(int status, absl::string_view message) {
  json::Writer out;
  out.StartObject().Member("message", message).EndObject();
  return JsonAnswer(status, out.Take());
}

HttpResponse NoCredits(const EnrowEndpoint& endpoint) {
  if (endpoint.bulk) return Message(402, "Insufficient credits");
  json::Writer out;
  out.StartObject().Member("reason", "Insufficient credits");
  out.Key("success").Bool(false).EndObject();
  return JsonAnswer(402, out.Take());
}

// Enrow never answers 404.
HttpResponse UnknownJob(const EnrowEndpoint& endpoint) {
  return endpoint.bulk ? Message(400, "Could not retrieve bulk search results")
                       : Message(500, "Internal server error");
}

// Phone bulks alone say 200 while they run.
int ReadStatus(const EnrowJob& job) {
  const bool accepted_while_running =
      !job.endpoint->bulk || job.endpoint->search != EnrowSearch::kPhone;
  const bool ongoing =
      job.state == EnrowJobState::kRunning ||
      (job.state == EnrowJobState::kFailed && !job.endpoint->bulk);
  return ongoing && accepted_while_running ? 202 : 200;
}

}  // namespace

EnrowApi::EnrowApi(std::shared_ptr<Environment> environment)
    : env_(std::move(environment)),
      books_(ProviderName(Provider::kEnrow), env_->options.enrow, *env_) {}

EndpointKind EnrowApi::KindOf(absl::string_view method,
                              absl::string_view path) const {
  if (FindEnrowEndpoint(path) == nullptr) return EndpointKind::kAccount;
  return method == "POST" ? EndpointKind::kSubmit : EndpointKind::kFetch;
}

Credits EnrowApi::PriceOf(EnrowSearch search) const {
  switch (search) {
    case EnrowSearch::kEmail:
      return Credits::Whole(1);
    case EnrowSearch::kVerify:
      return Credits{250};
    case EnrowSearch::kPhone:
      return Credits::Whole(env_->options.enrow.phone_price);
  }
  return {};
}

HttpResponse EnrowApi::Handle(const ApiCall& call) {
  const EnrowEndpoint* endpoint = FindEnrowEndpoint(call.path);
  if (endpoint != nullptr && call.method == "POST") {
    return Submit(call, *endpoint);
  }
  MutexLock lock(&mu_);
  books_.BeginCall();
  if (call.method == "GET" && endpoint != nullptr) return Read(call, *endpoint);
  if (call.method == "GET" && call.path == "/account/info") {
    return AccountInfo(call);
  }
  return Message(403, "Missing Authentication Token");
}

std::variant<std::string, HttpResponse> EnrowApi::Authenticate(
    const ApiCall& call) {
  const absl::string_view key = FindHeader(call.headers, "x-api-key");
  if (key.empty()) {
    return Message(401, "No apikey found in the x-api-key headers");
  }
  const auto found = books_.accounts().find(key);
  if (found == books_.accounts().end()) {
    return Message(401, "This apikey is not valid");
  }
  return found->first;
}

// ---- Submitting -------------------------------------------------------------

HttpResponse EnrowApi::Submit(const ApiCall& call,
                              const EnrowEndpoint& endpoint) {
  const absl::StatusOr<json::Document> body = json::Document::Parse(call.body);
  MutexLock lock(&mu_);
  books_.BeginCall();
  Submission entry = books_.NewEntry(call);
  if (body.ok()) DescribeEnrowRequest(endpoint, body->root(), entry);
  HttpResponse response = Accept(call, endpoint, body, entry);
  entry.status = response.status;
  const std::string job_id = entry.job_id;
  env_->ledger->Append(std::move(entry));
  const EnrowJob* job = books_.Find(job_id);
  if (job != nullptr) ScheduleEnd(*job, call.FailsJob());
  return response;
}

HttpResponse EnrowApi::Accept(const ApiCall& call,
                              const EnrowEndpoint& endpoint,
                              const absl::StatusOr<json::Document>& body,
                              Submission& entry) {
  auto key = Authenticate(call);
  if (auto* refusal = std::get_if<HttpResponse>(&key)) return *refusal;
  ProviderAccount& account = books_.accounts().at(std::get<std::string>(key));
  if (!account.calls.Admit(env_->clock.Now())) return ErrorAnswer(429);
  if (endpoint.search == EnrowSearch::kPhone &&
      !env_->options.enrow.phone_allowed) {
    return Message(
        401, "This account is not allowed to use the phone search feature");
  }
  auto read = ReadEnrowRequest(endpoint, call.body, body);
  if (auto* refusal = std::get_if<HttpResponse>(&read)) return *refusal;
  EnrowJob job{.id = NewUuid(env_->clock, env_->random),
               .endpoint = &endpoint,
               .account = std::get<std::string>(key),
               .request = std::get<EnrowRequest>(std::move(read)),
               .item_price = PriceOf(endpoint.search),
               .begun = env_->clock.Now(),
               .takes = env_->DrawLatency()};
  job.price = job.item_price * static_cast<int64_t>(job.request.items.size());
  if (account.balance < job.price) return NoCredits(endpoint);
  account.balance = account.balance - job.price;
  entry.accepted = true;
  entry.job_id = job.id;
  entry.debited = entry.charged = job.price;
  return JsonAnswer(endpoint.created_status,
                    RenderEnrowAccepted(books_.Add(std::move(job))));
}

void EnrowApi::ScheduleEnd(const EnrowJob& job, bool fails) {
  env_->executor.PostAfter(job.takes,
                           [weak = weak_from_this(), id = job.id, fails] {
                             const std::shared_ptr<EnrowApi> self = weak.lock();
                             if (self != nullptr) self->End(id, fails);
                           });
}

void EnrowApi::End(const std::string& job_id, bool fails) {
  MutexLock lock(&mu_);
  EnrowJob* found = books_.Find(job_id);
  if (found == nullptr) return;
  EnrowJob& job = *found;
  job.state = fails ? EnrowJobState::kFailed : EnrowJobState::kCompleted;
  if (!fails) {
    for (const EnrowItem& item : job.request.items) {
      if (IsGood(env_->oracle, job, item)) ++job.good;
    }
    job.cost = job.endpoint->search == EnrowSearch::kVerify
                   ? job.price
                   : job.item_price * job.good;
  }
  books_.accounts().at(job.account).balance += job.price - job.cost;
  books_.End(job);
  env_->ledger->SetCharged(job_id, job.cost);
  if (job.request.webhook.empty()) return;
  env_->webhooks->Send({.provider = std::string(ProviderName(Provider::kEnrow)),
                        .url = job.request.webhook,
                        .body = RenderEnrowWebhook(env_->oracle, job)});
}

void EnrowApi::RecordUnhandled(const ApiCall& call, int status) {
  const EnrowEndpoint* endpoint = FindEnrowEndpoint(call.path);
  const absl::StatusOr<json::Document> body = json::Document::Parse(call.body);
  MutexLock lock(&mu_);
  Submission entry = books_.NewEntry(call, status);
  if (endpoint != nullptr && body.ok()) {
    DescribeEnrowRequest(*endpoint, body->root(), entry);
  }
  env_->ledger->Append(std::move(entry));
}

// ---- Reading ----------------------------------------------------------------

HttpResponse EnrowApi::Read(const ApiCall& call,
                            const EnrowEndpoint& endpoint) {
  books_.CountFetch();
  const auto key = Authenticate(call);
  if (auto* refusal = std::get_if<HttpResponse>(&key)) return *refusal;
  const absl::string_view id = call.Query("id");
  if (id.empty()) return Message(400, "Missing id in the query params");
  const EnrowJob* job = books_.FindOf(std::get<std::string>(key), id);
  if (job == nullptr || job->endpoint != &endpoint) return UnknownJob(endpoint);
  return JsonAnswer(ReadStatus(*job),
                    RenderEnrowJob(env_->oracle, *job, env_->clock.Now()));
}

HttpResponse EnrowApi::AccountInfo(const ApiCall& call) {
  const auto key = Authenticate(call);
  if (auto* refusal = std::get_if<HttpResponse>(&key)) return *refusal;
  json::Writer out;
  out.StartObject().Key("credits");
  WriteCredits(books_.accounts().at(std::get<std::string>(key)).balance, out);
  out.Key("webhooks").StartArray().EndArray().EndObject();
  return JsonAnswer(200, out.Take());
}

// ---- Administration ---------------------------------------------------------

HttpResponse EnrowApi::ErrorAnswer(int status) const {
  return Message(status, status == 429   ? "Too Many Requests"
                         : status == 503 ? "Service Unavailable"
                                         : "Internal Server Error");
}

void EnrowApi::SetBalance(Credits balance) {
  MutexLock lock(&mu_);
  books_.SetBalance(balance);
}

void EnrowApi::Reset() {
  MutexLock lock(&mu_);
  books_.Reset();
}

void EnrowApi::WriteTotals(json::Writer& out) const {
  MutexLock lock(&mu_);
  books_.WriteTotals(out);
}

}  // namespace enrich::simulator
