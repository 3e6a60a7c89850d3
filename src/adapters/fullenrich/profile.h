#ifndef ENRICH_ADAPTERS_FULLENRICH_PROFILE_H_
#define ENRICH_ADAPTERS_FULLENRICH_PROFILE_H_

#include <optional>

#include "base/json.h"
#include "model/result.h"

namespace enrich::fullenrich {

// Reads the `profile` of a result item. Tolerant: what has an unexpected shape
// is left out. Empty when nothing is left.
std::optional<Profile> ReadProfile(const json::Value& profile);

}  // namespace enrich::fullenrich

#endif  // ENRICH_ADAPTERS_FULLENRICH_PROFILE_H_
