#include "rpc/message.h"

#include <map>
#include <vector>

#include "absl/strings/str_cat.h"
#include "base/text.h"
#include "google/protobuf/descriptor.h"
#include "google/protobuf/stubs/logging.h"
#include "google/protobuf/unknown_field_set.h"
#include "grpcpp/support/proto_buffer_reader.h"
#include "model/errors.h"

namespace enrich {
namespace {

using google::protobuf::Descriptor;
using google::protobuf::FieldDescriptor;
using google::protobuf::UnknownField;
using google::protobuf::UnknownFieldSet;

// `contacts[3]`, `custom.value`, `batch_id`.
std::string PathOf(const FieldDescriptor& field, int index) {
  if (!field.is_repeated() || field.is_map()) return field.name();
  return absl::StrCat(field.name(), "[", index, "]");
}

std::string FindIn(const Descriptor& type, const UnknownFieldSet& fields) {
  std::map<int, int> seen;
  for (int i = 0; i < fields.field_count(); ++i) {
    const UnknownField& field = fields.field(i);
    if (field.type() != UnknownField::TYPE_LENGTH_DELIMITED) continue;
    const FieldDescriptor* known = type.FindFieldByNumber(field.number());
    if (known == nullptr) continue;
    std::string path = PathOf(*known, seen[field.number()]++);
    if (known->type() == FieldDescriptor::TYPE_STRING &&
        !IsValidUtf8(field.length_delimited())) {
      return path;
    }
    if (known->type() == FieldDescriptor::TYPE_MESSAGE) {
      const std::string inner =
          FindInvalidUtf8(*known->message_type(), field.length_delimited());
      if (!inner.empty()) return absl::StrCat(path, ".", inner);
    }
  }
  return "";
}

std::string ToString(const grpc::ByteBuffer& bytes) {
  std::vector<grpc::Slice> slices;
  std::string text;
  if (!bytes.Dump(&slices).ok()) return text;
  text.reserve(bytes.Length());
  for (const grpc::Slice& slice : slices) {
    text.append(reinterpret_cast<const char*>(slice.begin()), slice.size());
  }
  return text;
}

bool Parse(const grpc::ByteBuffer& bytes, google::protobuf::Message& message) {
  // protobuf would log each bad string: a stranger must not fill the log.
  google::protobuf::LogSilencer quiet;
  // An empty message has no buffer at all.
  if (!bytes.Valid() || bytes.Length() == 0) {
    message.Clear();
    return true;
  }
  grpc::ByteBuffer readable(bytes);
  grpc::ProtoBufferReader reader(&readable);
  return reader.status().ok() && message.ParseFromZeroCopyStream(&reader);
}

}  // namespace

absl::Status ParseMessage(const grpc::ByteBuffer& bytes,
                          google::protobuf::Message& message) {
  if (Parse(bytes, message)) return absl::OkStatus();
  const Descriptor& type = *message.GetDescriptor();
  return error::MalformedMessage(type.full_name(),
                                 FindInvalidUtf8(type, ToString(bytes)));
}

grpc::ByteBuffer SerializeMessage(const google::protobuf::Message& message) {
  const size_t size = message.ByteSizeLong();
  grpc::Slice slice(size);
  message.SerializeWithCachedSizesToArray(const_cast<uint8_t*>(slice.begin()));
  return grpc::ByteBuffer(&slice, 1);
}

std::string FindInvalidUtf8(const Descriptor& type, const std::string& bytes) {
  UnknownFieldSet fields;
  if (!fields.ParseFromString(bytes)) return "";
  return FindIn(type, fields);
}

}  // namespace enrich
