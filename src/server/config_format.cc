#include <string>

#include "absl/strings/str_cat.h"
#include "absl/time/time.h"
#include "google/protobuf/descriptor.h"
#include "server/config.h"
#include "yaml-cpp/yaml.h"

namespace enrich {
namespace {

using google::protobuf::FieldDescriptor;
using google::protobuf::Message;

void Emit(const Message& message, YAML::Emitter& out);

void EmitChild(const Message& child, YAML::Emitter& out) {
  if (child.GetDescriptor()->full_name() == "google.protobuf.Duration") {
    out << absl::FormatDuration(
        ToDuration(static_cast<const google::protobuf::Duration&>(child)));
  } else {
    Emit(child, out);
  }
}

void EmitScalar(const Message& message, const FieldDescriptor& field,
                YAML::Emitter& out) {
  const auto& reflection = *message.GetReflection();
  switch (field.cpp_type()) {
    case FieldDescriptor::CPPTYPE_BOOL:
      out << reflection.GetBool(message, &field);
      break;
    case FieldDescriptor::CPPTYPE_INT32:
      out << reflection.GetInt32(message, &field);
      break;
    case FieldDescriptor::CPPTYPE_INT64:
      out << reflection.GetInt64(message, &field);
      break;
    case FieldDescriptor::CPPTYPE_DOUBLE:
      out << reflection.GetDouble(message, &field);
      break;
    default:
      out << YAML::DoubleQuoted << reflection.GetString(message, &field);
  }
}

void EmitMap(const Message& message, const FieldDescriptor& field,
             YAML::Emitter& out) {
  const auto& reflection = *message.GetReflection();
  out << YAML::BeginMap;
  for (int i = 0; i < reflection.FieldSize(message, &field); ++i) {
    const Message& pair = reflection.GetRepeatedMessage(message, &field, i);
    out << YAML::Key
        << pair.GetReflection()->GetString(
               pair, pair.GetDescriptor()->FindFieldByName("key"))
        << YAML::Value;
    EmitScalar(pair, *pair.GetDescriptor()->FindFieldByName("value"), out);
  }
  out << YAML::EndMap;
}

void EmitList(const Message& message, const FieldDescriptor& field,
              YAML::Emitter& out) {
  const auto& reflection = *message.GetReflection();
  const bool messages = field.message_type() != nullptr;
  if (!messages) out << YAML::Flow;
  out << YAML::BeginSeq;
  for (int i = 0; i < reflection.FieldSize(message, &field); ++i) {
    if (messages) {
      EmitChild(reflection.GetRepeatedMessage(message, &field, i), out);
    } else {
      out << reflection.GetRepeatedString(message, &field, i);
    }
  }
  out << YAML::EndSeq;
}

void Emit(const Message& message, YAML::Emitter& out) {
  const auto& reflection = *message.GetReflection();
  out << YAML::BeginMap;
  for (int i = 0; i < message.GetDescriptor()->field_count(); ++i) {
    const FieldDescriptor& field = *message.GetDescriptor()->field(i);
    if (field.has_presence() && !reflection.HasField(message, &field)) continue;
    out << YAML::Key << field.name() << YAML::Value;
    if (field.is_map()) {
      EmitMap(message, field, out);
    } else if (field.is_repeated()) {
      EmitList(message, field, out);
    } else if (field.message_type() != nullptr) {
      EmitChild(reflection.GetMessage(message, &field), out);
    } else {
      EmitScalar(message, field, out);
    }
  }
  out << YAML::EndMap;
}

}  // namespace

std::string FormatConfig(const config::v1::Config& config) {
  YAML::Emitter out;
  Emit(config, out);
  return absl::StrCat(out.c_str(), "\n");
}

}  // namespace enrich
