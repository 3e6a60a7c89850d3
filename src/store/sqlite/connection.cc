#include "store/sqlite/connection.h"

#include <utility>

#include "absl/strings/str_cat.h"

namespace enrich {

absl::Status SqliteError(int code, absl::string_view what) {
  const std::string message = absl::StrCat(
      "store: ", what, ": ", sqlite3_errstr(code), " (", code, ")");
  switch (code & 0xff) {
    case SQLITE_OK:
      return absl::OkStatus();
    case SQLITE_FULL:
      return absl::ResourceExhaustedError(message);
    case SQLITE_NOTADB:
    case SQLITE_CORRUPT:
      return absl::DataLossError(message);
    default:
      return absl::UnavailableError(message);
  }
}

absl::StatusOr<bool> Statement::Step() {
  if (!error_.ok()) return error_;
  const int code = sqlite3_step(stmt_);
  if (code == SQLITE_ROW) return true;
  if (code == SQLITE_DONE) return false;
  return SqliteError(code, sqlite3_sql(stmt_));
}

absl::Status Statement::StepToEnd() {
  const absl::StatusOr<bool> row = Step();
  // Ends the statement, which would otherwise hold its locks.
  if (stmt_ != nullptr) sqlite3_reset(stmt_);
  return row.status();
}

bool Statement::IsNull(int column) const {
  return sqlite3_column_type(stmt_, column) == SQLITE_NULL;
}

int64_t Statement::Int(int column) const {
  return sqlite3_column_int64(stmt_, column);
}

absl::string_view Statement::Text(int column) const { return Blob(column); }

absl::string_view Statement::Blob(int column) const {
  const void* data = sqlite3_column_blob(stmt_, column);
  const int size = sqlite3_column_bytes(stmt_, column);
  return {static_cast<const char*>(data), static_cast<size_t>(size)};
}

void Statement::Reset() {
  if (stmt_ == nullptr) return;
  sqlite3_reset(stmt_);
  sqlite3_clear_bindings(stmt_);
}

void Statement::Check(int code) {
  if (code != SQLITE_OK && error_.ok()) error_ = SqliteError(code, "bind");
}

void Statement::BindOne(int index, int64_t value) {
  if (stmt_ != nullptr) Check(sqlite3_bind_int64(stmt_, index, value));
}

void Statement::BindOne(int index, absl::string_view text) {
  if (stmt_ == nullptr) return;
  // A null pointer would bind null.
  Check(sqlite3_bind_text64(stmt_, index, text.empty() ? "" : text.data(),
                            text.size(), SQLITE_STATIC, SQLITE_UTF8));
}

void Statement::BindOne(int index, SqlBlob blob) {
  if (stmt_ == nullptr) return;
  Check(sqlite3_bind_blob64(stmt_, index,
                            blob.bytes.empty() ? "" : blob.bytes.data(),
                            blob.bytes.size(), SQLITE_STATIC));
}

absl::StatusOr<std::unique_ptr<Connection>> Connection::Open(
    const std::string& path, int flags, const char* vfs) {
  sqlite3* db = nullptr;
  const int code =
      sqlite3_open_v2(path.c_str(), &db,
                      flags | SQLITE_OPEN_NOMUTEX | SQLITE_OPEN_EXRESCODE, vfs);
  // A handle comes even with an error.
  auto connection = std::unique_ptr<Connection>(new Connection(db));
  if (code != SQLITE_OK) return SqliteError(code, "open");
  return connection;
}

Connection::~Connection() {
  for (const auto& [sql, stmt] : statements_) sqlite3_finalize(stmt);
  sqlite3_close(db_);
}

absl::Status Connection::Execute(const std::string& sql) {
  const int code = sqlite3_exec(db_, sql.c_str(), nullptr, nullptr, nullptr);
  return SqliteError(code, sql);
}

Statement Connection::Use(const char* sql) {
  sqlite3_stmt*& stmt = statements_[sql];
  if (stmt != nullptr) return Statement(stmt, absl::OkStatus());
  const int code = sqlite3_prepare_v3(db_, sql, -1, SQLITE_PREPARE_PERSISTENT,
                                      &stmt, nullptr);
  return Statement(stmt, SqliteError(code, sql));
}

absl::Status Connection::DefineFunction(const char* name, int arguments,
                                        void (*function)(sqlite3_context*, int,
                                                         sqlite3_value**)) {
  const int code = sqlite3_create_function_v2(
      db_, name, arguments, SQLITE_UTF8 | SQLITE_DETERMINISTIC, nullptr,
      function, nullptr, nullptr, nullptr);
  return SqliteError(code, name);
}

void Connection::SetCommitHook(absl::AnyInvocable<void(int frames)> hook) {
  commit_hook_ = std::move(hook);
  sqlite3_wal_hook(
      db_,
      [](void* connection, sqlite3*, const char*, int frames) {
        auto& hook = static_cast<Connection*>(connection)->commit_hook_;
        if (hook) hook(frames);
        return SQLITE_OK;
      },
      this);
}

absl::StatusOr<Connection::Checkpoint> Connection::CopyLog() {
  Checkpoint checkpoint;
  const int code =
      sqlite3_wal_checkpoint_v2(db_, nullptr, SQLITE_CHECKPOINT_PASSIVE,
                                &checkpoint.frames, &checkpoint.copied);
  if (code != SQLITE_OK) return SqliteError(code, "checkpoint");
  return checkpoint;
}

absl::Status Connection::BeginRead() { return Use("BEGIN").Run(); }

void Connection::EndRead() {
  // Nothing was written, so there is nothing to lose.
  Use("ROLLBACK").Run().IgnoreError();
}

}  // namespace enrich
