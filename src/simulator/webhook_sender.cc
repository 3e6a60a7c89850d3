#include "simulator/webhook_sender.h"

#include <optional>
#include <utility>

#include "absl/strings/escaping.h"

namespace enrich::simulator {
namespace {

bool Is(const std::optional<Fault>& fault, FaultAction action) {
  return fault.has_value() && fault->action == action;
}

std::string Signature(const HmacSha1& signer, absl::string_view body,
                      bool forged) {
  std::string bytes = signer.Sign(body);
  if (forged) bytes[0] = static_cast<char>(bytes[0] ^ 1);
  return absl::BytesToHexString(bytes);
}

}  // namespace

void WebhookSender::Send(Webhook webhook) {
  const std::optional<Fault> fault =
      faults_.Take(webhook.provider, EndpointKind::kWebhook);
  if (Is(fault, FaultAction::kMalformed)) {
    webhook.body.resize(webhook.body.size() / 2);
  }
  Outgoing outgoing{.provider = webhook.provider,
                    .attempts_left = webhook.attempts};
  outgoing.request = {.method = "POST",
                      .url = std::move(webhook.url),
                      .headers = {{"Content-Type", "application/json"}},
                      .body = std::move(webhook.body)};
  if (webhook.signer != nullptr) {
    outgoing.request.headers.emplace_back(
        "X-Signature-SHA1", Signature(*webhook.signer, outgoing.request.body,
                                      Is(fault, FaultAction::kForge)));
  }
  outgoing.request.headers.insert(outgoing.request.headers.end(),
                                  webhook.headers.begin(),
                                  webhook.headers.end());
  if (webhook.seal) {
    webhook.seal(outgoing.request, Is(fault, FaultAction::kForge));
  }
  MutexLock lock(&mu_);
  Dispatch(std::move(outgoing), fault);
}

void WebhookSender::Dispatch(Outgoing outgoing,
                             const std::optional<Fault>& fault) {
  const std::string provider = outgoing.provider;
  if (Is(fault, FaultAction::kLost)) {
    ++totals_[provider].lost;
  } else if (Is(fault, FaultAction::kLate)) {
    EnqueueAfter(fault->delay, std::move(outgoing));
  } else if (Is(fault, FaultAction::kReorder)) {
    held_[provider].push_back(std::move(outgoing));
    executor_.PostAfter(fault->delay, [weak = weak_from_this(), provider] {
      const std::shared_ptr<WebhookSender> self = weak.lock();
      if (self == nullptr) return;
      MutexLock lock(&self->mu_);
      self->ReleaseHeld(provider);
    });
  } else {
    if (Is(fault, FaultAction::kDuplicate)) Enqueue(outgoing);
    Enqueue(std::move(outgoing));
    ReleaseHeld(provider);
  }
}

void WebhookSender::Enqueue(Outgoing outgoing) {
  waiting_.push_back(std::move(outgoing));
  SendWaiting();
}

void WebhookSender::EnqueueAfter(absl::Duration delay, Outgoing outgoing) {
  executor_.PostAfter(delay, [weak = weak_from_this(), era = era_,
                              outgoing = std::move(outgoing)]() mutable {
    const std::shared_ptr<WebhookSender> self = weak.lock();
    if (self == nullptr) return;
    MutexLock lock(&self->mu_);
    if (self->era_ == era) self->Enqueue(std::move(outgoing));
  });
}

void WebhookSender::ReleaseHeld(const std::string& provider) {
  for (Outgoing& outgoing : std::exchange(held_[provider], {})) {
    Enqueue(std::move(outgoing));
  }
}

void WebhookSender::SendWaiting() {
  while (client_ != nullptr && !waiting_.empty() &&
         in_flight_ < options_.max_in_flight) {
    Outgoing outgoing = std::move(waiting_.front());
    waiting_.pop_front();
    ++in_flight_;
    HttpRequest request = outgoing.request;
    // Under the lock, so that Stop waits for it. The client never answers on
    // this thread.
    client_->Send(
        std::move(request), options_.timeout,
        [weak = weak_from_this(), era = era_,
         outgoing = std::move(outgoing)](const HttpOutcome& outcome) mutable {
          const std::shared_ptr<WebhookSender> self = weak.lock();
          if (self == nullptr) return;
          self->OnAnswer(era, std::move(outgoing), outcome);
        });
  }
}

void WebhookSender::OnAnswer(int64_t era, Outgoing outgoing,
                             const HttpOutcome& outcome) {
  const bool delivered = outcome.transport.ok() &&
                         outcome.response.has_value() &&
                         outcome.response->status / 100 == 2;
  MutexLock lock(&mu_);
  --in_flight_;
  if (era == era_) {
    Totals& totals = totals_[outgoing.provider];
    if (delivered) {
      ++totals.delivered;
    } else if (--outgoing.attempts_left == 0) {
      ++totals.given_up;
    } else {
      ++totals.retried;
      EnqueueAfter(options_.retry_interval, std::move(outgoing));
    }
  }
  SendWaiting();
}

void WebhookSender::Clear() {
  MutexLock lock(&mu_);
  ++era_;
  waiting_.clear();
  held_.clear();
  totals_.clear();
}

void WebhookSender::Stop() {
  Clear();
  MutexLock lock(&mu_);
  client_ = nullptr;
}

void WebhookSender::WriteTotals(absl::string_view provider,
                                json::Writer& out) const {
  MutexLock lock(&mu_);
  const auto found = totals_.find(provider);
  const Totals totals = found == totals_.end() ? Totals() : found->second;
  out.Key("webhooks_delivered").Int(totals.delivered);
  out.Key("webhooks_retried").Int(totals.retried);
  out.Key("webhooks_given_up").Int(totals.given_up);
  out.Key("webhooks_lost").Int(totals.lost);
}

}  // namespace enrich::simulator
