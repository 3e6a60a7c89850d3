// Ledger, ceilings and drift.

#include <utility>

#include "absl/algorithm/container.h"
#include "absl/strings/str_cat.h"
#include "base/log.h"
#include "base/status_macros.h"
#include "engine/engine_core.h"

namespace enrich {
namespace {

// Batches that are read at once.
constexpr size_t kBatchesAtOnce = 1000;
// Lookups that are failed in one transaction.
constexpr int64_t kFailAtOnce = 1000;

constexpr absl::string_view kOverBudget =
    "the ceiling of the batch leaves no room for its price";

}  // namespace

absl::Status EngineCore::LoadLedger() {
  ASSIGN_OR_RETURN(const std::vector<LedgerRow> rows,
                   seams_.store.ReadLedger());
  for (const LedgerRow& row : rows) ledger_.Load(row);
  return absl::OkStatus();
}

absl::Status EngineCore::OpenBudgets(
    const absl::btree_set<int64_t>& batch_keys) {
  std::vector<int64_t> keys(batch_keys.begin(), batch_keys.end());
  const absl::Span<const int64_t> all = keys;
  for (size_t i = 0; i < all.size(); i += kBatchesAtOnce) {
    ASSIGN_OR_RETURN(
        const std::vector<BatchInfo> infos,
        seams_.store.ReadBatchInfos(all.subspan(i, kBatchesAtOnce)));
    for (const BatchInfo& info : infos) {
      budgets_.Open(info.key, info.plan.ceilings, info.funds);
    }
  }
  return absl::OkStatus();
}

void EngineCore::TakeUp(const LedgerChange& change) {
  ledger_.Apply(change);
  budgets_.Apply(change);
}

void EngineCore::TakeUp(const std::string& tenant, const Saved& saved) {
  for (const auto& [account, credits] : saved) {
    AccountState* state = FindState(account);
    if (state != nullptr) state->saved[tenant] += credits;
  }
}

Lane::Taken EngineCore::TakeAffordable(Lane& lane,
                                       const OperationSpec& operation,
                                       absl::string_view account,
                                       int64_t max_items) {
  return lane.Take(max_items, [&](absl::Span<const WorkItem> items) {
    return budgets_.Hold(account, operation, items);
  });
}

void EngineCore::ReviewOnHold(const LaneKey& key, Lane& lane,
                              const OperationSpec& operation) {
  const auto fit = [&](const WorkItem& item) {
    return budgets_.FitOf(item.batch_key, key.account,
                          operation.PriceOf(item.fields));
  };
  const auto over_budget = [&](absl::Span<const WorkItem> items) {
    const auto first_that_may_fit =
        absl::c_find_if(items, [&](const WorkItem& item) {
          return fit(item) != Budgets::Fit::kNever;
        });
    return static_cast<int64_t>(first_that_may_fit - items.begin());
  };
  for (const WorkItem& next : lane.OnHold()) {
    const Budgets::Fit now = fit(next);
    if (now == Budgets::Fit::kNow) lane.Resume(next.batch_key);
    if (now != Budgets::Fit::kNever) continue;
    if (!CanFail()) return;
    Lane::Taken taken = lane.TakeOf(next.batch_key, kFailAtOnce, over_budget);
    log::Info("a batch has no money left for an account",
              {{"batch", next.batch_key},
               {"account", key.account},
               {"contacts", taken.items.size()}});
    FailTaken(key, lane, std::move(taken), FailureReason::kBudgetExhausted,
              kOverBudget);
  }
}

void EngineCore::NoteCharges(AccountState& account, const Decided& decided) {
  if (decided.job_drift != Credits()) {
    account.money_drift.jobs += decided.job_drift;
    NoteMoneyDrift(account,
                   absl::StrCat("a job cost ", decided.job_drift.milli,
                                " thousandths of a credit more or, below zero, "
                                "less than its answers add up to"));
  }
  if (decided.over_price > Credits()) {
    account.money_drift.over_price += decided.over_price;
    NoteMoneyDrift(account,
                   absl::StrCat("lookups cost ", decided.over_price.milli,
                                " thousandths of a credit above their prices"));
  }
}

void EngineCore::AuditBalance(AccountState& account, Credits balance) {
  const Credits unexplained =
      account.audit.OnBalance(balance, ledger_.Total(account.account.name));
  if (unexplained <= Credits()) return;
  account.money_drift.balance += unexplained;
  NoteMoneyDrift(account,
                 absl::StrCat("the balance fell by ", unexplained.milli,
                              " thousandths of a credit that the ledger does "
                              "not know of"));
}

void EngineCore::NoteMoneyDrift(AccountState& account, std::string what) {
  log::Warning("charges differ from the ledger",
               {{"account", account.account.name}, {"what", what}});
  account.money_drift.last = std::move(what);
  account.money_drift.last_time = seams_.clock.Now();
}

}  // namespace enrich
