#include "provider/slowdown.h"

#include <algorithm>

namespace enrich {
namespace {

constexpr absl::Duration kQuiet = absl::Minutes(1);
constexpr double kStep = 0.1;
constexpr double kLeast = 0.05;
// Calls of the same moment are refused together.
constexpr absl::Duration kShortestPause = absl::Seconds(1);

}  // namespace

int64_t Slowdown::StepsUntil(absl::Time now) const {
  return now <= since_ ? 0 : (now - since_) / kQuiet;
}

double Slowdown::Share(absl::Time now) const {
  return std::min(share_ + kStep * static_cast<double>(StepsUntil(now)), 1.0);
}

void Slowdown::OnRefused(absl::Time now, absl::Time until) {
  until = std::max(until, now + kShortestPause);
  if (now >= since_) share_ = std::max(Share(now) / 2, kLeast);
  since_ = std::max(since_, until);
}

int Slowdown::Of(int limit, absl::Time now) const {
  return std::max(static_cast<int>(limit * Share(now)), 1);
}

absl::Time Slowdown::NextStep(absl::Time now) const {
  if (Share(now) >= 1) return absl::InfiniteFuture();
  return since_ + kQuiet * (StepsUntil(now) + 1);
}

}  // namespace enrich
