#include "simulator/provider_file_api.h"

#include <algorithm>
#include <cmath>
#include <utility>

#include "absl/strings/ascii.h"
#include "absl/strings/match.h"
#include "absl/strings/numbers.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_split.h"
#include "expression/arena.h"
#include "expression/value.h"
#include "simulator/played_person.h"
#include "simulator/push_signer.h"

namespace enrich::simulator {
namespace {

// To what the file does not send: no file takes it for a miss or a refusal.
constexpr int kNotPlayed = 501;

HttpResponse Refusal(int status, absl::string_view message) {
  json::Writer out;
  out.StartObject().Member("error", message).EndObject();
  return JsonAnswer(status, out.Take());
}

bool IsDrift(const ApiCall& call) {
  return call.fault.has_value() && call.fault->action == FaultAction::kDrift;
}

std::string ValueOf(const ContactValues& contact, const std::string& input) {
  const auto found = contact.find(input);
  return found == contact.end() ? "" : found->second;
}

}  // namespace

ProviderFileApi::ProviderFileApi(std::shared_ptr<Environment> environment,
                                 const ProviderFileOptions& options,
                                 std::shared_ptr<const ProviderScript> script)
    : env_(std::move(environment)),
      options_(options),
      script_(std::move(script)),
      answers_(env_->oracle),
      books_(script_->plan().id, options_, *env_) {}

EndpointKind ProviderFileApi::KindOf(absl::string_view method,
                                     absl::string_view path) const {
  for (const PlayedVariant& variant : script_->variants()) {
    const rest::Variant& plan = *variant.plan;
    if (IsCallOf(plan.submit.request, method, path)) {
      return EndpointKind::kSubmit;
    }
    if (!plan.poll.has_value()) continue;
    if (IsCallOf(plan.poll->request, method, path) ||
        (plan.poll->then.has_value() &&
         IsCallOf(plan.poll->then->request, method, path))) {
      return EndpointKind::kFetch;
    }
  }
  return EndpointKind::kAccount;
}

HttpResponse ProviderFileApi::Handle(const ApiCall& call) {
  MutexLock lock(&mu_);
  books_.BeginCall();
  switch (KindOf(call.method, call.path)) {
    case EndpointKind::kSubmit:
      return Submit(call);
    case EndpointKind::kFetch:
      return Poll(call);
    case EndpointKind::kAccount:
    case EndpointKind::kWebhook:
      break;
  }
  const rest::Plan& plan = script_->plan();
  if (plan.token && IsCallOf(plan.token->request, call.method, call.path)) {
    return IssueToken(call);
  }
  if (plan.balance && IsCallOf(plan.balance->request, call.method, call.path)) {
    return ReadBalance(call);
  }
  return Refusal(kNotPlayed, "the file sends no such request");
}

std::optional<HttpResponse> ProviderFileApi::Admit(
    const rest::RequestPlan& request, absl::string_view operation,
    const ApiCall& call) {
  const bool oauth = script_->plan().token.has_value();
  if ((oauth && token_.empty()) || !HasCredentials(request, call, token_)) {
    return Rejected(operation, "PROVIDER_AUTH", 401);
  }
  ProviderAccount& account = books_.accounts().begin()->second;
  if (!account.calls.Admit(env_->clock.Now())) return ErrorAnswer(429);
  return std::nullopt;
}

// ---- Submitting -------------------------------------------------------------

HttpResponse ProviderFileApi::Submit(const ApiCall& call) {
  Submission entry = books_.NewEntry(call);
  const auto played = ReadSubmission(*script_, call);
  HttpResponse response = played.ok()
                              ? Accept(call, *played, entry)
                              : Refusal(kNotPlayed, played.status().message());
  entry.status = response.status;
  const std::string job_id = entry.job_id;
  env_->ledger->Append(std::move(entry));
  if (!job_id.empty()) FinishLater(job_id);
  return response;
}

void ProviderFileApi::Describe(const PlayedCall& played,
                               Submission& entry) const {
  entry.reference = played.requested.reference;
  entry.callback_sha256 = UrlHash(played.requested.callback_url);
  for (const ContactValues& contact : played.requested.contacts) {
    entry.keys.push_back(ValueOf(contact, "ref"));
    entry.lookups.push_back(LookupHash({.full_name = IdentityOf(contact)},
                                       played.variant->operation->id));
  }
}

HttpResponse ProviderFileApi::Accept(const ApiCall& call,
                                     const PlayedCall& played,
                                     Submission& entry) {
  Describe(played, entry);
  const PlayedVariant& variant = *played.variant;
  const std::string& operation = variant.operation->id;
  if (auto refusal = Admit(variant.plan->submit.request, operation, call)) {
    return *std::move(refusal);
  }
  auto batch = std::make_shared<PlayedBatch>(
      PlayedBatch{.variant = &variant,
                  .contacts = played.requested.contacts,
                  .reference = played.requested.reference,
                  .callback_url = CallbackOf(played),
                  .fails = call.FailsJob()});
  for (const ContactValues& contact : batch->contacts) {
    batch->findings.push_back(
        answers_.ChooseFindings(variant, contact, batch->contacts.size() > 1));
  }
  if (books_.accounts().begin()->second.balance < answers_.CostOf(*batch)) {
    return Rejected(operation, "OUT_OF_CREDITS", 402);
  }
  entry.accepted = true;
  HttpResponse answer = variant.JobGives(batch->findings.front())
                            ? StartJob(batch, entry)
                            : AnswerInline(*batch, entry);
  return IsDrift(call)
             ? DriftAnswer(*batch, PlayedStep::Kind::kSubmit, std::move(answer))
             : answer;
}

std::string ProviderFileApi::CallbackOf(const PlayedCall& played) const {
  const auto& webhook = played.variant->plan->webhook;
  const bool registered = webhook.has_value() && webhook->registered;
  return registered ? options_.registered_url : played.requested.callback_url;
}

HttpResponse ProviderFileApi::AnswerInline(const PlayedBatch& batch,
                                           Submission& entry) {
  const std::vector<size_t> contacts = AllContacts(batch);
  entry.charged = answers_.CostOf(batch);
  ProviderAccount& account = books_.accounts().begin()->second;
  account.balance = account.balance - entry.charged;
  return answers_.Render(
      answers_.Choose(batch.variant->inlines, batch, contacts), batch,
      contacts);
}

HttpResponse ProviderFileApi::StartJob(
    const std::shared_ptr<PlayedBatch>& batch, Submission& entry) {
  const std::vector<size_t> contacts = AllContacts(*batch);
  const PlayedAnswer& accept =
      answers_.Choose(batch->variant->accepts, *batch, contacts);
  const size_t count = batch->variant->per_item() ? contacts.size() : 1;
  for (size_t i = 0; i < count; ++i) {
    const size_t from =
        batch->variant->per_item() ? answers_.Original(accept, *batch, i) : 0;
    const std::string pattern =
        from < accept.job_ids.size() ? accept.job_ids[from] : "";
    batch->ids.push_back(FreshId(pattern));
    books_.Add({.id = batch->ids.back(),
                .account = books_.accounts().begin()->first,
                .batch = batch,
                .contact = i});
  }
  entry.job_id = batch->ids.front();
  entry.debited = accept.step->expect.debited;
  entry.charged = entry.debited;
  return answers_.Render(accept, *batch, contacts);
}

void ProviderFileApi::RecordUnhandled(const ApiCall& call, int status) {
  const auto played = ReadSubmission(*script_, call);
  MutexLock lock(&mu_);
  Submission entry = books_.NewEntry(call, status);
  if (played.ok()) Describe(*played, entry);
  env_->ledger->Append(std::move(entry));
}

void ProviderFileApi::FinishLater(const std::string& job_id) {
  env_->executor.PostAfter(
      env_->DrawLatency(), [weak = weak_from_this(), job_id] {
        const std::shared_ptr<ProviderFileApi> self = weak.lock();
        if (self == nullptr) return;
        MutexLock lock(&self->mu_);
        PlayedJob* job = self->books_.Find(job_id);
        if (job != nullptr) self->Finish(*job->batch);
      });
}

void ProviderFileApi::Finish(PlayedBatch& batch) {
  if (std::exchange(batch.done, true)) return;
  for (const std::string& id : batch.ids) books_.End(*books_.Find(id));
  const Credits cost = batch.fails ? Credits() : answers_.CostOf(batch);
  ProviderAccount& account = books_.accounts().begin()->second;
  account.balance = account.balance - cost;
  env_->ledger->SetCharged(batch.ids.front(), cost);
  if (!batch.fails && !batch.callback_url.empty()) Push(batch);
}

// ---- Pushing ----------------------------------------------------------------

void ProviderFileApi::Push(const PlayedBatch& batch) {
  const auto& webhook = batch.variant->plan->webhook;
  if (!webhook.has_value()) return;
  const std::vector<size_t> all = AllContacts(batch);
  const std::vector<PlayedAnswer>& pushes =
      webhook->trust_payload ? batch.variant->pushes : batch.variant->hints;
  const bool together = webhook->trust_payload ? webhook->batch_scope
                                               : !batch.variant->per_item();
  if (together) return PushOne(batch, answers_.Choose(pushes, batch, all), all);
  for (const size_t contact : all) {
    PushOne(batch, answers_.Choose(pushes, batch, {contact}), {contact});
  }
}

void ProviderFileApi::PushOne(const PlayedBatch& batch,
                              const PlayedAnswer& answer,
                              const std::vector<size_t>& contacts) {
  HttpResponse push = answers_.Render(answer, batch, contacts);
  std::erase_if(push.headers, [](const auto& header) {
    return absl::EqualsIgnoreCase(header.first, "content-type");
  });
  Webhook webhook{.provider = script_->plan().id,
                  .url = batch.callback_url,
                  .body = std::move(push.body),
                  .headers = std::move(push.headers)};
  const auto& verify = batch.variant->plan->webhook->verify;
  if (verify.has_value()) {
    webhook.seal = [script = script_, &plan = *verify, &clock = env_->clock](
                       HttpRequest& request, bool forged) {
      SignPush(plan, clock.Now(), forged, request);
    };
  }
  env_->webhooks->Send(std::move(webhook));
}

// ---- Reading ----------------------------------------------------------------

HttpResponse ProviderFileApi::Poll(const ApiCall& call) {
  books_.CountFetch();
  const PlayedJob* job = FindJob(call);
  if (job != nullptr) return ReadJob(call, *job);
  const PlayedStep* unknown = script_->errors().job_unknown;
  return unknown != nullptr ? RenderStep(*unknown)
                            : Refusal(404, "there is no such job");
}

const PlayedJob* ProviderFileApi::FindJob(const ApiCall& call) {
  std::vector<std::string> texts = absl::StrSplit(call.path, '/');
  const json::Document body = BodyDocument(call.body);
  for (const auto& [place, value] : PlacesOf(body.root(), call.query)) {
    texts.push_back(value);
  }
  for (const std::string& text : texts) {
    for (const absl::string_view id : absl::StrSplit(text, ',')) {
      const PlayedJob* job = books_.Find(id);
      if (job != nullptr) return job;
    }
  }
  return nullptr;
}

HttpResponse ProviderFileApi::ReadJob(const ApiCall& call,
                                      const PlayedJob& job) {
  PlayedBatch& batch = *job.batch;
  const PlayedVariant& variant = *batch.variant;
  const rest::PollPlan& plan = *variant.plan->poll;
  const bool then = plan.then.has_value() &&
                    IsCallOf(plan.then->request, call.method, call.path);
  if (auto refusal = Admit(then ? plan.then->request : plan.request,
                           variant.operation->id, call)) {
    return *std::move(refusal);
  }
  std::vector<size_t> contacts = AllContacts(batch);
  if (variant.per_item() && !plan.reads_all_jobs) contacts = {job.contact};
  const PlayedAnswer& ending =
      answers_.Choose(variant.finished, batch, contacts);
  const PlayedAnswer* answer = &ending;
  if (!batch.done) {
    const PlayedAnswer* running = RunningAnswer(batch, ending);
    // What has no recorded way of saying that it runs has ended once it is
    // read.
    if (running == nullptr) Finish(batch);
    if (running != nullptr) answer = running;
  } else if (batch.fails && !variant.failed.empty()) {
    answer = &variant.failed.front();
  } else if (plan.then.has_value() && !then) {
    answer = &variant.ready.front();
  }
  HttpResponse response = answers_.Render(*answer, batch, contacts, &ending);
  return IsDrift(call)
             ? DriftAnswer(batch, PlayedStep::Kind::kPoll, std::move(response))
             : response;
}

const PlayedAnswer* ProviderFileApi::RunningAnswer(
    const PlayedBatch& batch, const PlayedAnswer& ending) const {
  for (const PlayedAnswer& answer : batch.variant->running) {
    if (!answer.body.has_list() || answer.fixture == ending.fixture) {
      return &answer;
    }
  }
  return nullptr;
}

// ---- Tokens and balances ----------------------------------------------------

HttpResponse ProviderFileApi::IssueToken(const ApiCall& call) {
  const rest::TokenPlan& plan = *script_->plan().token;
  if (!HasCredentials(plan.request, call, "")) {
    const PlayedStep* refused = script_->refused_token();
    return refused != nullptr ? RenderStep(*refused)
                              : Refusal(401, "the client is not known");
  }
  token_ = NewToken(env_->random);
  HttpResponse response = RenderStep(*script_->token());
  const json::Document body = BodyDocument(response.body);
  const expression::Value root(body.root());
  expression::Arena arena;
  const std::string recorded(
      plan.token.Evaluate(root, root, arena).AsText(arena));
  response.body =
      AnswerTemplate::Learn(response.body, {}, false)
          .Render({}, {.whole = {{absl::AsciiStrToLower(recorded), token_}}});
  return response;
}

HttpResponse ProviderFileApi::ReadBalance(const ApiCall& call) {
  const rest::BalancePlan& plan = *script_->plan().balance;
  if (auto refusal = Admit(plan.request, "", call)) return *std::move(refusal);
  const PlayedStep* step = script_->balance();
  if (step == nullptr) return Refusal(404, "no fixture shows a balance");
  Replacements replacements;
  if (step->expect.balance.has_value()) {
    ReplaceAmount(plan.value, *step, *step->expect.balance,
                  books_.accounts().begin()->second.balance, replacements);
  }
  HttpResponse response = RenderStep(*step);
  response.body = AnswerTemplate::Learn(step->answer.body, {}, false)
                      .Render({}, replacements);
  return response;
}

// ---- What goes wrong -------------------------------------------------------

HttpResponse ProviderFileApi::Rejected(absl::string_view operation,
                                       const std::string& reason,
                                       int status) const {
  const PlayedStep* step = script_->Rejection(operation, reason);
  return step != nullptr ? RenderStep(*step) : Refusal(status, reason);
}

HttpResponse ProviderFileApi::DriftAnswer(const PlayedBatch& batch,
                                          PlayedStep::Kind kind,
                                          HttpResponse answer) const {
  const PlayedStep* step = script_->Drift(batch.variant->operation->id, kind);
  if (step != nullptr) return RenderStep(*step);
  answer.body = "{}";
  return answer;
}

// Digits and letters are drawn anew, in the recorded one's manner.
std::string ProviderFileApi::FreshId(const std::string& pattern) const {
  std::string id = pattern.empty() ? "played0000000000" : pattern;
  const size_t prefix =
      id.rfind('_') == std::string::npos ? 0 : id.rfind('_') + 1;
  for (size_t i = prefix; i < id.size(); ++i) {
    const double draw = env_->random.Uniform();
    const auto c = static_cast<unsigned char>(id[i]);
    if (absl::ascii_isdigit(c)) {
      id[i] = static_cast<char>('1' + static_cast<int>(draw * 9));
    } else if (absl::ascii_isupper(c)) {
      id[i] = static_cast<char>('A' + static_cast<int>(draw * 6));
    } else if (absl::ascii_islower(c)) {
      id[i] = static_cast<char>('a' + static_cast<int>(draw * 6));
    }
  }
  return id;
}

// ---- Administration ---------------------------------------------------------

HttpResponse ProviderFileApi::ErrorAnswer(int status) const {
  const PlayedErrors& errors = script_->errors();
  const PlayedStep* step = status == 429 ? errors.rate_limited : errors.server;
  if (step == nullptr) return Refusal(status, "out of order");
  HttpResponse response = RenderStep(*step);
  for (auto& [name, value] : response.headers) {
    double seconds = 0;
    const bool hint = std::any_of(
        script_->plan().retry_after.begin(), script_->plan().retry_after.end(),
        [&name = name](const rest::RetryReader& reader) {
          return reader.form == rest::RetryReader::Form::kSeconds &&
                 absl::EqualsIgnoreCase(reader.header, name);
        });
    if (!hint || !absl::SimpleAtod(value, &seconds)) continue;
    seconds = std::ceil(seconds / env_->options.time_scale);
    value = absl::StrCat(static_cast<int64_t>(std::max(1.0, seconds)));
  }
  return response;
}

void ProviderFileApi::SetBalance(Credits balance) {
  MutexLock lock(&mu_);
  books_.SetBalance(balance);
}

void ProviderFileApi::Reset() {
  MutexLock lock(&mu_);
  books_.Reset();
  token_.clear();
}

void ProviderFileApi::WriteTotals(json::Writer& out) const {
  MutexLock lock(&mu_);
  books_.WriteTotals(out);
}

}  // namespace enrich::simulator
