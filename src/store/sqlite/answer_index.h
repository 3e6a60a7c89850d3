#ifndef ENRICH_STORE_SQLITE_ANSWER_INDEX_H_
#define ENRICH_STORE_SQLITE_ANSWER_INDEX_H_

#include <cstddef>
#include <cstdint>
#include <vector>

#include "absl/container/flat_hash_map.h"
#include "absl/container/inlined_vector.h"
#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "absl/strings/string_view.h"
#include "absl/types/span.h"
#include "base/mutex.h"
#include "model/field.h"
#include "model/identity.h"
#include "store/sqlite/connection.h"

namespace enrich {

// Which answer a place is of. The second half tells the answers about one
// person apart: their low half, field and account.
struct AnswerSlot {
  uint64_t identity_high = 0;
  uint32_t rest = 0;
  // clang-tidy 14 sees a null pointer here.
  // NOLINTNEXTLINE(modernize-use-nullptr)
  auto operator<=>(const AnswerSlot&) const = default;
};
AnswerSlot SlotOf(const Identity& identity, ContactField field,
                  absl::string_view account);
// Those of all answers of a block, in order.
absl::StatusOr<std::vector<AnswerSlot>> SlotsOf(absl::string_view block,
                                                absl::string_view account);

// In which block an answer is.
struct AnswerPlace {
  AnswerSlot slot = {};
  int64_t block_key = 0;
};

// What one transaction does to an AnswerIndex. Given up when it is rolled back.
struct AnswerIndexChange {
  // What it adds that is not in the table.
  std::vector<AnswerPlace> added = {};
  // How many of those that are being moved it has moved to the table; or all
  // there were.
  size_t moved = 0;
  bool moved_all = false;
};

// Finds the latest answers about a person.
//
// Identities are hashes, so in a table each new answer would dirty a page of
// its own, eight kilobytes to keep track of two hundred bytes. So the newest
// places are kept in memory; when they are many, they are moved to the table in
// its order, so that one page takes several, a few with each transaction that
// adds others. What was not moved is read from the blocks themselves at a
// start.
//
// Thread-safe; one thread writes.
class AnswerIndex {
 public:
  // `move_at`: so many in memory are moved.
  explicit AnswerIndex(size_t move_at = 65'536) : move_at_(move_at) {}

  // Reads what is not in the table.
  absl::Status Load(Connection& db);

  // The places in memory of all answers about these. To be called before the
  // snapshot is taken that the table is then searched in: what is moved
  // meanwhile is found in one of them.
  std::vector<AnswerPlace> FindRecent(
      absl::Span<const Identity> identities) const ABSL_LOCKS_EXCLUDED(mu_);

  // Inside a transaction: moves `most` places to the table, if they are many.
  absl::Status Move(Connection& db, size_t most,
                    AnswerIndexChange& change) const ABSL_LOCKS_EXCLUDED(mu_);
  // Likewise all of them. Before a block is deleted: what it took the place of
  // would otherwise be found again.
  absl::Status MoveAll(Connection& db, AnswerIndexChange& change) const
      ABSL_LOCKS_EXCLUDED(mu_);
  // The transaction is committed.
  void Commit(const AnswerIndexChange& change) ABSL_LOCKS_EXCLUDED(mu_);

 private:
  void AddRecent(const AnswerPlace& place) ABSL_EXCLUSIVE_LOCKS_REQUIRED(mu_);
  // All of them, in order.
  std::vector<AnswerPlace> Recent() const ABSL_EXCLUSIVE_LOCKS_REQUIRED(mu_);
  void ClearRecent() ABSL_EXCLUSIVE_LOCKS_REQUIRED(mu_);

  const size_t move_at_;
  mutable Mutex mu_;
  // By the slot's first half, the latest of each slot.
  absl::flat_hash_map<uint64_t, absl::InlinedVector<AnswerPlace, 1>> recent_
      ABSL_GUARDED_BY(mu_);
  size_t recent_size_ ABSL_GUARDED_BY(mu_) = 0;
  // Older than those, in order. The first `moved_` are in the table.
  std::vector<AnswerPlace> moving_ ABSL_GUARDED_BY(mu_);
  size_t moved_ ABSL_GUARDED_BY(mu_) = 0;
  // With these, the table has all of the blocks up to here.
  int64_t moving_up_to_ ABSL_GUARDED_BY(mu_) = 0;
  int64_t newest_block_ ABSL_GUARDED_BY(mu_) = 0;
};

}  // namespace enrich

#endif  // ENRICH_STORE_SQLITE_ANSWER_INDEX_H_
