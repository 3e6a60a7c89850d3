#include "expression/value.h"

#include <algorithm>
#include <charconv>
#include <cmath>

namespace enrich::expression {
namespace {

// Up to here doubles hold every whole number.
constexpr double kMaxWhole = 9007199254740992.0;

// A copy of `parts` in the arena; null when there is no room.
template <typename T>
const T* CopyInto(Arena& arena, absl::Span<const T> parts) {
  auto* const copy = static_cast<T*>(arena.Allocate(parts.size() * sizeof(T)));
  if (copy != nullptr) {
    std::uninitialized_copy(parts.begin(), parts.end(), copy);
  }
  return copy;
}

}  // namespace

Value Value::Bool(bool value) {
  Value result(Kind::kBool, Type::kBool);
  result.bool_ = value;
  return result;
}

Value Value::Int(int64_t value) {
  Value result(Kind::kInt, Type::kNumber);
  result.int_ = value;
  return result;
}

Value Value::Double(double value) {
  if (!std::isfinite(value)) return Value();
  if (std::abs(value) <= kMaxWhole && value == std::trunc(value)) {
    return Int(static_cast<int64_t>(value));
  }
  Value result(Kind::kDouble, Type::kNumber);
  result.double_ = value;
  return result;
}

Value Value::Number(absl::string_view spelling) {
  Value result(Kind::kSpelling, Type::kNumber);
  result.range_ = {.data = spelling.data(), .size = spelling.size()};
  return result;
}

Value Value::String(absl::string_view text) {
  Value result(Kind::kString, Type::kString);
  result.range_ = {.data = text.data(), .size = text.size()};
  return result;
}

Value Value::Array(absl::Span<const Value> elements) {
  Value result(Kind::kArray, Type::kArray);
  result.range_ = {.data = elements.data(), .size = elements.size()};
  return result;
}

Value Value::Object(absl::Span<const Member> members) {
  Value result(Kind::kObject, Type::kObject);
  result.range_ = {.data = members.data(), .size = members.size()};
  return result;
}

Value Value::ArrayIn(Arena& arena, absl::Span<const Value> elements) {
  const Value* const copy = CopyInto(arena, elements);
  return copy == nullptr ? Value()
                         : Array(absl::MakeConstSpan(copy, elements.size()));
}

Value Value::ObjectIn(Arena& arena, absl::Span<const Member> members) {
  const Member* const copy = CopyInto(arena, members);
  return copy == nullptr ? Value()
                         : Object(absl::MakeConstSpan(copy, members.size()));
}

bool Value::truthy() const {
  switch (type_) {
    case Type::kNull:
      return false;
    case Type::kBool:
      return *AsBool();
    case Type::kNumber:
      return true;
    case Type::kString:
      return !AsString().empty();
    case Type::kArray:
    case Type::kObject:
      break;
  }
  return size() != 0;
}

Value Value::operator[](absl::string_view key) const {
  if (kind_ == Kind::kDocument) return Value(document_[key]);
  const Member* const member = FindMember(key);
  return member == nullptr ? Value() : member->value;
}

std::optional<Value> Value::Find(absl::string_view key) const {
  if (kind_ == Kind::kDocument) {
    const json::Value member = document_[key];
    return member.missing() ? std::nullopt : std::make_optional(Value(member));
  }
  const Member* const member = FindMember(key);
  return member == nullptr ? std::nullopt : std::make_optional(member->value);
}

// Of a computed object; null when there is none.
const Member* Value::FindMember(absl::string_view key) const {
  if (kind_ != Kind::kObject) return nullptr;
  for (const Member& member : members()) {
    if (member.key == key) return &member;
  }
  return nullptr;
}

size_t Value::size() const {
  if (kind_ == Kind::kDocument) return document_.size();
  return kind_ == Kind::kArray || kind_ == Kind::kObject ? range_.size : 0;
}

Value Value::at(size_t index) const {
  if (kind_ == Kind::kDocument) return Value(document_.at(index));
  return kind_ == Kind::kArray && index < range_.size ? elements()[index]
                                                      : Value();
}

absl::string_view Value::AsString() const {
  if (kind_ == Kind::kDocument) return document_.AsString();
  return kind_ == Kind::kString ? text() : "";
}

absl::string_view Value::AsText(Arena& arena) const {
  if (kind_ == Kind::kDocument) return document_.AsText();
  if (kind_ == Kind::kString || kind_ == Kind::kSpelling) return text();
  if (type_ != Type::kNumber) return "";
  char buffer[kMaxSpelling];
  return arena.Copy(Spell(buffer));
}

// The shortest spelling that reads as the same number.
absl::string_view Value::Spell(char* buffer) const {
  char* const end = buffer + kMaxSpelling;
  const std::to_chars_result result = kind_ == Kind::kInt
                                          ? std::to_chars(buffer, end, int_)
                                          : std::to_chars(buffer, end, double_);
  return absl::string_view(buffer, result.ptr - buffer);
}

std::optional<bool> Value::AsBool() const {
  if (kind_ == Kind::kDocument) return document_.AsBool();
  return kind_ == Kind::kBool ? std::optional<bool>(bool_) : std::nullopt;
}

std::optional<int64_t> Value::AsInt() const {
  switch (kind_) {
    case Kind::kDocument:
      return document_.AsInt();
    case Kind::kInt:
      return int_;
    case Kind::kSpelling:
      return json::ParseInt(text());
    default:
      return std::nullopt;
  }
}

std::optional<double> Value::AsDouble() const {
  switch (kind_) {
    case Kind::kDocument:
      return document_.AsDouble();
    case Kind::kInt:
      return static_cast<double>(int_);
    case Kind::kDouble:
      return double_;
    case Kind::kSpelling:
      return json::ParseDouble(text());
    default:
      return std::nullopt;
  }
}

void Value::WriteTo(json::Writer& out) const { Write(nullptr, out); }

bool Value::WriteWithin(Arena& arena, json::Writer& out) const {
  return Write(&arena, out);
}

// As deep as the value was computed: what is in a document is written without
// recursion.
bool Value::Write(Arena* arena, json::Writer& out) const {
  if (arena != nullptr && !arena->Step()) {
    out.Null();
    return false;
  }
  const size_t before = out.size();
  bool fits = true;
  switch (kind_) {
    case Kind::kArray:
      out.StartArray();
      for (const Value& element : elements()) {
        fits = fits && element.Write(arena, out);
      }
      out.EndArray();
      return fits;
    case Kind::kObject:
      out.StartObject();
      for (const Member& member : members()) {
        if (!fits) break;
        out.Key(member.key);
        fits = member.value.Write(arena, out);
      }
      out.EndObject();
      return fits;
    default:
      WriteLeaf(out);
      return arena == nullptr || arena->Charge(out.size() - before);
  }
}

// All but computed arrays and objects.
void Value::WriteLeaf(json::Writer& out) const {
  char buffer[kMaxSpelling];
  switch (kind_) {
    case Kind::kBool:
      out.Bool(bool_);
      break;
    case Kind::kInt:
    case Kind::kDouble:
      out.Raw(Spell(buffer));
      break;
    case Kind::kSpelling:
      out.Raw(text());
      break;
    case Kind::kString:
      out.String(text());
      break;
    case Kind::kDocument:
      out.Copy(document_);
      break;
    default:
      out.Null();
      break;
  }
}

}  // namespace enrich::expression
