#ifndef ENRICH_TESTS_SUPPORT_TEMP_DIR_H_
#define ENRICH_TESTS_SUPPORT_TEMP_DIR_H_

#include <cstdlib>
#include <filesystem>
#include <string>

namespace enrich {

// A folder of its own, removed with everything in it at the end.
class TempDir {
 public:
  explicit TempDir(const std::filesystem::path& parent =
                       std::filesystem::temp_directory_path()) {
    std::string pattern = (parent / "enrich-test-XXXXXX").string();
    path_ = mkdtemp(pattern.data());
  }
  ~TempDir() {
    std::error_code ignored;
    std::filesystem::remove_all(path_, ignored);
  }
  TempDir(const TempDir&) = delete;
  TempDir& operator=(const TempDir&) = delete;

  const std::string& path() const { return path_; }
  std::string File(const std::string& name) const { return path_ + "/" + name; }

 private:
  std::string path_;
};

}  // namespace enrich

#endif  // ENRICH_TESTS_SUPPORT_TEMP_DIR_H_
