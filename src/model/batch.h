#ifndef ENRICH_MODEL_BATCH_H_
#define ENRICH_MODEL_BATCH_H_

#include <array>
#include <cstdint>
#include <map>
#include <optional>
#include <string>
#include <vector>

#include "absl/time/time.h"
#include "model/credits.h"
#include "model/field.h"
#include "model/funds.h"
#include "model/result.h"

namespace enrich {

// The ordered provider accounts to try for a field.
struct Waterfall {
  ContactField field = ContactField::kWorkEmail;
  std::vector<std::string> accounts = {};
};

// What a batch may cost.
struct Ceilings {
  // At single accounts.
  std::map<std::string, Credits> credits = {};
  // Over all accounts, in millionths of the currency unit.
  std::optional<int64_t> cost_micros = {};
  // With it, what a credit of each account costs, in the same: as it was when
  // the batch was accepted.
  std::map<std::string, int64_t> micros_per_credit = {};

  bool empty() const { return credits.empty() && !cost_micros.has_value(); }
};

// How the lookups of a batch are done: fixed when it is accepted, so that a
// change of configuration does not reach into running work.
struct BatchPlan {
  std::vector<Waterfall> waterfalls = {};
  // The lowest quality that stops the search for an e-mail.
  EmailQuality min_email_quality = EmailQuality::kCatchAll;
  bool include_raw_items = false;
  // Whether only answers that were asked for since count.
  bool bypass_cache = false;
  Ceilings ceilings = {};

  // The accounts to try for `field`, empty when there are none.
  const std::vector<std::string>& AccountsFor(ContactField field) const;
};

// The numbers are those of the API and are stored.
enum class BatchState : uint8_t {
  kRunning = 1,
  kCancelling = 2,
  kFinished = 3,
  kCancelled = 4,
};

// Lookups of a batch by outcome, and what they cost.
struct BatchCounters {
  int64_t contacts = 0;
  int64_t contacts_done = 0;
  // Indexed by Outcome.
  std::array<int64_t, 8> lookups = {};
  // Of the results that are out, by provider account.
  std::map<std::string, Credits> credits = {};
  // What answers that had been bought before cost then.
  std::map<std::string, Credits> saved = {};
  // What became of all that was set aside for the batch, by provider account.
  std::map<std::string, Funds> funds = {};

  int64_t& of(Outcome outcome) { return lookups[static_cast<size_t>(outcome)]; }
  int64_t of(Outcome outcome) const {
    return lookups[static_cast<size_t>(outcome)];
  }
  BatchCounters& operator+=(const BatchCounters& delta);
};

// One accepted EnrichBatch.
struct Batch {
  // Row key; never leaves the process.
  int64_t key = 0;
  std::string tenant = {};
  // The public id.
  std::string id = {};
  std::string request_id = {};
  std::string display_name = {};
  BatchState state = BatchState::kRunning;
  BatchCounters counters = {};
  absl::Time create_time = absl::UnixEpoch();
  // Unset while contacts are open.
  std::optional<absl::Time> finish_time = {};
  // Contacts have the keys first_contact_key .. + counters.contacts - 1.
  int64_t first_contact_key = 0;
  // Sequence of its latest event.
  int64_t last_sequence = 0;
};

}  // namespace enrich

#endif  // ENRICH_MODEL_BATCH_H_
