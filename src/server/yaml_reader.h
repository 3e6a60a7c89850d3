#ifndef ENRICH_SERVER_YAML_READER_H_
#define ENRICH_SERVER_YAML_READER_H_

#include <map>
#include <string>
#include <vector>

#include "absl/strings/string_view.h"
#include "google/protobuf/message.h"

namespace enrich {

// A mistake in a configuration.
struct ConfigMistake {
  // Such as `providers[1].api_key`; empty for the file as a whole.
  std::string path = {};
  // From 1; 0 when not known.
  int line = 0;
  std::string text = {};
  // Where it stands, when that is not the configuration's own file.
  std::string file = {};
};

// The line each path of a configuration stands in.
using YamlLines = std::map<std::string, int>;

// Reads YAML into `message`, whose field names are the keys. What the text does
// not mention keeps its value; lists and maps are replaced whole. Durations are
// written like `250ms` or `24h`. Returns every mistake: unknown and repeated
// keys, wrong types, values out of range. Adds to `lines` what the text
// mentions.
std::vector<ConfigMistake> ReadYaml(absl::string_view text,
                                    google::protobuf::Message& message,
                                    YamlLines& lines);

}  // namespace enrich

#endif  // ENRICH_SERVER_YAML_READER_H_
