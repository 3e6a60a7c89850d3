#include "engine/turns.h"

#include <algorithm>
#include <limits>
#include <tuple>

namespace enrich {
namespace {

constexpr double kUnlimited = std::numeric_limits<double>::infinity();

double PerSecond(int count, absl::Duration time) {
  return count <= 0 || time <= absl::ZeroDuration()
             ? kUnlimited
             : count / absl::ToDoubleSeconds(time);
}

// How many contacts the account can take for each request it can take; 0 where
// it takes any number of requests.
double ContactsPerRequest(const Capabilities& capabilities) {
  const PacingSpec& pacing = capabilities.pacing;
  const absl::Duration latency = capabilities.typical_latency;
  double requests = PerSecond(pacing.max_running_jobs, latency);
  for (const RateLimit& limit : pacing.submit_limits) {
    requests = std::min(requests, PerSecond(limit.requests, limit.window));
  }
  if (requests == kUnlimited) return 0;
  return PerSecond(pacing.max_running_contacts, latency) / requests;
}

}  // namespace

std::strong_ordering Turns::Turn::operator<=>(const Turn& other) const {
  return std::tie(had, behind, *lane) <=>
         std::tie(other.had, other.behind, *other.lane);
}

Turns::Turn Turns::Of(const LaneKey& lane) const {
  const auto tenant = tenants_.find(lane.tenant);
  if (tenant == tenants_.end()) return {.had = level_, .lane = &lane};
  const auto& [had, last_operation] = tenant->second;
  return {.had = std::max(had, level_),
          .behind = lane.operation <= last_operation,
          .lane = &lane};
}

void Turns::Take(const LaneKey& lane, int64_t cost) {
  Tenant& tenant = tenants_[lane.tenant];
  level_ = std::max(level_, tenant.had);
  tenant.had = level_ + std::max<int64_t>(cost, 1);
  tenant.last_operation = lane.operation;
}

int64_t CostOfTurn(const Capabilities& capabilities, int most,
                   absl::Span<const WorkItem> items) {
  int64_t lookups = 0;
  for (const WorkItem& item : items) lookups += item.fields.size();
  const double least = std::min<double>(ContactsPerRequest(capabilities), most);
  return std::max(lookups, static_cast<int64_t>(least));
}

}  // namespace enrich
