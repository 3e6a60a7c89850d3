#include "base/json.h"

#include <rapidjson/error/en.h>
#include <rapidjson/reader.h>

#include <algorithm>
#include <charconv>
#include <cmath>
#include <cstring>
#include <limits>
#include <utility>

#include "absl/strings/ascii.h"
#include "absl/strings/charconv.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/strip.h"
#include "base/text.h"

namespace enrich::json {
namespace {

// Iterative: recursion dies on deep nesting. Numbers as strings: both of the
// library's conversions read out of bounds on long numbers. In situ: strings
// are not copied. Not kParseValidateEncodingFlag: it reads past the end of a
// text that stops within a character, so UTF-8 is checked beforehand.
constexpr unsigned kFlags = rapidjson::kParseIterativeFlag |
                            rapidjson::kParseNumbersAsStringsFlag |
                            rapidjson::kParseInsituFlag;

// Up to this many keys, comparing each with each beats sorting.
constexpr size_t kFewKeys = 16;

// Typical bodies have a value every 25 to 40 bytes.
constexpr size_t kBytesPerNode = 24;

}  // namespace

using internal::Node;
using internal::Storage;

namespace {

// Builds the nodes of a Storage. A refusal stops the parser.
class Handler final
    : public rapidjson::BaseReaderHandler<rapidjson::UTF8<>, Handler> {
 public:
  using Size = rapidjson::SizeType;

  // `original` is the text before anything was unescaped in place.
  Handler(absl::string_view original, int max_depth, Storage& storage)
      : original_(original),
        has_escapes_(original.find('\\') != original.npos),
        max_depth_(max_depth),
        storage_(storage) {}

  // Why the text was refused here; empty when it was not.
  absl::string_view refusal() const { return refusal_; }

  bool Null() { return Add(Type::kNull, 0, 0); }
  bool Bool(bool value) { return Add(Type::kBool, 0, value ? 1 : 0); }
  bool RawNumber(const char* text, Size size, bool) {
    return Add(Type::kNumber, OffsetOf(text), size);
  }
  bool String(const char* text, Size size, bool) {
    return CheckUtf8(text, size) && Add(Type::kString, OffsetOf(text), size);
  }
  bool Key(const char* text, Size size, bool) {
    key_ = OffsetOf(text);
    key_size_ = size;
    return CheckUtf8(text, size);
  }
  bool StartObject() { return Open(Type::kObject); }
  bool StartArray() { return Open(Type::kArray); }
  bool EndObject(Size count) { return CheckKeys() && Close(count); }
  bool EndArray(Size count) { return Close(count); }

 private:
  uint32_t OffsetOf(const char* text) const {
    return static_cast<uint32_t>(text - storage_.text.data());
  }

  bool Refuse(absl::string_view why) {
    refusal_ = why;
    return false;
  }

  bool Add(Type type, uint32_t text, uint32_t size) {
    const auto next = static_cast<uint32_t>(storage_.nodes.size() + 1);
    storage_.nodes.push_back({.key = std::exchange(key_, 0),
                              .key_size = std::exchange(key_size_, 0),
                              .text = text,
                              .size = size,
                              .next = next,
                              .type = type});
    return true;
  }

  bool Open(Type type) {
    if (static_cast<int>(open_.size()) >= max_depth_) {
      return Refuse("nested too deeply");
    }
    open_.push_back(static_cast<uint32_t>(storage_.nodes.size()));
    return Add(type, 0, 0);
  }

  bool Close(Size count) {
    Node& node = storage_.nodes[open_.back()];
    node.size = count;
    node.next = static_cast<uint32_t>(storage_.nodes.size());
    open_.pop_back();
    return true;
  }

  // The library lets an escaped lone low surrogate through. A string had an
  // escape if and only if a backslash is within its unescaped length.
  bool CheckUtf8(const char* text, Size size) {
    const uint32_t offset = OffsetOf(text);
    if (!has_escapes_ || size == 0 ||
        std::memchr(original_.data() + offset, '\\', size) == nullptr) {
      return true;
    }
    return IsValidUtf8(absl::string_view(text, size)) ||
           Refuse("lone surrogate in a string");
  }

  // Two readers of an object with the same key twice may see different things.
  bool CheckKeys() {
    keys_.clear();
    const std::vector<Node>& nodes = storage_.nodes;
    for (uint32_t i = open_.back() + 1; i < nodes.size(); i = nodes[i].next) {
      keys_.push_back(storage_.KeyOf(nodes[i]));
    }
    return !HasRepeatedKey() || Refuse("duplicate key in the object");
  }

  bool HasRepeatedKey() {
    if (keys_.size() > kFewKeys) {
      std::sort(keys_.begin(), keys_.end());
      return std::adjacent_find(keys_.begin(), keys_.end()) != keys_.end();
    }
    for (auto key = keys_.begin(); key != keys_.end(); ++key) {
      if (std::find(keys_.begin(), key, *key) != key) return true;
    }
    return false;
  }

  const absl::string_view original_;
  const bool has_escapes_;
  const int max_depth_;
  Storage& storage_;
  // Key of the value to come.
  uint32_t key_ = 0;
  uint32_t key_size_ = 0;
  // Containers that are not closed yet.
  std::vector<uint32_t> open_;
  // Of the object being closed.
  std::vector<absl::string_view> keys_;
  absl::string_view refusal_;
};

// Says where, never what: the text may hold contact data.
absl::Status Malformed(absl::string_view why, size_t offset) {
  return absl::InvalidArgumentError(
      absl::StrCat("malformed JSON at offset ", offset, ": ", why));
}

}  // namespace

bool IsNumber(absl::string_view text) {
  const auto skip_digits = [&text] {
    const size_t before = text.size();
    while (!text.empty() && absl::ascii_isdigit(text.front())) {
      text.remove_prefix(1);
    }
    return text.size() < before;
  };
  absl::ConsumePrefix(&text, "-");
  if (!absl::ConsumePrefix(&text, "0") && !skip_digits()) return false;
  if (absl::ConsumePrefix(&text, ".") && !skip_digits()) return false;
  if (absl::ConsumePrefix(&text, "e") || absl::ConsumePrefix(&text, "E")) {
    if (!absl::ConsumePrefix(&text, "+")) absl::ConsumePrefix(&text, "-");
    if (!skip_digits()) return false;
  }
  return text.empty();
}

std::optional<int64_t> ParseInt(absl::string_view number) {
  const char* const end = number.data() + number.size();
  int64_t value = 0;
  const auto [stop, error] = std::from_chars(number.data(), end, value);
  if (error != std::errc() || stop != end) return std::nullopt;
  return value;
}

std::optional<double> ParseDouble(absl::string_view number) {
  double value = 0;
  const auto result =
      absl::from_chars(number.data(), number.data() + number.size(), value);
  // Too small is as good as zero; too large is no number.
  const bool overflow =
      result.ec == std::errc::result_out_of_range && std::abs(value) > 1;
  if (overflow || !std::isfinite(value)) return std::nullopt;
  return value;
}

Document::Document(std::unique_ptr<Storage> storage)
    : storage_(std::move(storage)) {}
Document::Document(Document&&) noexcept = default;
Document& Document::operator=(Document&&) noexcept = default;
Document::~Document() = default;

absl::StatusOr<Document> Document::Parse(absl::string_view text,
                                         const Limits& limits) {
  // Offsets have 32 bits.
  const size_t max_bytes = std::min<size_t>(
      limits.max_bytes, std::numeric_limits<uint32_t>::max() - 1);
  if (text.size() > max_bytes) {
    return absl::InvalidArgumentError(
        absl::StrCat("JSON text over ", max_bytes, " bytes"));
  }
  // The stream ends at the first NUL, which would hide what follows.
  if (const size_t nul = text.find('\0'); nul != text.npos) {
    return Malformed("NUL byte", nul);
  }
  if (const size_t valid = ValidUtf8Prefix(text); valid < text.size()) {
    return Malformed("no UTF-8", valid);
  }
  auto storage = std::make_unique<Storage>();
  storage->text = std::string(text);
  storage->nodes.reserve(text.size() / kBytesPerNode + 1);
  Handler handler(text, limits.max_depth, *storage);
  rapidjson::InsituStringStream stream(storage->text.data());
  rapidjson::Reader reader;
  const rapidjson::ParseResult result = reader.Parse<kFlags>(stream, handler);
  if (!handler.refusal().empty()) {
    return Malformed(handler.refusal(), result.Offset());
  }
  if (result.IsError()) {
    return Malformed(rapidjson::GetParseError_En(result.Code()),
                     result.Offset());
  }
  return Document(std::move(storage));
}

Value Document::root() const { return Value(storage_.get(), 0); }

Value Value::at(size_t index) const {
  if (!is_array() || index >= size()) return Value();
  Iterator element = begin();
  for (; index > 0; --index) ++element;
  return *element;
}

std::optional<bool> Value::AsBool() const {
  if (type() != Type::kBool) return std::nullopt;
  return storage_->nodes[index_].size != 0;
}

std::optional<int64_t> Value::AsInt() const {
  return is_number() ? ParseInt(AsText()) : std::nullopt;
}

std::optional<double> Value::AsDouble() const {
  return is_number() ? ParseDouble(AsText()) : std::nullopt;
}

std::string Value::ToJson() const { return Writer().Copy(*this).Take(); }

}  // namespace enrich::json
