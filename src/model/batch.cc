#include "model/batch.h"

namespace enrich {

const std::vector<std::string>& BatchPlan::AccountsFor(
    ContactField field) const {
  static const auto* const kNone = new std::vector<std::string>();
  for (const Waterfall& waterfall : waterfalls) {
    if (waterfall.field == field) return waterfall.accounts;
  }
  return *kNone;
}

BatchCounters& BatchCounters::operator+=(const BatchCounters& delta) {
  contacts += delta.contacts;
  contacts_done += delta.contacts_done;
  for (size_t i = 0; i < lookups.size(); ++i) lookups[i] += delta.lookups[i];
  for (const auto& [account, spent] : delta.credits) credits[account] += spent;
  for (const auto& [account, spared] : delta.saved) saved[account] += spared;
  for (const auto& [account, change] : delta.funds) funds[account] += change;
  return *this;
}

}  // namespace enrich
