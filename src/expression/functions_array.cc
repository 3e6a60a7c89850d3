#include "absl/strings/match.h"
#include "expression/array_builder.h"
#include "expression/compare.h"
#include "expression/functions.h"
#include "expression/text_builder.h"

namespace enrich::expression {
namespace {

Value AsList(const Call& call) {
  if (call[0].null()) return Value::Array({});
  if (call[0].type() == Type::kArray) return call[0];
  return Value::ArrayIn(call.arena(), call.arguments);
}

Value ToArray(const Call& call) {
  if (call[0].type() == Type::kArray) return call[0];
  return Value::ArrayIn(call.arena(), call.arguments);
}

Value Compact(const Call& call) {
  if (call[0].type() != Type::kArray) return Value();
  ArrayBuilder result(call.arena(), call[0].size());
  call[0].ForEachElement([&](const Value& element) {
    if (call.arena().Step() && !element.null()) result.Add(element);
  });
  return result.Take();
}

// Of the arguments, when all are of `type`.
std::optional<size_t> TotalSize(const Call& call, Type type) {
  size_t total = 0;
  for (const Value& argument : call.arguments) {
    if (argument.type() != type) return std::nullopt;
    total +=
        type == Type::kString ? argument.AsString().size() : argument.size();
  }
  return total;
}

Value Concat(const Call& call) {
  if (const auto size = TotalSize(call, Type::kString)) {
    TextBuilder text(call.arena(), *size);
    for (const Value& part : call.arguments) text.Append(part.AsString());
    return text.Take();
  }
  const auto size = TotalSize(call, Type::kArray);
  if (!size || !call.arena().Steps(*size)) return Value();
  ArrayBuilder result(call.arena(), *size);
  for (const Value& part : call.arguments) {
    part.ForEachElement([&](const Value& element) { result.Add(element); });
  }
  return result.Take();
}

Value Contains(const Call& call) {
  const Value& where = call[0];
  if (where.type() == Type::kArray) {
    bool found = false;
    where.ForEachElement([&](const Value& element) {
      found = found || Equal(element, call[1], call.arena());
    });
    return Value::Bool(found);
  }
  if (where.type() != Type::kString || call[1].type() != Type::kString ||
      !PayForSearch(call.arena(), where.AsString(), call[1].AsString())) {
    return Value();
  }
  return Value::Bool(absl::StrContains(where.AsString(), call[1].AsString()));
}

Value Join(const Call& call) {
  const Value& separator = call[0];
  const Value& parts = call[1];
  if (separator.type() != Type::kString || parts.type() != Type::kArray ||
      !call.arena().Steps(parts.size())) {
    return Value();
  }
  const absl::string_view between = separator.AsString();
  size_t size = 0;
  bool texts = true;
  parts.ForEachElement([&](const Value& part) {
    texts = texts && part.type() == Type::kString;
    size += part.AsString().size() + between.size();
  });
  if (!texts) return Value();
  if (size == 0) return Value::String("");
  TextBuilder text(call.arena(), size);
  parts.ForEachElement([&](const Value& part) {
    text.Append(part.AsString());
    text.Append(between);
  });
  return text.TakeWithout(between.size());
}

Value Length(const Call& call) {
  switch (call[0].type()) {
    case Type::kString:
      return Value::Int(CountCharacters(call[0].AsString()));
    case Type::kArray:
    case Type::kObject:
      return Value::Int(static_cast<int64_t>(call[0].size()));
    default:
      return Value();
  }
}

Value Map(const Call& call) {
  if (call[0].type() != Type::kArray) return Value();
  ArrayBuilder result(call.arena(), call[0].size());
  call[0].ForEachElement([&](const Value& element) {
    result.Add(call.reference->Evaluate(element, call.scope));
  });
  return result.Take();
}

Value NotNull(const Call& call) {
  for (const Value& argument : call.arguments) {
    if (!argument.null()) return argument;
  }
  return Value();
}

Value Reverse(const Call& call) {
  if (call[0].type() == Type::kString) {
    return ReversedText(call.arena(), call[0].AsString());
  }
  if (call[0].type() != Type::kArray || !call.arena().Steps(call[0].size())) {
    return Value();
  }
  ArrayBuilder result(call.arena(), call[0].size());
  call[0].ForEachElement([&](const Value& element) { result.Add(element); });
  std::reverse(result.values().begin(), result.values().end());
  return result.Take();
}

constexpr Function kFunctions[] = {
    {"as_list", 1, 1, AsList},
    {"compact", 1, 1, Compact},
    {"concat", 1, Function::kAny, Concat},
    {"contains", 2, 2, Contains},
    {"join", 2, 2, Join},
    {"length", 1, 1, Length},
    {"map", 2, 2, Map, 0},
    {"not_null", 1, Function::kAny, NotNull},
    {"reverse", 1, 1, Reverse},
    {"to_array", 1, 1, ToArray},
};

}  // namespace

absl::Span<const Function> ArrayFunctions() { return kFunctions; }

}  // namespace enrich::expression
