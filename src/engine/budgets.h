#ifndef ENRICH_ENGINE_BUDGETS_H_
#define ENRICH_ENGINE_BUDGETS_H_

#include <cstdint>
#include <map>
#include <string>

#include "absl/container/flat_hash_map.h"
#include "absl/strings/string_view.h"
#include "absl/types/span.h"
#include "model/batch.h"
#include "model/chunk.h"
#include "provider/adapter.h"
#include "store/store.h"

namespace enrich {

// Holds open batches to their ceilings: a lookup may be sent only if all that
// the batch has spent, reserved and exposed, and its own price, stay within.
// Those without ceilings cost one look into a map. Not thread-safe.
class Budgets {
 public:
  // A batch with ceilings is open, with what it came to so far.
  void Open(int64_t batch_key, const Ceilings& ceilings,
            const std::map<std::string, Funds>& funds);
  void Close(int64_t batch_key) { batches_.erase(batch_key); }
  // A change is committed.
  void Apply(const LedgerChange& change);

  enum class Fit {
    kNow,
    // Not now; answers that are waited for may make room.
    kLater,
    // Nothing that is waited for can make enough room. What is exposed is none.
    kNever,
  };
  Fit FitOf(int64_t batch_key, absl::string_view account, Credits price) const;

  // Sets the prices of the first of `items`, which are of one batch, aside, as
  // far as they fit; returns how many do. Drop gives them back: once a ledger
  // change has them, or when nothing comes of it.
  int64_t Hold(absl::string_view account, const OperationSpec& operation,
               absl::Span<const WorkItem> items);
  void Drop(absl::string_view account, const OperationSpec& operation,
            absl::Span<const WorkItem> items);

  bool empty() const { return batches_.empty(); }

 private:
  struct Position {
    Funds funds = {};
    // Taken from a lane, and not in the funds yet.
    Credits held = {};

    // What is charged or may be; all that may be in the end.
    Credits certain() const { return funds.spent + funds.exposed; }
    Credits possible() const { return funds.used() + held; }
  };
  struct Budget {
    Ceilings ceilings = {};
    std::map<std::string, Position, std::less<>> accounts = {};

    Fit FitOf(absl::string_view account, Credits price) const;
  };

  absl::flat_hash_map<int64_t, Budget> batches_;
};

}  // namespace enrich

#endif  // ENRICH_ENGINE_BUDGETS_H_
