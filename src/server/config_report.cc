#include "server/config_report.h"

#include <optional>
#include <utility>

#include "absl/strings/ascii.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/strip.h"
#include "server/text_file.h"

namespace enrich {

void ConfigReport::Add(std::string path, std::string text) {
  const int line = LineOf(path);
  mistakes_.push_back(
      {.path = std::move(path), .line = line, .text = std::move(text)});
}

int ConfigReport::LineOf(std::string path) const {
  while (!path.empty()) {
    if (const auto it = lines_.find(path); it != lines_.end()) {
      return it->second;
    }
    const size_t end = path.find_last_of(".[");
    path.resize(end == std::string::npos ? 0 : end);
  }
  return 0;
}

bool ConfigReport::Has(const std::string& path) const {
  for (const ConfigMistake& known : mistakes_) {
    if (known.path == path) return true;
  }
  return false;
}

Secret ConfigReport::Resolve(const std::string& path,
                             const std::string& reference) {
  absl::string_view rest = reference;
  if (absl::ConsumePrefix(&rest, "env:")) {
    const auto value = environment_(std::string(rest));
    if (value.has_value() && !value->empty()) return Secret(*value);
    Add(path, absl::StrCat("the environment has no ", rest));
  } else if (absl::ConsumePrefix(&rest, "file:")) {
    const auto text = ReadTextFile(std::string(rest));
    if (text.has_value()) {
      return Secret(std::string(absl::StripAsciiWhitespace(*text)));
    }
    Add(path, absl::StrCat("cannot read ", rest));
  } else {
    // The value itself is not repeated: it may be a key.
    Add(path, "must be a reference: env:NAME or file:/path");
  }
  return Secret();
}

}  // namespace enrich
