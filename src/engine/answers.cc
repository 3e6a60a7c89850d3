// From replies and fetches to results.

#include <utility>

#include "absl/algorithm/container.h"
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

// ---- Replies to a submission ------------------------------------------------

void EngineCore::HandleSubmitOutcome(AccountState& account, int64_t chunk_key,
                                     const SentAttempt& attempt,
                                     const HttpOutcome& outcome) {
  if (!outcome.transport.ok() && !outcome.maybe_sent) {
    NoteCallResult(account, false, outcome.transport.message());
    ChangeChunk(chunk_key, [this, key = attempt.key](ChunkDecision& decision) {
      return decision.chunk.attempt.key == key && ApplyNotSent(decision);
    });
    return;
  }
  SubmitReply reply =
      outcome.transport.ok()
          ? ReadSubmitReply(account, chunk_key, attempt, *outcome.response)
          : Indeterminate{std::string(outcome.transport.message())};
  if (IsAnothersJob(account, chunk_key, reply)) {
    reply = Indeterminate{.message = "it was given the id of another job",
                          .drift = {"two requests have one job id"}};
  }
  const auto* doubt = std::get_if<Indeterminate>(&reply);
  const auto* answer = std::get_if<JobAnswer>(&reply);
  const auto* rejected = std::get_if<Rejected>(&reply);
  if (doubt != nullptr) NoteDrift(account, doubt->drift);
  if (answer != nullptr) NoteDrift(account, answer->drift);
  const bool auth =
      rejected != nullptr && rejected->reason == FailureReason::kProviderAuth;
  if (auth && account.token.OnRefused(attempt.token)) {
    // Nothing was enqueued: it waits for the next token.
    ChangeChunk(chunk_key, [key = attempt.key](ChunkDecision& decision) {
      return decision.chunk.attempt.key == key &&
             (IsContradicted(decision) ||
              chunk_machine::OnRateLimited(decision.now, absl::ZeroDuration(),
                                           decision.chunk));
    });
    return;
  }
  if (const auto* limited = std::get_if<RateLimited>(&reply)) {
    OnRateLimited(account, PauseOf(account, *limited));
  }
  if (doubt != nullptr) {
    NoteCallResult(account, false, doubt->message);
  } else if (auth) {
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

// Asked for later, that job would tell of the other's contacts alone. Of one
// that is over, an id may well come again: that of a person, or of the same
// search.
bool EngineCore::IsAnothersJob(const AccountState& account, int64_t chunk_key,
                               const SubmitReply& reply) const {
  const auto* accepted = std::get_if<Accepted>(&reply);
  if (accepted == nullptr || accepted->provider_job_id.empty()) return false;
  const auto other = seams_.store.FindAttemptByJob(account.account.name,
                                                   accepted->provider_job_id);
  return other.ok() && other->chunk_key != chunk_key &&
         live_.contains(other->chunk_key);
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
                                               .items = items,
                                               .want_raw = attempt.want_raw},
                                              response);
}

bool EngineCore::IsContradicted(ChunkDecision& decision) {
  Chunk& chunk = decision.chunk;
  if (!chunk_machine::WasHeardOf(chunk) ||
      !chunk_machine::OnIndeterminate(decision.now, decision.policy, chunk)) {
    return false;
  }
  log::Error("a request was refused that a push has come for",
             {{"chunk", chunk.key}, {"account", chunk.lane.account}});
  return true;
}

bool EngineCore::ApplyNotSent(ChunkDecision& decision) {
  if (IsContradicted(decision)) return true;
  Chunk& chunk = decision.chunk;
  if (!chunk_machine::OnNotSent(decision.now, decision.policy, chunk)) {
    return false;
  }
  if (chunk.state != ChunkState::kFailed) return true;
  return FailItems(decision, {}, FailureReason::kProviderUnavailable,
                   "the provider could not be reached in time");
}

bool EngineCore::ApplyAccepted(ChunkDecision& decision,
                               const std::string& job_id) {
  Chunk known = decision.chunk;
  if (known.attempt.provider_job_id.empty()) {
    known.attempt.provider_job_id = job_id;
  }
  decision.policy = PolicyFor(decision.account, known);
  return chunk_machine::OnAccepted(decision.now, decision.policy, job_id,
                                   decision.chunk);
}

