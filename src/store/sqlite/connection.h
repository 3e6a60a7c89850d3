#ifndef ENRICH_STORE_SQLITE_CONNECTION_H_
#define ENRICH_STORE_SQLITE_CONNECTION_H_

#include <cstdint>
#include <memory>
#include <optional>
#include <string>

#include "absl/container/flat_hash_map.h"
#include "absl/functional/any_invocable.h"
#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "absl/strings/string_view.h"
#include "absl/time/time.h"
#include "sqlite3.h"

namespace enrich {

// A status for an SQLite result code: RESOURCE_EXHAUSTED for a full disk,
// DATA_LOSS for a file that is no sound database, else UNAVAILABLE. Names the
// code and `what` was being done; never a value.
absl::Status SqliteError(int code, absl::string_view what);

// A bound value that is bytes rather than text.
struct SqlBlob {
  absl::string_view bytes = {};
};

// A prepared statement in use. Bound text and blobs are not copied: they must
// live until the statement is bound again or gone. Errors of preparing and
// binding come out of the next step.
class Statement {
 public:
  // `stmt` is null when preparing failed with `error`.
  Statement(sqlite3_stmt* stmt, absl::Status error)
      : stmt_(stmt), error_(std::move(error)) {}
  ~Statement() { Reset(); }
  Statement(const Statement&) = delete;
  Statement& operator=(const Statement&) = delete;

  // Starts over with these values for ?1, ?2, ...
  template <typename... Args>
  void Bind(const Args&... args) {
    Reset();
    int index = 0;
    (BindOne(++index, args), ...);
  }
  // Moves to the next row; false after the last.
  absl::StatusOr<bool> Step();
  // Binds, and steps through a statement without rows.
  template <typename... Args>
  absl::Status Run(const Args&... args) {
    Bind(args...);
    return StepToEnd();
  }

  // Columns of the row, from 0. Views live until the next step.
  bool IsNull(int column) const;
  int64_t Int(int column) const;
  absl::string_view Text(int column) const;
  absl::string_view Blob(int column) const;
  std::string String(int column) const { return std::string(Text(column)); }
  absl::Time Time(int column) const {
    return absl::FromUnixMicros(Int(column));
  }

 private:
  absl::Status StepToEnd();
  void Reset();
  void Check(int code);
  void BindOne(int index, int64_t value);
  void BindOne(int index, int value) { BindOne(index, int64_t{value}); }
  void BindOne(int index, absl::string_view text);
  void BindOne(int index, const std::string& text) {
    BindOne(index, absl::string_view(text));
  }
  void BindOne(int index, SqlBlob blob);
  void BindOne(int index, absl::Time time) {
    BindOne(index, absl::ToUnixMicros(time));
  }
  template <typename T>
  void BindOne(int index, const std::optional<T>& value) {
    // Unbound parameters are null.
    if (value.has_value()) BindOne(index, *value);
  }

  sqlite3_stmt* stmt_;
  absl::Status error_;
};

// A connection to a database file, for one thread at a time.
class Connection {
 public:
  // `flags` and `vfs` are those of sqlite3_open_v2.
  static absl::StatusOr<std::unique_ptr<Connection>> Open(
      const std::string& path, int flags, const char* vfs = nullptr);
  ~Connection();
  Connection(const Connection&) = delete;
  Connection& operator=(const Connection&) = delete;

  // Runs statements without parameters and results.
  absl::Status Execute(const std::string& sql);

  // A statement, prepared once per connection: `sql` is the key by its address
  // and must live as long. Must not be in use already.
  Statement Use(const char* sql);

  // Makes a pure function that statements can call.
  absl::Status DefineFunction(const char* name, int arguments,
                              void (*function)(sqlite3_context*, int,
                                               sqlite3_value**));

  // Opens a transaction that sees one state of the database; for reads.
  absl::Status BeginRead();
  void EndRead();

  // Calls `hook` after each commit with the number of frames in the write-ahead
  // log. SQLite then does no checkpoints by itself, whether there is a hook or
  // not.
  void SetCommitHook(absl::AnyInvocable<void(int frames)> hook);
  // The log, and how much of it is in the database.
  struct Checkpoint {
    int frames = 0;
    int copied = 0;
  };
  // Copies as much of the log into the database as can be without waiting for
  // others.
  absl::StatusOr<Checkpoint> CopyLog();

  bool InTransaction() const { return sqlite3_get_autocommit(db_) == 0; }
  // Rows changed by the last statement, and by all so far.
  int64_t Changes() const { return sqlite3_changes64(db_); }
  int64_t TotalChanges() const { return sqlite3_total_changes64(db_); }

 private:
  explicit Connection(sqlite3* db) : db_(db) {}

  sqlite3* db_;
  absl::AnyInvocable<void(int frames)> commit_hook_;
  absl::flat_hash_map<const char*, sqlite3_stmt*> statements_;
};

}  // namespace enrich

#endif  // ENRICH_STORE_SQLITE_CONNECTION_H_
