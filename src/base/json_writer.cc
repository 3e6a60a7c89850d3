#include <rapidjson/stringbuffer.h>
#include <rapidjson/writer.h>

#include <cmath>
#include <vector>

#include "base/json.h"

namespace enrich::json {

using internal::IsContainer;
using internal::Node;
using internal::Storage;

namespace {

// Writes a value, or the opening of a container.
void WriteNode(const Storage& storage, const Node& node, Writer& writer) {
  switch (node.type) {
    case Type::kNull:
      writer.Null();
      break;
    case Type::kBool:
      writer.Bool(node.size != 0);
      break;
    case Type::kNumber:
      writer.Raw(storage.TextOf(node));
      break;
    case Type::kString:
      writer.String(storage.TextOf(node));
      break;
    case Type::kArray:
      writer.StartArray();
      break;
    case Type::kObject:
      writer.StartObject();
      break;
  }
}

}  // namespace

struct Writer::Impl {
  rapidjson::StringBuffer text;
  rapidjson::Writer<rapidjson::StringBuffer> writer{text};
};

Writer::Writer() : impl_(std::make_unique<Impl>()) {}
Writer::~Writer() = default;

Writer& Writer::StartObject() {
  impl_->writer.StartObject();
  return *this;
}

Writer& Writer::EndObject() {
  impl_->writer.EndObject();
  return *this;
}

Writer& Writer::StartArray() {
  impl_->writer.StartArray();
  return *this;
}

Writer& Writer::EndArray() {
  impl_->writer.EndArray();
  return *this;
}

Writer& Writer::Key(absl::string_view key) { return String(key); }

Writer& Writer::String(absl::string_view value) {
  // The library writes nothing for a null pointer.
  impl_->writer.String(value.empty() ? "" : value.data(),
                       static_cast<rapidjson::SizeType>(value.size()));
  return *this;
}

Writer& Writer::Int(int64_t value) {
  impl_->writer.Int64(value);
  return *this;
}

Writer& Writer::Double(double value) {
  // JSON has no word for the others.
  if (!std::isfinite(value)) return Null();
  impl_->writer.Double(value);
  return *this;
}

Writer& Writer::Bool(bool value) {
  impl_->writer.Bool(value);
  return *this;
}

Writer& Writer::Null() {
  impl_->writer.Null();
  return *this;
}

Writer& Writer::Raw(absl::string_view json) {
  impl_->writer.RawValue(json.data(), json.size(), rapidjson::kObjectType);
  return *this;
}

Writer& Writer::Member(absl::string_view key, absl::string_view value) {
  return Key(key).String(value);
}

Writer& Writer::MemberIfSet(absl::string_view key, absl::string_view value) {
  return value.empty() ? *this : Member(key, value);
}

// Walks the nodes in a loop: a Document may be allowed any depth.
Writer& Writer::Copy(const Value& value) {
  if (value.missing()) return Null();
  const std::vector<Node>& nodes = value.storage_->nodes;
  std::vector<const Node*> open;
  const auto close_until = [&](uint32_t index) {
    while (!open.empty() && open.back()->next == index) {
      open.back()->type == Type::kObject ? EndObject() : EndArray();
      open.pop_back();
    }
  };
  const uint32_t end = nodes[value.index_].next;
  for (uint32_t i = value.index_; i < end; ++i) {
    close_until(i);
    const Node& node = nodes[i];
    if (!open.empty() && open.back()->type == Type::kObject) {
      Key(value.storage_->KeyOf(node));
    }
    WriteNode(*value.storage_, node, *this);
    if (IsContainer(node.type)) open.push_back(&node);
  }
  close_until(end);
  return *this;
}

size_t Writer::size() const { return impl_->text.GetSize(); }

std::string Writer::Take() {
  std::string text(impl_->text.GetString(), impl_->text.GetSize());
  impl_->text.Clear();
  impl_->writer.Reset(impl_->text);
  return text;
}

}  // namespace enrich::json
