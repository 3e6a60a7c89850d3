#include "engine/balance_audit.h"

#include <algorithm>
#include <utility>

namespace enrich {

Credits BalanceAudit::OnBalance(Credits balance, const Funds& funds) {
  const Reading reading = {.balance = balance,
                           .least = asked_.spent,
                           .most = funds.authorised - asked_.released};
  const Reading before = std::exchange(last_, reading);
  if (!first_.has_value()) {
    first_ = reading;
    return {};
  }
  // More than what may have been given back: a top-up.
  const Credits given_back = before.most - reading.least;
  if (balance - before.balance > std::max(given_back, Credits())) {
    first_ = reading;
    told_ = {};
    return {};
  }
  const Credits fell = first_->balance - balance;
  const Credits unexplained = fell - (reading.most - first_->least) - told_;
  if (unexplained <= Credits()) return {};
  told_ += unexplained;
  return unexplained;
}

}  // namespace enrich
