#include "simulator/fullenrich_api.h"

#include <algorithm>
#include <limits>

#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "simulator/credit_text.h"

namespace enrich::simulator {
namespace {

constexpr absl::string_view kEnrichPath = "/contact/enrich/bulk";
constexpr absl::string_view kReversePath = "/contact/reverse/email/bulk";

// For how long the same input costs nothing.
constexpr absl::Duration kFreeAgain = absl::Hours(24 * 90);

// The first and five more.
constexpr int kWebhookAttempts = 6;

std::optional<FullEnrichJobKind> SubmitKind(absl::string_view method,
                                            absl::string_view path) {
  if (method != "POST") return std::nullopt;
  if (path == kEnrichPath) return FullEnrichJobKind::kEnrich;
  if (path == kReversePath) return FullEnrichJobKind::kReverseEmail;
  return std::nullopt;
}

struct JobPath {
  FullEnrichJobKind kind;
  absl::string_view id;
};
std::optional<JobPath> ReadPath(absl::string_view method,
                                absl::string_view path) {
  if (method != "GET") return std::nullopt;
  for (const auto& [prefix, kind] :
       {std::pair(kEnrichPath, FullEnrichJobKind::kEnrich),
        std::pair(kReversePath, FullEnrichJobKind::kReverseEmail)}) {
    if (absl::StartsWith(path, prefix) && path.size() > prefix.size() + 1 &&
        path[prefix.size()] == '/') {
      return JobPath{kind, path.substr(prefix.size() + 1)};
    }
  }
  return std::nullopt;
}

HttpResponse UnknownJob(FullEnrichJobKind kind) {
  return FullEnrichError(404,
                         kind == FullEnrichJobKind::kEnrich
                             ? "error.enrichment.not_found"
                             : "error.reverse.email.not_found",
                         "Enrichment ID not found");
}

void ApplyFault(const std::optional<Fault>& fault, FullEnrichJob& job) {
  if (!fault.has_value()) return;
  if (fault->action == FaultAction::kJobCanceled) {
    job.ends_as = FullEnrichStatus::kCanceled;
  } else if (fault->action == FaultAction::kJobFailed) {
    job.ends_as = FullEnrichStatus::kRateLimit;
  } else {
    return;
  }
  job.ends_after = job.request.contacts.size() / 2;
}

}  // namespace

FullEnrichApi::FullEnrichApi(std::shared_ptr<Environment> environment)
    : env_(std::move(environment)),
      books_(ProviderName(Provider::kFullEnrich), env_->options.fullenrich,
             *env_) {
  MutexLock lock(&mu_);
  EquipAccounts();
}

void FullEnrichApi::EquipAccounts() {
  for (auto& [key, account] : books_.accounts()) {
    account.workspace_id = NewUuid(env_->clock, env_->random);
    account.signer = std::make_shared<const HmacSha1>(Secret(key));
  }
}

EndpointKind FullEnrichApi::KindOf(absl::string_view method,
                                   absl::string_view path) const {
  if (SubmitKind(method, path)) return EndpointKind::kSubmit;
  return ReadPath(method, path) ? EndpointKind::kFetch : EndpointKind::kAccount;
}

HttpResponse FullEnrichApi::Handle(const ApiCall& call) {
  if (const auto kind = SubmitKind(call.method, call.path)) {
    return Submit(call, *kind);
  }
  MutexLock lock(&mu_);
  books_.BeginCall();
  ForgetServed();
  const auto key = Admit(call);
  if (auto* refusal = std::get_if<HttpResponse>(&key)) return *refusal;
  const std::string& account = std::get<std::string>(key);
  return ReadPath(call.method, call.path) ? Read(call, account)
                                          : ReadAccount(call, account);
}

std::variant<std::string, HttpResponse> FullEnrichApi::Admit(
    const ApiCall& call) {
  absl::string_view header = FindHeader(call.headers, "authorization");
  if (header.empty()) {
    return FullEnrichError(401, "error.authorization.not_set",
                           "Authorization headers not set");
  }
  if (!absl::StartsWithIgnoreCase(header, "bearer ")) {
    return FullEnrichError(401, "error.authorization.not_bearer",
                           "Authorization headers do not have prefix 'bearer'");
  }
  header.remove_prefix(7);
  const auto found = books_.accounts().find(header);
  if (found == books_.accounts().end()) {
    return FullEnrichError(401, "error.api.key", "Unknown api key");
  }
  if (!found->second.calls.Admit(env_->clock.Now())) return ErrorAnswer(429);
  return found->first;
}

// ---- Submitting -------------------------------------------------------------

HttpResponse FullEnrichApi::Submit(const ApiCall& call,
                                   FullEnrichJobKind kind) {
  const absl::StatusOr<json::Document> body = json::Document::Parse(call.body);
  const json::Value root = body.ok() ? body->root() : json::Value();
  MutexLock lock(&mu_);
  books_.BeginCall();
  ForgetServed();
  Submission entry = books_.NewEntry(call);
  DescribeFullEnrichRequest(root, entry);
  HttpResponse response = Accept(call, kind, root, entry);
  entry.status = response.status;
  const std::string job_id = entry.job_id;
  env_->ledger->Append(std::move(entry));
  const FullEnrichJob* job = books_.Find(job_id);
  if (job != nullptr) ScheduleNext(*job);
  return response;
}

HttpResponse FullEnrichApi::Accept(const ApiCall& call, FullEnrichJobKind kind,
                                   const json::Value& root, Submission& entry) {
  const auto key = Admit(call);
  if (auto* refusal = std::get_if<HttpResponse>(&key)) return *refusal;
  auto read =
      ReadFullEnrichRequest(kind, root, call.Query("silentFail") == "true");
  if (auto* refusal = std::get_if<HttpResponse>(&read)) return *refusal;
  FullEnrichJob job{.id = NewUuid(env_->clock, env_->random),
                    .account = std::get<std::string>(key),
                    .request = std::get<FullEnrichRequest>(std::move(read))};
  job.ends_after = job.request.contacts.size();
  ApplyFault(call.fault, job);
  Plan(books_.accounts().at(job.account), job);
  entry.accepted = true;
  entry.job_id = job.id;
  json::Writer out;
  out.StartObject().Member("enrichment_id", job.id).EndObject();
  books_.Add(std::move(job));
  return JsonAnswer(200, out.Take());
}

void FullEnrichApi::Plan(Account& account, FullEnrichJob& job) {
  const size_t count = job.request.contacts.size();
  const int limit = env_->options.fullenrich.concurrency;
  const absl::Time now = env_->clock.Now();
  job.done.assign(count, false);
  for (size_t i = 0; i < count; ++i) {
    job.order.emplace_back(account.places.Take(limit, now, env_->DrawLatency()),
                           i);
    const auto served = served_.find(ServedKey(job, i));
    job.free.push_back(served == served_.end() ? FieldSet()
                                               : served->second.fields);
  }
  std::sort(job.order.begin(), job.order.end());
}

void FullEnrichApi::RecordUnhandled(const ApiCall& call, int status) {
  const absl::StatusOr<json::Document> body = json::Document::Parse(call.body);
  MutexLock lock(&mu_);
  Submission entry = books_.NewEntry(call, status);
  if (body.ok()) DescribeFullEnrichRequest(body->root(), entry);
  env_->ledger->Append(std::move(entry));
}

// ---- Working ----------------------------------------------------------------

void FullEnrichApi::ScheduleNext(const FullEnrichJob& job) {
  const absl::Duration wait =
      job.order[job.done_count].first - env_->clock.Now();
  env_->executor.PostAfter(std::max(wait, absl::ZeroDuration()),
                           [weak = weak_from_this(), id = job.id] {
                             const std::shared_ptr<FullEnrichApi> self =
                                 weak.lock();
                             if (self != nullptr) self->Advance(id);
                           });
}

void FullEnrichApi::Advance(const std::string& job_id) {
  MutexLock lock(&mu_);
  FullEnrichJob* found = books_.Find(job_id);
  if (found == nullptr) return;
  FullEnrichJob& job = *found;
  const absl::Time now = env_->clock.Now();
  // The clock may lag behind the executor: the contact this is about is due,
  // whatever it says.
  do {
    if (job.done_count >= job.ends_after) return End(job, job.ends_as);
    if (!Complete(job, job.order[job.done_count].second)) {
      return End(job, FullEnrichStatus::kCreditsInsufficient);
    }
    if (job.done_count == job.ends_after) return End(job, job.ends_as);
  } while (job.order[job.done_count].first <= now);
  ScheduleNext(job);
}

bool FullEnrichApi::Complete(FullEnrichJob& job, size_t index) {
  const FullEnrichContact& contact = job.request.contacts[index];
  const Credits price =
      FullEnrichPrice(env_->oracle, contact, job.free[index], job.request.kind);
  Account& account = books_.accounts().at(job.account);
  if (account.balance < price) return false;
  account.balance = account.balance - price;
  job.cost += price;
  job.done[index] = true;
  ++job.done_count;
  if (!job.request.contact_url.empty()) {
    Push(job, job.request.contact_url,
         RenderFullEnrichContact(env_->oracle, job, index));
  }
  return true;
}

void FullEnrichApi::End(FullEnrichJob& job, FullEnrichStatus status) {
  job.status = status;
  RememberServed(job);
  books_.End(job);
  env_->ledger->SetCharged(job.id, job.cost);
  if (job.request.batch_url.empty() || status == FullEnrichStatus::kRateLimit) {
    return;
  }
  Push(job, job.request.batch_url, RenderFullEnrichJob(env_->oracle, job));
}

void FullEnrichApi::Push(const FullEnrichJob& job, const std::string& url,
                         std::string body) {
  env_->webhooks->Send(
      {.provider = std::string(ProviderName(Provider::kFullEnrich)),
       .url = url,
       .body = std::move(body),
       .signer = books_.accounts().at(job.account).signer,
       .attempts = kWebhookAttempts});
}

// ---- Remembering ------------------------------------------------------------

uint64_t FullEnrichApi::ServedKey(const FullEnrichJob& job,
                                  size_t index) const {
  return env_->oracle.Draw(InputKey(job.request.contacts[index]), job.account,
                           std::numeric_limits<uint64_t>::max());
}

void FullEnrichApi::RememberServed(const FullEnrichJob& job) {
  const absl::Time until = env_->clock.Now() + env_->Scaled(kFreeAgain);
  for (size_t i = 0; i < job.done.size(); ++i) {
    if (!job.done[i]) continue;
    const uint64_t key = ServedKey(job, i);
    Served& served = served_[key];
    served.fields |= job.request.contacts[i].fields;
    served.until = until;
    served_order_.emplace_back(until, key);
  }
}

void FullEnrichApi::ForgetServed() {
  const absl::Time now = env_->clock.Now();
  while (!served_order_.empty() && served_order_.front().first <= now) {
    const auto served = served_.find(served_order_.front().second);
    if (served != served_.end() && served->second.until <= now) {
      served_.erase(served);
    }
    served_order_.pop_front();
  }
}

// ---- Reading ----------------------------------------------------------------

HttpResponse FullEnrichApi::Read(const ApiCall& call,
                                 const std::string& account) {
  books_.CountFetch();
  const JobPath path = *ReadPath(call.method, call.path);
  const FullEnrichJob* found = books_.FindOf(account, path.id);
  if (found == nullptr || found->request.kind != path.kind) {
    return UnknownJob(path.kind);
  }
  const FullEnrichJob& job = *found;
  if (job.status == FullEnrichStatus::kCreditsInsufficient) {
    return JsonAnswer(402, RenderFullEnrichJob(env_->oracle, job));
  }
  if (job.status != FullEnrichStatus::kInProgress ||
      call.Query("forceResults") == "true") {
    return JsonAnswer(200, RenderFullEnrichJob(env_->oracle, job));
  }
  if (env_->options.fullenrich.running_is_200) {
    return JsonAnswer(200, RenderFullEnrichRunning(job));
  }
  return FullEnrichError(400, "error.enrichment.in_progress",
                         "Enrichment not ready, try again in 30 seconds");
}

HttpResponse FullEnrichApi::ReadAccount(const ApiCall& call,
                                        const std::string& account) {
  const Account& owner = books_.accounts().at(account);
  json::Writer out;
  if (call.method == "GET" && call.path == "/account/credits") {
    out.StartObject().Key("balance");
    WriteCredits(owner.balance, out);
    out.EndObject();
    return JsonAnswer(200, out.Take());
  }
  if (call.method == "GET" && call.path == "/account/keys/verify") {
    out.StartObject().Member("workspace_id", owner.workspace_id).EndObject();
    return JsonAnswer(200, out.Take());
  }
  return FullEnrichError(404, "error.not_found", "Not found");
}

// ---- Administration ---------------------------------------------------------

HttpResponse FullEnrichApi::ErrorAnswer(int status) const {
  if (status == 429) {
    return FullEnrichError(429, "error.rate.limit",
                           "Too many requests. Try again in 1m");
  }
  return FullEnrichError(status, "error.internal", "Internal server error");
}

void FullEnrichApi::SetBalance(Credits balance) {
  MutexLock lock(&mu_);
  books_.SetBalance(balance);
}

void FullEnrichApi::Reset() {
  MutexLock lock(&mu_);
  books_.Reset();
  EquipAccounts();
  served_.clear();
  served_order_.clear();
}

void FullEnrichApi::WriteTotals(json::Writer& out) const {
  MutexLock lock(&mu_);
  books_.WriteTotals(out);
}

}  // namespace enrich::simulator
