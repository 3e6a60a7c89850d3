#include "server/yaml_reader.h"

#include <cstdint>
#include <set>

#include "absl/strings/numbers.h"
#include "absl/strings/str_cat.h"
#include "absl/time/time.h"
#include "google/protobuf/descriptor.h"
#include "google/protobuf/duration.pb.h"
#include "yaml-cpp/yaml.h"

namespace enrich {
namespace {

using google::protobuf::FieldDescriptor;
using google::protobuf::Message;

constexpr char kDurationType[] = "google.protobuf.Duration";

// Walks a YAML tree along the descriptor of the message it fills.
class Reader {
 public:
  explicit Reader(YamlLines& lines) : lines_(lines) {}

  std::vector<ConfigMistake> TakeMistakes() { return std::move(mistakes_); }

  void ReadMessage(const YAML::Node& node, const std::string& path,
                   Message& message) {
    if (node.IsNull()) return;
    if (!node.IsMap()) return Report(node, path, "must be a mapping");
    std::set<std::string> seen;
    for (const auto& entry : node) {
      const std::string key = entry.first.as<std::string>("");
      const std::string key_path = path.empty() ? key : path + "." + key;
      const FieldDescriptor* field =
          message.GetDescriptor()->FindFieldByName(key);
      if (field == nullptr) {
        Report(entry.first, key_path, "unknown key");
      } else if (!seen.insert(key).second) {
        Report(entry.first, key_path, "stands here twice");
      } else {
        lines_[key_path] = LineOf(entry.first);
        ReadField(entry.second, key_path, message, *field);
      }
    }
  }

  void Report(const YAML::Node& node, const std::string& path,
              std::string text) {
    mistakes_.push_back({path, LineOf(node), std::move(text)});
  }

  void Report(int line, std::string text) {
    mistakes_.push_back({"", line, std::move(text)});
  }

 private:
  static int LineOf(const YAML::Node& node) {
    return node.Mark().is_null() ? 0 : node.Mark().line + 1;
  }

  void ReadField(const YAML::Node& node, const std::string& path,
                 Message& message, const FieldDescriptor& field) {
    if (field.is_map()) return ReadMap(node, path, message, field);
    if (field.is_repeated()) return ReadList(node, path, message, field);
    if (field.message_type() != nullptr) {
      Message& child =
          *message.GetReflection()->MutableMessage(&message, &field);
      if (field.message_type()->full_name() == kDurationType) {
        return ReadDuration(node, path, child);
      }
      return ReadMessage(node, path, child);
    }
    ReadScalar(node, path, message, field);
  }

  void ReadList(const YAML::Node& node, const std::string& path,
                Message& message, const FieldDescriptor& field) {
    const auto* reflection = message.GetReflection();
    reflection->ClearField(&message, &field);
    if (node.IsNull()) return;
    if (!node.IsSequence()) return Report(node, path, "must be a list");
    for (size_t i = 0; i < node.size(); ++i) {
      const std::string item = absl::StrCat(path, "[", i, "]");
      lines_[item] = LineOf(node[i]);
      if (field.message_type() != nullptr) {
        ReadMessage(node[i], item, *reflection->AddMessage(&message, &field));
      } else if (node[i].IsScalar()) {
        reflection->AddString(&message, &field, node[i].Scalar());
      } else {
        Report(node[i], item, "must be a text");
      }
    }
  }

  // Maps are entries with `key` and `value`, filled by the same rules.
  void ReadMap(const YAML::Node& node, const std::string& path,
               Message& message, const FieldDescriptor& field) {
    const auto* reflection = message.GetReflection();
    reflection->ClearField(&message, &field);
    if (node.IsNull()) return;
    if (!node.IsMap()) return Report(node, path, "must be a mapping");
    std::set<std::string> seen;
    for (const auto& entry : node) {
      const std::string key = entry.first.as<std::string>("");
      if (!seen.insert(key).second) {
        Report(entry.first, path + "." + key, "stands here twice");
        continue;
      }
      lines_[path + "." + key] = LineOf(entry.first);
      Message& pair = *reflection->AddMessage(&message, &field);
      pair.GetReflection()->SetString(
          &pair, pair.GetDescriptor()->FindFieldByName("key"), key);
      ReadScalar(entry.second, path + "." + key, pair,
                 *pair.GetDescriptor()->FindFieldByName("value"));
    }
  }

  void ReadDuration(const YAML::Node& node, const std::string& path,
                    Message& message) {
    absl::Duration duration;
    if (!node.IsScalar() || !absl::ParseDuration(node.Scalar(), &duration) ||
        duration < absl::ZeroDuration() ||
        duration > absl::Hours(24) * 365 * 100) {
      return Report(node, path, "must be a duration such as 250ms, 30s or 24h");
    }
    auto& proto = static_cast<google::protobuf::Duration&>(message);
    proto.set_seconds(
        absl::IDivDuration(duration, absl::Seconds(1), &duration));
    proto.set_nanos(static_cast<int32_t>(
        absl::IDivDuration(duration, absl::Nanoseconds(1), &duration)));
  }

  void ReadScalar(const YAML::Node& node, const std::string& path,
                  Message& message, const FieldDescriptor& field) {
    const auto* reflection = message.GetReflection();
    if (!node.IsScalar()) return Report(node, path, "must be a single value");
    const std::string& text = node.Scalar();
    switch (field.cpp_type()) {
      case FieldDescriptor::CPPTYPE_STRING:
        return reflection->SetString(&message, &field, text);
      case FieldDescriptor::CPPTYPE_BOOL: {
        bool value = false;
        if (!YAML::convert<bool>::decode(node, value)) {
          return Report(node, path, "must be true or false");
        }
        return reflection->SetBool(&message, &field, value);
      }
      case FieldDescriptor::CPPTYPE_INT32: {
        int32_t value = 0;
        if (!absl::SimpleAtoi(text, &value) || value < 0) {
          return Report(node, path, "must be a whole number from 0 to 2^31-1");
        }
        return reflection->SetInt32(&message, &field, value);
      }
      case FieldDescriptor::CPPTYPE_INT64: {
        int64_t value = 0;
        if (!absl::SimpleAtoi(text, &value) || value < 0) {
          return Report(node, path, "must be a whole number from 0 to 2^63-1");
        }
        return reflection->SetInt64(&message, &field, value);
      }
      case FieldDescriptor::CPPTYPE_DOUBLE: {
        double value = 0;
        if (!absl::SimpleAtod(text, &value) || !(value >= 0)) {
          return Report(node, path, "must be a number that is not negative");
        }
        return reflection->SetDouble(&message, &field, value);
      }
      default:
        return Report(node, path, "cannot be set");
    }
  }

  YamlLines& lines_;
  std::vector<ConfigMistake> mistakes_;
};

}  // namespace

std::vector<ConfigMistake> ReadYaml(absl::string_view text, Message& message,
                                    YamlLines& lines) {
  Reader reader(lines);
  try {
    const std::vector<YAML::Node> documents = YAML::LoadAll(std::string(text));
    if (documents.size() > 1) {
      reader.Report(documents[1].Mark().line + 1,
                    "the file must hold one YAML document");
    } else if (!documents.empty()) {
      reader.ReadMessage(documents[0], "", message);
    }
  } catch (const YAML::Exception& e) {
    reader.Report(e.mark.is_null() ? 0 : e.mark.line + 1,
                  absl::StrCat("no valid YAML: ", e.msg));
  }
  return reader.TakeMistakes();
}

}  // namespace enrich
