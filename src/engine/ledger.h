#ifndef ENRICH_ENGINE_LEDGER_H_
#define ENRICH_ENGINE_LEDGER_H_

#include <cstdint>
#include <map>
#include <string>
#include <utility>
#include <vector>

#include "absl/strings/string_view.h"
#include "model/chunk.h"
#include "model/funds.h"
#include "store/store.h"

namespace enrich {

// Charges of one decision, by batch: runs of neighbours, not sorted.
class Charges {
 public:
  void Add(int64_t batch_key, Credits credits) {
    if (credits == Credits()) return;
    if (runs_.empty() || runs_.back().first != batch_key) {
      runs_.emplace_back(batch_key, Credits());
    }
    runs_.back().second += credits;
    total_ += credits;
  }

  const std::vector<std::pair<int64_t, Credits>>& runs() const { return runs_; }
  Credits total() const { return total_; }

 private:
  std::vector<std::pair<int64_t, Credits>> runs_;
  Credits total_;
};

// What a chunk has set aside: the price of every lookup that the provider has
// not answered. `reserved` until it is over, beginning with the first attempt
// and through every repeat of it, so that nobody else takes its room meanwhile;
// `exposed` while it is in doubt.
Funds SetAside(const Chunk& chunk);

// What turning `before` (null for a new chunk) into `after` does to the money
// of their batches, given what the provider charged. What a lookup leaves of
// what was set aside for it is released; a charge above that is authorised in
// hindsight: no amount turns negative.
LedgerChange ChangeOfFunds(const Chunk* before, const Chunk& after,
                           const Charges& charges);

// Takes up that the job of a chunk that has come to its end cost more, by the
// provider's own account, than its answers add up to: the difference is charged
// to its batches by their share of the contacts. Returns by how much the two
// differ, either way, when the chunk is over and the provider told.
Credits ChargeRest(Chunk& chunk, Charges& charges);

// What became of the money at each account, by tenant. Not thread-safe.
class Ledger {
 public:
  // Takes up what the store has of what is over, ...
  void Load(const LedgerRow& row);
  // ... and a chunk that is open.
  void Load(const Chunk& chunk);
  // Whether every account balances, logging those that do not.
  bool Balanced() const;

  // A change is committed.
  void Apply(const LedgerChange& change);

  // Of all tenants, and by tenant.
  Funds Total(absl::string_view account) const;
  const std::map<std::string, Funds>& Of(absl::string_view account) const;

 private:
  std::map<std::string, std::map<std::string, Funds>, std::less<>> accounts_;
};

}  // namespace enrich

#endif  // ENRICH_ENGINE_LEDGER_H_
