#ifndef ENRICH_ENGINE_TURNS_H_
#define ENRICH_ENGINE_TURNS_H_

#include <compare>
#include <cstdint>
#include <string>

#include "absl/container/flat_hash_map.h"
#include "absl/types/span.h"
#include "model/chunk.h"
#include "provider/adapter.h"

namespace enrich {

// Whose turn it is at an account: that of the tenant who has had the least of
// it, and among the lanes of a tenant that of the next operation. Pure
// bookkeeping. Not thread-safe.
//
// Whoever comes or comes back starts where the others are: time without work
// earns no credit, and what was had while nobody else wanted it is no debt
// beyond the last request (start-time fair queueing).
class Turns {
 public:
  // The place of a lane, which must outlive it. Smaller ones come first.
  struct Turn {
    int64_t had = 0;
    // The lanes up to the one that was last come after the others.
    bool behind = false;
    const LaneKey* lane = nullptr;

    std::strong_ordering operator<=>(const Turn& other) const;
    bool operator==(const Turn& other) const = default;
  };

  // A lane's place grows with each Take of its tenant, and never falls.
  Turn Of(const LaneKey& lane) const;
  // The lane has its turn, with a request that costs this much: at least 1.
  void Take(const LaneKey& lane, int64_t cost);

 private:
  struct Tenant {
    int64_t had = 0;
    std::string last_operation = {};
  };

  absl::flat_hash_map<std::string, Tenant> tenants_;
  // What the tenants whose turn it was had had by then, at most.
  int64_t level_ = 0;
};

// What a request for `items` counts: its lookups, but no less than the share of
// them that the account could take in place of one request, by its limits. So a
// tenant of single contacts pays for the rate where that is scarce, and one of
// large requests for the contacts where those are. `most` is what one request
// may hold.
int64_t CostOfTurn(const Capabilities& capabilities, int most,
                   absl::Span<const WorkItem> items);

}  // namespace enrich

#endif  // ENRICH_ENGINE_TURNS_H_
