#ifndef ENRICH_ADAPTERS_REST_JSON_DIFFERENCE_H_
#define ENRICH_ADAPTERS_REST_JSON_DIFFERENCE_H_

#include <string>
#include <vector>

#include "absl/strings/string_view.h"

namespace enrich::rest {

enum class JsonMatch {
  // Types count; nothing may be missing or too much. The order of members does
  // not matter.
  kExact,
  // `12` and `"12"` are alike, and so are what is empty and what is missing.
  kLoose,
};

// What tells `actual` from `expected`, a line each, such as `items[0].ref:
// expected "fx.0", got "fx.1"`; empty when they are alike.
std::vector<std::string> JsonDifferences(absl::string_view expected,
                                         absl::string_view actual,
                                         JsonMatch match);

}  // namespace enrich::rest

#endif  // ENRICH_ADAPTERS_REST_JSON_DIFFERENCE_H_