bool EngineCore::ApplySubmitReply(ChunkDecision& decision,
                                  const SubmitReply& reply) {
  Chunk& chunk = decision.chunk;
  const chunk_machine::Policy& policy = decision.policy;
  if (const auto* accepted = std::get_if<Accepted>(&reply)) {
    bool changed = ApplyAccepted(decision, accepted->provider_job_id);
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
  if (const auto* doubt = std::get_if<Indeterminate>(&reply)) {
    log::Warning("a paid request is in doubt",
                 {{"chunk", chunk.key}, {"why", doubt->message}});
    return chunk_machine::OnIndeterminate(decision.now, policy, chunk);
  }
  if (IsContradicted(decision)) return true;
  if (const auto* limited = std::get_if<RateLimited>(&reply)) {
    return chunk_machine::OnRateLimited(
        decision.now, PauseOf(decision.account, *limited), chunk);
  }
  return ApplyRejection(decision, std::get<Rejected>(reply));
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
                                    const JobRef& job, TokenHolder::Use token,
                                    const HttpOutcome& outcome) {
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
  const auto* answer = std::get_if<JobAnswer>(&reply);
  const auto* failed = std::get_if<FetchFailed>(&reply);
  if (answer != nullptr) NoteDrift(account, answer->drift);
  if (failed != nullptr) NoteDrift(account, failed->drift);
  if (const auto* limited = std::get_if<RateLimited>(&reply)) {
    OnRateLimited(account, PauseOf(account, *limited));
  }
  const bool repeat = failed != nullptr &&
                      failed->reason == FailureReason::kProviderAuth &&
                      account.token.OnRefused(token);
  bool fetch_again = repeat;
  int unknown_in_a_row = 0;
  if (const auto live = live_.find(chunk_key); live != live_.end()) {
    live->second.fetching = false;
    int& count = live->second.unknown_in_a_row;
    count = std::holds_alternative<JobUnknown>(reply) ? count + 1 : 0;
    unknown_in_a_row = count;
    fetch_again |= std::exchange(live->second.fetch_again, false);
  }
  ChangeChunk(chunk_key, [this, job, reply, unknown_in_a_row, repeat,
                          fetch_again](ChunkDecision& decision) {
    if (decision.chunk.attempt.provider_job_id != job.provider_job_id) {
      // Another attempt followed; its own fetch is due anew.
      chunk_machine::OnStillRunning(decision.now, decision.policy,
                                    decision.chunk);
      decision.cursor = "";
      return true;
    }
    if (!repeat && !ApplyFetchReply(decision, reply, unknown_in_a_row)) {
      return false;
    }
    if (fetch_again) {
      chunk_machine::OnHint(decision.now, decision.policy, decision.chunk);
    }
    return true;
  });
}

bool EngineCore::ApplyFetchReply(ChunkDecision& decision,
                                 const FetchReply& reply,
                                 int unknown_in_a_row) {
  Chunk& chunk = decision.chunk;
  // Where the account must wait, reading goes on from here; otherwise it begins
  // anew, unless the answer has a cursor.
  if (!std::holds_alternative<RateLimited>(reply)) decision.cursor = "";
  if (const auto* answer = std::get_if<JobAnswer>(&reply)) {
    // A page is no poll: those count for the pace.
    if (answer->cursor.empty()) ++chunk.polls;
    return ApplyJobAnswer(decision, chunk.attempt, *answer, /*by_fetch=*/true);
  }
  ++chunk.polls;
  if (std::holds_alternative<JobUnknown>(reply)) {
    // The first times may be a replica of theirs that lags behind.
    if (unknown_in_a_row < kUnknownJobTries) {
      chunk_machine::OnStillRunning(decision.now, decision.policy, chunk);
      return true;
    }
    return FailItems(decision, {}, FailureReason::kResultExpired,
                     "the provider no longer knows the job");
  }
  chunk_machine::OnStillRunning(decision.now, decision.policy, chunk);
  return true;
}

void EngineCore::TakeCursor(int64_t chunk_key, std::string cursor) {
  const auto live = live_.find(chunk_key);
  if (live == live_.end()) return;
  int& count = live->second.cursors_in_a_row;
  count = cursor.empty() ? 0 : count + 1;
  live->second.cursor = std::move(cursor);
}

// ---- What was said of a job -------------------------------------------------

bool EngineCore::ApplyJobAnswer(ChunkDecision& decision,
                                const ChunkAttempt& attempt,
                                const JobAnswer& answer, bool by_fetch) {
  Chunk& chunk = decision.chunk;
  if (!ApplyItems(decision, attempt, answer, by_fetch)) return false;
  if (answer.cost.has_value() && attempt.key == chunk.attempt.key &&
      !TakeCost(decision, *answer.cost)) {
    return false;
  }
  if (chunk_machine::AllAnswered(chunk)) {
    chunk_machine::OnSettled(chunk);
    return true;
  }
  // A push does not end what is being read: the reading comes to its end.
  const bool reads_on =
      ReadOn(decision, answer) || (!by_fetch && decision.policy.reading);
  if (answer.phase != JobPhase::kRunning && !reads_on) {
    return FailItems(decision, {}, ReasonFor(answer.phase),
                     WordsFor(answer.phase));
  }
  chunk_machine::OnStillRunning(decision.now, decision.policy, chunk);
  if (decision.cursor.has_value() && !decision.cursor->empty()) {
    chunk_machine::OnHint(decision.now, decision.policy, chunk);
  }
  return true;
}

bool EngineCore::ReadOn(ChunkDecision& decision, const JobAnswer& answer) {
  const bool fetchable = decision.policy.can_fetch &&
                         !decision.chunk.attempt.provider_job_id.empty();
  if (answer.cursor.empty() || !fetchable) return false;
  const auto live = live_.find(decision.chunk.key);
  if (live != live_.end() &&
      live->second.cursors_in_a_row >= options_.max_pages_in_a_row) {
    log::Warning("a provider's results have no end; read again later",
                 {{"chunk", decision.chunk.key},
                  {"account", decision.chunk.lane.account}});
    decision.cursor = "";
  } else {
    decision.cursor = answer.cursor;
  }
  return true;
}

bool EngineCore::ApplyItems(ChunkDecision& decision,
                            const ChunkAttempt& attempt,
                            const JobAnswer& answer, bool by_fetch) {
  Chunk& chunk = decision.chunk;
  if (absl::c_any_of(answer.items, NeedsInputs) &&
      !LoadContacts(decision, chunk.items)) {
    return false;
  }
  const auto find = [&](const WorkItem& item) {
    return decision.changes.FindContact(item);
  };
  const AnswerMatches found(AnswerMatcher(chunk, attempt, by_fetch, find),
                            answer);
  decision.unmatched = found.unmatched();
  if (found.unmatched() > 0) {
    log::Warning("an answer matches no contact of its job",
                 {{"chunk", chunk.key},
                  {"account", chunk.lane.account},
                  {"items", found.unmatched()}});
  }
  std::vector<AnswerMatches::Match> matches;
  std::vector<WorkItem> items;
  for (const AnswerMatches::Match& match : found.all()) {
    const WorkItem& item = chunk.items[match.index];
    // Said before: a repeated push changes nothing.
    if (chunk.settled[match.index].HasAll(item.fields)) continue;
    matches.push_back(match);
    items.push_back(item);
  }
  if (!LoadContacts(decision, items)) return false;

  const AttemptContext context = {.account = chunk.lane.account,
                                  .start_time = attempt.start_time,
                                  .now = decision.now};
  decision.write.answers.reserve(decision.write.answers.size() +
                                 matches.size());
  for (const AnswerMatches::Match& match : matches) {
    ApplyItem(decision, attempt, context, match);
  }
  return true;
}

void EngineCore::ApplyItem(ChunkDecision& decision, const ChunkAttempt& attempt,
                           const AttemptContext& context,
                           const AnswerMatches::Match& match) {
  const WorkItem& item = decision.chunk.items[match.index];
  FieldSet& settled = decision.chunk.settled[match.index];
  FieldSet& answered = decision.chunk.answered[match.index];
  decision.changes.Apply(
      item,
      [&](const BatchPlan& plan, ContactProgress& progress) {
        const FieldSet applied = ApplyAnswer(
            context, plan, item.fields - settled, *match.item, progress);
        settled |= applied;
        answered |= applied;
        KeepAnswers(decision, attempt, match.index, *match.item, applied);
        Charge(decision, item, applied, *match.item);
        return applied;
      },
      // Closed by us before, and gone on from there.
      /*moved_on=*/answered - settled);
}

void EngineCore::Charge(ChunkDecision& decision, const WorkItem& item,
                        FieldSet fields, const ItemAnswer& answer) {
  Credits cost;
  for (const FieldAnswer& field : answer.fields) {
    if (fields.Has(field.field)) cost += field.credits;
  }
  decision.charges.Add(item.batch_key, cost);
  const FieldPrices& prices = decision.chunk.attempt.prices;
  const Credits above = cost - prices.Of(fields);
  if (above > Credits() && prices != FieldPrices())
    decision.over_price += above;
}

bool EngineCore::FailItems(ChunkDecision& decision, std::vector<size_t> indexes,
                           FailureReason reason, absl::string_view message) {
  Chunk& chunk = decision.chunk;
  if (indexes.empty()) indexes = UnansweredItems(chunk);
  std::vector<WorkItem> items;
  items.reserve(indexes.size());
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
