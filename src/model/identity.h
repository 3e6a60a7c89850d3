#ifndef ENRICH_MODEL_IDENTITY_H_
#define ENRICH_MODEL_IDENTITY_H_

#include <cstdint>
#include <utility>

#include "absl/strings/string_view.h"
#include "model/contact.h"
#include "model/field.h"

namespace enrich {

// Whom a lookup is about: the same for two contacts exactly when they are of
// one tenant and providers are told the same of both. Stored.
struct Identity {
  uint64_t high = 0;
  uint64_t low = 0;

  bool operator==(const Identity&) const = default;
  template <typename H>
  friend H AbslHashValue(H h, const Identity& identity) {
    return H::combine(std::move(h), identity.high, identity.low);
  }
};

// Case and runs of white space make no difference to names; everything else
// does: other inputs can give another answer. `contact_ref`, `fields` and
// `custom` are no part of it. REQUIRES: the contact is normalised.
Identity IdentityOf(absl::string_view tenant, const Contact& contact);

// Tells the lookups of one account apart, for maps in memory. Of two that share
// a hash, one waits for the other, no more.
inline uint64_t LookupHash(const Identity& identity, ContactField field) {
  return identity.high ^ (static_cast<uint64_t>(field) << 56);
}

}  // namespace enrich

#endif  // ENRICH_MODEL_IDENTITY_H_
