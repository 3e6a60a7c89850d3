#include <algorithm>
#include <memory>
#include <numeric>

#include "expression/array_builder.h"
#include "expression/functions.h"

namespace enrich::expression {
namespace {

Value Keys(const Call& call) {
  if (call[0].type() != Type::kObject) return Value();
  ArrayBuilder result(call.arena(), call[0].size());
  call[0].ForEachMember([&](absl::string_view key, const Value& /*value*/) {
    if (call.arena().Step()) result.Add(Value::String(key));
  });
  return result.Take();
}

Value Values(const Call& call) {
  if (call[0].type() != Type::kObject) return Value();
  ArrayBuilder result(call.arena(), call[0].size());
  call[0].ForEachMember([&](absl::string_view /*key*/, const Value& value) {
    if (call.arena().Step()) result.Add(value);
  });
  return result.Take();
}

Value Entries(const Call& call) {
  if (call[0].type() != Type::kObject) return Value();
  ArrayBuilder result(call.arena(), call[0].size());
  call[0].ForEachMember([&](absl::string_view key, const Value& value) {
    if (!call.arena().Step()) return;
    const Member members[] = {{.key = "key", .value = Value::String(key)},
                              {.key = "value", .value = value}};
    result.Add(Value::ObjectIn(call.arena(), members));
  });
  return result.Take();
}

// Room for so many; null once the arena is exhausted.
template <typename T>
T* AllocateMany(const Call& call, size_t count) {
  return call.arena().Steps(count)
             ? static_cast<T*>(call.arena().Allocate(count * sizeof(T)))
             : nullptr;
}

Value OmitEmpty(const Call& call) {
  if (call[0].type() != Type::kObject) return Value();
  auto* const members = AllocateMany<Member>(call, call[0].size());
  if (members == nullptr) return Value();
  size_t count = 0;
  call[0].ForEachMember([&](absl::string_view key, const Value& value) {
    const bool is_false = value.type() == Type::kBool;
    if (!value.truthy() && !is_false) return;
    new (members + count++) Member{.key = key, .value = value};
  });
  return Value::Object(absl::MakeConstSpan(members, count));
}

// Gives the first member of each key the last value of that key and leaves the
// others out; returns how many are left.
size_t KeepLast(absl::Span<Member> members, absl::Span<size_t> order) {
  std::iota(order.begin(), order.end(), size_t{0});
  std::sort(order.begin(), order.end(), [members](size_t a, size_t b) {
    const int keys = members[a].key.compare(members[b].key);
    return keys != 0 ? keys < 0 : a < b;
  });
  constexpr size_t kLeftOut = static_cast<size_t>(-1);
  for (size_t i = 0; i < order.size();) {
    const size_t first = order[i];
    size_t last = i;
    while (last + 1 < order.size() &&
           members[order[last + 1]].key == members[first].key) {
      ++last;
    }
    members[first].value = members[order[last]].value;
    std::fill(order.begin() + i + 1, order.begin() + last + 1, kLeftOut);
    i = last + 1;
  }
  // The order of the first ones is that of the members.
  std::sort(order.begin(), order.end());
  size_t kept = 0;
  while (kept < order.size() && order[kept] != kLeftOut) {
    members[kept] = members[order[kept]];
    ++kept;
  }
  return kept;
}

Value Merge(const Call& call) {
  size_t size = 0;
  for (const Value& object : call.arguments) {
    if (object.type() != Type::kObject) return Value();
    size += object.size();
  }
  auto* const members = AllocateMany<Member>(call, size);
  auto* const order = AllocateMany<size_t>(call, size);
  if (members == nullptr || order == nullptr) return Value();
  size_t count = 0;
  for (const Value& object : call.arguments) {
    object.ForEachMember([&](absl::string_view key, const Value& value) {
      new (members + count++) Member{.key = key, .value = value};
    });
  }
  const size_t kept =
      KeepLast(absl::MakeSpan(members, count), absl::MakeSpan(order, count));
  return Value::Object(absl::MakeConstSpan(members, kept));
}

constexpr Function kFunctions[] = {
    {"entries", 1, 1, Entries},
    {"keys", 1, 1, Keys},
    {"merge", 1, Function::kAny, Merge},
    {"omit_empty", 1, 1, OmitEmpty},
    {"values", 1, 1, Values},
};

}  // namespace

absl::Span<const Function> ObjectFunctions() { return kFunctions; }

}  // namespace enrich::expression
