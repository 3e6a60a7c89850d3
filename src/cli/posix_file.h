#ifndef ENRICH_CLI_POSIX_FILE_H_
#define ENRICH_CLI_POSIX_FILE_H_

#include <cstdint>
#include <string>
#include <utility>

#include "absl/status/statusor.h"
#include "absl/strings/string_view.h"

namespace enrich::cli {

// An INTERNAL status with the text of `error`; INVALID_ARGUMENT when the path
// is at fault.
absl::Status ErrnoStatus(int error, absl::string_view what);

// A file to append to that can be made to last.
class PosixFile {
 public:
  // Opens or creates `path` and cuts it to its first `keep` bytes.
  // INVALID_ARGUMENT when it has fewer, cannot be opened there, or is held by
  // another process.
  static absl::StatusOr<PosixFile> Open(const std::string& path, int64_t keep);

  ~PosixFile();
  PosixFile(PosixFile&& other) noexcept;
  PosixFile& operator=(PosixFile&& other) noexcept;

  absl::Status Write(absl::string_view bytes);
  // Returns once everything written is on disk.
  absl::Status Sync();
  int64_t size() const { return size_; }

 private:
  PosixFile(int fd, int64_t size, std::string path)
      : fd_(fd), size_(size), path_(std::move(path)) {}

  int fd_;
  int64_t size_;
  std::string path_;
};

// Makes a rename within the folder of `path` last.
absl::Status SyncFolderOf(const std::string& path);

}  // namespace enrich::cli

#endif  // ENRICH_CLI_POSIX_FILE_H_
