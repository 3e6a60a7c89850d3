#include "sim/journal.h"

#include "absl/algorithm/container.h"
#include "absl/strings/str_cat.h"

namespace enrich::sim {
namespace {

using State = ChunkState;

// What one commit may make of a chunk. Nothing leads from doubt back to where
// it could be sent again, and what the provider took stays taken.
bool MayMove(State from, State to) {
  switch (from) {
    case State::kPlanned:
      return to != State::kUnknown && to != State::kParked;
    case State::kSending:
      return to != State::kParked;
    case State::kUnknown:
      return to == State::kParked || to == State::kAccepted ||
             to == State::kDone;
    case State::kParked:
    case State::kFailed:
      return to == State::kAccepted || to == State::kDone;
    case State::kAccepted:
      return to == State::kDone;
    case State::kDone:
      return to == State::kAccepted;
  }
  return false;
}

bool IsGivenUp(const Chunk& chunk) {
  if (!IsTerminal(chunk.state)) return false;
  for (size_t i = 0; i < chunk.items.size(); ++i) {
    if (!chunk.settled[i].HasAll(chunk.items[i].fields)) return true;
  }
  return false;
}

}  // namespace

void Journal::OnBatch(const CreatedBatch& created) {
  const Batch& batch = created.batch;
  const auto [row, added] = batches_.try_emplace(
      batch.key, BatchRow{.tenant = batch.tenant,
                          .id = batch.id,
                          .request_id = batch.request_id,
                          .first_contact_key = batch.first_contact_key,
                          .contacts = batch.counters.contacts});
  if (added == created.existed || row->second.id != batch.id ||
      row->second.tenant != batch.tenant) {
    world_.Violate("I3", absl::StrCat("batch ", batch.id,
                                      added ? " was there before"
                                            : " is another than it was"));
  }
}

void Journal::OnChunk(Chunk chunk, const Written& written) {
  const int64_t key = written.chunk_key;
  CheckMove(chunk, key);
  CheckTenant(chunk);
  chunks_[key] = chunk.state;
  if (chunk.attempt.reference.empty()) return;
  chunk.attempt.key = written.attempt_key;
  chunk.attempt.chunk_key = key;
  AttemptRow& row = attempts_[chunk.attempt.reference];
  row.given_up = IsGivenUp(chunk);
  // Later, items may be dropped: what was sent is as at first.
  if (row.items.empty()) row.items = std::move(chunk.items);
  row.lane = std::move(chunk.lane);
  reference_by_token_[chunk.attempt.token_hash] = chunk.attempt.reference;
  row.attempt = std::move(chunk.attempt);
}

void Journal::CheckMove(const Chunk& chunk, int64_t key) {
  const auto known = chunks_.find(key);
  if (known == chunks_.end()) {
    world_.Count(absl::StrCat("chunk new>", ChunkStateName(chunk.state)));
    return;
  }
  const State from = known->second;
  if (from == chunk.state) return;
  const std::string move =
      absl::StrCat(ChunkStateName(from), ">", ChunkStateName(chunk.state));
  world_.Count(absl::StrCat("chunk ", move));
  world_.Trace("chunk ", key, " ", move);
  if (!MayMove(from, chunk.state)) {
    world_.Violate("I9", absl::StrCat("chunk ", key, " moved ", move));
  }
}

void Journal::CheckTenant(const Chunk& chunk) {
  for (const WorkItem& item : chunk.items) {
    const auto batch = batches_.find(item.batch_key);
    if (batch == batches_.end() || batch->second.tenant != chunk.lane.tenant) {
      world_.Violate("I7", absl::StrCat("a chunk of ", chunk.lane.tenant,
                                        " holds contact ", item.contact_key));
    }
  }
}

void Journal::OnInbox(int64_t attempt_key, std::string body_hash) {
  inbox_.emplace(attempt_key, std::move(body_hash));
  evidence_.insert(attempt_key);
}

const Journal::AttemptRow* Journal::FindByToken(
    absl::string_view token_hash) const {
  const auto found = reference_by_token_.find(token_hash);
  return found == reference_by_token_.end() ? nullptr
                                            : &attempts_.at(found->second);
}

bool Journal::HasMovingChunks() const {
  return absl::c_any_of(chunks_, [](const auto& chunk) {
    return !IsTerminal(chunk.second) && chunk.second != State::kParked;
  });
}

}  // namespace enrich::sim
