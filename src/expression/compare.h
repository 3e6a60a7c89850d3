#ifndef ENRICH_EXPRESSION_COMPARE_H_
#define ENRICH_EXPRESSION_COMPARE_H_

#include <cstdint>
#include <optional>

#include "expression/value.h"

namespace enrich::expression {

// Whether two values are the same JSON. Numbers are as in `Number`, or spelt
// the same. Each part costs a step.
bool Equal(const Value& left, const Value& right, Arena& arena);

// A number to compare: exact among those that fit 64 bits, with or without a
// fraction, else as exact as a double is. Any two are ordered.
struct Number {
  double value = 0;
  // What `value` may have lost of a whole number.
  int64_t whole = 0;

  bool operator==(const Number&) const = default;
  bool operator<(const Number& other) const {
    return value != other.value ? value < other.value : whole < other.whole;
  }
};

// Nothing for another type and for a number too large for a double.
std::optional<Number> NumberOf(const Value& value);

}  // namespace enrich::expression

#endif  // ENRICH_EXPRESSION_COMPARE_H_
