#ifndef ENRICH_TESTS_SUPPORT_GOLDEN_H_
#define ENRICH_TESTS_SUPPORT_GOLDEN_H_

#include <gtest/gtest.h>

#include <cstdlib>
#include <fstream>
#include <sstream>
#include <string>

namespace enrich {

// The text of a file under tests/golden; a failure and "" when it is missing.
inline std::string ReadGolden(const std::string& name) {
  const std::string path =
      std::string(ENRICH_SOURCE_DIR) + "/tests/golden/" + name;
  std::ifstream in(path, std::ios::binary);
  if (!in) {
    ADD_FAILURE() << "no golden file " << path;
    return "";
  }
  std::stringstream text;
  text << in.rdbuf();
  return text.str();
}

// Expects `actual` to be the text of the golden file, a final newline aside.
// With ENRICH_UPDATE_GOLDENS=1 in the environment, writes it instead.
inline void ExpectGolden(const std::string& name, std::string actual) {
  if (actual.empty() || actual.back() != '\n') actual += '\n';
  if (const char* update = std::getenv("ENRICH_UPDATE_GOLDENS");
      update != nullptr && std::string(update) == "1") {
    std::ofstream(std::string(ENRICH_SOURCE_DIR) + "/tests/golden/" + name,
                  std::ios::binary)
        << actual;
    return;
  }
  EXPECT_EQ(ReadGolden(name), actual) << "golden file " << name;
}

}  // namespace enrich

#endif  // ENRICH_TESTS_SUPPORT_GOLDEN_H_
