#include "conformance/faulty_vfs.h"

#include <algorithm>
#include <atomic>

#include "sqlite3.h"

namespace enrich {
namespace {

std::atomic<bool> fail_syncs = false;
std::atomic<bool> fail_copies = false;
std::atomic<int> bytes_left = -1;
std::atomic<int> writes = 0;

sqlite3_vfs* real_vfs = nullptr;
sqlite3_vfs faulty_vfs;
const sqlite3_io_methods* real_methods = nullptr;
sqlite3_io_methods faulty_log_methods;
sqlite3_io_methods faulty_database_methods;

int Sync(sqlite3_file* file, int flags) {
  return fail_syncs ? SQLITE_IOERR_FSYNC : real_methods->xSync(file, flags);
}

int Write(sqlite3_file* file, const void* data, int size, sqlite3_int64 at) {
  ++writes;
  if (bytes_left < 0) return real_methods->xWrite(file, data, size, at);
  const int fits = std::min<int>(size, bytes_left);
  bytes_left -= fits;
  const int code =
      fits == 0 ? SQLITE_OK : real_methods->xWrite(file, data, fits, at);
  return code == SQLITE_OK && fits < size ? SQLITE_FULL : code;
}

int WriteDatabase(sqlite3_file* file, const void* data, int size,
                  sqlite3_int64 at) {
  return fail_copies ? SQLITE_IOERR_WRITE
                     : real_methods->xWrite(file, data, size, at);
}

// The real file in place, with two of its methods replaced.
int Open(sqlite3_vfs*, const char* name, sqlite3_file* file, int flags,
         int* out_flags) {
  const int code = real_vfs->xOpen(real_vfs, name, file, flags, out_flags);
  if (code != SQLITE_OK) return code;
  real_methods = file->pMethods;
  if ((flags & SQLITE_OPEN_WAL) != 0) {
    faulty_log_methods = *real_methods;
    faulty_log_methods.xSync = Sync;
    faulty_log_methods.xWrite = Write;
    file->pMethods = &faulty_log_methods;
  } else if ((flags & SQLITE_OPEN_MAIN_DB) != 0) {
    faulty_database_methods = *real_methods;
    faulty_database_methods.xWrite = WriteDatabase;
    file->pMethods = &faulty_database_methods;
  }
  return code;
}

}  // namespace

FaultyVfs::FaultyVfs() {
  real_vfs = sqlite3_vfs_find(nullptr);
  faulty_vfs = *real_vfs;
  faulty_vfs.zName = "faulty";
  faulty_vfs.xOpen = Open;
  sqlite3_vfs_register(&faulty_vfs, 1);
}

FaultyVfs::~FaultyVfs() {
  FailSyncs(false);
  FailCopies(false);
  FillAfter(-1);
  sqlite3_vfs_unregister(&faulty_vfs);
  sqlite3_vfs_register(real_vfs, 1);
}

void FaultyVfs::FailSyncs(bool fail) { fail_syncs = fail; }
void FaultyVfs::FailCopies(bool fail) { fail_copies = fail; }
void FaultyVfs::FillAfter(int bytes) { bytes_left = bytes; }
int FaultyVfs::writes() const { return enrich::writes; }

}  // namespace enrich
