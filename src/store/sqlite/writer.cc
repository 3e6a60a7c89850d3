#include "store/sqlite/writer.h"

#include <pthread.h>

#include <utility>

#include "base/failpoint.h"
#include "base/status_macros.h"

namespace enrich {
namespace {

constexpr char kUpdateHeads[] =
    "UPDATE store SET last_key = ?1, last_revision = ?2";

// Bounds a transaction, and with it the wait of its first operation.
constexpr size_t kMaxGroup = 1024;

int64_t ChangesOf(const Transaction& tx) {
  return tx.db.TotalChanges() + tx.batches.changes();
}

void CompleteAll(absl::Span<const std::unique_ptr<Operation>> group,
                 const absl::Status& status) {
  for (const auto& operation : group) operation->Complete(status);
}

}  // namespace

Writer::Writer(std::unique_ptr<Connection> db,
               std::unique_ptr<Connection> checkpoints, StoreHooks hooks,
               Heads heads, AnswerIndex& answer_index)
    : db_(std::move(db)),
      checkpointer_(*db_, std::move(checkpoints)),
      hooks_(std::move(hooks)),
      heads_(heads),
      answer_index_(answer_index),
      thread_([this] { Loop(); }) {}

Writer::~Writer() { Stop(); }

void Writer::Enqueue(std::unique_ptr<Operation> operation) {
  MutexLock lock(&mu_);
  queue_.push_back(std::move(operation));
  if (queue_.size() == 1) wake_.Signal();
}

void Writer::Stop() {
  {
    MutexLock lock(&mu_);
    stopping_ = true;
    wake_.Signal();
  }
  if (thread_.joinable()) thread_.join();
}

Writer::Group Writer::TakeQueued() {
  MutexLock lock(&mu_);
  while (queue_.empty() && !stopping_) wake_.Wait(&mu_);
  return std::exchange(queue_, {});
}

void Writer::Loop() {
  pthread_setname_np(pthread_self(), "store");
  for (Group queued = TakeQueued(); !queued.empty(); queued = TakeQueued()) {
    for (size_t begin = 0; begin < queued.size(); begin += kMaxGroup) {
      const auto group = absl::MakeConstSpan(queued).subspan(begin, kMaxGroup);
      Outcome outcome = RunGroup(group);
      for (size_t i = 0; outcome == Outcome::kRunAlone && i < group.size();
           ++i) {
        if (RunGroup(group.subspan(i, 1)) == Outcome::kFatal) {
          outcome = Outcome::kFatal;
        }
      }
      if (outcome == Outcome::kFatal) return;
    }
  }
}

Writer::Outcome Writer::RunGroup(
    absl::Span<const std::unique_ptr<Operation>> group) {
  if (const absl::Status begun = db_->Use("BEGIN IMMEDIATE").Run();
      !begun.ok()) {
    CompleteAll(group, begun);
    return Outcome::kSettled;
  }
  Transaction tx = {.db = *db_,
                    .hooks = hooks_,
                    .answer_index = answer_index_,
                    .heads = heads_};
  std::vector<absl::Status> statuses;
  if (const absl::Status run = RunInside(group, tx, statuses); !run.ok()) {
    return RollBack(group, run);
  }
  if (const absl::Status committed = Commit(); !committed.ok()) {
    // A full disk refuses to take the log's frames, of which the commit mark is
    // the last: nothing is committed. After any other error, as that of a sync,
    // the commit may or may not survive a crash.
    return absl::IsResourceExhausted(committed) ? RollBack(group, committed)
                                                : Fatal(committed);
  }
  heads_ = tx.heads;
  answer_index_.Commit(tx.answers);
  if (!tx.segments.empty()) hooks_.on_commit(std::move(tx.segments));
  for (size_t i = 0; i < group.size(); ++i) {
    group[i]->Complete(std::move(statuses[i]));
  }
  return Outcome::kSettled;
}

absl::Status Writer::Commit() {
  RETURN_IF_ERROR(db_->Use("COMMIT").Run());
  return ENRICH_FAILPOINT("store.after_commit");
}

absl::Status Writer::RunInside(
    absl::Span<const std::unique_ptr<Operation>> group, Transaction& tx,
    std::vector<absl::Status>& statuses) {
  statuses.reserve(group.size());
  for (const auto& operation : group) {
    const int64_t changes = ChangesOf(tx);
    absl::Status status = operation->Run(tx);
    // One that failed without a change does not concern the others. SQLite may
    // have ended the transaction by itself.
    if (!status.ok() && (ChangesOf(tx) != changes || !db_->InTransaction())) {
      return status;
    }
    statuses.push_back(std::move(status));
  }
  RETURN_IF_ERROR(tx.batches.Flush());
  RETURN_IF_ERROR(SaveHeads(tx));
  return ENRICH_FAILPOINT("store.before_commit");
}

absl::Status Writer::SaveHeads(const Transaction& tx) {
  if (tx.heads == heads_) return absl::OkStatus();
  return db_->Use(kUpdateHeads).Run(tx.heads.key, tx.heads.revision);
}

Writer::Outcome Writer::RollBack(
    absl::Span<const std::unique_ptr<Operation>> group,
    const absl::Status& cause) {
  if (db_->InTransaction()) {
    const absl::Status rolled_back = db_->Use("ROLLBACK").Run();
    if (!rolled_back.ok()) return Fatal(rolled_back);
  }
  if (group.size() > 1) return Outcome::kRunAlone;
  CompleteAll(group, cause);
  return Outcome::kSettled;
}

Writer::Outcome Writer::Fatal(const absl::Status& cause) {
  hooks_.on_fatal(cause);
  return Outcome::kFatal;
}

}  // namespace enrich
