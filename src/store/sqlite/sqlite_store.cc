#include "store/sqlite/sqlite_store.h"

#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cerrno>
#include <utility>
#include <vector>

#include "absl/strings/str_cat.h"
#include "base/status_macros.h"
#include "store/sqlite/connection.h"
#include "store/sqlite/file_lock.h"
#include "store/sqlite/gathering_vfs.h"
#include "store/sqlite/schema.h"
#include "store/sqlite/store_impl.h"

namespace enrich {
namespace {

constexpr int64_t kPageSize = 8192;

// A check reads the whole file, so that only a small one is checked at each
// start.
constexpr int64_t kMaxCheckedBytes = 64 << 20;

// For both kinds of connection. The file's own text is not trusted to call
// functions, and damage shows as an error instead of a wrong read.
constexpr char kCommonPragmas[] =
    "PRAGMA busy_timeout = 5000;"
    "PRAGMA trusted_schema = OFF;"
    "PRAGMA cell_size_check = ON;"
    "PRAGMA temp_store = MEMORY;";

// FULL: a commit is on disk before it is answered. secure_delete: what
// retention deletes is overwritten; it costs the deleting, which is rare on the
// busy paths. The log is cut back after a burst.
constexpr char kWriterPragmas[] =
    "PRAGMA synchronous = FULL;"
    "PRAGMA foreign_keys = ON;"
    "PRAGMA secure_delete = ON;"
    "PRAGMA cache_size = -16384;"
    "PRAGMA journal_size_limit = 67108864;";

// What is copied from the log is synced before the log is given up.
constexpr char kCheckpointPragmas[] = "PRAGMA synchronous = FULL;";

constexpr char kReaderPragmas[] =
    "PRAGMA query_only = ON;"
    "PRAGMA cache_size = -4096;";

// SQLite counts each allocation under a lock, for statistics that nobody reads:
// a tenth of the writer's time. Has no effect once SQLite is in use.
void ConfigureSqlite() {
  [[maybe_unused]] static const int once =
      sqlite3_config(SQLITE_CONFIG_MEMSTATUS, 0);
}

// Creates the file if there is none, for nobody else to read. Returns its size.
absl::StatusOr<int64_t> PrepareFile(const std::string& path) {
  const int fd = open(path.c_str(), O_RDWR | O_CREAT | O_CLOEXEC, 0600);
  struct stat status = {};
  if (fd < 0 || fstat(fd, &status) != 0) {
    const int error = errno;
    if (fd >= 0) close(fd);
    return absl::ErrnoToStatus(error, absl::StrCat("store: open ", path));
  }
  close(fd);
  return status.st_size;
}

absl::StatusOr<std::string> QueryText(Connection& db, const char* sql) {
  Statement query = db.Use(sql);
  ASSIGN_OR_RETURN(const bool row, query.Step());
  return row ? query.String(0) : "";
}

absl::Status CheckFile(Connection& db, int64_t size) {
  if (size == 0 || size > kMaxCheckedBytes) return absl::OkStatus();
  ASSIGN_OR_RETURN(const std::string verdict,
                   QueryText(db, "PRAGMA quick_check(1)"));
  if (verdict == "ok") return absl::OkStatus();
  return absl::DataLossError(absl::StrCat("store: ", verdict));
}

// A connection to a checked file of our schema. Nothing is written before the
// file is known to be ours.
absl::StatusOr<std::unique_ptr<Connection>> OpenWriter(
    const SqliteOptions& options, const std::string& new_store_id) {
  ASSIGN_OR_RETURN(const int64_t size, PrepareFile(options.path));
  ASSIGN_OR_RETURN(
      std::unique_ptr<Connection> db,
      Connection::Open(options.path, SQLITE_OPEN_READWRITE, GatheringVfs()));
  RETURN_IF_ERROR(db->Execute(kCommonPragmas));
  RETURN_IF_ERROR(db->Execute(absl::StrCat("PRAGMA page_size = ", kPageSize)));
  RETURN_IF_ERROR(CheckFile(*db, size));
  RETURN_IF_ERROR(ApplySchema(*db, new_store_id));
  ASSIGN_OR_RETURN(const std::string mode,
                   QueryText(*db, "PRAGMA journal_mode = WAL"));
  if (mode != "wal") {
    return absl::FailedPreconditionError(
        absl::StrCat("store: the file system of ", options.path,
                     " has no shared memory, which the write-ahead log needs"));
  }
  RETURN_IF_ERROR(db->Execute(kWriterPragmas));
  if (options.max_bytes > 0) {
    RETURN_IF_ERROR(db->Execute(absl::StrCat("PRAGMA max_page_count = ",
                                             options.max_bytes / kPageSize)));
  }
  return db;
}

absl::StatusOr<std::unique_ptr<Connection>> OpenAnother(
    const SqliteOptions& options, const char* pragmas) {
  ASSIGN_OR_RETURN(std::unique_ptr<Connection> db,
                   Connection::Open(options.path, SQLITE_OPEN_READWRITE));
  RETURN_IF_ERROR(db->Execute(kCommonPragmas));
  RETURN_IF_ERROR(db->Execute(pragmas));
  return db;
}

absl::StatusOr<std::unique_ptr<ReaderPool>> OpenReaders(
    const SqliteOptions& options) {
  std::vector<std::unique_ptr<Connection>> readers;
  for (int i = 0; i < options.readers; ++i) {
    ASSIGN_OR_RETURN(std::unique_ptr<Connection> reader,
                     OpenAnother(options, kReaderPragmas));
    readers.push_back(std::move(reader));
  }
  return std::make_unique<ReaderPool>(std::move(readers));
}

// So that nobody has to ask whether a hook is there.
StoreHooks WithDefaults(StoreHooks hooks) {
  if (!hooks.encode_batch_finished) {
    hooks.encode_batch_finished = [](const Batch&) { return std::string(); };
  }
  if (!hooks.on_commit) {
    hooks.on_commit = [](const std::vector<LogSegmentPtr>&) {};
  }
  if (!hooks.on_fatal) hooks.on_fatal = [](const absl::Status&) {};
  return hooks;
}

absl::StatusOr<std::unique_ptr<Store>> OpenLocked(const SqliteOptions& options,
                                                  FileLock lock,
                                                  StoreHooks hooks,
                                                  Random& random) {
  ASSIGN_OR_RETURN(std::unique_ptr<Connection> db,
                   OpenWriter(options, NewReference(random)));
  ASSIGN_OR_RETURN(std::unique_ptr<ReaderPool> readers, OpenReaders(options));
  std::string store_id;
  Heads heads;
  {
    Statement query =
        db->Use("SELECT store_id, last_key, last_revision FROM store");
    ASSIGN_OR_RETURN(const bool row, query.Step());
    if (!row) return absl::DataLossError("store: the table `store` is empty");
    store_id = query.String(0);
    heads = {.key = query.Int(1), .revision = query.Int(2)};
  }
  auto answer_index = std::make_unique<AnswerIndex>();
  RETURN_IF_ERROR(answer_index->Load(*db));
  ASSIGN_OR_RETURN(std::unique_ptr<Connection> checkpoints,
                   OpenAnother(options, kCheckpointPragmas));
  auto writer = std::make_unique<Writer>(std::move(db), std::move(checkpoints),
                                         WithDefaults(std::move(hooks)), heads,
                                         *answer_index);
  return std::make_unique<SqliteStore>(std::move(store_id), std::move(lock),
                                       std::move(answer_index),
                                       std::move(writer), std::move(readers));
}

}  // namespace

absl::StatusOr<std::unique_ptr<Store>> OpenSqliteStore(
    const SqliteOptions& options, StoreHooks hooks, Random& random) {
  ConfigureSqlite();
  ASSIGN_OR_RETURN(FileLock lock,
                   FileLock::Acquire(absl::StrCat(options.path, ".lock")));
  absl::StatusOr<std::unique_ptr<Store>> store =
      OpenLocked(options, std::move(lock), std::move(hooks), random);
  if (absl::IsDataLoss(store.status())) {
    return absl::FailedPreconditionError(absl::StrCat(
        options.path,
        " is no sound database of ours: ", store.status().message()));
  }
  return store;
}

}  // namespace enrich
