#include "webhook/webhook_handler.h"

#include <optional>
#include <string>
#include <utility>

#include "absl/status/status.h"
#include "absl/strings/ascii.h"
#include "absl/strings/escaping.h"
#include "absl/strings/strip.h"
#include "base/crypto.h"
#include "base/failpoint.h"
#include "base/log.h"
#include "base/random.h"

namespace enrich {
namespace {

// What a push's path says.
struct Target {
  std::string provider = {};
  std::string token_hash = {};

  // Names the token in logs without giving it away.
  std::string LogId() const {
    return absl::BytesToHexString(token_hash).substr(0, 8);
  }
};

std::optional<Target> ParseTarget(absl::string_view method,
                                  absl::string_view url) {
  if (method != "POST" || !absl::ConsumePrefix(&url, "/v1/webhooks/")) {
    return std::nullopt;
  }
  // Some providers add parameters of their own.
  url = url.substr(0, url.find('?'));
  const size_t slash = url.find('/');
  if (slash == 0 || slash == url.npos || !IsToken(url.substr(slash + 1))) {
    return std::nullopt;
  }
  return Target{.provider = std::string(url.substr(0, slash)),
                .token_hash = Sha256(url.substr(slash + 1))};
}

// Whether it may be whole: what is in it is for the adapter to say.
bool LooksLikeJson(absl::string_view body) {
  body = absl::StripAsciiWhitespace(body);
  if (body.size() < 2) return false;
  return (body.front() == '{' && body.back() == '}') ||
         (body.front() == '[' && body.back() == ']');
}

// Bytes of a body that can be checked without keeping other pushes waiting.
constexpr size_t kMaxCheckedAtOnce = 64 << 10;

HttpResponse NotFound() { return {.status = 404}; }
HttpResponse TryAgain() { return {.status = 503}; }
HttpResponse Kept() {
  return {.status = 200,
          .headers = {{"Content-Type", "application/json"}},
          .body = R"({"status":"ok"})"};
}
// Of a body that was cut short there may be a better copy.
HttpResponse BadRequest() { return {.status = 400}; }

bool IsBlank(absl::string_view body) {
  return absl::StripAsciiWhitespace(body).empty();
}

// The adapter of the account, if the push came in under its provider.
const ProviderAdapter* AdapterFor(const Engine& engine,
                                  absl::string_view account,
                                  absl::string_view provider) {
  const ProviderAdapter* adapter = engine.FindAdapter(account);
  return adapter != nullptr && adapter->name() == provider ? adapter : nullptr;
}

absl::flat_hash_map<std::string, std::string> AccountsByToken(
    const std::vector<RegisteredCallback>& registered) {
  absl::flat_hash_map<std::string, std::string> accounts;
  for (const RegisteredCallback& callback : registered) {
    accounts.emplace(callback.token_hash, callback.account);
  }
  return accounts;
}

}  // namespace

class WebhookHandler::Slot {
 public:
  // Holds what Admit counted.
  Slot(WebhookHandler& owner, size_t bytes) : owner_(&owner), bytes_(bytes) {}
  Slot(Slot&& other) noexcept
      : owner_(std::exchange(other.owner_, nullptr)), bytes_(other.bytes_) {}
  Slot& operator=(Slot&&) = delete;
  ~Slot() {
    if (owner_ != nullptr) owner_->Release(bytes_);
  }

