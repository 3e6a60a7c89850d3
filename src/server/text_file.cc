#include "server/text_file.h"

#include <fstream>
#include <sstream>

namespace enrich {

std::optional<std::string> ReadTextFile(const std::string& path) {
  std::ifstream in(path, std::ios::binary);
  std::stringstream text;
  // An empty file gives nothing to copy, which is no failure.
  if (in.peek() != std::ifstream::traits_type::eof()) text << in.rdbuf();
  if (!in.is_open() || in.bad() || text.fail()) return std::nullopt;
  return text.str();
}

}  // namespace enrich
