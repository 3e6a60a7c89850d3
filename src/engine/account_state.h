#ifndef ENRICH_ENGINE_ACCOUNT_STATE_H_
#define ENRICH_ENGINE_ACCOUNT_STATE_H_

#include <cstdint>
#include <deque>
#include <map>
#include <optional>
#include <string>

#include "absl/container/btree_map.h"
#include "absl/container/flat_hash_map.h"
#include "absl/time/time.h"
#include "engine/account.h"
#include "engine/balance_audit.h"
#include "engine/chunk_machine.h"
#include "engine/engine.h"
#include "engine/in_flight.h"
#include "engine/lanes.h"
#include "engine/turns.h"
#include "provider/account_gate.h"
#include "provider/token_holder.h"

namespace enrich {

// What is known of an account while the process runs.
struct AccountState {
  // A submission that was put off because the store failed.
  struct PutOff {
    int contacts = 0;
    Task again = {};
  };

  AccountState(const Account& account, const EngineOptions& options);

  const Account& account;
  // Without what depends on the chunk: see PolicyFor.
  chunk_machine::Policy policy;
  AccountGate gate;
  TokenHolder token;
  // By tenant and operation.
  std::map<LaneKey, Lane> lanes = {};
  Turns turns = {};
  // Since when the lane whose turn it is has waited for room, and others for
  // it; InfiniteFuture while it does not.
  absl::Time no_room_since = absl::InfiniteFuture();
  InFlight in_flight = {};
  // By tenant, chunks that are neither over nor in doubt.
  absl::flat_hash_map<std::string, int64_t> moving = {};
  // Submissions to decide again, chunks to send again and to fetch, each in
  // the order they became due.
  std::deque<PutOff> put_off = {};
  std::deque<int64_t> to_send = {};
  std::deque<int64_t> to_fetch = {};
  // When those that are UNKNOWN were sent, by the steady clock and in that
  // order: by attempt. How many are PARKED, and the most that all of them can
  // have cost.
  absl::btree_map<int64_t, absl::Time> unknown = {};
  int64_t jobs_parked = 0;
  Credits exposed = {};
  int64_t double_spends = 0;
  std::string last_error = {};
  std::optional<absl::Time> last_error_time = {};
  std::optional<Credits> balance = {};
  std::optional<absl::Time> balance_time = {};
  absl::Time next_balance = absl::InfinitePast();
  int64_t drift_count = 0;
  std::string last_drift = {};
  std::optional<absl::Time> last_drift_time = {};
  BalanceAudit audit = {};
  MoneyDrift money_drift = {};
  // By tenant.
  std::map<std::string, Credits> saved = {};
};

}  // namespace enrich

#endif  // ENRICH_ENGINE_ACCOUNT_STATE_H_
