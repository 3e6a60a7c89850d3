#ifndef ENRICH_ENGINE_TIME_LEFT_H_
#define ENRICH_ENGINE_TIME_LEFT_H_

#include <cstdint>
#include <string>
#include <vector>

#include "absl/container/flat_hash_map.h"
#include "absl/time/time.h"
#include "engine/account.h"

namespace enrich {

// Work for an account. A part of a request is what other work shares it with.
struct Demand {
  double requests = 0;
  double contacts = 0;

  Demand& operator+=(const Demand& other) {
    requests += other.requests;
    contacts += other.contacts;
    return *this;
  }
};

// How long it takes until the last of `waiting` is answered, by the account's
// declared limits: beside what is `running`, and with this share of the rate.
absl::Duration TimeFor(const Account& account, const Demand& waiting,
                       const Demand& running = {}, double share = 1);

// An account as it stands.
struct AccountLoad {
  const Account* account = nullptr;
  // Until it may be asked again.
  absl::Duration pause = absl::ZeroDuration();
  // The part of its rate that is used.
  double share = 1;
  Demand running = {};
  // By tenant and batch.
  absl::flat_hash_map<std::string, absl::flat_hash_map<int64_t, Demand>>
      waiting = {};
};

// By batch, when the last of its lookups that wait for an account is answered:
// after what goes before it, where tenants share an account evenly, and batches
// their tenant's part.
absl::flat_hash_map<int64_t, absl::Duration> TimesLeft(
    const std::vector<AccountLoad>& loads);

}  // namespace enrich

#endif  // ENRICH_ENGINE_TIME_LEFT_H_
