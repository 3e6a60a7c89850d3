#include "adapters/rest/webhook.h"

#include <algorithm>
#include <iterator>
#include <string>
#include <utility>
#include <vector>

#include "absl/status/status.h"
#include "absl/strings/str_cat.h"
#include "adapters/rest/answer_body.h"
#include "adapters/rest/load_words.h"
#include "adapters/rest/results.h"

namespace enrich::rest {
namespace {

constexpr absl::string_view kResults = "webhook.results";

class Reader {
 public:
  Reader(const Plan& plan, const FetchTarget& target, absl::string_view body)
      : target_(target),
        webhook_(*target.variant.webhook),
        max_elements_(
            MaxElements(plan, target.operation, target.job.item_count)),
        body_(target.operation.id, body) {}

  absl::StatusOr<WebhookAnswer> Read() {
    if (!body_.readable()) return Unreadable();
    if (webhook_.events.has_value()) {
      ReadEvents(body_.Evaluate(*webhook_.events));
    } else {
      ReadEvent(body_.root());
    }
    if (body_.is_exhausted()) return Unreadable();
    return Answer();
  }

 private:
  void ReadEvents(const Value& events) {
    if (events.type() != json::Type::kArray || events.size() > max_elements_) {
      body_.AddDrift({.part = "webhook.events"}, &*webhook_.events,
                     "no list, or one of more events than a job can have");
      return;
    }
    events.ForEachElement([this](const Value& event) { ReadEvent(event); });
  }

  void ReadEvent(const Value& event) {
    if (webhook_.only.has_value() &&
        !body_.Evaluate(*webhook_.only, event).truthy()) {
      return;
    }
    if (!IsOurs(event)) return;
    concerned_ = true;
    if (!webhook_.trust_payload) return;
    const JobPhase phase = ReadPhase(event);
    ReadItems(event, phase);
    if (webhook_.cost.has_value()) {
      const std::optional<Credits> cost =
          CreditsOf(body_.Evaluate(*webhook_.cost, event), body_.arena());
      if (cost.has_value()) answer_.cost = cost;
    }
    if (phase != JobPhase::kRunning) answer_.phase = phase;
  }

  // Whether the event names our job, or none. Keeps its id.
  bool IsOurs(const Value& event) {
    std::string id = body_.Text(webhook_.job, event);
    if (id.empty()) return true;
    if (target_.variant.submit.job_per_item.has_value()) {
      const std::vector<absl::string_view> ids = target_.ids();
      return ids.empty() || std::find(ids.begin(), ids.end(), id) != ids.end();
    }
    const std::string& known = target_.job.provider_job_id;
    if (!known.empty() && known != id) return false;
    if (known.empty() && !job_id_.empty() && job_id_ != id) return false;
    if (IsUsableId(id)) job_id_ = std::move(id);
    return true;
  }

  JobPhase ReadPhase(const Value& event) {
    if (!webhook_.batch_scope) return JobPhase::kRunning;
    if (!webhook_.state.has_value()) return JobPhase::kFinished;
    const std::optional<JobPhase> phase =
        JobPhaseOf(body_.Evaluate(*webhook_.state, event).AsString());
    if (!phase.has_value()) {
      body_.AddDrift({.part = "webhook.state"}, &*webhook_.state,
                     "no job state");
    }
    return phase.value_or(JobPhase::kRunning);
  }

  void ReadItems(const Value& event, JobPhase phase) {
    const bool early =
        phase != JobPhase::kRunning && phase != JobPhase::kFinished;
    const ResultScope scope = {
        .plan = target_.operation.result,
        .part = kResults,
        .max_elements = max_elements_,
        .item_count = target_.job.item_count,
        .want_raw = target_.job.want_raw,
        .found_only = early,
        .may_be_missing =
            early || (webhook_.batch_scope && phase == JobPhase::kRunning),
        .count_settled = true,
        .ordered = false,
        .item_jobs = target_.item_jobs.empty() ? nullptr : &target_.item_jobs};
    std::optional<Results> results =
        ReadResults(webhook_.results, event, scope, body_);
    if (!results.has_value()) {
      open_ = true;
      return;
    }
    settled_ += results->settled;
    open_ = open_ || results->open > 0;
    std::move(results->items.begin(), results->items.end(),
              std::back_inserter(answer_.items));
  }

  // ---- The answer -----------------------------------------------------------

  WebhookAnswer Answer() {
    WebhookAnswer webhook{.provider_job_id = job_id_};
    answer_.drift = body_.TakeDrift();
    const bool drifted = !answer_.drift.empty();
    if (webhook_.trust_payload && (concerned_ || drifted)) {
      AddRefusedItems();
      webhook.fetch = IsToConfirm() || (drifted && target_.can_fetch());
      webhook.answer = std::move(answer_);
    } else {
      webhook.fetch = concerned_ || drifted;
    }
    return webhook;
  }

  // An end that does not name every contact may be that of the last contact, or
  // an answer that was cut short: its items count, but the end is to be
  // confirmed by a fetch. Where there is none, it is believed unless a contact
  // is still open.
  bool IsToConfirm() {
    if (answer_.phase == JobPhase::kRunning) return false;
    const bool complete =
        !open_ && settled_ >= static_cast<size_t>(target_.job.item_count);
    const bool confirm = !complete && target_.can_fetch();
    if (!confirm && !open_) return false;
    answer_.phase = JobPhase::kRunning;
    answer_.cost.reset();
    return confirm;
  }

  // Nobody else will say it where there is nothing to fetch.
  void AddRefusedItems() {
    for (ItemAnswer& item : RefusedItems(target_)) {
      answer_.items.push_back(std::move(item));
      ++settled_;
    }
  }

  absl::Status Unreadable() {
    body_.AddUnreadable("webhook");
    return absl::InvalidArgumentError(body_.TakeDrift().front());
  }

  const FetchTarget& target_;
  const WebhookPlan& webhook_;
  const size_t max_elements_;
  AnswerBody body_;
  // Whether anything was about this job.
  bool concerned_ = false;
  bool open_ = false;
  size_t settled_ = 0;
  std::string job_id_;
  JobAnswer answer_;
};

}  // namespace

absl::StatusOr<WebhookAnswer> ReadWebhook(const Plan& plan,
                                          const FetchTarget& target,
                                          absl::string_view body) {
  if (!target.variant.webhook.has_value()) {
    return absl::InvalidArgumentError(
        absl::StrCat(target.operation.id, ": pushes nothing"));
  }
  return Reader(plan, target, body).Read();
}

}  // namespace enrich::rest
