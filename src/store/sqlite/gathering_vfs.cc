#include "store/sqlite/gathering_vfs.h"

#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <new>
#include <string>

#include "sqlite3.h"

namespace enrich {
namespace {

// More is written at once: a large transaction gains nothing from waiting.
constexpr size_t kMaxGathered = 1 << 20;
// SQLite cuts a write to 17 bits, and takes one of 2^17 bytes for a full disk.
constexpr size_t kMaxWrite = 1 << 16;

// A write-ahead log. SQLite gives it room for itself and, behind it, for the
// file of the system's own.
struct LogFile : sqlite3_file {
  std::string gathered = {};
  // Where in the file that begins.
  sqlite3_int64 begin = 0;

  sqlite3_file* real() { return reinterpret_cast<sqlite3_file*>(this + 1); }
};

LogFile& Log(sqlite3_file* file) { return *static_cast<LogFile*>(file); }

sqlite3_file* Real(sqlite3_file* file) { return Log(file).real(); }

// After an error SQLite takes back the transaction, and writes over it.
int Flush(LogFile& log) {
  int code = SQLITE_OK;
  for (size_t done = 0; done < log.gathered.size() && code == SQLITE_OK;) {
    const size_t size = std::min(log.gathered.size() - done, kMaxWrite);
    code = log.real()->pMethods->xWrite(
        log.real(), log.gathered.data() + done, static_cast<int>(size),
        log.begin + static_cast<sqlite3_int64>(done));
    done += size;
  }
  log.gathered.clear();
  return code;
}

int Write(sqlite3_file* file, const void* data, int size, sqlite3_int64 at) {
  LogFile& log = Log(file);
  const auto end = log.begin + static_cast<int64_t>(log.gathered.size());
  if (at != end || log.gathered.size() >= kMaxGathered) {
    if (const int code = Flush(log); code != SQLITE_OK) return code;
    log.begin = at;
  }
  log.gathered.append(static_cast<const char*>(data),
                      static_cast<size_t>(size));
  return SQLITE_OK;
}

// Calls a method of the real file, which then has all that was written.
template <auto method, typename... Args>
int Flushed(sqlite3_file* file, Args... args) {
  if (const int code = Flush(Log(file)); code != SQLITE_OK) return code;
  return (Real(file)->pMethods->*method)(Real(file), args...);
}

template <auto method, typename... Args>
int Same(sqlite3_file* file, Args... args) {
  return (Real(file)->pMethods->*method)(Real(file), args...);
}

int Close(sqlite3_file* file) {
  LogFile& log = Log(file);
  const int flushed = Flush(log);
  const int closed = log.real()->pMethods->xClose(log.real());
  log.~LogFile();
  return flushed != SQLITE_OK ? flushed : closed;
}

constexpr sqlite3_io_methods kMethods = {
    .iVersion = 1,
    .xClose = Close,
    .xRead = Flushed<&sqlite3_io_methods::xRead>,
    .xWrite = Write,
    .xTruncate = Flushed<&sqlite3_io_methods::xTruncate>,
    .xSync = Flushed<&sqlite3_io_methods::xSync>,
    .xFileSize = Flushed<&sqlite3_io_methods::xFileSize>,
    .xLock = Same<&sqlite3_io_methods::xLock>,
    .xUnlock = Same<&sqlite3_io_methods::xUnlock>,
    .xCheckReservedLock = Same<&sqlite3_io_methods::xCheckReservedLock>,
    .xFileControl = Flushed<&sqlite3_io_methods::xFileControl>,
    .xSectorSize = Same<&sqlite3_io_methods::xSectorSize>,
    .xDeviceCharacteristics = Same<&sqlite3_io_methods::xDeviceCharacteristics>,
    // The rest is newer, or of databases.
    .xShmMap = nullptr,
    .xShmLock = nullptr,
    .xShmBarrier = nullptr,
    .xShmUnmap = nullptr,
    .xFetch = nullptr,
    .xUnfetch = nullptr,
};

int Open(sqlite3_vfs*, const char* name, sqlite3_file* file, int flags,
         int* out_flags) {
  sqlite3_vfs* const system = sqlite3_vfs_find(nullptr);
  if ((flags & SQLITE_OPEN_WAL) == 0) {
    return system->xOpen(system, name, file, flags, out_flags);
  }
  auto* const log = new (file) LogFile();
  log->pMethods = nullptr;
  const int code = system->xOpen(system, name, log->real(), flags, out_flags);
  if (code == SQLITE_OK) {
    log->pMethods = &kMethods;
  } else {
    log->~LogFile();
  }
  return code;
}

}  // namespace

const char* GatheringVfs() {
  static constexpr char kName[] = "enrich-gathering";
  [[maybe_unused]] static const int registered = [] {
    static sqlite3_vfs vfs = *sqlite3_vfs_find(nullptr);
    vfs.zName = kName;
    vfs.szOsFile += static_cast<int>(sizeof(LogFile));
    vfs.xOpen = Open;
    return sqlite3_vfs_register(&vfs, /*makeDflt=*/0);
  }();
  return kName;
}

}  // namespace enrich
