#ifndef ENRICH_STORE_SQLITE_OPERATION_H_
#define ENRICH_STORE_SQLITE_OPERATION_H_

#include <cstdint>
#include <memory>
#include <optional>
#include <utility>
#include <vector>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "absl/time/time.h"
#include "store/sqlite/answer_index.h"
#include "store/sqlite/batch_rows.h"
#include "store/sqlite/connection.h"
#include "store/store.h"

namespace enrich {

// The newest key and revision given out.
struct Heads {
  int64_t key = 0;
  int64_t revision = 0;
  bool operator==(const Heads&) const = default;
};

// What the operations of one transaction share.
struct Transaction {
  Connection& db;
  const StoreHooks& hooks;
  const AnswerIndex& answer_index;
  Heads heads = {};
  // What becomes of `answer_index` with the commit.
  AnswerIndexChange answers = {};
  BatchRows batches{db};
  // Appended so far.
  std::vector<LogSegmentPtr> segments = {};

  int64_t NewKey() { return ++heads.key; }
  // The first of `count` consecutive keys.
  int64_t NewKeys(int64_t count) {
    heads.key += count;
    return heads.key - count + 1;
  }
};

// A write on its way through the writer's queue.
class Operation {
 public:
  virtual ~Operation() = default;

  // Does it. May be called again after a rollback, so it must not use up what
  // it was given. May fail half-way: the writer notices and rolls back.
  virtual absl::Status Run(Transaction& tx) = 0;

  // Tells the caller the outcome. Called at most once.
  virtual void Complete(absl::Status status) = 0;
};

// An operation whose caller gets a T.
template <typename T>
class OperationOf : public Operation {
 public:
  explicit OperationOf(StoreCallback<T> done) : done_(std::move(done)) {}

  absl::Status Run(Transaction& tx) final {
    absl::StatusOr<T> result = Execute(tx);
    if (!result.ok()) return std::move(result).status();
    result_ = *std::move(result);
    return absl::OkStatus();
  }
  void Complete(absl::Status status) final {
    if (!status.ok()) return done_(std::move(status));
    Finish(result_);
    done_(std::move(result_));
  }

 private:
  virtual absl::StatusOr<T> Execute(Transaction& tx) = 0;
  // Last touch on the result: may use up what was given.
  virtual void Finish(T&) {}

  StoreCallback<T> done_;
  T result_ = {};
};

// Records are serialised here, on the caller's thread: the writer only binds.
std::unique_ptr<Operation> NewCreateBatch(NewBatch batch,
                                          StoreCallback<CreatedBatch> done);
std::unique_ptr<Operation> NewApply(Write write, StoreCallback<Written> done);
std::unique_ptr<Operation> NewDeleteFinishedBefore(absl::Time before,
                                                   int max_batches,
                                                   StoreCallback<int64_t> done);
std::unique_ptr<Operation> NewDeleteInboxBodies(absl::Time before,
                                                int max_bodies,
                                                StoreCallback<int64_t> done);
std::unique_ptr<Operation> NewDeleteAnswersBefore(absl::Time found,
                                                  absl::Time not_found,
                                                  int max_answers,
                                                  StoreCallback<int64_t> done);

}  // namespace enrich

#endif  // ENRICH_STORE_SQLITE_OPERATION_H_
