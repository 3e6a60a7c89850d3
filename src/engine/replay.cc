// From pushes that came before to corrections.

#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "absl/algorithm/container.h"
#include "base/log.h"
#include "engine/correction.h"
#include "engine/engine_core.h"
#include "engine/reading.h"
#include "model/errors.h"

namespace enrich {
namespace {

// What one call runs: each body may be a commit.
constexpr int kBodiesPerReplay = 100;

// Those that were named, would stand on this page, and are not there.
void AddMissing(const InboxFilter& filter, int64_t after_key,
                const InboxPage& found, ReplayPage& page) {
  for (const int64_t key : filter.keys) {
    const bool here =
        key > after_key && (!found.next_after || key <= *found.next_after);
    const bool there = absl::c_any_of(
        found.rows, [&](const InboxRow& row) { return row.key == key; });
    if (!here || there) continue;
    page.bodies.push_back(
        {.key = key, .outcome = ReplayedBody::Outcome::kGone});
  }
}

}  // namespace

// A call under way. One body is in memory at a time.
struct EngineCore::Replay {
  std::vector<InboxRow> rows = {};
  size_t next = 0;
  ReplayPage page = {};
  StoreCallback<ReplayPage> done = {};
};

// A body that is run again.
struct EngineCore::ReplayRun {
  InboxRow row = {};
  std::string body = {};
  // Parsed once, however often the decision is taken.
  std::optional<absl::StatusOr<WebhookAnswer>> news = {};
  // Until something is decided, the chunk is gone.
  ReplayedBody result = {.outcome = ReplayedBody::Outcome::kGone};
};

void EngineCore::ReplayInbox(InboxFilter filter, int64_t after_key,
                             StoreCallback<ReplayPage> done) {
  Post([this, filter = std::move(filter), after_key,
        done = std::move(done)]() mutable {
    auto page = seams_.store.ReadInbox(filter, after_key, kBodiesPerReplay);
    if (!page.ok()) return done(page.status());
    auto replay = std::make_shared<Replay>();
    replay->page.next_after = page->next_after;
    AddMissing(filter, after_key, *page, replay->page);
    replay->rows = std::move(page->rows);
    replay->done = std::move(done);
    ReplayNext(replay);
  });
}

void EngineCore::ReplayNext(const std::shared_ptr<Replay>& replay) {
  if (stopping_) return replay->done(error::ShuttingDown());
  if (replay->next == replay->rows.size()) {
    return replay->done(std::move(replay->page));
  }
  ReplayOne(replay->rows[replay->next++],
            [this, replay](absl::StatusOr<ReplayedBody> result) {
              if (!result.ok()) return replay->done(result.status());
              replay->page.bodies.push_back(*result);
              Post([this, replay] { ReplayNext(replay); });
            });
}

void EngineCore::ReplayOne(
    const InboxRow& row,
    absl::AnyInvocable<void(absl::StatusOr<ReplayedBody>)> done) {
  auto run = std::make_shared<ReplayRun>();
  run->row = row;
  run->result.key = row.key;
  run->result.quarantine = row.reason;
  if (row.state == InboxState::kPending) {
    // What has not been looked at yet is about to be.
    run->result.outcome = ReplayedBody::Outcome::kUnchanged;
    return done(run->result);
  }
  auto body = seams_.store.ReadInboxBody(row.key);
  if (absl::IsNotFound(body.status())) return done(run->result);
  if (!body.ok()) return done(body.status());
  run->body = *std::move(body);
  auto finish = [run, done = std::move(done)]() mutable { done(run->result); };
  if (FindState(row.account) == nullptr) {
    run->result = {.key = row.key,
                   .outcome = ReplayedBody::Outcome::kUnchanged,
                   .quarantine = QuarantineReason::kNoAccount};
    return Quarantine(row.key, QuarantineReason::kNoAccount, std::move(finish));
  }
  ChangeChunk(
      row.chunk_key,
      [this, run](ChunkDecision& decision) {
        return ApplyReplay(decision, *run);
      },
      std::move(finish));
}

bool EngineCore::ApplyReplay(ChunkDecision& decision, ReplayRun& run) {
  const InboxRow& row = run.row;
  const bool quarantined = row.state == InboxState::kQuarantined;
  run.result = {.key = row.key};
  std::optional<ChunkAttempt> attempt = AttemptOf(decision, row.attempt_key);
  if (!attempt.has_value()) return false;
  if (!run.news.has_value()) {
    run.news = ReadPush(decision, *attempt, run.body);
  }
  const absl::StatusOr<WebhookAnswer>& news = *run.news;
  InboxChange change = {.key = row.key};
  if (news.ok()) change.reading = ReadingOf(*news);
  if (!quarantined && change.reading == row.reading) return false;

  change.reason = WhyUnusable(decision.chunk, *attempt, news);
  if (change.reason == QuarantineReason::kNone) {
    if (news->answer.has_value() &&
        !CorrectItems(decision, *attempt, *news->answer, run)) {
      return false;
    }
    if (run.result.outcome == ReplayedBody::Outcome::kGone) {
      run.result.quarantine = row.reason;
      return false;
    }
    if (!TakeUpInTime(decision, *std::move(attempt), run)) return false;
    change.reason = WhyIncomplete(decision, *news);
  }
  if (change.reason != QuarantineReason::kNone) {
    change.state = InboxState::kQuarantined;
  }
  run.result.quarantine = change.reason;
  const bool same = change.state == row.state && change.reason == row.reason &&
                    change.reading == row.reading;
  if (same && run.result.outcome != ReplayedBody::Outcome::kChanged) {
    return false;
  }
  decision.write.inbox.push_back(std::move(change));
  return true;
}

bool EngineCore::TakeUpInTime(ChunkDecision& decision, ChunkAttempt attempt,
                              ReplayRun& run) {
  Chunk& chunk = decision.chunk;
  if (IsTerminal(chunk.state)) return true;
  if (run.row.state != InboxState::kQuarantined) {
    const bool over = chunk.state == ChunkState::kAccepted &&
                      chunk_machine::AllAnswered(chunk);
    if (over) chunk_machine::OnSettled(chunk);
    return true;
  }
  const ChunkState state = chunk.state;
  const std::vector<FieldSet> answered = chunk.answered;
  if (!ApplyWebhook(decision, std::move(attempt), **run.news)) return false;
  if (chunk.state != state || chunk.answered != answered) {
    run.result.outcome = ReplayedBody::Outcome::kChanged;
  }
  return true;
}

bool EngineCore::CorrectItems(ChunkDecision& decision,
                              const ChunkAttempt& attempt,
                              const JobAnswer& answer, ReplayRun& run) {
  Chunk& chunk = decision.chunk;
  if (absl::c_any_of(answer.items, NeedsInputs) &&
      !LoadContacts(decision, chunk.items)) {
    return false;
  }
  const auto find = [&](const WorkItem& item) {
    return decision.changes.FindContact(item);
  };
  const AnswerMatches found(
      AnswerMatcher(chunk, attempt, /*by_fetch=*/false, find), answer);
  decision.unmatched = found.unmatched();
  std::vector<WorkItem> items;
  for (const AnswerMatches::Match& match : found.all()) {
    items.push_back(chunk.items[match.index]);
  }
  if (!LoadContacts(decision, items)) return false;
  decision.failed = decision.changes.LoadResults(items);
  if (!decision.failed.ok()) return false;
  const bool gone =
      !items.empty() && absl::c_all_of(items, [&](const WorkItem& item) {
        return decision.changes.FindContact(item) == nullptr;
      });
  if (gone) run.result.outcome = ReplayedBody::Outcome::kGone;

  const AttemptContext context = {.account = chunk.lane.account,
                                  .start_time = attempt.start_time,
                                  .now = decision.now};
  bool changed = false;
  for (const AnswerMatches::Match& match : found.all()) {
    const FieldSet settled = chunk.settled[match.index];
    decision.changes.Correct(
        chunk.items[match.index],
        [&](const BatchPlan& plan, ContactProgress& progress) {
          const FieldSet corrected =
              CorrectAnswer(context, plan, settled, *match.item, progress);
          changed |= !corrected.empty();
          KeepAnswers(decision, attempt, match.index, *match.item, corrected);
          return corrected;
        });
    ApplyItem(decision, attempt, context, match);
    changed |= chunk.settled[match.index] != settled;
  }
  if (answer.cost.has_value() && answer.cost != chunk.attempt.spent) {
    chunk.attempt.spent = answer.cost;
    changed = true;
  }
  if (changed) run.result.outcome = ReplayedBody::Outcome::kChanged;
  return true;
}

}  // namespace enrich
