// Requests of which nobody knows what became of them, and what people, or the
// account's policy, decide about them. docs/adr/0016 has the reasoning.

#include <iterator>
#include <utility>

#include "absl/strings/str_cat.h"
#include "base/log.h"
#include "base/status_macros.h"
#include "engine/engine_core.h"
#include "model/errors.h"

namespace enrich {
namespace {

// Requests in doubt that were sent within this keep further ones back.
constexpr absl::Duration kFreshDoubt = absl::Minutes(10);

// Who decides in the audit log when nobody does.
constexpr absl::string_view kPolicyActor = "policy";

bool HasCost(const ChunkAttempt& attempt) {
  return attempt.spent.value_or(Credits()).milli > 0;
}

absl::string_view WhyUnknown(const chunk_machine::Policy& policy) {
  return policy.push ? "the request may have been accepted"
                     : "the request may have been accepted, and without pushes "
                       "from the provider nothing will tell";
}

AuditEntry AuditOf(AuditAction action, const Chunk& chunk,
                   const JobOrder& order, absl::Time now) {
  return {.time = now,
          .tenant = chunk.lane.tenant,
          .actor = order.actor,
          .action = action,
          .chunk_key = chunk.key,
          .account = chunk.lane.account,
          .contacts = static_cast<int64_t>(chunk.items.size()),
          .exposure = chunk.attempt.max_cost,
          .note = order.note};
}

}  // namespace

// ---- Orders -----------------------------------------------------------------

void EngineCore::ApproveResend(JobOrder order, Credits most,
                               StoreCallback<DecidedJob> done) {
  CarryOut(
      std::move(order),
      [this, most](ChunkDecision& decision, const JobOrder& order) {
        return Resend(decision, order, AuditAction::kApproveResend, most);
      },
      std::move(done));
}

void EngineCore::AbandonJob(JobOrder order, StoreCallback<DecidedJob> done) {
  CarryOut(
      std::move(order),
      [this](ChunkDecision& decision, const JobOrder& order) {
        return Abandon(decision, order);
      },
      std::move(done));
}

void EngineCore::CarryOut(JobOrder order, DecideOrder decide,
                          StoreCallback<DecidedJob> done) {
  Post([this, order = std::move(order), decide = std::move(decide),
        done = std::move(done)]() mutable {
    const int64_t key = order.chunk_key;
    // Neither lane nor tenant of a chunk ever changes.
    const absl::StatusOr<Chunk> chunk = CurrentChunk(key);
    if (absl::IsNotFound(chunk.status()) ||
        (chunk.ok() && chunk->lane.tenant != order.tenant)) {
      return done(error::JobNotFound(order.job_id));
    }
    if (!chunk.ok()) return done(chunk.status());
    if (FindState(chunk->lane.account) == nullptr) {
      return done(error::ProviderNotConfigured(chunk->lane.account));
    }
    auto outcome =
        std::make_shared<absl::Status>(error::JobNotFound(order.job_id));
    ChangeChunk(
        key,
        [order = std::move(order), decide = std::move(decide),
         outcome](ChunkDecision& decision) mutable {
          *outcome = decide(decision, order);
          return outcome->ok();
        },
        [this, key, outcome, done = std::move(done)]() mutable {
          if (!outcome->ok()) return done(*outcome);
          done(ReadDecided(key));
        });
  });
}

absl::StatusOr<DecidedJob> EngineCore::ReadDecided(int64_t chunk_key) {
  DecidedJob decided;
  ASSIGN_OR_RETURN(decided.job, seams_.store.ReadChunk(chunk_key));
  if (decided.job.resent_as == 0) return decided;
  ASSIGN_OR_RETURN(decided.resend,
                   seams_.store.ReadChunk(decided.job.resent_as));
  return decided;
}

// ---- The end of a doubt -----------------------------------------------------

bool EngineCore::CloseAsUnknown(ChunkDecision& decision,
                                absl::string_view why) {
  return FailItems(decision, {}, FailureReason::kOutcomeUnknown, why);
}

void EngineCore::Park(AccountState& account, int64_t chunk_key) {
  log::Error("a paid request stays in doubt; parked",
             {{"chunk", chunk_key}, {"account", account.account.name}});
  ChangeChunk(chunk_key, [this](ChunkDecision& decision) {
    return chunk_machine::OnParked(decision.chunk) &&
           CloseAsUnknown(decision, WhyUnknown(decision.policy));
  });
}

absl::Status EngineCore::Abandon(ChunkDecision& decision,
                                 const JobOrder& order) {
  Chunk& chunk = decision.chunk;
  if (!chunk_machine::OnDoubtEnded(chunk)) {
    return error::JobNotInDoubt(order.job_id, ChunkStateName(chunk.state));
  }
  CloseAsUnknown(decision,
                 "the request may have been accepted; it was given up");
  decision.write.audit =
      AuditOf(AuditAction::kAbandon, chunk, order, decision.now);
  return absl::OkStatus();
}

absl::Status EngineCore::Resend(ChunkDecision& decision, const JobOrder& order,
                                AuditAction action,
                                std::optional<Credits> most) {
  Chunk& chunk = decision.chunk;
  const OperationSpec* operation =
      decision.account.account.adapter->capabilities().Find(
          chunk.lane.operation);
  if (operation == nullptr) {
    return error::ProviderNotConfigured(chunk.lane.account);
  }
  if (!IsInDoubt(chunk.state)) {
    return error::JobNotInDoubt(order.job_id, ChunkStateName(chunk.state));
  }
  if (chunk_machine::WasHeardOf(chunk)) {
    return error::JobNotInDoubt(
        order.job_id, "the provider has it: it pushed what cannot be read");
  }
  if (EarlierWasTaken(decision)) {
    return error::JobNotInDoubt(order.job_id,
                                "an earlier submission was accepted");
  }
  if (decision.given_up() ||
      !CloseAsUnknown(decision, WhyUnknown(decision.policy))) {
    return absl::OkStatus();
  }
  std::vector<WorkItem> items = ItemsInDoubt(decision);
  if (decision.given_up()) return absl::OkStatus();
  if (items.empty()) {
    return error::JobNotInDoubt(order.job_id,
                                "none of its lookups is unknown any more");
  }
  AuditEntry audit = AuditOf(action, chunk, order, decision.now);
  audit.contacts = static_cast<int64_t>(items.size());
  audit.exposure = Credits();
  for (const WorkItem& item : items) {
    audit.exposure += operation->PriceOf(item.fields);
  }
  if (most.has_value() && audit.exposure > *most) {
    return error::ExposureHigher(order.job_id, audit.exposure.milli,
                                 most->milli);
  }
  log::Warning("a request in doubt is sent again",
               {{"chunk", chunk.key},
                {"account", chunk.lane.account},
                {"contacts", items.size()},
                {"by_policy", action == AuditAction::kQuietReplay ? 1 : 0}});
  chunk_machine::OnDoubtEnded(chunk);
  const size_t count = items.size();
  decision.write.audit = std::move(audit);
  decision.write.resend = Chunk{.lane = chunk.lane,
                                .items = std::move(items),
                                .answered = std::vector<FieldSet>(count),
                                .settled = std::vector<FieldSet>(count),
                                .due = decision.now,
                                .create_time = decision.now,
                                .resend_of = chunk.key};
  return absl::OkStatus();
}

void EngineCore::ReplayQuietly(int64_t chunk_key) {
  ChangeChunk(chunk_key, [this](ChunkDecision& decision) {
    Chunk& chunk = decision.chunk;
    if (chunk.state != ChunkState::kUnknown) return false;
    const JobOrder order = {
        .actor = std::string(kPolicyActor),
        .note = absl::StrCat(
            "nothing was heard of it for ",
            absl::FormatDuration(decision.now - chunk.attempt.start_time))};
    if (Resend(decision, order, AuditAction::kQuietReplay, {}).ok()) {
      return true;
    }
    return chunk_machine::OnParked(chunk) &&
           CloseAsUnknown(decision, WhyUnknown(decision.policy));
  });
}

std::vector<WorkItem> EngineCore::ItemsInDoubt(ChunkDecision& decision) {
  const Chunk& chunk = decision.chunk;
  std::vector<WorkItem> items;
  if (!LoadContacts(decision, chunk.items)) return items;
  for (const WorkItem& item : chunk.items) {
    if (decision.changes.IsCancelled(item)) continue;
    WorkItem wanted = item;
    wanted.fields = decision.changes.FieldsInDoubt(item, chunk.lane.account);
    if (!wanted.fields.empty()) items.push_back(wanted);
  }
  return items;
}

// ---- The chain --------------------------------------------------------------

std::optional<Chunk> EngineCore::LockRelative(ChunkDecision& decision,
                                              int64_t chunk_key) {
  if (!decision.locks.Acquire({RowKey::Kind::kChunk, chunk_key})) {
    decision.blocked = true;
    return std::nullopt;
  }
  absl::StatusOr<Chunk> chunk = CurrentChunk(chunk_key);
  if (chunk.ok()) return *std::move(chunk);
  if (!absl::IsNotFound(chunk.status())) decision.failed = chunk.status();
  return std::nullopt;
}

// Whoever has the request answers it: asking again would be paid twice for
// certain.
bool EngineCore::EarlierWasTaken(ChunkDecision& decision) {
  int64_t key = decision.chunk.resend_of;
  while (key != 0) {
    const std::optional<Chunk> earlier = LockRelative(decision, key);
    if (!earlier.has_value()) return false;
    if (earlier->attempt.state == AttemptState::kAccepted) return true;
    key = earlier->resend_of;
  }
  return false;
}

bool EngineCore::TakeCost(ChunkDecision& decision, Credits cost) {
  Chunk& chunk = decision.chunk;
  const auto look = [&](int64_t Chunk::*link) {
    int64_t key = chunk.*link;
    while (key != 0) {
      const std::optional<Chunk> other = LockRelative(decision, key);
      if (!other.has_value()) return;
      decision.double_spend |= HasCost(other->attempt);
      key = (*other).*link;
    }
  };
  if (cost.milli > 0 && !HasCost(chunk.attempt)) {
    look(&Chunk::resend_of);
    look(&Chunk::resent_as);
  }
  chunk.attempt.spent = cost;
  return !decision.given_up();
}

// ---- The account's books ----------------------------------------------------

void EngineCore::NoteDoubt(AccountState& account, const Chunk* before,
                           const Chunk& after) {
  const auto count = [&account](const Chunk& chunk, int sign) {
    if (!IsInDoubt(chunk.state)) return;
    account.exposed += chunk.attempt.max_cost * sign;
    if (chunk.state == ChunkState::kParked) account.jobs_parked += sign;
  };
  if (before != nullptr) count(*before, -1);
  count(after, 1);
  if (after.state == ChunkState::kUnknown) {
    account.unknown.try_emplace(after.attempt.key,
                                SteadyPast(after.attempt.start_time));
  } else if (before != nullptr) {
    account.unknown.erase(before->attempt.key);
  }
}

void EngineCore::NoteDoubleSpend(const Chunk& chunk) {
  ++FindState(chunk.lane.account)->double_spends;
  log::Error("two requests for the same lookups cost credits",
             {{"chunk", chunk.key},
              {"account", chunk.lane.account},
              {"resend_of", chunk.resend_of},
              {"resent_as", chunk.resent_as}});
}

absl::Time EngineCore::DoubtPauseEnd(const AccountState& account) const {
  const int limit = account.account.doubt.max_jobs;
  const auto unknown = static_cast<int>(account.unknown.size());
  if (limit == 0 || unknown < limit) return absl::InfinitePast();
  // Once this one is no longer fresh, fewer than the limit are.
  return std::prev(account.unknown.end(), limit)->second + kFreshDoubt;
}

}  // namespace enrich
