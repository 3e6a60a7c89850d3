#include "engine/time_left.h"

#include <algorithm>
#include <cmath>
#include <utility>

namespace enrich {
namespace {

// Amounts that are worked off side by side, at the same pace.
class Abreast {
 public:
  explicit Abreast(std::vector<double> amounts) : amounts_(std::move(amounts)) {
    std::sort(amounts_.begin(), amounts_.end());
    sums_.reserve(amounts_.size() + 1);
    for (const double amount : amounts_) sums_.push_back(sums_.back() + amount);
  }

  // How much of all has been done when one of `amount` is.
  double DoneWith(double amount) const {
    const auto larger =
        std::lower_bound(amounts_.begin(), amounts_.end(), amount);
    const auto smaller = static_cast<size_t>(larger - amounts_.begin());
    return sums_[smaller] +
           amount * static_cast<double>(amounts_.size() - smaller);
  }

 private:
  std::vector<double> amounts_;
  // Of the first so many.
  std::vector<double> sums_ = {0};
};

struct Line {
  explicit Line(const std::vector<Demand>& demands)
      : requests(AmountsOf(demands, &Demand::requests)),
        contacts(AmountsOf(demands, &Demand::contacts)) {}

  static std::vector<double> AmountsOf(const std::vector<Demand>& demands,
                                       double Demand::*amount) {
    std::vector<double> amounts;
    amounts.reserve(demands.size());
    for (const Demand& demand : demands) amounts.push_back(demand.*amount);
    return amounts;
  }

  Demand DoneWith(const Demand& demand) const {
    return {.requests = requests.DoneWith(demand.requests),
            .contacts = contacts.DoneWith(demand.contacts)};
  }

  Abreast requests;
  Abreast contacts;
};

// Of sums of parts.
constexpr double kRounding = 1e-6;

// How often something for `limit` at a time must have ended before the last of
// so many can begin.
double RoundsBefore(double amount, int limit) {
  return limit <= 0
             ? 0
             : std::floor(std::max(std::ceil(amount - kRounding) - 1, 0.0) /
                          limit);
}

}  // namespace

absl::Duration TimeFor(const Account& account, const Demand& waiting,
                       const Demand& running, double share) {
  const Capabilities& capabilities = account.adapter->capabilities();
  const PacingSpec& pacing = capabilities.pacing;
  absl::Duration before;
  for (const RateLimit& limit : pacing.submit_limits) {
    before = std::max(
        before,
        limit.window * RoundsBefore(waiting.requests / share, limit.requests));
  }
  const double rounds =
      std::max(RoundsBefore(waiting.contacts + running.contacts,
                            pacing.max_running_contacts),
               RoundsBefore(waiting.requests + running.requests,
                            pacing.max_running_jobs));
  before = std::max(before, capabilities.typical_latency * rounds);
  return before + capabilities.typical_latency;
}

absl::flat_hash_map<int64_t, absl::Duration> TimesLeft(
    const std::vector<AccountLoad>& loads) {
  absl::flat_hash_map<int64_t, absl::Duration> left;
  for (const AccountLoad& load : loads) {
    std::vector<Demand> of_tenants;
    for (const auto& [tenant, batches] : load.waiting) {
      Demand& all = of_tenants.emplace_back();
      for (const auto& [batch_key, demand] : batches) all += demand;
    }
    const Line tenants(of_tenants);
    for (const auto& [tenant, batches] : load.waiting) {
      std::vector<Demand> of_batches;
      for (const auto& [batch_key, demand] : batches) {
        of_batches.push_back(demand);
      }
      const Line own(of_batches);
      for (const auto& [batch_key, demand] : batches) {
        const Demand ahead = tenants.DoneWith(own.DoneWith(demand));
        const absl::Duration time =
            load.pause +
            TimeFor(*load.account, ahead, load.running, load.share);
        absl::Duration& longest = left[batch_key];
        longest = std::max(longest, time);
      }
    }
  }
  return left;
}

}  // namespace enrich
