#include "cli/posix_file.h"

#include <fcntl.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cerrno>
#include <cstring>
#include <filesystem>
#include <utility>

#include "absl/status/status.h"
#include "absl/strings/str_cat.h"

namespace enrich::cli {

absl::Status ErrnoStatus(int error, absl::string_view what) {
  const std::string text = absl::StrCat(what, ": ", std::strerror(error));
  switch (error) {
    case ENOENT:
    case ENOTDIR:
    case EISDIR:
    case EACCES:
    case EROFS:
      return absl::InvalidArgumentError(text);
    default:
      return absl::InternalError(text);
  }
}

absl::StatusOr<PosixFile> PosixFile::Open(const std::string& path,
                                          int64_t keep) {
  const int fd = open(path.c_str(), O_WRONLY | O_CREAT | O_CLOEXEC, 0666);
  if (fd < 0) return ErrnoStatus(errno, absl::StrCat("cannot write ", path));
  PosixFile file(fd, keep, path);
  struct stat info = {};
  if (fstat(fd, &info) != 0) return ErrnoStatus(errno, path);
  // A pipe or terminal has no length to keep.
  if (!S_ISREG(info.st_mode)) return file;
  if (flock(fd, LOCK_EX | LOCK_NB) != 0) {
    return absl::InvalidArgumentError(
        absl::StrCat(path, " is being written by another run"));
  }
  if (info.st_size < keep) {
    return absl::InvalidArgumentError(
        absl::StrCat(path, " is shorter than what was written to it"));
  }
  if (ftruncate(fd, keep) != 0 || lseek(fd, keep, SEEK_SET) < 0) {
    return ErrnoStatus(errno, path);
  }
  return file;
}

PosixFile::~PosixFile() {
  if (fd_ >= 0) close(fd_);
}

PosixFile::PosixFile(PosixFile&& other) noexcept
    : fd_(std::exchange(other.fd_, -1)),
      size_(other.size_),
      path_(std::move(other.path_)) {}

PosixFile& PosixFile::operator=(PosixFile&& other) noexcept {
  std::swap(fd_, other.fd_);
  std::swap(size_, other.size_);
  std::swap(path_, other.path_);
  return *this;
}

absl::Status PosixFile::Write(absl::string_view bytes) {
  while (!bytes.empty()) {
    const ssize_t written = write(fd_, bytes.data(), bytes.size());
    if (written < 0 && errno == EINTR) continue;
    if (written < 0) return ErrnoStatus(errno, absl::StrCat("write ", path_));
    bytes.remove_prefix(static_cast<size_t>(written));
    size_ += written;
  }
  return absl::OkStatus();
}

absl::Status PosixFile::Sync() {
  // EINVAL: not a regular file.
  if (fdatasync(fd_) != 0 && errno != EINVAL) {
    return ErrnoStatus(errno, absl::StrCat("sync ", path_));
  }
  return absl::OkStatus();
}

absl::Status SyncFolderOf(const std::string& path) {
  std::string folder = std::filesystem::path(path).parent_path().string();
  if (folder.empty()) folder = ".";
  const int fd = open(folder.c_str(), O_RDONLY | O_DIRECTORY | O_CLOEXEC);
  if (fd < 0) return ErrnoStatus(errno, folder);
  const bool synced = fsync(fd) == 0;
  const int error = errno;
  close(fd);
  return synced ? absl::OkStatus() : ErrnoStatus(error, folder);
}

}  // namespace enrich::cli
