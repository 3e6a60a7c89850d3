#include "engine/contact_cache.h"

#include <utility>

#include "store/record.h"

namespace enrich {
namespace {

// Of an entry: its place in the table, and what the allocator adds.
constexpr size_t kOverhead = 80;

}  // namespace

void ContactCache::Add(int64_t key, const Contact& contact) {
  std::string encoded = std::move(EncodeContactBlocks({&contact, 1}).front());
  const size_t weight = encoded.size() + kOverhead;
  encoded_.Add(key, std::move(encoded), weight);
}

std::optional<Contact> ContactCache::Find(int64_t key) const {
  const std::string* encoded = encoded_.Find(key);
  if (encoded == nullptr) return std::nullopt;
  auto contact = DecodeContact(*encoded, 0);
  if (!contact.ok()) return std::nullopt;
  return *std::move(contact);
}

}  // namespace enrich
