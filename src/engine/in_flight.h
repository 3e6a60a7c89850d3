#ifndef ENRICH_ENGINE_IN_FLIGHT_H_
#define ENRICH_ENGINE_IN_FLIGHT_H_

#include <cstdint>
#include <optional>
#include <vector>

#include "absl/container/btree_map.h"
#include "absl/container/flat_hash_map.h"
#include "model/chunk.h"
#include "store/store.h"

namespace enrich {

// A row of work that waits for lookups of a chunk, instead of in its lane.
struct WaitingRow {
  // The chunk that asks the same.
  int64_t chunk_key = 0;
  // LookupHash of what it waits for.
  std::vector<uint64_t> lookups = {};
  OpenWork work = {};
};

// What one account is being asked, by whom about; and the work that waits for
// the answers because it would ask the same again. The image in memory of the
// open chunks, and of a part of the work rows. Not thread-safe.
//
// A lookup is in flight from the commit of the chunk that asks it until it has
// an answer, or the chunk is over. In doubt, it stays in flight.
class InFlight {
 public:
  // The chunk that asks this, if any.
  std::optional<int64_t> Find(uint64_t lookup) const;

  // Takes up what became of a chunk, `before` being null for one that is new.
  // Returns the rows that have nothing to wait for any more: everything they
  // waited for has been answered, or nobody knows when it will be.
  std::vector<OpenWork> Update(const Chunk* before, const Chunk& after);

  // Keeps the row until then. False when there is nothing to wait for already.
  bool Wait(WaitingRow& row);

  // Takes out every row that holds work of the batch.
  std::vector<OpenWork> ExtractRowsOf(int64_t batch_key);

  // Lookups that wait.
  int64_t waiting() const { return waiting_; }

 private:
  bool IsOver(const WaitingRow& row) const;
  OpenWork TakeWork(WaitingRow& row);

  // By LookupHash, the key of the chunk.
  absl::flat_hash_map<uint64_t, int64_t> chunks_;
  // By chunk, in the order they came.
  absl::btree_map<int64_t, std::vector<WaitingRow>> rows_;
  int64_t waiting_ = 0;
};

}  // namespace enrich

#endif  // ENRICH_ENGINE_IN_FLIGHT_H_
