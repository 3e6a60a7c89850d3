#ifndef ENRICH_ENGINE_LIVE_CHUNK_H_
#define ENRICH_ENGINE_LIVE_CHUNK_H_

#include <optional>
#include <string>

#include "absl/container/flat_hash_set.h"
#include "absl/numeric/int128.h"
#include "absl/time/time.h"
#include "model/chunk.h"

namespace enrich {

// A chunk that is not over.
struct LiveChunk {
  Chunk chunk = {};
  // When the chunk is due, by the steady clock.
  absl::Time due = absl::InfiniteFuture();
  bool fetching = false;
  // News came while a fetch was under way.
  bool fetch_again = false;
  // Fetches in a row that found no such job.
  int unknown_in_a_row = 0;
  // Where the next fetch reads on; empty to begin with. Not stored: results
  // that are read twice change nothing.
  std::string cursor = {};
  // Fetches in a row that ended with one.
  int cursors_in_a_row = 0;
  // All pushes that were kept, by PushId, of one that this process has sent. Of
  // others only the store knows them.
  std::optional<absl::flat_hash_set<absl::uint128>> pushes = {};
};

}  // namespace enrich

#endif  // ENRICH_ENGINE_LIVE_CHUNK_H_
