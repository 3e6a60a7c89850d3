#ifndef ENRICH_EXPRESSION_VALUE_H_
#define ENRICH_EXPRESSION_VALUE_H_

#include <cstddef>
#include <cstdint>
#include <optional>
#include <type_traits>

#include "absl/strings/string_view.h"
#include "absl/types/span.h"
#include "base/json.h"
#include "expression/arena.h"

namespace enrich::expression {

using json::Type;

// A member of a computed object.
struct Member;

// A JSON value: one of a document, or computed. Small; copy it freely. Points
// into the document, the expression or the arena it came from, which must
// outlive it. Accessors of another type's value return the empty answer.
class Value {
 public:
  // Null.
  Value() : int_(0) {}
  // A missing value is null.
  explicit Value(json::Value value)
      : kind_(Kind::kDocument), type_(value.type()), document_(value) {}

  static Value Bool(bool value);
  static Value Int(int64_t value);
  // An Int when `value` is a whole number that a double holds exactly; null
  // when it is not finite.
  static Value Double(double value);
  // A number as it is spelt; `spelling` is not copied and is a finite number as
  // JSON writes them.
  static Value Number(absl::string_view spelling);
  // `text` is not copied.
  static Value String(absl::string_view text);
  // Not copied either; no key twice.
  static Value Array(absl::Span<const Value> elements);
  static Value Object(absl::Span<const Member> members);
  // The same, from parts that need not live on: copied into the arena. Null
  // when there is no room.
  static Value ArrayIn(Arena& arena, absl::Span<const Value> elements);
  static Value ObjectIn(Arena& arena, absl::Span<const Member> members);

  Type type() const { return type_; }
  bool null() const { return type_ == Type::kNull; }
  // What JMESPath takes for true: everything but null, false, "", [] and {}.
  bool truthy() const;

  // A member; null when there is none.
  Value operator[](absl::string_view key) const;
  // Tells a member that is null from none.
  std::optional<Value> Find(absl::string_view key) const;
  // Characters are not counted: members or elements, else 0.
  size_t size() const;
  // An element; null when there is none. Linear in `index`: use ForEach.
  Value at(size_t index) const;
  // The value of the document that this is; missing when it was computed.
  json::Value document() const {
    return kind_ == Kind::kDocument ? document_ : json::Value();
  }

  absl::string_view AsString() const;
  // A string, or a number as the document spells it: ids come both ways. A
  // computed number is spelt into `arena`.
  absl::string_view AsText(Arena& arena) const;
  std::optional<bool> AsBool() const;
  // A whole number that fits; exact.
  std::optional<int64_t> AsInt() const;
  std::optional<double> AsDouble() const;

  // Calls `visit(Value)` for each element of an array, in order.
  template <typename F>
  void ForEachElement(F visit) const;
  // Calls `visit(absl::string_view key, Value)` for each member of an object,
  // in order.
  template <typename F>
  void ForEachMember(F visit) const;

  void WriteTo(json::Writer& out) const;
  // The same within what is left of the arena's budget: a small value can share
  // parts so often that its text is huge. False when that did not suffice:
  // what was written is JSON, but not the value.
  bool WriteWithin(Arena& arena, json::Writer& out) const;

 private:
  enum class Kind : uint8_t {
    kNull,
    kBool,
    kInt,
    kDouble,
    kSpelling,
    kString,
    kArray,
    kObject,
    kDocument
  };
  // Of a computed text, array or object.
  struct Range {
    const void* data;
    size_t size;
  };

  Value(Kind kind, Type type) : kind_(kind), type_(type), int_(0) {}

  absl::string_view text() const {
    return absl::string_view(static_cast<const char*>(range_.data),
                             range_.size);
  }
  absl::Span<const Value> elements() const {
    return absl::MakeConstSpan(static_cast<const Value*>(range_.data),
                               range_.size);
  }
  absl::Span<const Member> members() const;
  const Member* FindMember(absl::string_view key) const;
  // Of a computed number, into a buffer of kMaxSpelling bytes.
  static constexpr size_t kMaxSpelling = 32;
  absl::string_view Spell(char* buffer) const;
  bool Write(Arena* arena, json::Writer& out) const;
  void WriteLeaf(json::Writer& out) const;

  Kind kind_ = Kind::kNull;
  Type type_ = Type::kNull;
  union {
    int64_t int_;
    bool bool_;
    double double_;
    Range range_;
    json::Value document_;
  };
};

static_assert(sizeof(Value) <= 32 && std::is_trivially_copyable_v<Value>);

struct Member {
  absl::string_view key;
  Value value;
};

inline absl::Span<const Member> Value::members() const {
  return absl::MakeConstSpan(static_cast<const Member*>(range_.data),
                             range_.size);
}

template <typename F>
void Value::ForEachElement(F visit) const {
  if (type_ != Type::kArray) return;
  if (kind_ == Kind::kDocument) {
    for (const json::Value element : document_) visit(Value(element));
  } else {
    for (const Value& element : elements()) visit(element);
  }
}

template <typename F>
void Value::ForEachMember(F visit) const {
  if (type_ != Type::kObject) return;
  if (kind_ == Kind::kDocument) {
    for (const json::Value member : document_) {
      visit(member.key(), Value(member));
    }
  } else {
    for (const Member& member : members()) visit(member.key, member.value);
  }
}

}  // namespace enrich::expression

#endif  // ENRICH_EXPRESSION_VALUE_H_
