// Lookups that need not be bought: their answer was bought before, or is being
// bought for another contact. Decided when their turn to be sent has come, so
// that nothing is bought between the look and the leap.

#include <string>
#include <utility>

#include "absl/hash/hash.h"
#include "base/status_macros.h"
#include "engine/bought_answers.h"
#include "engine/engine_core.h"
#include "engine/next_step.h"

namespace enrich {
namespace {

constexpr absl::string_view kInDoubt =
    "the same lookup may have been accepted in another request";

ItemAnswer AsItem(const BoughtAnswer& bought) {
  ItemAnswer item = {.fields = {bought.answer}, .raw = bought.raw};
  if (!bought.profile.provider.empty()) item.profile = bought.profile;
  return item;
}

// What is noted as saved at the account that the answer is of.
Credits SavedBy(const BoughtAnswer& bought, ContactProgress& progress) {
  const FieldProgress* field = progress.Find(bought.answer.field);
  if (field == nullptr) return {};
  for (const Attempt& attempt : field->attempts) {
    if (attempt.provider == bought.account) return attempt.saved;
  }
  return {};
}

void AddWaiting(const WorkItem& item, ContactField field, uint64_t lookup,
                WaitingRow& row) {
  row.lookups.push_back(lookup);
  std::vector<WorkItem>& items = row.work.items;
  if (items.empty() || items.back().contact_key != item.contact_key) {
    items.push_back(item);
    items.back().fields = {};
  }
  items.back().fields |= field;
}

}  // namespace

// ---- Answers that were bought before ----------------------------------------

absl::Status EngineCore::AnswerWhatIsKnown(
    const LaneKey& lane, const std::vector<Identity>& identities,
    ContactChanges& changes, std::vector<WorkItem>& items, Saved& saved) {
  BoughtAnswers known(options_.answer_lifetimes);
  RETURN_IF_ERROR(known.Load(seams_.store, identities));
  if (known.empty()) return absl::OkStatus();
  const absl::Time now = seams_.clock.Now();
  for (size_t i = 0; i < items.size(); ++i) {
    WorkItem& item = items[i];
    const auto batch = changes.FindBatch(item);
    if (batch == nullptr || batch->cancelled) continue;
    const FieldSet open = changes.OpenFields(item);
    for (const ContactField field : kAllContactFields) {
      if (!open.Has(field)) continue;
      const BoughtAnswer* bought =
          known.Find(*batch, identities[i], field, lane.account);
      if (bought == nullptr) continue;
      changes.Apply(
          item, [&](const BatchPlan& plan, ContactProgress& progress) {
            const Credits before = SavedBy(*bought, progress);
            const FieldSet applied =
                ApplyAnswer({.account = bought->account,
                             .start_time = now,
                             .now = now,
                             .cached_from = bought->answer_time},
                            plan, field, AsItem(*bought), progress);
            const Credits spared = SavedBy(*bought, progress) - before;
            if (spared > Credits()) saved[bought->account] += spared;
            return applied;
          });
      item.fields -= field;
    }
  }
  return absl::OkStatus();
}

void EngineCore::KeepAnswers(ChunkDecision& decision,
                             const ChunkAttempt& attempt, size_t index,
                             const ItemAnswer& answer, FieldSet fields) {
  const Chunk& chunk = decision.chunk;
  if (chunk.identities.size() != chunk.items.size()) return;
  for (const FieldAnswer& field : answer.fields) {
    const bool said =
        field.outcome == Outcome::kFound || field.outcome == Outcome::kNotFound;
    if (!said || !fields.Has(field.field)) continue;
    BoughtAnswer& bought = decision.write.answers.emplace_back(
        BoughtAnswer{.identity = chunk.identities[index],
                     .account = chunk.lane.account,
                     .ask_time = attempt.start_time,
                     .answer_time = decision.now,
                     .answer = field,
                     .raw = answer.raw});
    if (answer.profile.has_value()) {
      bought.profile = *answer.profile;
      bought.profile.provider = chunk.lane.account;
    }
  }
}

// ---- Answers that are being bought ------------------------------------------

bool EngineCore::HoldBack(ChunkDecision& decision, const Identity& identity,
                          absl::flat_hash_set<uint64_t>& asked,
                          WorkItem& item) {
  const int64_t own = decision.chunk.key;
  FieldSet in_doubt;
  for (const ContactField field : kAllContactFields) {
    if (!item.fields.Has(field)) continue;
    const uint64_t lookup = LookupHash(identity, field);
    const bool repeated = !asked.insert(lookup).second;
    int64_t asks = decision.account.in_flight.Find(lookup).value_or(own);
    if (asks != own && live_.at(asks).chunk.state == ChunkState::kParked) {
      if (!MayAskAgain(decision, live_.at(asks).chunk, item)) {
        in_doubt |= field;
        item.fields -= field;
        continue;
      }
      asks = own;
    }
    if (asks != own || repeated) {
      AddWaiting(item, field, lookup, decision.waiting[{asks, item.batch_key}]);
      item.fields -= field;
      continue;
    }
    // Another decision sees it in flight once this one is committed.
    const auto key = static_cast<int64_t>(
        absl::HashOf(decision.account.account.name, lookup));
    decision.blocked = !decision.locks.Acquire({RowKey::Kind::kLookup, key});
    if (decision.blocked) return false;
  }
  if (!in_doubt.empty()) EndInDoubt(decision, item, in_doubt);
  return true;
}

bool EngineCore::MayAskAgain(const ChunkDecision& decision, const Chunk& parked,
                             const WorkItem& item) {
  const auto batch = decision.changes.FindBatch(item);
  return batch != nullptr && batch->plan.bypass_cache &&
         parked.attempt.start_time < batch->create_time;
}

void EngineCore::EndInDoubt(ChunkDecision& decision, const WorkItem& item,
                            FieldSet fields) {
  const AttemptContext context = {.account = decision.chunk.lane.account,
                                  .start_time = decision.now,
                                  .now = decision.now};
  decision.changes.Apply(
      item, [&](const BatchPlan&, ContactProgress& progress) {
        ApplyFailure(context, fields, FailureReason::kOutcomeUnknown, kInDoubt,
                     progress);
        return fields;
      });
}

std::vector<WaitingRow> EngineCore::TakeWaiting(ChunkDecision& decision) {
  std::vector<WaitingRow> rows;
  for (auto& [key, row] : decision.waiting) {
    decision.write.work.push_back({.lane = decision.chunk.lane,
                                   .items = std::move(row.work.items),
                                   .enqueue_time = decision.now});
    row.chunk_key = key.first;
    rows.push_back(std::move(row));
  }
  return rows;
}

void EngineCore::KeepWaiting(AccountState& account, WaitingRow row) {
  const auto live = live_.find(row.chunk_key);
  const bool waits = live != live_.end() &&
                     live->second.chunk.state != ChunkState::kParked &&
                     account.in_flight.Wait(row);
  if (!waits) account.lanes[row.work.lane].Add(std::move(row.work));
}

}  // namespace enrich
