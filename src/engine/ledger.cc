#include "engine/ledger.h"

#include <algorithm>

#include "absl/container/flat_hash_map.h"
#include "base/log.h"

namespace enrich {
namespace {

bool InDoubt(const Chunk& chunk) {
  return chunk.state == ChunkState::kUnknown ||
         chunk.state == ChunkState::kParked;
}

// Changes of batches while they are gathered. A chunk's items come in runs of
// one batch, so the map is asked once for each run.
class ByBatch {
 public:
  Funds& Of(int64_t batch_key) {
    if (last_ < batches_.size() && batches_[last_].first == batch_key) {
      return batches_[last_].second;
    }
    const auto [it, added] = index_.try_emplace(batch_key, batches_.size());
    if (added) batches_.emplace_back(batch_key, Funds());
    last_ = it->second;
    return batches_[last_].second;
  }

  std::vector<std::pair<int64_t, Funds>> Take() { return std::move(batches_); }

 private:
  std::vector<std::pair<int64_t, Funds>> batches_;
  absl::flat_hash_map<int64_t, size_t> index_;
  size_t last_ = 0;
};

// Adds what the chunk has set aside, `sign` times.
void AddSetAside(const Chunk& chunk, int64_t sign, ByBatch& batches) {
  if (IsTerminal(chunk.state)) return;
  const bool in_doubt = InDoubt(chunk);
  const FieldPrices& prices = chunk.attempt.prices;
  for (size_t i = 0; i < chunk.items.size(); ++i) {
    const WorkItem& item = chunk.items[i];
    const Credits price = prices.Of(item.fields - chunk.settled[i]) * sign;
    Funds& funds = batches.Of(item.batch_key);
    (in_doubt ? funds.exposed : funds.reserved) += price;
  }
}

// The same attempt in the same kind of state: only answers differ.
bool DifferByAnswers(const Chunk& before, const Chunk& after) {
  return !IsTerminal(before.state) && !IsTerminal(after.state) &&
         InDoubt(before) == InDoubt(after) &&
         before.attempt.key == after.attempt.key &&
         before.items.size() == after.items.size();
}

void AddAnswers(const Chunk& before, const Chunk& after, ByBatch& batches) {
  const bool in_doubt = InDoubt(after);
  for (size_t i = 0; i < after.items.size(); ++i) {
    if (before.settled[i] == after.settled[i]) continue;
    const WorkItem& item = after.items[i];
    const FieldSet answered = after.settled[i] - before.settled[i];
    const Credits price = after.attempt.prices.Of(item.fields & answered);
    Funds& funds = batches.Of(item.batch_key);
    (in_doubt ? funds.exposed : funds.reserved) += price * -1;
  }
}

// Fills in what follows from what is set aside and charged.
void Balance(Funds& change) {
  const Credits freed = (change.reserved + change.exposed) * -1;
  if (change.spent > freed) {
    change.authorised = change.spent - freed;
  } else {
    change.released = freed - change.spent;
  }
}

}  // namespace

Funds SetAside(const Chunk& chunk) {
  ByBatch batches;
  AddSetAside(chunk, 1, batches);
  Funds sum;
  for (const auto& [batch_key, funds] : batches.Take()) sum += funds;
  return sum;
}

LedgerChange ChangeOfFunds(const Chunk* before, const Chunk& after,
                           const Charges& charges) {
  ByBatch batches;
  if (before != nullptr && DifferByAnswers(*before, after)) {
    AddAnswers(*before, after, batches);
  } else {
    if (before != nullptr) AddSetAside(*before, -1, batches);
    AddSetAside(after, 1, batches);
  }
  for (const auto& [batch_key, credits] : charges.runs()) {
    batches.Of(batch_key).spent += credits;
  }
  LedgerChange change = {.tenant = after.lane.tenant,
                         .account = after.lane.account,
                         .batches = batches.Take()};
  for (auto& [batch_key, funds] : change.batches) Balance(funds);
  std::erase_if(change.batches,
                [](const auto& batch) { return batch.second == Funds(); });
  return change;
}

Credits ChargeRest(Chunk& chunk, Charges& charges) {
  ChunkAttempt& attempt = chunk.attempt;
  attempt.charged += charges.total();
  if (!IsTerminal(chunk.state) || !attempt.spent.has_value()) return {};
  const Credits difference = *attempt.spent - attempt.charged;
  const auto contacts = static_cast<int64_t>(chunk.items.size());
  if (difference > Credits() && contacts > 0) {
    Credits rest = difference;
    for (int64_t i = 0; i < contacts; ++i) {
      const Credits share = {rest.milli / (contacts - i)};
      charges.Add(chunk.items[static_cast<size_t>(i)].batch_key, share);
      rest = rest - share;
    }
    attempt.charged = *attempt.spent;
  }
  return difference;
}

void Ledger::Load(const LedgerRow& row) {
  accounts_[row.account][row.tenant] += {.authorised = row.authorised,
                                         .spent = row.spent,
                                         .released = row.released};
}

void Ledger::Load(const Chunk& chunk) {
  accounts_[chunk.lane.account][chunk.lane.tenant] += SetAside(chunk);
}

bool Ledger::Balanced() const {
  bool balanced = true;
  for (const auto& [account, tenants] : accounts_) {
    for (const auto& [tenant, funds] : tenants) {
      if (funds.Balanced()) continue;
      balanced = false;
      log::Error("the ledger does not balance",
                 {{"account", account},
                  {"tenant", tenant},
                  {"authorised", funds.authorised.milli},
                  {"reserved", funds.reserved.milli},
                  {"spent", funds.spent.milli},
                  {"released", funds.released.milli},
                  {"exposed", funds.exposed.milli}});
    }
  }
  return balanced;
}

void Ledger::Apply(const LedgerChange& change) {
  if (change.empty()) return;
  accounts_[change.account][change.tenant] += change.Total();
}

Funds Ledger::Total(absl::string_view account) const {
  Funds total;
  for (const auto& [tenant, funds] : Of(account)) total += funds;
  return total;
}

const std::map<std::string, Funds>& Ledger::Of(
    absl::string_view account) const {
  static const auto* const kNone = new std::map<std::string, Funds>();
  const auto it = accounts_.find(account);
  return it == accounts_.end() ? *kNone : it->second;
}

}  // namespace enrich
