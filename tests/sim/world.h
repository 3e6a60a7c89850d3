#ifndef ENRICH_TESTS_SIM_WORLD_H_
#define ENRICH_TESTS_SIM_WORLD_H_

#include <cstdint>
#include <map>
#include <random>
#include <string>
#include <tuple>
#include <utility>
#include <vector>

#include "absl/strings/str_cat.h"
#include "absl/strings/string_view.h"
#include "absl/time/time.h"
#include "base/executor.h"
#include "base/random.h"
#include "support/fake_clock.h"
#include "support/seeded_random.h"

namespace enrich::sim {

// Time, chance and what happens next, for everything in one simulated world.
// Events happen in the order of their times; those of one moment in an order
// drawn from the seed. One thread; the same seed gives the same world.
class World {
 public:
  // With `tracing`, every line of the trace is printed as it is written.
  World(uint64_t seed, bool tracing);
  World(const World&) = delete;
  World& operator=(const World&) = delete;

  FakeClock& clock() { return clock_; }
  absl::Time now() const { return clock_.Now(); }
  // What the gateway draws its tokens and ids from.
  Random& product_random() { return product_random_; }
  uint64_t seed() const { return seed_; }

  // ---- Chance
  uint64_t Bits() { return random_(); }
  bool Chance(double probability);
  // Uniform in [least, most].
  int64_t Int(int64_t least, int64_t most);
  // Short ones are as likely as long ones: uniform in the logarithm.
  absl::Duration Span(absl::Duration least, absl::Duration most);

  // ---- Events
  void At(absl::Time when, Task event);
  void After(absl::Duration delay, Task event) {
    At(now() + delay, std::move(event));
  }
  // Moves to the next event and lets it happen. False when there is none.
  bool Step();
  absl::Time next_event() const;
  int64_t steps() const { return steps_; }

  // ---- What is told
  // A line of the trace. `hash` stands for all lines so far.
  template <typename... Args>
  void Trace(const Args&... args) {
    line_.clear();
    absl::StrAppend(&line_, args...);
    NoteLine();
  }
  uint64_t hash() const { return hash_; }

  // Counts something that must happen in some world.
  void Count(absl::string_view what, int64_t times = 1);
  const std::map<std::string, int64_t, std::less<>>& counts() const {
    return counts_;
  }

  // An invariant, such as "I1", does not hold.
  void Violate(absl::string_view invariant, absl::string_view what);
  const std::vector<std::string>& violations() const { return violations_; }

 private:
  // The time, a draw, and a number that makes it unique.
  using Place = std::tuple<absl::Time, uint64_t, uint64_t>;

  void NoteLine();

  const uint64_t seed_;
  const bool tracing_;
  std::mt19937_64 random_;
  SeededRandom product_random_;
  FakeClock clock_;
  const absl::Time start_;
  std::map<Place, Task> events_;
  uint64_t next_number_ = 0;
  int64_t steps_ = 0;
  std::string line_;
  uint64_t hash_ = 14695981039346656037u;
  std::map<std::string, int64_t, std::less<>> counts_;
  std::vector<std::string> violations_;
};

}  // namespace enrich::sim

#endif  // ENRICH_TESTS_SIM_WORLD_H_
