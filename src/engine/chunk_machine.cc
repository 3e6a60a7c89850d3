#include "engine/chunk_machine.h"

#include <algorithm>
#include <string>
#include <utility>

namespace enrich::chunk_machine {
namespace {

// 1 s, 2 s, 4 s, ... at most a minute.
absl::Duration ResendPause(int attempts) {
  return std::min(absl::Seconds(1) * (1 << std::min(attempts - 1, 6)),
                  absl::Minutes(1));
}

bool Fetchable(const Policy& policy, const Chunk& chunk) {
  return policy.can_fetch && !chunk.attempt.provider_job_id.empty();
}

// A resend is not replayed in its turn: one doubt is enough.
bool ReplaysQuietly(const Policy& policy, const Chunk& chunk) {
  return policy.quiet_replay_after.has_value() && chunk.resend_of == 0;
}

bool AllSettled(const Chunk& chunk) {
  for (size_t i = 0; i < chunk.items.size(); ++i) {
    if (!chunk.settled[i].HasAll(chunk.items[i].fields)) return false;
  }
  return true;
}

}  // namespace

bool OnIntent(ChunkAttempt attempt, Chunk& chunk) {
  if (chunk.state != ChunkState::kPlanned) return false;
  chunk.attempt = std::move(attempt);
  chunk.state = ChunkState::kSending;
  chunk.due = absl::InfiniteFuture();
  ++chunk.attempt_count;
  return true;
}

bool OnAccepted(absl::Time now, const Policy& policy, absl::string_view job_id,
                Chunk& chunk) {
  const bool learns_id =
      !job_id.empty() && chunk.attempt.provider_job_id.empty();
  if (learns_id) chunk.attempt.provider_job_id = std::string(job_id);
  switch (chunk.state) {
    case ChunkState::kPlanned:
    case ChunkState::kSending:
    case ChunkState::kUnknown:
    case ChunkState::kParked:
      break;
    case ChunkState::kAccepted:
      if (learns_id) OnStillRunning(now, policy, chunk);
      return learns_id;
    case ChunkState::kDone:
    case ChunkState::kFailed:
      if (AllSettled(chunk)) return learns_id;
      break;
  }
  chunk.state = ChunkState::kAccepted;
  chunk.attempt.state = AttemptState::kAccepted;
  chunk.polls = 0;
  OnStillRunning(now, policy, chunk);
  return true;
}

bool OnNotSent(absl::Time now, const Policy& policy, Chunk& chunk) {
  if (chunk.state != ChunkState::kSending) return false;
  chunk.attempt.state = AttemptState::kNotSent;
  const absl::Time retry = now + ResendPause(chunk.attempt_count);
  if (retry > chunk.create_time + policy.give_up_sending_after) {
    OnGaveUp(chunk);
  } else {
    chunk.state = ChunkState::kPlanned;
    chunk.due = retry;
  }
  return true;
}

bool OnRateLimited(absl::Time now, absl::Duration pause, Chunk& chunk) {
  if (chunk.state != ChunkState::kSending) return false;
  chunk.attempt.state = AttemptState::kRejected;
  chunk.state = ChunkState::kPlanned;
  chunk.due = now + pause;
  return true;
}

bool OnRejected(Chunk& chunk) {
  if (chunk.state != ChunkState::kSending) return false;
  chunk.attempt.state = AttemptState::kRejected;
  OnGaveUp(chunk);
  return true;
}

void OnHeardOf(Chunk& chunk) {
  if (chunk.attempt.state == AttemptState::kSending ||
      chunk.attempt.state == AttemptState::kUnknown) {
    chunk.attempt.state = AttemptState::kAccepted;
  }
}

bool WasHeardOf(const Chunk& chunk) {
  return chunk.attempt.state == AttemptState::kAccepted;
}

bool OnIndeterminate(absl::Time now, const Policy& policy, Chunk& chunk) {
  if (chunk.state != ChunkState::kSending) return false;
  if (!WasHeardOf(chunk)) chunk.attempt.state = AttemptState::kUnknown;
  chunk.state = ChunkState::kUnknown;
  if (ReplaysQuietly(policy, chunk)) {
    // Not before WhenDue takes it for due, should the clock have been set.
    chunk.due =
        std::max(now, chunk.attempt.start_time) + *policy.quiet_replay_after;
  } else {
    chunk.due = policy.push ? now + policy.park_unknown_after : now;
  }
  return true;
}

bool OnParked(Chunk& chunk) {
  if (chunk.state != ChunkState::kUnknown) return false;
  chunk.state = ChunkState::kParked;
  chunk.due = absl::InfiniteFuture();
  return true;
}

bool OnDoubtEnded(Chunk& chunk) {
  if (!IsInDoubt(chunk.state)) return false;
  chunk.state = ChunkState::kFailed;
  chunk.due = absl::InfiniteFuture();
  return true;
}

void OnHint(absl::Time now, const Policy& policy, Chunk& chunk) {
  if (chunk.state == ChunkState::kAccepted && Fetchable(policy, chunk)) {
    chunk.due = now;
  }
}

void OnStillRunning(absl::Time now, const Policy& policy, Chunk& chunk) {
  if (chunk.state != ChunkState::kAccepted) return;
  const absl::Time give_up =
      chunk.attempt.start_time + policy.poll.give_up_after;
  const bool fetchable = Fetchable(policy, chunk);
  const absl::Duration wait =
      chunk.polls == 0 ? policy.poll.first_after : policy.poll.interval;
  chunk.due = fetchable ? std::min(now + wait, give_up) : give_up;
}

void OnGaveUp(Chunk& chunk) {
  chunk.state =
      chunk.resend_of == 0 ? ChunkState::kFailed : ChunkState::kParked;
  chunk.due = absl::InfiniteFuture();
}

void OnDeparted(Chunk& chunk) {
  if (chunk.state == ChunkState::kSending) {
    chunk.attempt.state = AttemptState::kUnknown;
  }
  chunk.state = chunk.state == ChunkState::kPlanned ? ChunkState::kFailed
                                                    : ChunkState::kDone;
  chunk.due = absl::InfiniteFuture();
}

void OnSettled(Chunk& chunk) {
  chunk.state = ChunkState::kDone;
  chunk.due = absl::InfiniteFuture();
}

Due WhenDue(absl::Time now, const Policy& policy, const Chunk& chunk) {
  if (now < chunk.due) return Due::kNothing;
  switch (chunk.state) {
    case ChunkState::kPlanned:
      return now >= chunk.create_time + policy.give_up_sending_after
                 ? Due::kGiveUpSending
                 : Due::kSend;
    case ChunkState::kAccepted: {
      // Late evidence is worth one look however old the attempt is, and what
      // is being read is read to its end.
      const bool over =
          now >= chunk.attempt.start_time + policy.poll.give_up_after;
      const bool looked = chunk.polls > 0 && !policy.reading;
      if (over && (looked || !Fetchable(policy, chunk))) {
        return Due::kGiveUpJob;
      }
      return Fetchable(policy, chunk) ? Due::kFetch : Due::kNothing;
    }
    case ChunkState::kUnknown:
      return ReplaysQuietly(policy, chunk) &&
                     now >=
                         chunk.attempt.start_time + *policy.quiet_replay_after
                 ? Due::kReplay
                 : Due::kPark;
    case ChunkState::kSending:
    case ChunkState::kParked:
    case ChunkState::kDone:
    case ChunkState::kFailed:
      return Due::kNothing;
  }
  return Due::kNothing;
}

bool AllAnswered(const Chunk& chunk) {
  for (size_t i = 0; i < chunk.items.size(); ++i) {
    if (!chunk.answered[i].HasAll(chunk.items[i].fields)) return false;
  }
  return true;
}

}  // namespace enrich::chunk_machine
