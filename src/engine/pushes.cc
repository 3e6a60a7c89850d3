// From pushes to results.

#include <algorithm>
#include <cstddef>
#include <cstring>
#include <optional>
#include <string>
#include <utility>

#include "absl/numeric/int128.h"
#include "base/log.h"
#include "engine/engine_core.h"
#include "engine/reading.h"

namespace enrich {
namespace {

// Pushes that one transaction takes up.
constexpr size_t kPushesAtOnce = 256;

// Tells the pushes of a chunk apart.
absl::uint128 PushId(const NewInboxEvent& push) {
  uint64_t halves[2] = {};
  std::memcpy(halves, push.body_hash.data(),
              std::min(sizeof(halves), push.body_hash.size()));
  return absl::MakeUint128(halves[0], halves[1]) +
         static_cast<absl::uint128>(push.attempt_key);
}

}  // namespace

void EngineCore::TakePush(AttemptRef attempt, NewInboxEvent push,
                          PushKept kept) {
  Post([this, chunk_key = attempt.chunk_key, push = std::move(push),
        kept = std::move(kept)]() mutable {
    AddPush(chunk_key,
            {.event = std::make_shared<const NewInboxEvent>(std::move(push)),
             .kept = std::move(kept)});
  });
}

void EngineCore::TakeUpInbox(InboxEvent event) {
  if (FindState(event.account) == nullptr) {
    return Quarantine(event.key, QuarantineReason::kNoAccount, [] {});
  }
  AddPush(
      event.chunk_key,
      {.inbox_key = event.key,
       .event = std::make_shared<const NewInboxEvent>(NewInboxEvent{
           .attempt_key = event.attempt_key, .body = std::move(event.body)})});
}

void EngineCore::AddPush(int64_t chunk_key, Push push) {
  std::deque<Push>& waiting = pushes_[chunk_key];
  waiting.push_back(std::move(push));
  // Otherwise a decision is under way that will look again.
  if (waiting.size() == 1) DrainPushes(chunk_key);
}

// Decisions on a chunk wait for each other's commit: what comes meanwhile is
// taken up together.
void EngineCore::DrainPushes(int64_t chunk_key) {
  // All of them, unless the decision says how many: the chunk may be gone.
  auto taken = std::make_shared<size_t>(pushes_.at(chunk_key).size());
  ChangeChunk(
      chunk_key,
      [this, chunk_key, taken](ChunkDecision& decision) {
        std::deque<Push>& waiting = pushes_.at(chunk_key);
        *taken = std::min(waiting.size(), kPushesAtOnce);
        bool changed = false;
        for (size_t i = 0; i < *taken && !decision.given_up(); ++i) {
          changed |= ApplyPush(decision, waiting[i]);
        }
        if (decision.given_up()) {
          // Nothing is written. By the next try the chunk may be gone.
          for (Push& push : waiting) push.noted = false;
        }
        return changed;
      },
      [this, chunk_key, taken] {
        const auto waiting = pushes_.find(chunk_key);
        std::deque<Push>& queue = waiting->second;
        const auto live = live_.find(chunk_key);
        for (; *taken > 0; --*taken) {
          Push& push = queue.front();
          if (push.noted && live != live_.end() &&
              live->second.pushes.has_value()) {
            live->second.pushes->insert(PushId(*push.event));
          }
          if (push.kept) {
            push.kept(push.noted ? absl::OkStatus()
                                 : absl::NotFoundError("it was deleted"));
          }
          queue.pop_front();
        }
        if (queue.empty()) {
          pushes_.erase(waiting);
          return;
        }
        // Behind those that wait for the chunk already.
        Post([this, chunk_key] { DrainPushes(chunk_key); });
      },
      [this, chunk_key](absl::Duration pause, Task again) {
        if (RefusePushes(chunk_key)) return Tick();
        seams_.executor.PostAfter(pause, std::move(again));
      });
}

// Their senders will try again, which is better than to hold them.
bool EngineCore::RefusePushes(int64_t chunk_key) {
  const auto waiting = pushes_.find(chunk_key);
  std::deque<Push> left;
  for (Push& push : waiting->second) {
    if (push.kept) {
      push.kept(absl::UnavailableError("the store takes nothing at present"));
    } else {
      left.push_back(std::move(push));
    }
  }
  waiting->second = std::move(left);
  if (!waiting->second.empty()) return false;
  pushes_.erase(waiting);
  return true;
}

bool EngineCore::ApplyPush(ChunkDecision& decision, Push& push) {
  std::optional<ChunkAttempt> attempt =
      AttemptOf(decision, push.event->attempt_key);
  if (!attempt.has_value()) return false;
  if (push.inbox_key == 0 && IsRepeated(decision, *push.event)) {
    push.noted = true;
    return false;
  }
  if (decision.given_up()) return false;
  if (!push.news.has_value()) {
    push.news = ReadPush(decision, *attempt, push.event->body);
  }
  const absl::StatusOr<WebhookAnswer>& news = *push.news;
  InboxChange change = {.key = push.inbox_key};
  if (push.inbox_key == 0) change.added = push.event;
  change.reason = WhyUnusable(decision.chunk, *attempt, news);
  if (change.reason != QuarantineReason::kNone) {
    NoteUnusable(decision, *attempt, change.reason, news.status().message());
  } else {
    if (!ApplyWebhook(decision, *std::move(attempt), *news)) return false;
    change.reason = WhyIncomplete(decision, *news);
  }
  if (change.reason != QuarantineReason::kNone) {
    change.state = InboxState::kQuarantined;
  }
  if (news.ok()) change.reading = ReadingOf(*news);
  decision.write.inbox.push_back(std::move(change));
  push.noted = true;
  return true;
}

bool EngineCore::IsRepeated(ChunkDecision& decision,
                            const NewInboxEvent& push) {
  const auto live = live_.find(decision.chunk.key);
  if (live != live_.end() && live->second.pushes.has_value()) {
    return live->second.pushes->contains(PushId(push));
  }
  const absl::StatusOr<bool> kept =
      seams_.store.HasInboxBody(push.attempt_key, push.body_hash);
  decision.failed = kept.status();
  return kept.ok() && *kept;
}

void EngineCore::NoteUnusable(ChunkDecision& decision,
                              const ChunkAttempt& attempt,
                              QuarantineReason reason,
                              absl::string_view detail) {
  Chunk& chunk = decision.chunk;
  if (reason == QuarantineReason::kEarlierAttempt) {
    // Only an attempt that was refused, or never left, is followed by another:
    // the provider contradicts itself, and may charge twice. It is no news of
    // the attempt that counts.
    log::Error("a push for an attempt that was followed by another",
               {{"chunk", chunk.key}, {"account", chunk.lane.account}});
    return;
  }
  log::Warning("a push could not be used; the job will be fetched",
               {{"chunk", chunk.key},
                {"account", chunk.lane.account},
                {"why", QuarantineReasonName(reason)},
                {"detail", detail}});
  // Whoever knows the token has the request, whatever else it says: asking
  // again would be paid twice. Without an id there is nothing to wait for but a
  // body that can be read, so the chunk stays where it is. A push about another
  // job contradicts itself, and proves nothing.
  if (reason == QuarantineReason::kNotUnderstood &&
      attempt.key == chunk.attempt.key) {
    chunk_machine::OnHeardOf(chunk);
  }
  chunk_machine::OnHint(decision.now, decision.policy, chunk);
}

absl::StatusOr<WebhookAnswer> EngineCore::ReadPush(ChunkDecision& decision,
                                                   const ChunkAttempt& attempt,
                                                   absl::string_view body) {
  JobRef job = JobOf(decision.chunk, attempt);
  job.want_raw = WantsRaw(decision.chunk.items);
  absl::StatusOr<WebhookAnswer> news =
      decision.account.account.adapter->ParseWebhook(job, body);
  if (news.ok() && news->answer.has_value()) {
    NoteDrift(decision.account, news->answer->drift);
  }
  return news;
}

QuarantineReason EngineCore::WhyUnusable(
    const Chunk& chunk, const ChunkAttempt& attempt,
    const absl::StatusOr<WebhookAnswer>& news) {
  if (!news.ok()) return QuarantineReason::kNotUnderstood;
  if (!news->provider_job_id.empty() && !attempt.provider_job_id.empty() &&
      news->provider_job_id != attempt.provider_job_id) {
    return QuarantineReason::kOtherJob;
  }
  // Its positions are those of other contacts.
  return attempt.key == chunk.attempt.key ? QuarantineReason::kNone
                                          : QuarantineReason::kEarlierAttempt;
}

QuarantineReason EngineCore::WhyIncomplete(const ChunkDecision& decision,
                                           const WebhookAnswer& news) {
  if (!news.answer.has_value()) return QuarantineReason::kNone;
  if (decision.unmatched > 0) {
    const bool all =
        decision.unmatched == static_cast<int>(news.answer->items.size());
    return all ? QuarantineReason::kNoContact : QuarantineReason::kSomeContacts;
  }
  return news.answer->drift.empty() ? QuarantineReason::kNone
                                    : QuarantineReason::kContractDrift;
}

std::optional<ChunkAttempt> EngineCore::AttemptOf(ChunkDecision& decision,
                                                  int64_t attempt_key) {
  if (decision.chunk.attempt.key == attempt_key) return decision.chunk.attempt;
  const auto attempts = seams_.store.ReadAttempts(decision.chunk.key);
  decision.failed = attempts.status();
  if (!attempts.ok()) return std::nullopt;
  for (const ChunkAttempt& attempt : *attempts) {
    if (attempt.key == attempt_key) return attempt;
  }
  return std::nullopt;
}

bool EngineCore::ApplyWebhook(ChunkDecision& decision, ChunkAttempt attempt,
                              const WebhookAnswer& news) {
  // Whoever knows the token has the request: evidence in every state.
  ApplyAccepted(decision, news.provider_job_id);
  if (attempt.provider_job_id.empty()) {
    attempt.provider_job_id = news.provider_job_id;
  }
  if (news.answer.has_value()) {
    ApplyJobAnswer(decision, attempt, *news.answer, /*by_fetch=*/false);
    if (decision.given_up()) return false;
  }
  if (news.fetch) {
    chunk_machine::OnHint(decision.now, decision.policy, decision.chunk);
  }
  return true;
}

void EngineCore::Quarantine(int64_t inbox_key, QuarantineReason reason,
                            absl::AnyInvocable<void()> then) {
  operations_.Run(
      {.decide =
           [this, inbox_key, reason](OperationQueue::Locks&) {
             Write write = {.now = seams_.clock.Now()};
             write.inbox.push_back({.key = inbox_key,
                                    .state = InboxState::kQuarantined,
                                    .reason = reason});
             return OperationQueue::Decision::Commit(std::move(write));
           },
       .committed = [then =
                         std::move(then)](const Written&) mutable { then(); }});
}

void EngineCore::HandleRefusedPush(AttemptRef attempt) {
  Post([this, attempt = std::move(attempt)] {
    ChangeChunk(attempt.chunk_key, [](ChunkDecision& decision) {
      if (decision.chunk.state != ChunkState::kAccepted) return false;
      chunk_machine::OnHint(decision.now, decision.policy, decision.chunk);
      return true;
    });
  });
}

}  // namespace enrich
