#ifndef ENRICH_ENGINE_ADMISSION_H_
#define ENRICH_ENGINE_ADMISSION_H_

#include <cstdint>
#include <string>

#include "absl/container/flat_hash_map.h"
#include "absl/status/status.h"
#include "absl/strings/string_view.h"
#include "absl/time/time.h"
#include "base/mutex.h"

namespace enrich {

// Contacts that are open, and how fast they end.
class Backlog {
 public:
  explicit Backlog(absl::Time now) : since_(now) {}

  // Contacts come in, until they are in the count of Update, or nothing came of
  // them.
  void Add(int64_t contacts) { coming_ += contacts; }
  void Settle(int64_t contacts, bool taken) {
    coming_ -= contacts;
    taken_ += taken ? contacts : 0;
  }
  void Update(absl::Time now, int64_t open);

  int64_t open() const { return open_ + coming_; }
  bool empty() const { return open() == 0; }
  // How long it takes until `contacts` have ended, at the present pace.
  absl::Duration TimeToEnd(int64_t contacts) const;

 private:
  int64_t open_ = 0;
  int64_t coming_ = 0;
  // Since `since_`: taken in, and open at its beginning.
  int64_t taken_ = 0;
  int64_t open_then_ = 0;
  absl::Time since_;
  double ended_per_second_ = 0;
};

// Says whether more contacts may come in: all that are open are bounded, and
// those of each tenant. Thread-safe.
class Admission {
 public:
  struct Limits {
    int64_t all = 0;
    // 0 for none.
    int64_t per_tenant = 0;
  };
  // Contacts with open lookups, as the engine counts them.
  struct Count {
    int64_t all = 0;
    // Filled in when counts_tenants().
    absl::flat_hash_map<std::string, int64_t> tenants = {};
  };

  Admission(Limits limits, absl::Time now) : limits_(limits), all_(now) {}

  bool counts_tenants() const { return limits_.per_tenant > 0; }

  // RESOURCE_EXHAUSTED (error::TooManyOpenContacts) when they are too many;
  // otherwise they count until Settle.
  absl::Status Admit(absl::string_view tenant, int64_t contacts, absl::Time now)
      ABSL_LOCKS_EXCLUDED(mu_);
  // What was admitted is in the engine's count, or was not taken in the end.
  void Settle(absl::string_view tenant, int64_t contacts, bool taken)
      ABSL_LOCKS_EXCLUDED(mu_);
  void Update(absl::Time now, const Count& count) ABSL_LOCKS_EXCLUDED(mu_);

 private:
  const Limits limits_;
  Mutex mu_;
  Backlog all_ ABSL_GUARDED_BY(mu_);
  // Those with something open.
  absl::flat_hash_map<std::string, Backlog> tenants_ ABSL_GUARDED_BY(mu_);
};

}  // namespace enrich

#endif  // ENRICH_ENGINE_ADMISSION_H_
