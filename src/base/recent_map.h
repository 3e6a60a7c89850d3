#ifndef ENRICH_BASE_RECENT_MAP_H_
#define ENRICH_BASE_RECENT_MAP_H_

#include <cstddef>
#include <utility>

#include "absl/container/flat_hash_map.h"

namespace enrich {

// A bounded map that forgets what was added long ago. Not thread-safe.
template <typename Key, typename Value>
class RecentMap {
 public:
  // Holds entries of at most about `max_weight` together.
  explicit RecentMap(size_t max_weight) : max_weight_(max_weight) {}

  // Keeps what the key has already.
  void Add(Key key, Value value, size_t weight = 1) {
    // When the newer ones take half of the room, the older ones go.
    if (2 * newer_weight_ >= max_weight_) {
      older_ = std::exchange(newer_, {});
      newer_weight_ = 0;
    }
    if (newer_.try_emplace(std::move(key), std::move(value)).second) {
      newer_weight_ += weight;
    }
  }

  template <typename K>
  void Erase(const K& key) {
    newer_.erase(key);
    older_.erase(key);
  }

  // Null when there is none. Valid until the map is changed.
  template <typename K>
  const Value* Find(const K& key) const {
    for (const Entries* entries : {&newer_, &older_}) {
      const auto found = entries->find(key);
      if (found != entries->end()) return &found->second;
    }
    return nullptr;
  }

 private:
  using Entries = absl::flat_hash_map<Key, Value>;

  const size_t max_weight_;
  Entries newer_;
  Entries older_;
  size_t newer_weight_ = 0;
};

}  // namespace enrich

#endif  // ENRICH_BASE_RECENT_MAP_H_
