// From replies, pushes and fetches to results.

#include <algorithm>
#include <utility>

#include "absl/strings/str_cat.h"
#include "base/log.h"
#include "engine/engine_core.h"
#include "engine/next_step.h"

namespace enrich {
namespace {

// A bulk request that names one bad contact is sent again without it; this many
// times.
constexpr int kMaxAttempts = 20;
// A job is given up when this many fetches in a row find no such job.
constexpr int kUnknownJobTries = 3;

JobRef JobOf(const Chunk& chunk, const ChunkAttempt& attempt) {
  return {.operation = chunk.lane.operation,
          .provider_job_id = attempt.provider_job_id,
          .item_count = static_cast<int>(chunk.items.size()),
          .debited = attempt.debited};
}

// Why what a job ended without is missing.
FailureReason ReasonFor(JobPhase phase) {
  switch (phase) {
    case JobPhase::kOutOfCredits:
      return FailureReason::kOutOfCredits;
    case JobPhase::kCancelled:
      return FailureReason::kJobCancelled;
    case JobPhase::kFailed:
      return FailureReason::kJobFailed;
    case JobPhase::kRunning:
    case JobPhase::kFinished:
      break;
  }
  return FailureReason::kNotReturned;
}

absl::string_view WordsFor(JobPhase phase) {
  switch (phase) {
    case JobPhase::kOutOfCredits:
      return "the account ran out of credits";
    case JobPhase::kCancelled:
      return "the job was cancelled at the provider";
    case JobPhase::kFailed:
      return "the job failed at the provider";
    case JobPhase::kRunning:
    case JobPhase::kFinished:
      break;
  }
  return "the provider finished without a word on this contact";
}

}  // namespace

void EngineCore::NoteCallResult(AccountState& account, bool provider_ok,
                                absl::string_view error) {
  if (provider_ok) {
    account.gate.OnSuccess();
    return;
  }
  const absl::Time now = seams_.clock.Now();
  account.gate.OnFailure(now);
  account.last_error = std::string(error);
  account.last_error_time = now;
}

// ---- Replies to a submission ------------------------------------------------

void EngineCore::HandleSubmitOutcome(AccountState& account, int64_t chunk_key,
                                     const SentAttempt& attempt,
                                     const HttpOutcome& outcome) {
  --exchanges_;
  account.gate.EndExchange();
  if (!outcome.transport.ok() && !outcome.maybe_sent) {
    NoteCallResult(account, false, outcome.transport.message());
    ChangeChunk(chunk_key, [this, key = attempt.key](ChunkDecision& decision) {
      return decision.chunk.attempt.key == key && ApplyNotSent(decision);
    });
    return;
  }
  const SubmitReply reply =
      outcome.transport.ok()
          ? ReadSubmitReply(account, chunk_key, attempt, *outcome.response)
          : Indeterminate{std::string(outcome.transport.message())};
  const auto* doubt = std::get_if<Indeterminate>(&reply);
  const auto* rejected = std::get_if<Rejected>(&reply);
  if (doubt != nullptr) {
    NoteCallResult(account, false, doubt->message);
  } else if (rejected != nullptr &&
             rejected->reason == FailureReason::kProviderAuth) {
    NoteCallResult(account, false, rejected->message);
  } else {
    NoteCallResult(account, true, "");
  }
  ChangeChunk(chunk_key,
              [this, key = attempt.key, reply](ChunkDecision& decision) {
                return decision.chunk.attempt.key == key &&
                       ApplySubmitReply(decision, reply);
              });
}

SubmitReply EngineCore::ReadSubmitReply(AccountState& account,
                                        int64_t chunk_key,
                                        const SentAttempt& attempt,
                                        const HttpResponse& response) {
  std::vector<SubmitItem> items;
  // A push may have settled the chunk before the reply was here.
  if (const auto live = live_.find(chunk_key); live != live_.end()) {
    const Chunk& chunk = live->second.chunk;
    for (const size_t i : UnansweredItems(chunk)) {
      items.push_back({.key = ItemKey(chunk.attempt, i),
                       .fields = chunk.items[i].fields - chunk.answered[i]});
    }
  }
  return account.account.adapter->ParseSubmit({.operation = attempt.operation,
                                               .reference = attempt.reference,
                                               .items = items},
                                              response);
}

bool EngineCore::ApplyNotSent(ChunkDecision& decision) {
  Chunk& chunk = decision.chunk;
  if (!chunk_machine::OnNotSent(decision.now, decision.account.policy, chunk)) {
    return false;
  }
  if (chunk.state != ChunkState::kFailed) return true;
  return FailItems(decision, {}, FailureReason::kProviderUnavailable,
                   "the provider could not be reached in time");
}

bool EngineCore::ApplySubmitReply(ChunkDecision& decision,
                                  const SubmitReply& reply) {
  Chunk& chunk = decision.chunk;
  const chunk_machine::Policy& policy = decision.account.policy;
  if (const auto* accepted = std::get_if<Accepted>(&reply)) {
    bool changed = chunk_machine::OnAccepted(decision.now, policy,
                                             accepted->provider_job_id, chunk);
    if (accepted->debited.has_value() && !chunk.attempt.debited.has_value()) {
      chunk.attempt.debited = accepted->debited;
      changed = true;
    }
    return changed;
  }
  if (const auto* answer = std::get_if<JobAnswer>(&reply)) {
    chunk_machine::OnAccepted(decision.now, policy, "", chunk);
    return ApplyJobAnswer(decision, chunk.attempt, *answer, /*by_fetch=*/true);
  }
  if (const auto* limited = std::get_if<RateLimited>(&reply)) {
    const absl::Duration pause = limited->retry_after.value_or(
        decision.account.account.adapter->capabilities()
            .pacing.rate_limit_pause);
    decision.account.gate.OnRateLimited(decision.now + pause);
    return chunk_machine::OnRateLimited(decision.now, pause, chunk);
  }
  if (const auto* rejected = std::get_if<Rejected>(&reply)) {
    return ApplyRejection(decision, *rejected);
  }
  log::Warning(
      "a paid request is in doubt",
      {{"chunk", chunk.key}, {"why", std::get<Indeterminate>(reply).message}});
  return chunk_machine::OnIndeterminate(decision.now, policy, chunk);
}

bool EngineCore::ApplyRejection(ChunkDecision& decision,
                                const Rejected& rejected) {
  Chunk& chunk = decision.chunk;
  if (chunk.state != ChunkState::kSending) return false;
  const std::vector<size_t> sent = UnansweredItems(chunk);
  const bool one_is_bad =
      rejected.item_index.has_value() && *rejected.item_index >= 0 &&
      static_cast<size_t>(*rejected.item_index) < sent.size() &&
      sent.size() > 1 && chunk.attempt_count < kMaxAttempts;
  if (one_is_bad) {
    const size_t bad = sent[static_cast<size_t>(*rejected.item_index)];
    chunk_machine::OnRateLimited(decision.now, absl::ZeroDuration(), chunk);
    return FailItems(decision, {bad}, rejected.reason, rejected.message);
  }
  chunk_machine::OnRejected(chunk);
  return FailItems(decision, {}, rejected.reason, rejected.message);
}

// ---- Fetches ----------------------------------------------------------------

void EngineCore::HandleFetchOutcome(AccountState& account, int64_t chunk_key,
                                    const JobRef& job,
                                    const HttpOutcome& outcome) {
  --exchanges_;
  account.gate.EndExchange();
  const FetchReply reply =
      outcome.transport.ok()
          ? account.account.adapter->ParseFetch(job, *outcome.response)
          : FetchFailed{.message = std::string(outcome.transport.message())};
  // Only a lost connection says something of the provider. An error in a
  // response says more of the job (Enrow answers 500 for an id it has
  // forgotten), and a good one does not mean that submissions work.
  if (!outcome.transport.ok()) {
    NoteCallResult(account, false, outcome.transport.message());
  }
  bool fetch_again = false;
  int unknown_in_a_row = 0;
  if (const auto live = live_.find(chunk_key); live != live_.end()) {
    live->second.fetching = false;
    int& count = live->second.unknown_in_a_row;
    count = std::holds_alternative<JobUnknown>(reply) ? count + 1 : 0;
    unknown_in_a_row = count;
    fetch_again = std::exchange(live->second.fetch_again, false);
  }
  ChangeChunk(chunk_key, [this, job, reply, unknown_in_a_row,
                          fetch_again](ChunkDecision& decision) {
    if (decision.chunk.attempt.provider_job_id != job.provider_job_id) {
      // Another attempt followed; its own fetch is due anew.
      chunk_machine::OnStillRunning(decision.now, decision.account.policy,
                                    decision.chunk);
      return true;
    }
    if (!ApplyFetchReply(decision, reply, unknown_in_a_row)) return false;
    if (fetch_again) {
      chunk_machine::OnHint(decision.now, decision.account.policy,
                            decision.chunk);
    }
    return true;
  });
}

bool EngineCore::ApplyFetchReply(ChunkDecision& decision,
                                 const FetchReply& reply,
                                 int unknown_in_a_row) {
  Chunk& chunk = decision.chunk;
  ++chunk.polls;
  if (const auto* answer = std::get_if<JobAnswer>(&reply)) {
    return ApplyJobAnswer(decision, chunk.attempt, *answer, /*by_fetch=*/true);
  }
  if (std::holds_alternative<JobUnknown>(reply)) {
    // The first times may be a replica of theirs that lags behind.
    if (unknown_in_a_row < kUnknownJobTries) {
      chunk_machine::OnStillRunning(decision.now, decision.account.policy,
                                    chunk);
      return true;
    }
    return FailItems(decision, {}, FailureReason::kResultExpired,
                     "the provider no longer knows the job");
  }
  if (const auto* limited = std::get_if<RateLimited>(&reply)) {
    decision.account.gate.OnRateLimited(
        decision.now + limited->retry_after.value_or(
                           decision.account.account.adapter->capabilities()
                               .pacing.rate_limit_pause));
  }
  chunk_machine::OnStillRunning(decision.now, decision.account.policy, chunk);
  return true;
}

// ---- Pushes -----------------------------------------------------------------

void EngineCore::HandleInbox(InboxEvent event) {
  // Parsed once, however often the decision is taken.
  struct Push {
    InboxEvent event;
    std::optional<absl::StatusOr<WebhookAnswer>> news = {};
  };
  auto push = std::make_shared<Push>(Push{.event = std::move(event)});
  Post([this, push] {
    ChangeChunk(push->event.chunk_key, [this, push](ChunkDecision& decision) {
      std::optional<ChunkAttempt> attempt =
          AttemptOf(decision, push->event.attempt_key);
      if (!attempt.has_value()) return false;
      if (!push->news.has_value()) {
        push->news = decision.account.account.adapter->ParseWebhook(
            JobOf(decision.chunk, *attempt), push->event.body);
      }
      decision.write.inbox_applied.push_back(push->event.key);
      return ApplyWebhook(decision, *std::move(attempt), *push->news);
    });
  });
}

std::optional<ChunkAttempt> EngineCore::AttemptOf(ChunkDecision& decision,
                                                  int64_t attempt_key) {
  if (decision.chunk.attempt.key == attempt_key) return decision.chunk.attempt;
  const auto attempts = seams_.store.ReadAttempts(decision.chunk.key);
  decision.retry = !attempts.ok();
  if (!attempts.ok()) return std::nullopt;
  for (const ChunkAttempt& attempt : *attempts) {
    if (attempt.key == attempt_key) return attempt;
  }
  return std::nullopt;
}

bool EngineCore::ApplyWebhook(ChunkDecision& decision, ChunkAttempt attempt,
                              const absl::StatusOr<WebhookAnswer>& news) {
  Chunk& chunk = decision.chunk;
  const bool foreign = news.ok() && !news->provider_job_id.empty() &&
                       !attempt.provider_job_id.empty() &&
                       news->provider_job_id != attempt.provider_job_id;
  if (!news.ok() || foreign) {
    log::Warning("a push could not be used; the job will be fetched",
                 {{"chunk", chunk.key},
                  {"account", chunk.lane.account},
                  {"why", foreign ? "it names another job"
                                  : std::string(news.status().message())}});
    chunk_machine::OnHint(decision.now, decision.account.policy, chunk);
    return true;
  }
  if (attempt.key != chunk.attempt.key) {
    // Only an attempt that was refused, or never left, is followed by another:
    // the provider contradicts itself, and may charge twice. Its positions are
    // those of other contacts.
    log::Error("a push for an attempt that was followed by another",
               {{"chunk", chunk.key}, {"account", chunk.lane.account}});
    return true;
  }
  // Whoever knows the token has the request: evidence in every state.
  chunk_machine::OnAccepted(decision.now, decision.account.policy,
                            news->provider_job_id, chunk);
  if (attempt.provider_job_id.empty()) {
    attempt.provider_job_id = news->provider_job_id;
  }
  if (news->answer.has_value()) {
    ApplyJobAnswer(decision, attempt, *news->answer, /*by_fetch=*/false);
    if (decision.blocked || decision.retry) return false;
  }
  if (news->fetch) {
    chunk_machine::OnHint(decision.now, decision.account.policy, chunk);
  }
  return true;
}

void EngineCore::HandleRefusedPush(AttemptRef attempt) {
  Post([this, attempt = std::move(attempt)] {
    ChangeChunk(attempt.chunk_key, [](ChunkDecision& decision) {
      if (decision.chunk.state != ChunkState::kAccepted) return false;
      chunk_machine::OnHint(decision.now, decision.account.policy,
                            decision.chunk);
      return true;
    });
  });
}

// ---- What was said of a job -------------------------------------------------

bool EngineCore::ApplyJobAnswer(ChunkDecision& decision,
                                const ChunkAttempt& attempt,
                                const JobAnswer& answer, bool by_fetch) {
  Chunk& chunk = decision.chunk;
  struct Match {
    size_t index;
    const ItemAnswer* item;
  };
  std::vector<Match> matches;
  std::vector<WorkItem> items;
  for (const ItemAnswer& item : answer.items) {
    std::optional<size_t> index =
        ItemIndex(attempt, item.key, chunk.items.size());
    if (!index.has_value() && by_fetch && item.key.empty() &&
        item.index.has_value() && *item.index >= 0 &&
        static_cast<size_t>(*item.index) < chunk.items.size()) {
      index = static_cast<size_t>(*item.index);
    }
    if (!index.has_value()) {
      log::Warning("an answer matches no contact of its job",
                   {{"chunk", chunk.key}, {"account", chunk.lane.account}});
      continue;
    }
    // Said before: a repeated push changes nothing.
    if (chunk.settled[*index].HasAll(chunk.items[*index].fields)) continue;
    matches.push_back({*index, &item});
    items.push_back(chunk.items[*index]);
  }
  if (!LoadContacts(decision, items)) return false;

  const AttemptContext context = {.account = chunk.lane.account,
                                  .start_time = attempt.start_time,
                                  .now = decision.now};
  for (const Match& match : matches) {
    const WorkItem& item = chunk.items[match.index];
    FieldSet& settled = chunk.settled[match.index];
    decision.changes.Apply(
        item, [&](const BatchPlan& plan, ContactProgress& progress) {
          const FieldSet applied = ApplyAnswer(
              context, plan, item.fields - settled, *match.item, progress);
          settled |= applied;
          chunk.answered[match.index] |= applied;
          return applied;
        });
  }
  if (answer.cost.has_value() && attempt.key == chunk.attempt.key) {
    chunk.attempt.spent = answer.cost;
  }
  if (answer.phase != JobPhase::kRunning &&
      !chunk_machine::AllAnswered(chunk)) {
    return FailItems(decision, {}, ReasonFor(answer.phase),
                     WordsFor(answer.phase));
  }
  if (chunk_machine::AllAnswered(chunk)) {
    chunk_machine::OnSettled(chunk);
  } else {
    chunk_machine::OnStillRunning(decision.now, decision.account.policy, chunk);
  }
  return true;
}

bool EngineCore::FailItems(ChunkDecision& decision, std::vector<size_t> indexes,
                           FailureReason reason, absl::string_view message) {
  Chunk& chunk = decision.chunk;
  if (indexes.empty()) indexes = UnansweredItems(chunk);
  std::vector<WorkItem> items;
  for (const size_t i : indexes) items.push_back(chunk.items[i]);
  if (!LoadContacts(decision, items)) return false;

  const AttemptContext context = {.account = chunk.lane.account,
                                  .start_time = chunk.attempt.start_time,
                                  .now = decision.now};
  for (const size_t i : indexes) {
    const FieldSet fields = chunk.items[i].fields - chunk.answered[i];
    decision.changes.Apply(
        chunk.items[i], [&](const BatchPlan&, ContactProgress& progress) {
          ApplyFailure(context, fields, reason, message, progress);
          return fields;
        });
    chunk.answered[i] |= fields;
  }
  // A parked chunk waits on, for evidence or a person.
  if (chunk.state == ChunkState::kAccepted &&
      chunk_machine::AllAnswered(chunk)) {
    chunk_machine::OnSettled(chunk);
  }
  return true;
}

}  // namespace enrich