 private:
  WebhookHandler* owner_;
  const size_t bytes_;
};

struct WebhookHandler::Push {
  // First, so that it is released last.
  Slot slot;
  Target target;
  HttpRequest request;
  HttpResponder respond;
};

WebhookHandler::WebhookHandler(
    Engine& engine, Store& store, ThreadPool& pool, const Clock& clock,
    const std::vector<RegisteredCallback>& registered,
    const WebhookLimits& limits)
    : engine_(engine),
      store_(store),
      pool_(pool),
      clock_(clock),
      registered_(AccountsByToken(registered)),
      limits_(limits) {}

WebhookHandler::~WebhookHandler() {
  Stop();
  MutexLock lock(&mu_);
  while (pending_ > 0) released_.Wait(&mu_);
}

HttpHandler WebhookHandler::handler() {
  return {.on_request =
              [this](HttpRequest request, HttpResponder respond) {
                OnRequest(std::move(request), std::move(respond));
              },
          .on_oversize =
              [this](absl::string_view method, absl::string_view target) {
                OnOversize(method, target);
              }};
}

void WebhookHandler::Stop() {
  MutexLock lock(&mu_);
  stopping_ = true;
}

void WebhookHandler::OnRequest(HttpRequest request, HttpResponder respond) {
  std::optional<Target> target = ParseTarget(request.method, request.url);
  if (!target.has_value()) return respond(NotFound());
  const size_t bytes = request.body.size();
  if (!Admit(bytes)) return respond(TryAgain());
  Push push = {.slot = Slot(*this, bytes),
               .target = *std::move(target),
               .request = std::move(request),
               .respond = std::move(respond)};
  if (bytes <= kMaxCheckedAtOnce) {
    if (auto attempt = FindRecent(push.target.token_hash)) {
      return Check(std::move(push), *std::move(attempt));
    }
  }
  pool_.Post(
      [this, push = std::move(push)]() mutable { LookUp(std::move(push)); });
}

void WebhookHandler::LookUp(Push push) {
  if (const auto found = registered_.find(push.target.token_hash);
      found != registered_.end()) {
    return CheckRegistered(std::move(push), found->second);
  }
  absl::StatusOr<AttemptRef> attempt =
      store_.FindAttempt(push.target.token_hash);
  if (absl::IsNotFound(attempt.status())) {
    log::Debug("webhook.unknown_token", {{"token", push.target.LogId()}});
    return push.respond(NotFound());
  }
  if (!attempt.ok()) {
    log::Error("webhook.look_up_failed",
               {{"token", push.target.LogId()}, {"status", attempt.status()}});
    return push.respond(TryAgain());
  }
  {
    MutexLock lock(&mu_);
    recent_.Add(push.target.token_hash, *attempt);
  }
  Check(std::move(push), *std::move(attempt));
}

std::optional<AttemptRef> WebhookHandler::FindRecent(
    const std::string& token_hash) {
  MutexLock lock(&mu_);
  const AttemptRef* attempt = recent_.Find(token_hash);
  if (attempt == nullptr) return std::nullopt;
  return *attempt;
}

void WebhookHandler::Check(Push push, AttemptRef attempt) {
  const ProviderAdapter* adapter =
      AdapterFor(engine_, attempt.account, push.target.provider);
  if (adapter == nullptr) {
    log::Warning("webhook.wrong_provider", {{"token", push.target.LogId()},
                                            {"account", attempt.account}});
    return push.respond(NotFound());
  }
  const bool genuine = adapter->VerifyWebhook(push.request, clock_.Now());
  if (genuine && !IsBlank(push.request.body)) {
    return Keep(std::move(push), std::move(attempt));
  }
  log::Warning("webhook.refused", {{"token", push.target.LogId()},
                                   {"account", attempt.account},
                                   {"why", genuine ? "body" : "signature"}});
  push.respond(genuine ? BadRequest() : NotFound());
  engine_.HandleRefusedPush(std::move(attempt));
}

// The URL tells the account; the push, once it is verified, its job. Others may
// work with the account too, so a job that is not known is none of ours.
void WebhookHandler::CheckRegistered(Push push, const std::string& account) {
  const ProviderAdapter* adapter =
      AdapterFor(engine_, account, push.target.provider);
  if (adapter == nullptr ||
      !adapter->VerifyWebhook(push.request, clock_.Now())) {
    log::Warning("webhook.refused", {{"token", push.target.LogId()},
                                     {"account", account},
                                     {"why", "signature"}});
    return push.respond(NotFound());
  }
  if (IsBlank(push.request.body)) return push.respond(BadRequest());
  const std::string job = adapter->JobOfPush(push.request);
  absl::StatusOr<AttemptRef> attempt = store_.FindAttemptByJob(account, job);
  if (absl::IsNotFound(attempt.status())) {
    log::Info("webhook.not_ours", {{"account", account}});
    return push.respond(Kept());
  }
  if (!attempt.ok()) {
    log::Error("webhook.look_up_failed",
               {{"account", account}, {"status", attempt.status()}});
    return push.respond(TryAgain());
  }
  Keep(std::move(push), *std::move(attempt));
}

void WebhookHandler::Keep(Push push, AttemptRef attempt) {
  HttpResponse answer =
      LooksLikeJson(push.request.body) ? Kept() : BadRequest();
  NewInboxEvent event = {.attempt_key = attempt.attempt_key,
                         .receive_time = clock_.Now(),
                         .body = std::move(push.request.body)};
  event.body_hash = Sha256(event.body);
  if (!ENRICH_FAILPOINT("webhook.before_keep").ok()) {
    return push.respond(TryAgain());
  }
  engine_.TakePush(
      std::move(attempt), std::move(event),
      [push = std::move(push),
       answer = std::move(answer)](absl::Status kept) mutable {
        if (const absl::Status failed = ENRICH_FAILPOINT("webhook.after_keep");
            !failed.ok()) {
          kept = failed;
        }
        if (kept.ok()) return push.respond(std::move(answer));
        log::Error("webhook.not_kept",
                   {{"token", push.target.LogId()}, {"status", kept}});
        push.respond(absl::IsNotFound(kept) ? NotFound() : TryAgain());
      });
}

void WebhookHandler::OnOversize(absl::string_view method,
                                absl::string_view target_text) {
  std::optional<Target> target = ParseTarget(method, target_text);
  if (!target.has_value() || !Admit(0)) return;
  pool_.Post([this, slot = Slot(*this, 0), target = *std::move(target)] {
    absl::StatusOr<AttemptRef> attempt = store_.FindAttempt(target.token_hash);
    if (!attempt.ok() ||
        AdapterFor(engine_, attempt->account, target.provider) == nullptr) {
      return;
    }
    log::Warning("webhook.refused", {{"token", target.LogId()},
                                     {"account", attempt->account},
                                     {"why", "size"}});
    engine_.HandleRefusedPush(*std::move(attempt));
  });
}

bool WebhookHandler::Admit(size_t bytes) {
  MutexLock lock(&mu_);
  if (stopping_ || pending_ >= limits_.max_pending ||
      bytes > limits_.max_pending_bytes - pending_bytes_) {
    return false;
  }
  ++pending_;
  pending_bytes_ += bytes;
  return true;
}

void WebhookHandler::Release(size_t bytes) {
  MutexLock lock(&mu_);
  --pending_;
  pending_bytes_ -= bytes;
  if (pending_ == 0) released_.SignalAll();
}

}  // namespace enrich
