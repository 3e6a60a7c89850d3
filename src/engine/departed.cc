// Work of accounts that are no longer configured. Nothing of it can be sent or
// asked for; it is closed so that its contacts go on without them.

#include <utility>

#include "base/log.h"
#include "engine/engine_core.h"
#include "engine/next_step.h"

namespace enrich {
namespace {

constexpr absl::string_view kWhy = "the account is no longer configured";

}  // namespace

void EngineCore::PumpDeparted() {
  for (auto& [key, lane] : departed_) {
    if (lane.ready() > 0) FailWaiting(key, lane, kWhy);
  }
}

// A chunk that was not sent fails; one that may be at the provider is in doubt
// for good. Should the account come back, late pushes still correct it.
void EngineCore::CloseDeparted(Chunk chunk) {
  if (UnansweredItems(chunk).empty()) return;
  log::Error("a chunk is open for an account that is not configured; closed",
             {{"account", chunk.lane.account},
              {"chunk", chunk.key},
              {"state", ChunkStateName(chunk.state)}});
  auto work = std::make_shared<std::vector<NewWork>>();
  auto ledger = std::make_shared<LedgerChange>();
  operations_.Run(
      {.decide =
           [this, work, ledger, chunk](OperationQueue::Locks& locks) {
             using Decision = OperationQueue::Decision;
             std::vector<WorkItem> items;
             for (const size_t i : UnansweredItems(chunk)) {
               items.push_back(chunk.items[i]);
               items.back().fields -= chunk.answered[i];
             }
             if (!locks.Acquire({RowKey::Kind::kChunk, chunk.key}) ||
                 !ContactChanges::Lock(locks, items)) {
               return Decision::Blocked();
             }
             const absl::Time now = seams_.clock.Now();
             ContactChanges changes(ChangesContext(now));
             if (const absl::Status loaded = changes.Load(items);
                 !loaded.ok()) {
               return Decision::Failed(loaded);
             }
             const FailureReason reason =
                 chunk.state == ChunkState::kPlanned
                     ? FailureReason::kProviderUnavailable
                     : FailureReason::kOutcomeUnknown;
             const AttemptContext context = {
                 .account = chunk.lane.account,
                 .start_time = chunk.attempt.start_time,
                 .now = now};
             for (const WorkItem& item : items) {
               changes.Apply(
                   item, [&](const BatchPlan&, ContactProgress& progress) {
                     ApplyFailure(context, item.fields, reason, kWhy, progress);
                     return item.fields;
                   });
             }
             Chunk closed = chunk;
             for (size_t i = 0; i < closed.items.size(); ++i) {
               closed.answered[i] = closed.items[i].fields;
             }
             chunk_machine::OnDeparted(closed);
             *ledger = ChangeOfFunds(&chunk, closed, {});
             Write write = {.now = now, .chunk = std::move(closed)};
             write.ledger = *ledger;
             changes.MoveTo(write);
             *work = write.work;
             return Decision::Commit(std::move(write));
           },
       .committed =
           [this, work, ledger](const Written& written) {
             TakeUp(*ledger);
             Enqueue(std::move(*work), written);
             Tick();
           }});
}

}  // namespace enrich
