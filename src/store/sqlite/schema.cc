#include "store/sqlite/schema.h"

#include "absl/strings/str_cat.h"
#include "base/crypto.h"
#include "base/status_macros.h"
#include "store/sqlite/answer_rows.h"

namespace enrich {
namespace {

// "EnGw", in the file's header, where file(1) and SQLite look for it.
constexpr int64_t kApplicationId = 0x456e4777;

absl::StatusOr<int64_t> QueryInt(Connection& db, const char* sql) {
  Statement query = db.Use(sql);
  ASSIGN_OR_RETURN(const bool row, query.Step());
  if (!row) return absl::InternalError(absl::StrCat("store: no row: ", sql));
  return query.Int(0);
}

// False for a new file.
absl::StatusOr<bool> IsOurs(Connection& db) {
  ASSIGN_OR_RETURN(const int64_t id, QueryInt(db, "PRAGMA application_id"));
  if (id == kApplicationId) return true;
  ASSIGN_OR_RETURN(const int64_t objects,
                   QueryInt(db, "SELECT count(*) FROM sqlite_schema"));
  if (id == 0 && objects == 0) return false;
  return absl::FailedPreconditionError(
      "store: the file is a database of another application");
}

// How many of our schema files the database has.
absl::StatusOr<size_t> CountApplied(Connection& db) {
  Statement query =
      db.Use("SELECT number, checksum FROM schema_files ORDER BY number");
  size_t applied = 0;
  while (true) {
    ASSIGN_OR_RETURN(const bool row, query.Step());
    if (!row) return applied;
    if (applied == SchemaFiles().size()) {
      return absl::FailedPreconditionError(
          absl::StrCat("store: the database has schema ", query.Int(0),
                       ", this version knows ", SchemaFiles().back().number,
                       "; run the newer version that wrote it"));
    }
    const SchemaFile& file = SchemaFiles()[applied++];
    if (query.Int(0) != file.number || query.Blob(1) != Sha256(file.text)) {
      return absl::FailedPreconditionError(
          absl::StrCat("store: schema file ", file.name,
                       " is not the one the database was made with; a file"
                       " that was applied must not be edited"));
    }
  }
}

absl::Status MakeStore(Connection& db) {
  RETURN_IF_ERROR(
      db.Execute(absl::StrCat("PRAGMA application_id = ", kApplicationId)));
  return db.Execute(
      "CREATE TABLE schema_files (number INTEGER PRIMARY KEY,"
      " name TEXT NOT NULL, checksum BLOB NOT NULL) STRICT");
}

absl::Status BringUpToDate(Connection& db, const std::string& store_id) {
  ASSIGN_OR_RETURN(const bool ours, IsOurs(db));
  if (!ours) RETURN_IF_ERROR(MakeStore(db));
  ASSIGN_OR_RETURN(const size_t applied, CountApplied(db));
  for (const SchemaFile& file : SchemaFiles().subspan(applied)) {
    RETURN_IF_ERROR(db.Execute(file.text));
    RETURN_IF_ERROR(db.Use("INSERT INTO schema_files VALUES (?1, ?2, ?3)")
                        .Run(file.number, absl::string_view(file.name),
                             SqlBlob{Sha256(file.text)}));
  }
  if (ours) return absl::OkStatus();
  return db
      .Use(
          "INSERT INTO store (only_row, store_id, last_key, last_revision) "
          "VALUES (1, ?1, 0, 0)")
      .Run(store_id);
}

}  // namespace

absl::Status ApplySchema(Connection& db, const std::string& store_id) {
  RETURN_IF_ERROR(DefineAnswerFunctions(db));
  RETURN_IF_ERROR(db.Execute("BEGIN IMMEDIATE"));
  absl::Status status = BringUpToDate(db, store_id);
  if (status.ok()) return db.Execute("COMMIT");
  db.Execute("ROLLBACK").IgnoreError();
  return status;
}

}  // namespace enrich
