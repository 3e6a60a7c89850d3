#include "sim/world.h"

#include <cmath>
#include <cstdio>

namespace enrich::sim {
namespace {

// What goes wrong once may do so at every step.
constexpr size_t kViolationsTold = 20;

}  // namespace

World::World(uint64_t seed, bool tracing)
    : seed_(seed),
      tracing_(tracing),
      random_(seed),
      product_random_(seed ^ 0x9E3779B97F4A7C15u),
      start_(clock_.Now()) {}

bool World::Chance(double probability) {
  // A double holds 53 bits exactly.
  return static_cast<double>(random_() >> 11) * 0x1.0p-53 < probability;
}

int64_t World::Int(int64_t least, int64_t most) {
  const auto range = static_cast<uint64_t>(most - least) + 1;
  return least + static_cast<int64_t>(random_() % range);
}

absl::Duration World::Span(absl::Duration least, absl::Duration most) {
  const double low = std::log(absl::ToDoubleSeconds(least));
  const double high = std::log(absl::ToDoubleSeconds(most));
  const double draw = static_cast<double>(random_() >> 11) * 0x1.0p-53;
  return absl::Microseconds(
      std::llround(std::exp(low + draw * (high - low)) * 1e6));
}

void World::At(absl::Time when, Task event) {
  events_.emplace(Place{std::max(when, now()), random_(), next_number_++},
                  std::move(event));
}

absl::Time World::next_event() const {
  return events_.empty() ? absl::InfiniteFuture()
                         : std::get<0>(events_.begin()->first);
}

bool World::Step() {
  if (events_.empty()) return false;
  const auto first = events_.begin();
  clock_.Advance(std::get<0>(first->first) - now());
  Task event = std::move(first->second);
  events_.erase(first);
  ++steps_;
  event();
  return true;
}

void World::NoteLine() {
  const int64_t at = absl::ToInt64Microseconds(now() - start_);
  const auto mix = [this](unsigned char byte) {
    hash_ = (hash_ ^ byte) * 1099511628211u;
  };
  for (int shift = 0; shift < 64; shift += 8) {
    mix(static_cast<unsigned char>(at >> shift));
  }
  for (const char c : line_) mix(static_cast<unsigned char>(c));
  if (!tracing_) return;
  std::printf("%14.6f %s\n", static_cast<double>(at) * 1e-6, line_.c_str());
}

void World::Count(absl::string_view what, int64_t times) {
  const auto found = counts_.find(what);
  if (found == counts_.end()) {
    counts_.emplace(std::string(what), times);
  } else {
    found->second += times;
  }
}

void World::Violate(absl::string_view invariant, absl::string_view what) {
  Trace("VIOLATION ", invariant, ": ", what);
  if (violations_.size() < kViolationsTold) {
    violations_.push_back(absl::StrCat(invariant, " after ",
                                       absl::FormatDuration(now() - start_),
                                       ": ", what));
  }
}

}  // namespace enrich::sim
