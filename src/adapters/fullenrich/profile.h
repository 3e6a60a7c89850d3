#ifndef ENRICH_ADAPTERS_FULLENRICH_PROFILE_H_
#define ENRICH_ADAPTERS_FULLENRICH_PROFILE_H_

#include <optional>

#include "base/json.h"
#include "model/result.h"

namespace enrich::fullenrich {

// Reads the `profile` of a result item into `result`, which is empty. Tolerant:
// what has an unexpected shape is left out. `result` stays empty when nothing
// is left.
void ReadProfile(const json::Value& profile, std::optional<Profile>& result);

}  // namespace enrich::fullenrich

#endif  // ENRICH_ADAPTERS_FULLENRICH_PROFILE_H_
