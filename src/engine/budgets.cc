#include "engine/budgets.h"

#include <algorithm>

#include "absl/numeric/int128.h"

namespace enrich {
namespace {

constexpr int64_t kMilli = 1000;

// In thousandths of a millionth: exact.
absl::int128 CostOf(Credits credits, int64_t micros_per_credit) {
  return absl::int128(credits.milli) * micros_per_credit;
}

}  // namespace

Budgets::Fit Budgets::Budget::FitOf(absl::string_view account,
                                    Credits price) const {
  Fit fit = Fit::kNow;
  const auto check = [&](auto certain, auto possible, auto limit) {
    if (certain > limit) {
      fit = Fit::kNever;
    } else if (possible > limit) {
      fit = std::max(fit, Fit::kLater);
    }
  };
  const std::string name(account);
  if (const auto ceiling = ceilings.credits.find(name);
      ceiling != ceilings.credits.end()) {
    const auto it = accounts.find(name);
    const Position position = it == accounts.end() ? Position() : it->second;
    check(position.certain() + price, position.possible() + price,
          ceiling->second);
  }
  if (ceilings.cost_micros.has_value()) {
    const auto rate_of = [&](const std::string& of) {
      const auto it = ceilings.micros_per_credit.find(of);
      return it == ceilings.micros_per_credit.end() ? 0 : it->second;
    };
    absl::int128 certain = CostOf(price, rate_of(name));
    absl::int128 possible = certain;
    for (const auto& [of, position] : accounts) {
      certain += CostOf(position.certain(), rate_of(of));
      possible += CostOf(position.possible(), rate_of(of));
    }
    check(certain, possible, absl::int128(*ceilings.cost_micros) * kMilli);
  }
  return fit;
}

void Budgets::Open(int64_t batch_key, const Ceilings& ceilings,
                   const std::map<std::string, Funds>& funds) {
  if (ceilings.empty()) return;
  Budget budget = {.ceilings = ceilings};
  for (const auto& [account, amounts] : funds) {
    budget.accounts[account].funds = amounts;
  }
  batches_[batch_key] = std::move(budget);
}

void Budgets::Apply(const LedgerChange& change) {
  if (batches_.empty()) return;
  for (const auto& [batch_key, funds] : change.batches) {
    const auto it = batches_.find(batch_key);
    if (it == batches_.end()) continue;
    it->second.accounts[change.account].funds += funds;
  }
}

Budgets::Fit Budgets::FitOf(int64_t batch_key, absl::string_view account,
                            Credits price) const {
  const auto it = batches_.find(batch_key);
  return it == batches_.end() ? Fit::kNow : it->second.FitOf(account, price);
}

int64_t Budgets::Hold(absl::string_view account, const OperationSpec& operation,
                      absl::Span<const WorkItem> items) {
  const auto all = static_cast<int64_t>(items.size());
  if (batches_.empty() || items.empty()) return all;
  const auto it = batches_.find(items.front().batch_key);
  if (it == batches_.end()) return all;
  Position& position = it->second.accounts[std::string(account)];
  int64_t fitting = 0;
  for (const WorkItem& item : items) {
    const Credits price = operation.PriceOf(item.fields);
    if (it->second.FitOf(account, price) != Fit::kNow) break;
    position.held += price;
    ++fitting;
  }
  return fitting;
}

void Budgets::Drop(absl::string_view account, const OperationSpec& operation,
                   absl::Span<const WorkItem> items) {
  if (batches_.empty()) return;
  for (const WorkItem& item : items) {
    const auto it = batches_.find(item.batch_key);
    if (it == batches_.end()) continue;
    Position& position = it->second.accounts[std::string(account)];
    position.held = position.held - operation.PriceOf(item.fields);
  }
}

}  // namespace enrich
