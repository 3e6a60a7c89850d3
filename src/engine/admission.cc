#include "engine/admission.h"

#include <algorithm>
#include <utility>

#include "model/errors.h"

namespace enrich {
namespace {

// The pace is measured over windows of this length.
constexpr absl::Duration kWindow = absl::Seconds(10);
// What a caller is told while nothing ends, and the bounds of what it is told.
constexpr absl::Duration kNoPace = absl::Seconds(30);
constexpr absl::Duration kSoonest = absl::Seconds(1);
constexpr absl::Duration kLatest = absl::Minutes(10);

}  // namespace

void Backlog::Update(absl::Time now, int64_t open) {
  open_ = open;
  const absl::Duration elapsed = now - since_;
  if (elapsed < kWindow) return;
  const int64_t ended = std::max<int64_t>(open_then_ + taken_ - open, 0);
  ended_per_second_ =
      static_cast<double>(ended) / absl::ToDoubleSeconds(elapsed);
  open_then_ = open;
  taken_ = 0;
  since_ = now;
}

absl::Duration Backlog::TimeToEnd(int64_t contacts) const {
  if (ended_per_second_ <= 0) return kNoPace;
  return std::clamp(
      absl::Seconds(static_cast<double>(contacts) / ended_per_second_),
      kSoonest, kLatest);
}

absl::Status Admission::Admit(absl::string_view tenant, int64_t contacts,
                              absl::Time now) {
  MutexLock lock(&mu_);
  const int64_t over_all = all_.open() + contacts - limits_.all;
  if (over_all > 0) {
    return error::TooManyOpenContacts(all_.open(), limits_.all,
                                      all_.TimeToEnd(over_all));
  }
  if (counts_tenants()) {
    Backlog& own = tenants_.try_emplace(tenant, now).first->second;
    const int64_t over = own.open() + contacts - limits_.per_tenant;
    if (over > 0) {
      return error::TooManyOpenContactsOfTenant(own.open(), limits_.per_tenant,
                                                own.TimeToEnd(over));
    }
    own.Add(contacts);
  }
  all_.Add(contacts);
  return absl::OkStatus();
}

void Admission::Settle(absl::string_view tenant, int64_t contacts, bool taken) {
  MutexLock lock(&mu_);
  all_.Settle(contacts, taken);
  if (const auto own = tenants_.find(tenant); own != tenants_.end()) {
    own->second.Settle(contacts, taken);
  }
}

void Admission::Update(absl::Time now, const Count& count) {
  MutexLock lock(&mu_);
  all_.Update(now, count.all);
  if (!counts_tenants()) return;
  for (const auto& [tenant, open] : count.tenants) {
    tenants_.try_emplace(tenant, now);
  }
  for (auto it = tenants_.begin(); it != tenants_.end();) {
    const auto counted = count.tenants.find(it->first);
    it->second.Update(now,
                      counted == count.tenants.end() ? 0 : counted->second);
    if (it->second.empty()) {
      tenants_.erase(it++);
    } else {
      ++it;
    }
  }
}

}  // namespace enrich
