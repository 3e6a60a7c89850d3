#include "expression/compare.h"

#include <algorithm>
#include <cmath>

namespace enrich::expression {
namespace {

// Objects up to this size are searched for the price of one step.
constexpr size_t kMembersPerStep = 16;

// 2 to the power of 63; doubles below it fit when they are rounded down.
constexpr double kPastWhole = 9223372036854775808.0;

// Walks an array beside another one.
class Elements {
 public:
  explicit Elements(const Value& array)
      : array_(array), next_(array.document().begin()) {}

  // There must be one more.
  Value Next() {
    if (array_.document().missing()) return array_.at(index_++);
    const Value element(*next_);
    ++next_;
    return element;
  }

 private:
  const Value array_;
  json::Value::Iterator next_;
  size_t index_ = 0;
};

bool EqualNumbers(const Value& left, const Value& right, Arena& arena) {
  const std::optional<Number> a = NumberOf(left);
  const std::optional<Number> b = NumberOf(right);
  // Too large for a double.
  if (!a && !b) return left.AsText(arena) == right.AsText(arena);
  return a == b;
}

bool EqualArrays(const Value& left, const Value& right, Arena& arena) {
  if (left.size() != right.size()) return false;
  bool equal = true;
  Elements others(right);
  left.ForEachElement([&](const Value& element) {
    equal = equal && Equal(element, others.Next(), arena);
  });
  return equal;
}

// Neither has a key twice.
bool EqualObjects(const Value& left, const Value& right, Arena& arena) {
  if (left.size() != right.size()) return false;
  bool equal = true;
  left.ForEachMember([&](absl::string_view key, const Value& member) {
    if (!equal || !arena.Steps(right.size() / kMembersPerStep)) return;
    const std::optional<Value> other = right.Find(key);
    equal = other && Equal(member, *other, arena);
  });
  return equal;
}

}  // namespace

bool Equal(const Value& left, const Value& right, Arena& arena) {
  if (left.type() != right.type() || !arena.Step()) return false;
  switch (left.type()) {
    case Type::kNull:
      return true;
    case Type::kBool:
      return left.AsBool() == right.AsBool();
    case Type::kNumber:
      return EqualNumbers(left, right, arena);
    case Type::kString:
      return left.AsString() == right.AsString();
    case Type::kArray:
      return EqualArrays(left, right, arena);
    case Type::kObject:
      return EqualObjects(left, right, arena);
  }
  return false;
}

std::optional<Number> NumberOf(const Value& value) {
  if (const std::optional<int64_t> whole = value.AsInt()) {
    return Number{.value = static_cast<double>(*whole), .whole = *whole};
  }
  const std::optional<double> number = value.AsDouble();
  if (!number) return std::nullopt;
  const double whole = std::floor(*number);
  const bool fits = whole >= -kPastWhole && whole < kPastWhole;
  return Number{.value = *number,
                .whole = fits ? static_cast<int64_t>(whole) : 0};
}

}  // namespace enrich::expression
