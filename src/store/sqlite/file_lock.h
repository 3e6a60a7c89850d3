#ifndef ENRICH_STORE_SQLITE_FILE_LOCK_H_
#define ENRICH_STORE_SQLITE_FILE_LOCK_H_

#include <string>
#include <utility>

#include "absl/status/statusor.h"

namespace enrich {

// An exclusive lock on a file of its own, held until destroyed. The kernel
// gives it up with the process, however that ends.
class FileLock {
 public:
  // Creates the file as needed. FAILED_PRECONDITION when it is locked.
  static absl::StatusOr<FileLock> Acquire(const std::string& path);
  ~FileLock();
  FileLock(FileLock&& other) noexcept : fd_(std::exchange(other.fd_, -1)) {}
  FileLock& operator=(FileLock&&) = delete;

 private:
  explicit FileLock(int fd) : fd_(fd) {}

  int fd_;
};

}  // namespace enrich

#endif  // ENRICH_STORE_SQLITE_FILE_LOCK_H_
