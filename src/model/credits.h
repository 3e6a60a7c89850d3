#ifndef ENRICH_MODEL_CREDITS_H_
#define ENRICH_MODEL_CREDITS_H_

#include <compare>
#include <cstdint>
#include <optional>

namespace enrich {

// An amount of a provider's credits, exact to a thousandth: providers charge
// 0.25 for a verification and report 0.5 for two.
struct Credits {
  int64_t milli = 0;

  static constexpr Credits Whole(int64_t n) { return {n * 1000}; }
  // Rounds to the nearest thousandth. Empty for a value that is not finite,
  // negative, or past 10^12.
  static std::optional<Credits> FromDouble(double value);

  constexpr Credits operator+(Credits other) const {
    return {milli + other.milli};
  }
  constexpr Credits operator-(Credits other) const {
    return {milli - other.milli};
  }
  constexpr Credits operator*(int64_t n) const { return {milli * n}; }
  Credits& operator+=(Credits other) { return *this = *this + other; }
  // clang-tidy 14 reads a null pointer into it.
  constexpr auto operator<=>(const Credits&) const = default;  // NOLINT
};

}  // namespace enrich

#endif  // ENRICH_MODEL_CREDITS_H_
