#ifndef ENRICH_TESTS_SUPPORT_YAML_MISTAKES_H_
#define ENRICH_TESTS_SUPPORT_YAML_MISTAKES_H_

#include <string>
#include <vector>

#include "absl/strings/str_cat.h"
#include "server/yaml_reader.h"

namespace enrich {

// Every mistake as "line path: text".
inline std::vector<std::string> MistakeLines(
    const std::vector<ConfigMistake>& mistakes) {
  std::vector<std::string> lines;
  for (const ConfigMistake& mistake : mistakes) {
    lines.push_back(
        absl::StrCat(mistake.line, " ", mistake.path, ": ", mistake.text));
  }
  return lines;
}

}  // namespace enrich

#endif  // ENRICH_TESTS_SUPPORT_YAML_MISTAKES_H_
