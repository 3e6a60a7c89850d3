#include "engine/in_flight.h"

#include <algorithm>
#include <utility>

#include "absl/algorithm/container.h"
#include "absl/functional/function_ref.h"

namespace enrich {
namespace {

// The fields of an item that the provider may be asked about, now or before
// long.
FieldSet Asked(const Chunk& chunk, size_t i) {
  switch (chunk.state) {
    case ChunkState::kPlanned:
      // What was refused is not sent again with the rest.
      return chunk.items[i].fields - chunk.answered[i];
    case ChunkState::kSending:
    case ChunkState::kAccepted:
    case ChunkState::kUnknown:
    case ChunkState::kParked:
      // What we closed as unknown may still be answered, and was paid for then.
      return chunk.items[i].fields - chunk.settled[i];
    case ChunkState::kDone:
    case ChunkState::kFailed:
      break;
  }
  return {};
}

// Calls `visit` for everything that `chunk` asks and `other`, the same chunk at
// another time, does not.
void ForEachNotIn(const Chunk* other, const Chunk& chunk,
                  absl::FunctionRef<void(uint64_t)> visit) {
  const bool comparable =
      other != nullptr && other->identities == chunk.identities;
  for (size_t i = 0; i < chunk.identities.size(); ++i) {
    FieldSet asked = Asked(chunk, i);
    if (comparable) asked -= Asked(*other, i);
    if (asked.empty()) continue;
    for (const ContactField field : kAllContactFields) {
      if (asked.Has(field)) visit(LookupHash(chunk.identities[i], field));
    }
  }
}

}  // namespace

std::optional<int64_t> InFlight::Find(uint64_t lookup) const {
  const auto it = chunks_.find(lookup);
  if (it == chunks_.end()) return std::nullopt;
  return it->second;
}

std::vector<OpenWork> InFlight::Update(const Chunk* before,
                                       const Chunk& after) {
  if (before != nullptr) {
    ForEachNotIn(&after, *before, [&](uint64_t lookup) {
      const auto it = chunks_.find(lookup);
      if (it != chunks_.end() && it->second == after.key) chunks_.erase(it);
    });
  }
  // Two chunks may ask the same when one is in doubt or was taken for over: the
  // later one is waited for.
  ForEachNotIn(before, after, [&](uint64_t lookup) {
    int64_t& chunk = chunks_[lookup];
    chunk = std::max(chunk, after.key);
  });

  std::vector<OpenWork> released;
  const auto found = rows_.find(after.key);
  if (found == rows_.end()) return released;
  std::vector<WaitingRow>& rows = found->second;
  std::erase_if(rows, [&](WaitingRow& row) {
    if (after.state != ChunkState::kParked && !IsOver(row)) return false;
    released.push_back(TakeWork(row));
    return true;
  });
  if (rows.empty()) rows_.erase(found);
  return released;
}

bool InFlight::Wait(WaitingRow& row) {
  if (IsOver(row)) return false;
  waiting_ += static_cast<int64_t>(row.work.items.size());
  rows_[row.chunk_key].push_back(std::move(row));
  return true;
}

std::vector<OpenWork> InFlight::ExtractRowsOf(int64_t batch_key) {
  std::vector<OpenWork> extracted;
  for (auto& [chunk_key, rows] : rows_) {
    std::erase_if(rows, [&](WaitingRow& row) {
      const bool concerned = absl::c_any_of(
          row.work.items,
          [&](const WorkItem& item) { return item.batch_key == batch_key; });
      if (concerned) extracted.push_back(TakeWork(row));
      return concerned;
    });
  }
  absl::erase_if(rows_, [](const auto& entry) { return entry.second.empty(); });
  return extracted;
}

bool InFlight::IsOver(const WaitingRow& row) const {
  return absl::c_none_of(row.lookups, [&](uint64_t lookup) {
    const auto it = chunks_.find(lookup);
    return it != chunks_.end() && it->second == row.chunk_key;
  });
}

OpenWork InFlight::TakeWork(WaitingRow& row) {
  waiting_ -= static_cast<int64_t>(row.work.items.size());
  return std::move(row.work);
}

}  // namespace enrich
