#ifndef ENRICH_EXPRESSION_VALUE_H_
#define ENRICH_EXPRESSION_VALUE_H_

#include <cstddef>
#include <cstdint>
#include <memory>
#include <optional>
#include <utility>
#include <vector>

#include "absl/strings/string_view.h"
#include "absl/types/span.h"
#include "base/json.h"

namespace enrich::expression {

using json::Type;

// What one evaluation, or several over the same document, may cost.
struct Budget {
  // Nodes of the expression visited, elements of projections included.
  int64_t steps = 10'000'000;
  // Bytes of values that are computed rather than found in the document.
  size_t bytes = 64 << 20;
};

// Where computed values live. What is evaluated with it must not outlive it.
// Not thread-safe; one for each body that is read or written.
class Arena {
 public:
  explicit Arena(const Budget& budget = {});
  ~Arena();
  Arena(const Arena&) = delete;
  Arena& operator=(const Arena&) = delete;

  // Whether an evaluation ran out of its budget. Its value was then cut short
  // to null: nothing computed with this arena may be believed.
  bool exhausted() const { return exhausted_; }

  // Takes one step; false when there is none left.
  bool Step() { return --steps_left_ >= 0 || Exhaust(); }
  // Uninitialised memory, aligned for any type; null when there is none left.
  void* Allocate(size_t bytes);
  // A copy that lives as long as the arena; empty when there is no room.
  absl::string_view Copy(absl::string_view text);

 private:
  bool Exhaust() {
    exhausted_ = true;
    return false;
  }

  int64_t steps_left_;
  size_t bytes_left_;
  bool exhausted_ = false;
  std::vector<std::unique_ptr<char[]>> blocks_;
  char* free_ = nullptr;
  size_t free_bytes_ = 0;
};

class Value;
// A member of a computed object.
struct Member;

// A JSON value: one of a document, or computed. Small; copy it freely. Points
// into the document, the expression or the arena it came from, which must
// outlive it. Accessors of another type's value return the empty answer.
class Value {
 public:
  // Null.
  Value() = default;
  // A missing value is null.
  explicit Value(json::Value value);

  static Value Bool(bool value);
  static Value Int(int64_t value);
  static Value Double(double value);
  // `text` is not copied.
  static Value String(absl::string_view text);
  // Not copied either; no key twice.
  static Value Array(absl::Span<const Value> elements);
  static Value Object(absl::Span<const Member> members);
  // The same, from parts that need not live on: copied into the arena.
  static Value ArrayIn(Arena& arena, absl::Span<const Value> elements);
  static Value ObjectIn(Arena& arena, absl::Span<const Member> members);

  Type type() const;
  bool null() const { return type() == Type::kNull; }
  // What JMESPath takes for true: everything but null, false, "", [] and {}.
  bool truthy() const;

  // A member; null when there is none.
  Value operator[](absl::string_view key) const;
  // Characters are not counted: members or elements, else 0.
  size_t size() const;
  // An element; null when there is none. Linear in `index`: use ForEach.
  Value at(size_t index) const;

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
};

}  // namespace enrich::expression

#endif  // ENRICH_EXPRESSION_VALUE_H_
