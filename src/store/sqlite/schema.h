#ifndef ENRICH_STORE_SQLITE_SCHEMA_H_
#define ENRICH_STORE_SQLITE_SCHEMA_H_

#include <string>

#include "absl/status/status.h"
#include "absl/types/span.h"
#include "store/sqlite/connection.h"

namespace enrich {

// A file of store/sqlite/schema, compiled in.
struct SchemaFile {
  int number = 0;
  // Without ".sql".
  const char* name = "";
  const char* text = "";
};

// All of them, by number.
absl::Span<const SchemaFile> SchemaFiles();

// Makes the database in a new file, or brings one of ours up to date: all of it
// or nothing. FAILED_PRECONDITION when the file is another application's, was
// written by a newer gateway, or got a schema file whose text has changed
// since. `store_id` is given to a new store.
absl::Status ApplySchema(Connection& db, const std::string& store_id);

}  // namespace enrich

#endif  // ENRICH_STORE_SQLITE_SCHEMA_H_
