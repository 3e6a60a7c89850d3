#include <algorithm>

#include "absl/strings/ascii.h"
#include "absl/strings/match.h"
#include "absl/strings/strip.h"
#include "expression/array_builder.h"
#include "expression/functions.h"
#include "expression/text_builder.h"

namespace enrich::expression {
namespace {

bool AllTexts(const Call& call) {
  return std::all_of(
      call.arguments.begin(), call.arguments.end(),
      [](const Value& value) { return value.type() == Type::kString; });
}

Value StartsWith(const Call& call) {
  if (!AllTexts(call)) return Value();
  return Value::Bool(absl::StartsWith(call[0].AsString(), call[1].AsString()));
}

Value EndsWith(const Call& call) {
  if (!AllTexts(call)) return Value();
  return Value::Bool(absl::EndsWith(call[0].AsString(), call[1].AsString()));
}

// `text` with each byte put through `change`.
template <typename F>
Value Changed(const Call& call, F change) {
  if (!AllTexts(call)) return Value();
  const absl::string_view text = call[0].AsString();
  auto* const copy = static_cast<char*>(call.arena().Allocate(text.size()));
  if (copy == nullptr) return Value();
  std::transform(text.begin(), text.end(), copy, change);
  return Value::String(absl::string_view(copy, text.size()));
}

Value Lower(const Call& call) {
  return Changed(call, [](char c) { return absl::ascii_tolower(c); });
}

Value Upper(const Call& call) {
  return Changed(call, [](char c) { return absl::ascii_toupper(c); });
}

Value TrimText(const Call& call) {
  if (!AllTexts(call)) return Value();
  return Value::String(absl::StripAsciiWhitespace(call[0].AsString()));
}

Value Strip(const Call& call) {
  if (!AllTexts(call) ||
      !PayForSearch(call.arena(), call[0].AsString(), call[1].AsString())) {
    return Value();
  }
  absl::string_view text = call[0].AsString();
  const absl::string_view characters = call[1].AsString();
  while (!text.empty()) {
    const size_t size = CharacterSize(text);
    if (!absl::StrContains(characters, text.substr(0, size))) break;
    text.remove_prefix(size);
  }
  while (!text.empty()) {
    size_t start = text.size() - 1;
    while (start > 0 && CharacterSize(text.substr(start - 1)) > 1) --start;
    if (!absl::StrContains(characters, text.substr(start))) break;
    text = text.substr(0, start);
  }
  return Value::String(text);
}

Value Split(const Call& call) {
  if (!AllTexts(call) || call[1].AsString().empty() ||
      !PayForSearch(call.arena(), call[0].AsString(), call[1].AsString())) {
    return Value();
  }
  absl::string_view text = call[0].AsString();
  const absl::string_view separator = call[1].AsString();
  ArrayBuilder parts(call.arena(), 0);
  while (call.arena().Step()) {
    const size_t end = text.find(separator);
    parts.Add(Value::String(text.substr(0, end)));
    if (end == text.npos) break;
    text.remove_prefix(end + separator.size());
  }
  return parts.Take();
}

Value Replace(const Call& call) {
  if (!AllTexts(call)) return Value();
  const absl::string_view text = call[0].AsString();
  const absl::string_view from = call[1].AsString();
  const absl::string_view to = call[2].AsString();
  if (from.empty()) return call[0];
  if (!PayForSearch(call.arena(), text, from)) return Value();
  size_t count = 0;
  for (size_t at = text.find(from); at != text.npos;
       at = text.find(from, at + from.size())) {
    ++count;
  }
  if (count == 0) return call[0];
  TextBuilder result(call.arena(),
                     text.size() - count * from.size() + count * to.size());
  absl::string_view rest = text;
  for (; count > 0; --count) {
    const size_t at = rest.find(from);
    result.Append(rest.substr(0, at));
    result.Append(to);
    rest.remove_prefix(at + from.size());
  }
  result.Append(rest);
  return result.Take();
}

Value ToText(const Call& call) {
  switch (call[0].type()) {
    case Type::kString:
      return call[0];
    case Type::kNumber:
      return Value::String(call[0].AsText(call.arena()));
    case Type::kBool:
      return Value::String(call[0].truthy() ? "true" : "false");
    default:
      return Value();
  }
}

Value ToString(const Call& call) {
  if (call[0].type() == Type::kString) return call[0];
  json::Writer writer;
  if (!call[0].WriteWithin(call.arena(), writer)) return Value();
  return Value::String(call.arena().Copy(writer.Take()));
}

Value TypeName(const Call& call) {
  switch (call[0].type()) {
    case Type::kNull:
      return Value::String("null");
    case Type::kBool:
      return Value::String("boolean");
    case Type::kNumber:
      return Value::String("number");
    case Type::kString:
      return Value::String("string");
    case Type::kArray:
      return Value::String("array");
    case Type::kObject:
      return Value::String("object");
  }
  return Value();
}

constexpr Function kFunctions[] = {
    {"ends_with", 2, 2, EndsWith},
    {"lower", 1, 1, Lower},
    {"replace", 3, 3, Replace},
    {"split", 2, 2, Split},
    {"starts_with", 2, 2, StartsWith},
    {"strip", 2, 2, Strip},
    {"to_string", 1, 1, ToString},
    {"to_text", 1, 1, ToText},
    {"trim", 1, 1, TrimText},
    {"type", 1, 1, TypeName},
    {"upper", 1, 1, Upper},
};

}  // namespace

absl::Span<const Function> TextFunctions() { return kFunctions; }

}  // namespace enrich::expression
