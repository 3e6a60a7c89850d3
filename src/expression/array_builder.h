#ifndef ENRICH_EXPRESSION_ARRAY_BUILDER_H_
#define ENRICH_EXPRESSION_ARRAY_BUILDER_H_

#include <algorithm>
#include <cstddef>
#include <memory>

#include "absl/types/span.h"
#include "expression/value.h"

namespace enrich::expression {

// Collects values in an arena, whose budget also bounds them.
class ArrayBuilder {
 public:
  // Reserves for `expected` values; there may be more.
  ArrayBuilder(Arena& arena, size_t expected) : arena_(arena) {
    if (expected > 0) Grow(expected);
  }

  // Does nothing once the arena is exhausted.
  void Add(const Value& value) {
    if (size_ == capacity_ && !Grow(std::max<size_t>(2 * capacity_, 8))) return;
    new (values_ + size_++) Value(value);
  }

  absl::Span<Value> values() { return absl::MakeSpan(values_, size_); }
  // What was added; null once the arena is exhausted.
  Value Take() const {
    return arena_.exhausted()
               ? Value()
               : Value::Array(absl::MakeConstSpan(values_, size_));
  }

 private:
  bool Grow(size_t capacity) {
    void* const memory = arena_.Allocate(capacity * sizeof(Value));
    if (memory == nullptr) return false;
    auto* const values = static_cast<Value*>(memory);
    std::uninitialized_copy_n(values_, size_, values);
    values_ = values;
    capacity_ = capacity;
    return true;
  }

  Arena& arena_;
  Value* values_ = nullptr;
  size_t size_ = 0;
  size_t capacity_ = 0;
};

}  // namespace enrich::expression

#endif  // ENRICH_EXPRESSION_ARRAY_BUILDER_H_
