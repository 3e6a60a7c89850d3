#ifndef ENRICH_SIMULATOR_URL_TEXT_H_
#define ENRICH_SIMULATOR_URL_TEXT_H_

#include <string>

#include "absl/strings/ascii.h"
#include "absl/strings/escaping.h"
#include "absl/strings/string_view.h"

namespace enrich::simulator {

// The text without its percent escapes. Malformed ones stay as they are.
inline std::string Unescape(absl::string_view text) {
  std::string out;
  for (size_t i = 0; i < text.size(); ++i) {
    if (text[i] == '%' && i + 2 < text.size() &&
        absl::ascii_isxdigit(static_cast<unsigned char>(text[i + 1])) &&
        absl::ascii_isxdigit(static_cast<unsigned char>(text[i + 2]))) {
      out += absl::HexStringToBytes(text.substr(i + 1, 2));
      i += 2;
    } else {
      out += text[i];
    }
  }
  return out;
}

// The path of a URL, or of a path with a query.
inline std::string PathIn(absl::string_view target) {
  const size_t host = target.find("://");
  if (host != absl::string_view::npos) {
    const size_t slash = target.find('/', host + 3);
    target = slash == absl::string_view::npos ? "/" : target.substr(slash);
  }
  return std::string(target.substr(0, target.find_first_of("?#")));
}

}  // namespace enrich::simulator

#endif  // ENRICH_SIMULATOR_URL_TEXT_H_
