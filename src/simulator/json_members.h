#ifndef ENRICH_SIMULATOR_JSON_MEMBERS_H_
#define ENRICH_SIMULATOR_JSON_MEMBERS_H_

#include <string>

#include "absl/strings/string_view.h"
#include "base/json.h"

namespace enrich::simulator {

// The text of a member; empty where there is none.
inline std::string Text(const json::Value& object, absl::string_view key) {
  return std::string(object[key].AsString());
}

// What is echoed as it came: JSON, empty when absent.
inline std::string JsonOrEmpty(const json::Value& value) {
  return value.missing() ? "" : value.ToJson();
}
inline void WriteJson(absl::string_view key, absl::string_view json,
                      json::Writer& out) {
  if (!json.empty()) out.Key(key).Raw(json);
}

}  // namespace enrich::simulator

#endif  // ENRICH_SIMULATOR_JSON_MEMBERS_H_
