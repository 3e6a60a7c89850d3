#ifndef ENRICH_BASE_JSON_H_
#define ENRICH_BASE_JSON_H_

#include <cstddef>
#include <cstdint>
#include <iterator>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "absl/status/statusor.h"
#include "absl/strings/string_view.h"
#include "absl/types/span.h"

// The one home of JSON. Input is hostile: every provider body comes through
// here. RapidJSON 1.1.0 with default flags is killed by a 35-byte number and by
// deep nesting; the flags and limits that survive are chosen in json.cc.
namespace enrich::json {

struct Limits {
  // Arrays and objects inside each other.
  int max_depth = 32;
  // Bytes of text.
  size_t max_bytes = 32 << 20;
};

enum class Type : uint8_t { kNull, kBool, kNumber, kString, kArray, kObject };

// Whether `text` is a number as JSON spells it, with nothing around it.
bool IsNumber(absl::string_view text);
// The value of such a spelling when it has neither fraction nor exponent and
// fits; nothing else.
std::optional<int64_t> ParseInt(absl::string_view number);
// The value of such a spelling when it is finite.
std::optional<double> ParseDouble(absl::string_view number);

class Document;

// What a Document owns. Here so that walking it takes no calls.
namespace internal {

// One value. A container is followed by what it holds.
struct Node {
  uint32_t key = 0;
  uint32_t key_size = 0;
  // Text of a string or number.
  uint32_t text = 0;
  // Its length; members of a container; 1 for true.
  uint32_t size = 0;
  // The node after this one and all it holds.
  uint32_t next = 0;
  Type type = Type::kNull;
};

struct Storage {
  // The text, unescaped in place.
  std::string text;
  // In the order of the text; the first is the root.
  std::vector<Node> nodes;

  absl::string_view KeyOf(const Node& node) const {
    return absl::string_view(text.data() + node.key, node.key_size);
  }
  absl::string_view TextOf(const Node& node) const {
    return absl::string_view(text.data() + node.text, node.size);
  }
};

inline bool IsContainer(Type type) {
  return type == Type::kArray || type == Type::kObject;
}

}  // namespace internal

// A view of one value of a Document, which must outlive it. A value that is not
// there is "missing": every accessor of a missing or differently typed value
// returns the empty answer, so paths can be written without checks.
class Value {
 public:
  class Iterator;

  Value() = default;

  bool missing() const { return storage_ == nullptr; }
  // Missing or null.
  bool null() const { return missing() || type() == Type::kNull; }
  // kNull for a missing value.
  Type type() const { return missing() ? Type::kNull : node().type; }
  bool is_object() const { return type() == Type::kObject; }
  bool is_array() const { return type() == Type::kArray; }
  bool is_string() const { return type() == Type::kString; }
  bool is_number() const { return type() == Type::kNumber; }

  // Member of an object; linear in the number of members.
  Value operator[](absl::string_view key) const;
  // Element of an array; linear in `index`. Iterate rather than index.
  Value at(size_t index) const;
  // Members or elements; 0 for anything else.
  size_t size() const {
    return internal::IsContainer(type()) ? node().size : 0;
  }

  // The text of a string, empty for anything else.
  absl::string_view AsString() const {
    return is_string() ? storage_->TextOf(node()) : "";
  }
  // The text of a string or the spelling of a number: providers send ids both
  // ways.
  absl::string_view AsText() const {
    return is_string() || is_number() ? storage_->TextOf(node()) : "";
  }
  std::optional<bool> AsBool() const;
  // A number without fraction or exponent that fits; nothing else.
  std::optional<int64_t> AsInt() const;
  // Any finite number.
  std::optional<double> AsDouble() const;

  // The key under which this value stands in its object, else empty.
  absl::string_view key() const {
    return missing() ? "" : storage_->KeyOf(node());
  }

  // Elements of an array or values of an object (see `key`).
  Iterator begin() const;
  Iterator end() const;

  // The value as compact JSON.
  std::string ToJson() const;

