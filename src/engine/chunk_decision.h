#ifndef ENRICH_ENGINE_CHUNK_DECISION_H_
#define ENRICH_ENGINE_CHUNK_DECISION_H_

#include <cstdint>
#include <map>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "absl/status/status.h"
#include "absl/time/time.h"
#include "engine/account_state.h"
#include "engine/chunk_machine.h"
#include "engine/contact_changes.h"
#include "engine/in_flight.h"
#include "engine/ledger.h"
#include "engine/operation_queue.h"
#include "model/chunk.h"
#include "store/store.h"

namespace enrich {

// What is not paid again for answers that were bought before, by the account
// they are of.
using Saved = std::map<std::string, Credits>;

// One decision about a chunk: a copy to change, and what else to write.
struct ChunkDecision {
  OperationQueue::Locks& locks;
  absl::Time now;
  AccountState& account;
  chunk_machine::Policy policy;
  Chunk chunk;
  // Every change to contacts goes through this one, so that later steps see
  // what earlier ones did.
  ContactChanges changes;
  Write write = {};
  // Lookups that another request asks, by its chunk (0 is this one) and their
  // own batch.
  std::map<std::pair<int64_t, int64_t>, WaitingRow> waiting = {};
  // What the provider charged for answers, and how much of it is above their
  // prices.
  Charges charges = {};
  Credits over_price = {};
  Saved saved = {};
  // Where reading its results goes on once this is committed; unset to leave
  // that as it is, empty for nowhere.
  std::optional<std::string> cursor = {};
  // It turns out to have been paid for besides another chunk of its chain.
  bool double_spend = false;
  // Items of the last answer that were about none of the chunk's contacts.
  int unmatched = 0;
  // Set to give up the decision for now.
  bool blocked = false;
  absl::Status failed = absl::OkStatus();

  bool given_up() const { return blocked || !failed.ok(); }
};

// What is left of one to take up once it is committed.
struct Decided {
  Chunk chunk = {};
  std::optional<Chunk> resend = {};
  std::vector<NewWork> work = {};
  std::vector<WaitingRow> waiting = {};
  std::optional<std::string> cursor = {};
  bool double_spend = false;
  LedgerChange ledger = {};
  Saved saved = {};
  // What its job cost beyond its answers, and those beyond their prices.
  Credits job_drift = {};
  Credits over_price = {};
};

}  // namespace enrich

#endif  // ENRICH_ENGINE_CHUNK_DECISION_H_
