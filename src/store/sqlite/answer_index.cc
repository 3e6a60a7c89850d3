#include "store/sqlite/answer_index.h"

#include <algorithm>
#include <iterator>

#include "absl/algorithm/container.h"
#include "base/status_macros.h"
#include "store/record.h"

namespace enrich {
namespace {

constexpr char kSelectUnindexed[] =
    "SELECT key, account, block FROM answer_blocks "
    "WHERE key > (SELECT indexed_answers FROM store) ORDER BY key";
constexpr char kInsert[] =
    "INSERT INTO answer_index VALUES (?1, ?2, ?3) ON CONFLICT DO UPDATE "
    "SET block_key = excluded.block_key";
constexpr char kSetIndexed[] = "UPDATE store SET indexed_answers = ?1";

absl::Status Insert(Connection& db, absl::Span<const AnswerPlace> places) {
  Statement insert = db.Use(kInsert);
  for (const AnswerPlace& place : places) {
    RETURN_IF_ERROR(insert.Run(static_cast<int64_t>(place.slot.identity_high),
                               int64_t{place.slot.rest}, place.block_key));
  }
  return absl::OkStatus();
}

}  // namespace

AnswerSlot SlotOf(const Identity& identity, ContactField field,
                  absl::string_view account) {
  // FNV-1a: it is stored, so it must be the same in every build.
  constexpr uint64_t kPrime = 0x100000001b3;
  uint64_t hash = 0xcbf29ce484222325 ^ identity.low;
  hash = hash * kPrime ^ static_cast<uint64_t>(field);
  for (const char c : account) {
    hash = (hash ^ static_cast<unsigned char>(c)) * kPrime;
  }
  return {.identity_high = identity.high,
          .rest = static_cast<uint32_t>(hash ^ (hash >> 32))};
}

absl::StatusOr<std::vector<AnswerSlot>> SlotsOf(absl::string_view block,
                                                absl::string_view account) {
  std::vector<AnswerSlot> slots;
  std::vector<BoughtAnswer> none;
  RETURN_IF_ERROR(DecodeAnswerBlock(
      block,
      [&](const Identity& identity, ContactField field) {
        slots.push_back(SlotOf(identity, field, account));
        return false;
      },
      none));
  return slots;
}

absl::Status AnswerIndex::Load(Connection& db) {
  AnswerIndexChange change;
  Statement query = db.Use(kSelectUnindexed);
  while (true) {
    ASSIGN_OR_RETURN(const bool row, query.Step());
    if (!row) break;
    ASSIGN_OR_RETURN(const std::vector<AnswerSlot> slots,
                     SlotsOf(query.Blob(2), query.Text(1)));
    for (const AnswerSlot& slot : slots) {
      change.added.push_back({.slot = slot, .block_key = query.Int(0)});
    }
  }
  Commit(change);
  return absl::OkStatus();
}

std::vector<AnswerPlace> AnswerIndex::FindRecent(
    absl::Span<const Identity> identities) const {
  std::vector<AnswerPlace> found;
  MutexLock lock(&mu_);
  if (recent_.empty() && moving_.empty()) return found;
  for (const Identity& identity : identities) {
    if (const auto recent = recent_.find(identity.high);
        recent != recent_.end()) {
      absl::c_copy(recent->second, std::back_inserter(found));
    }
    for (auto it = std::ranges::lower_bound(
             moving_, AnswerSlot{.identity_high = identity.high}, {},
             &AnswerPlace::slot);
         it != moving_.end() && it->slot.identity_high == identity.high; ++it) {
      found.push_back(*it);
    }
  }
  return found;
}

absl::Status AnswerIndex::Move(Connection& db, size_t most,
                               AnswerIndexChange& change) const {
  if (change.moved_all) return absl::OkStatus();
  std::vector<AnswerPlace> places;
  int64_t up_to = 0;
  {
    MutexLock lock(&mu_);
    const auto left =
        absl::MakeConstSpan(moving_).subspan(moved_ + change.moved);
    if (left.empty()) return absl::OkStatus();
    if (left.size() <= most) up_to = moving_up_to_;
    const auto next = left.subspan(0, most);
    places.assign(next.begin(), next.end());
  }
  RETURN_IF_ERROR(Insert(db, places));
  change.moved += places.size();
  return up_to == 0 ? absl::OkStatus() : db.Use(kSetIndexed).Run(up_to);
}

absl::Status AnswerIndex::MoveAll(Connection& db,
                                  AnswerIndexChange& change) const {
  std::vector<AnswerPlace> places;
  int64_t up_to = 0;
  {
    MutexLock lock(&mu_);
    if (!change.moved_all) {
      const auto left =
          absl::MakeConstSpan(moving_).subspan(moved_ + change.moved);
      places.assign(left.begin(), left.end());
      absl::c_copy(Recent(), std::back_inserter(places));
    }
    up_to = newest_block_;
  }
  // The newest last: they take the place of the others.
  for (const AnswerPlace& place : change.added) {
    places.push_back(place);
    up_to = std::max(up_to, place.block_key);
  }
  RETURN_IF_ERROR(Insert(db, places));
  change = {.moved_all = true};
  return db.Use(kSetIndexed).Run(up_to);
}

void AnswerIndex::Commit(const AnswerIndexChange& change) {
  MutexLock lock(&mu_);
  moved_ += change.moved;
  if (change.moved_all) {
    ClearRecent();
    moved_ = moving_.size();
  }
  for (const AnswerPlace& place : change.added) {
    AddRecent(place);
    newest_block_ = std::max(newest_block_, place.block_key);
  }
  if (moved_ < moving_.size()) return;
  moving_.clear();
  moved_ = 0;
  if (recent_size_ < move_at_) return;
  moving_ = Recent();
  moving_up_to_ = newest_block_;
  ClearRecent();
}

void AnswerIndex::AddRecent(const AnswerPlace& place) {
  auto& places = recent_[place.slot.identity_high];
  const auto known = absl::c_find_if(places, [&](const AnswerPlace& other) {
    return other.slot == place.slot;
  });
  if (known != places.end()) {
    *known = place;
  } else {
    places.push_back(place);
    ++recent_size_;
  }
}

std::vector<AnswerPlace> AnswerIndex::Recent() const {
  std::vector<AnswerPlace> all;
  all.reserve(recent_size_);
  for (const auto& [identity_high, places] : recent_) {
    absl::c_copy(places, std::back_inserter(all));
  }
  std::ranges::sort(all, {}, &AnswerPlace::slot);
  return all;
}

void AnswerIndex::ClearRecent() {
  recent_.clear();
  recent_size_ = 0;
}

}  // namespace enrich
