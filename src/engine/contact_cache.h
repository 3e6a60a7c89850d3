#ifndef ENRICH_ENGINE_CONTACT_CACHE_H_
#define ENRICH_ENGINE_CONTACT_CACHE_H_

#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>

#include "base/recent_map.h"
#include "model/contact.h"

namespace enrich {

// Contacts that a provider is asked about, and of which the store holds nothing
// else. Bounded: the oldest go first. Not thread-safe.
class ContactCache {
 public:
  void Add(int64_t key, const Contact& contact);
  // It was answered, or something is to be stored of it.
  void Forget(int64_t key) { encoded_.Erase(key); }
  // Empty when it is not kept.
  std::optional<Contact> Find(int64_t key) const;

 private:
  static constexpr size_t kMaxBytes = 16 << 20;

  // Which takes a quarter of the room.
  RecentMap<int64_t, std::string> encoded_{kMaxBytes};
};

}  // namespace enrich

#endif  // ENRICH_ENGINE_CONTACT_CACHE_H_
