#ifndef ENRICH_TESTS_BENCH_FLOOR_SERVER_H_
#define ENRICH_TESTS_BENCH_FLOOR_SERVER_H_

#include <cstdint>
#include <string>

namespace enrich::bench {

// Paths of the floor server's HTTP listener: kept and streamed like a push to
// the gateway, or answered at once.
inline constexpr char kStorePath[] = "/store";
inline constexpr char kBarePath[] = "/bare";

// What a stream from the oldest event begins with.
struct FloorHistory {
  int64_t events = 0;
  // Of each, as it is streamed.
  int64_t event_bytes = 0;
};

// Serves what limits the gateway: the same libraries, messages and durability,
// and nothing of what the gateway is for. EnrichBatch writes one row per
// contact (none with `validate_only`: a bare gRPC server); a push is parsed,
// written one row per contact and streamed to every watcher. A replay is of
// packed events in memory. Returns the exit code.
int ServeFloor(const std::string& folder, const FloorHistory& history);

}  // namespace enrich::bench

#endif  // ENRICH_TESTS_BENCH_FLOOR_SERVER_H_
