#include "sim/invoice.h"

#include <map>
#include <string>

#include "absl/algorithm/container.h"
#include "absl/strings/str_cat.h"
#include "engine/ledger.h"

namespace enrich::sim {
namespace {

using Installations = std::vector<std::unique_ptr<Installation>>;

// What an account came to in one installation, as its store has it.
Ledger ReadLedger(Installation& installation) {
  Ledger ledger;
  Store& store = installation.gateway()->store().inner();
  // What cannot be read is missing in the sum.
  const auto rows = store.ReadLedger();
  if (rows.ok()) {
    for (const LedgerRow& row : *rows) ledger.Load(row);
  }
  (void)store.ReadOpenChunks([&](const Chunk& chunk) { ledger.Load(chunk); });
  return ledger;
}

}  // namespace

Credits CheckInvoice(World& world, const Providers& providers,
                     const Installations& all) {
  Credits untold;
  std::map<std::string, Credits> charged;
  for (const simulator::Submission& entry : providers.ledger().submissions()) {
    if (!entry.accepted || entry.keys.empty()) continue;
    const std::string reference =
        entry.keys[0].substr(0, entry.keys[0].find('.'));
    const Journal::AttemptRow* asked = nullptr;
    int64_t owners = 0;
    for (const auto& installation : all) {
      const auto& attempts = installation->journal().attempts();
      const auto attempt = attempts.find(reference);
      if (attempt == attempts.end()) continue;
      asked = &attempt->second;
      ++owners;
    }
    if (owners != 1) {
      world.Violate(
          "I2", absl::StrCat(owners, " intents for a job at ", entry.provider));
      continue;
    }
    if (asked->given_up) {
      world.Count("charge nobody was told of");
      untold += entry.charged;
    } else {
      charged[asked->lane.account] += entry.charged;
    }
  }
  std::map<std::string, Credits> known;
  for (const auto& installation : all) {
    const Ledger ledger = ReadLedger(*installation);
    for (const SimAccount& account : Providers::Accounts()) {
      known[account.name] += ledger.Total(account.name).used();
    }
  }
  for (const auto& [account, sum] : charged) {
    if (sum > known[account]) {
      world.Violate("I5", absl::StrCat(account, " was charged ", sum.milli,
                                       " thousandths, of which ",
                                       known[account].milli, " are known"));
    }
  }
  return untold;
}

void CheckDrift(World& world, Credits untold, const Installations& all) {
  for (const auto& installation : all) {
    const Credits drift = installation->drift();
    if (drift == Credits()) continue;
    if (all.size() > 1) {
      world.Count("balance fell by another's spending");
    } else if (drift > untold) {
      world.Violate("I5", absl::StrCat("a balance fell by ", drift.milli,
                                       " thousandths nobody has spent"));
    }
  }
}

}  // namespace enrich::sim
