#include "sim/sim_store.h"

#include <algorithm>
#include <cstdio>
#include <cstdlib>

#include "absl/memory/memory.h"
#include "base/crypto.h"
#include "base/json.h"
#include "base/status_macros.h"
#include "store/sqlite/sqlite_store.h"

namespace enrich::sim {

absl::StatusOr<std::unique_ptr<SimStore>> SimStore::Open(
    World& world, const Weather& weather, Journal& journal,
    const std::string& path, const EventEncoder& encoder, Hooks hooks) {
  auto store =
      absl::WrapUnique(new SimStore(world, weather, journal, std::move(hooks)));
  StoreHooks inner_hooks = {
      .encode_batch_finished =
          [&encoder](const Batch& batch) {
            return encoder.EncodeBatchFinished(batch);
          },
      .on_commit =
          [segments = store->segments_](Segments committed) {
            *segments = std::move(committed);
          },
      .on_fatal =
          [](const absl::Status& status) {
            // Nothing here makes the real COMMIT fail.
            std::fprintf(stderr, "the store failed: %s\n",
                         status.ToString().c_str());
            std::abort();
          }};
  ASSIGN_OR_RETURN(std::unique_ptr<Store> inner,
                   OpenSqliteStore({.path = path}, std::move(inner_hooks),
                                   world.product_random()));
  store->set_inner(std::move(inner));
  return store;
}

// ---- Writes -----------------------------------------------------------------

void SimStore::CreateBatch(NewBatch batch, StoreCallback<CreatedBatch> done) {
  Enqueue(
      "batch",
      Make<CreatedBatch>(
          [this,
           batch = std::move(batch)](StoreCallback<CreatedBatch> then) mutable {
            inner().CreateBatch(std::move(batch), std::move(then));
          },
          [this](const CreatedBatch& created) { journal_.OnBatch(created); },
          std::move(done)));
}

void SimStore::Apply(Write write, StoreCallback<Written> done) {
  std::optional<Chunk> chunk =
      write.new_chunk.has_value() ? write.new_chunk : write.chunk;
  std::vector<std::pair<int64_t, std::string>> pushes;
  for (const InboxChange& change : write.inbox) {
    if (change.added == nullptr) continue;
    pushes.emplace_back(change.added->attempt_key, change.added->body_hash);
  }
  Enqueue("apply",
          Make<Written>(
              [this,
               write = std::move(write)](StoreCallback<Written> then) mutable {
                inner().Apply(std::move(write), std::move(then));
              },
              [this, chunk = std::move(chunk),
               pushes = std::move(pushes)](const Written& written) mutable {
                if (chunk.has_value()) {
                  journal_.OnChunk(*std::move(chunk), written);
                }
                for (auto& [attempt_key, body_hash] : pushes) {
                  journal_.OnInbox(attempt_key, std::move(body_hash));
                }
              },
              std::move(done)));
}

void SimStore::DeleteFinishedBefore(absl::Time before, int max_batches,
                                    StoreCallback<int64_t> done) {
  Enqueue("retention",
          Make<int64_t>(
              [this, before, max_batches](StoreCallback<int64_t> then) {
                inner().DeleteFinishedBefore(before, max_batches,
                                             std::move(then));
              },
              [](int64_t) {}, std::move(done)));
}

void SimStore::DeleteInboxBodies(absl::Time before, int max_bodies,
                                 StoreCallback<int64_t> done) {
  Enqueue("body retention",
          Make<int64_t>(
              [this, before, max_bodies](StoreCallback<int64_t> then) {
                inner().DeleteInboxBodies(before, max_bodies, std::move(then));
              },
              [](int64_t) {}, std::move(done)));
}

void SimStore::DeleteAnswersBefore(absl::Time found, absl::Time not_found,
                                   int max_answers,
                                   StoreCallback<int64_t> done) {
  Enqueue("answer retention", Make<int64_t>(
                                  [=, this](StoreCallback<int64_t> then) {
                                    inner().DeleteAnswersBefore(
                                        found, not_found, max_answers,
                                        std::move(then));
                                  },
                                  [](int64_t) {}, std::move(done)));
}

void SimStore::Enqueue(absl::string_view what, Operation operation) {
  if (fatal_) return;
  waiting_.emplace_back(std::string(what), std::move(operation));
  if (waiting_.size() == 1) ScheduleNext();
}

void SimStore::ScheduleNext() {
  absl::Duration wait =
      world_.Span(absl::Microseconds(20), absl::Milliseconds(5));
  if (world_.Chance(weather_.write_stalls)) {
    world_.Count("store stalls");
    wait = world_.Span(absl::Milliseconds(100), absl::Minutes(2));
  }
  world_.After(wait, [weak = std::weak_ptr<SimStore*>(self_)] {
    if (const auto self = weak.lock()) (*self)->RunNext();
  });
}

void SimStore::RunNext() {
  if (fatal_) return;
  auto [what, operation] = std::move(waiting_.front());
  waiting_.pop_front();
  if (world_.Chance(weather_.commit_lost)) {
    world_.Count("store commit lost");
    return Fatal("commit lost");
  }
  absl::Status refusal;
  if (world_.Chance(weather_.write_refused)) {
    const bool full = world_.Chance(0.5);
    world_.Count(full ? "store full" : "store away");
    refusal = full ? absl::ResourceExhaustedError("the disk is full")
                   : absl::UnavailableError("the store is away");
  }
  Task completion = operation(refusal);
  world_.Trace("store ", what, refusal.ok() ? " committed" : " refused");
  if (refusal.ok() && world_.Chance(weather_.commit_unseen)) {
    world_.Count("store commit unseen");
    return Fatal("commit unseen");
  }
  completions_.push_back(std::move(completion));
  last_completion_ = std::max(
      last_completion_, world_.now() + world_.Span(absl::Microseconds(10),
                                                   absl::Milliseconds(1)));
  world_.At(last_completion_, [weak = std::weak_ptr<SimStore*>(self_)] {
    if (const auto self = weak.lock()) (*self)->CompleteNext();
  });
  if (!waiting_.empty()) ScheduleNext();
}

void SimStore::CompleteNext() {
  if (fatal_) return;
  Task completion = std::move(completions_.front());
  completions_.pop_front();
  completion();
}

void SimStore::Fatal(absl::string_view why) {
  world_.Trace("store ", why);
  fatal_ = true;
  hooks_.on_fatal(absl::InternalError(why));
}

// ---- Reads ------------------------------------------------------------------

absl::Status SimStore::ReadFault() {
  if (!world_.Chance(weather_.read_fails)) return absl::OkStatus();
  world_.Count("store read fails");
  world_.Trace("store read fails");
  return absl::UnavailableError("the store cannot be read");
}

}  // namespace enrich::sim
