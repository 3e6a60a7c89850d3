#ifndef ENRICH_SERVER_TEXT_FILE_H_
#define ENRICH_SERVER_TEXT_FILE_H_

#include <optional>
#include <string>

namespace enrich {

// What the file holds; nothing when it cannot be read, or is a folder.
std::optional<std::string> ReadTextFile(const std::string& path);

}  // namespace enrich

#endif  // ENRICH_SERVER_TEXT_FILE_H_
