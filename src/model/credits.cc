#include "model/credits.h"

#include <cmath>

namespace enrich {

std::optional<Credits> Credits::FromDouble(double value) {
  constexpr double kMost = 1e12;
  // Negated, so that NaN is refused too.
  if (!(value >= 0 && value <= kMost)) return std::nullopt;
  return Credits{std::llround(value * 1000)};
}

}  // namespace enrich
