#include <algorithm>
#include <bit>
#include <optional>

#include "expression/compare.h"
#include "expression/functions.h"

namespace enrich::expression {
namespace {

// An element and what it is ordered by: a number, a text, or null.
struct Keyed {
  Type type = Type::kNull;
  Number number = {};
  absl::string_view text = {};
  size_t position = 0;
  Value element = {};
};

// Whether one of two elements with keys of the same type is before the other.
bool Less(const Keyed& a, const Keyed& b) {
  return a.type == Type::kNumber ? a.number < b.number : a.text < b.text;
}

std::optional<Keyed> MakeKeyed(const Value& key, size_t position,
                               const Value& element) {
  Keyed keyed = {.type = key.type(), .position = position, .element = element};
  if (key.type() == Type::kNumber) {
    const std::optional<Number> number = NumberOf(key);
    if (!number) return std::nullopt;
    keyed.number = *number;
  } else if (key.type() == Type::kString) {
    keyed.text = key.AsString();
  } else if (!key.null()) {
    return std::nullopt;
  }
  return keyed;
}

enum class Nulls { kRefused, kAllowed };

// Calls `visit(Keyed)` for each element of the array. False when the argument
// is no array or a key is of another type than the first, null aside.
template <typename F>
bool ForEachKeyed(const Call& call, Nulls nulls, F visit) {
  if (call[0].type() != Type::kArray) return false;
  size_t position = 0;
  Type type = Type::kNull;
  bool fits = true;
  call[0].ForEachElement([&](const Value& element) {
    if (!fits || !call.arena().Step()) return;
    const Value key = call.reference == nullptr
                          ? element
                          : call.reference->Evaluate(element, call.scope);
    const std::optional<Keyed> keyed = MakeKeyed(key, position++, element);
    fits = keyed && (key.null() ? nulls == Nulls::kAllowed
                                : type == Type::kNull || type == key.type());
    if (!fits) return;
    if (!key.null()) type = key.type();
    visit(*keyed);
  });
  return fits && !call.arena().exhausted();
}

// The elements in the order of `before(Keyed, Keyed)`, equal ones as they were.
template <typename F>
Value Sorted(const Call& call, Nulls nulls, F before) {
  const size_t size = call[0].size();
  Arena& arena = call.arena();
  auto* const keyed = static_cast<Keyed*>(arena.Allocate(size * sizeof(Keyed)));
  auto* const values =
      static_cast<Value*>(arena.Allocate(size * sizeof(Value)));
  if (keyed == nullptr || values == nullptr ||
      !arena.Steps(size * std::bit_width(size))) {
    return Value();
  }
  size_t count = 0;
  if (!ForEachKeyed(call, nulls, [&](const Keyed& one) {
        new (keyed + count++) Keyed(one);
      })) {
    return Value();
  }
  std::sort(keyed, keyed + count, [&](const Keyed& a, const Keyed& b) {
    if (before(a, b)) return true;
    return !before(b, a) && a.position < b.position;
  });
  for (size_t i = 0; i < count; ++i) new (values + i) Value(keyed[i].element);
  return Value::Array(absl::MakeConstSpan(values, count));
}

Value Sort(const Call& call) { return Sorted(call, Nulls::kRefused, Less); }

Value SortDesc(const Call& call) {
  return Sorted(call, Nulls::kAllowed, [](const Keyed& a, const Keyed& b) {
    if (a.type == Type::kNull || b.type == Type::kNull) {
      return a.type != b.type && b.type == Type::kNull;
    }
    return Less(b, a);
  });
}

// The first of those that no other is before.
template <typename F>
Value Best(const Call& call, F before) {
  std::optional<Keyed> best;
  const bool fits =
      ForEachKeyed(call, Nulls::kRefused, [&](const Keyed& keyed) {
        if (!best || before(keyed, *best)) best = keyed;
      });
  return fits && best ? best->element : Value();
}

Value Max(const Call& call) {
  return Best(call, [](const Keyed& a, const Keyed& b) { return Less(b, a); });
}

Value Min(const Call& call) { return Best(call, Less); }

constexpr Function kFunctions[] = {
    {"max", 1, 1, Max},
    {"max_by", 2, 2, Max, 1},
    {"min", 1, 1, Min},
    {"min_by", 2, 2, Min, 1},
    {"sort", 1, 1, Sort},
    {"sort_by", 2, 2, Sort, 1},
    {"sort_desc", 2, 2, SortDesc, 1},
};

}  // namespace

absl::Span<const Function> OrderFunctions() { return kFunctions; }

}  // namespace enrich::expression