 private:
  friend class Document;
  friend class Writer;
  Value(const internal::Storage* storage, uint32_t index)
      : storage_(storage), index_(index) {}
  const internal::Node& node() const { return storage_->nodes[index_]; }

  const internal::Storage* storage_ = nullptr;
  uint32_t index_ = 0;
};

// Walks the values directly inside an array or object.
class Value::Iterator {
 public:
  using iterator_category = std::input_iterator_tag;
  using value_type = Value;
  using difference_type = std::ptrdiff_t;
  using pointer = const Value*;
  using reference = Value;

  Iterator() = default;

  Value operator*() const { return Value(storage_, index_); }
  Iterator& operator++() {
    index_ = storage_->nodes[index_].next;
    return *this;
  }
  bool operator==(const Iterator&) const = default;

 private:
  friend class Value;
  Iterator(const internal::Storage* storage, uint32_t index)
      : storage_(storage), index_(index) {}
  const internal::Storage* storage_ = nullptr;
  uint32_t index_ = 0;
};

// A scalar has nothing between itself and the next node, so its range is empty.
inline Value::Iterator Value::begin() const {
  return missing() ? Iterator() : Iterator(storage_, index_ + 1);
}

inline Value::Iterator Value::end() const {
  return missing() ? Iterator() : Iterator(storage_, node().next);
}

inline Value Value::operator[](absl::string_view key) const {
  if (!is_object()) return Value();
  const internal::Node* const nodes = storage_->nodes.data();
  const uint32_t end = nodes[index_].next;
  for (uint32_t i = index_ + 1; i < end; i = nodes[i].next) {
    // Nearly all others differ in length or in the first byte.
    if (nodes[i].key_size != key.size()) continue;
    const absl::string_view other = storage_->KeyOf(nodes[i]);
    if (!key.empty() && other.front() != key.front()) continue;
    if (other == key) return Value(storage_, i);
  }
  return Value();
}

// A parsed text. Owns what its Values point to, which stay good when the
// Document is moved.
class Document {
 public:
  // Parses exactly one JSON value. INVALID_ARGUMENT with the offset for text
  // that is no JSON, that is not valid UTF-8 once unescaped, that has an object
  // with the same key twice, or that exceeds `limits`.
  static absl::StatusOr<Document> Parse(absl::string_view text,
                                        const Limits& limits);
  static absl::StatusOr<Document> Parse(absl::string_view text) {
    return Parse(text, Limits{});
  }

  Document(Document&&) noexcept;
  Document& operator=(Document&&) noexcept;
  ~Document();

  Value root() const;

 private:
  explicit Document(std::unique_ptr<internal::Storage> storage);
  std::unique_ptr<internal::Storage> storage_;
};

// Writes compact JSON. Calls must nest properly; `Key` before every member.
class Writer {
 public:
  Writer();
  ~Writer();
  Writer(const Writer&) = delete;
  Writer& operator=(const Writer&) = delete;

  Writer& StartObject();
  Writer& EndObject();
  Writer& StartArray();
  Writer& EndArray();
  Writer& Key(absl::string_view key);
  // `value` must be UTF-8.
  Writer& String(absl::string_view value);
  Writer& Int(int64_t value);
  Writer& Double(double value);
  Writer& Bool(bool value);
  Writer& Null();
  // Text that already is JSON.
  Writer& Raw(absl::string_view json);
  // A value of a document with all it holds; null for a missing one.
  Writer& Copy(const Value& value);

  // Shorthand for Key + String.
  Writer& Member(absl::string_view key, absl::string_view value);
  // Likewise, leaving an empty value out.
  Writer& MemberIfSet(absl::string_view key, absl::string_view value);

  // Bytes written so far.
  size_t size() const;
  // What was written. The Writer is then empty.
  std::string Take();

 private:
  struct Impl;
  std::unique_ptr<Impl> impl_;
};

}  // namespace enrich::json

#endif  // ENRICH_BASE_JSON_H_
