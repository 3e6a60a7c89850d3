#ifndef ENRICH_CLI_ROW_READER_H_
#define ENRICH_CLI_ROW_READER_H_

#include <cstdint>
#include <istream>
#include <memory>
#include <string>
#include <vector>

#include "absl/status/statusor.h"
#include "absl/strings/string_view.h"
#include "cli/column_map.h"
#include "enrich/v1/contact.pb.h"

namespace enrich::cli {

enum class FileFormat { kCsv, kJsonLines };

// The format that `path` names by its end: .jsonl and .ndjson are JSON Lines,
// everything else is CSV.
FileFormat FormatOfPath(absl::string_view path);

// One contact of the input.
struct Row {
  // From 1; the contact's ref.
  int64_t number = 0;
  // CSV: every cell, as many as there are columns.
  std::vector<std::string> cells = {};
  // JSON Lines: the object as compact JSON.
  std::string object = {};
  v1::Contact contact = {};
};

// Contacts in input order, one at a time: memory does not grow with the input.
class RowReader {
 public:
  virtual ~RowReader() = default;

  // Reads the next row; false at the end. INVALID_ARGUMENT, naming the line,
  // for malformed input.
  virtual absl::StatusOr<bool> Next(Row& row) = 0;

  // CSV: the header. Empty for JSON Lines.
  virtual const std::vector<std::string>& columns() const = 0;
  // CSV: the delimiter found or chosen.
  virtual char delimiter() const = 0;
};

struct InputOptions {
  FileFormat format = FileFormat::kCsv;
  // 0: found from the header.
  char delimiter = 0;
  ColumnOverrides columns = {};
  // Only addresses are judged: an e-mail column identifies a contact.
  bool email_identifies = false;
};

// Opens `in`, which must outlive the reader, and reads a CSV header.
// INVALID_ARGUMENT when there is none or it identifies nobody.
absl::StatusOr<std::unique_ptr<RowReader>> OpenRows(
    std::istream& in, const InputOptions& options);

}  // namespace enrich::cli

#endif  // ENRICH_CLI_ROW_READER_H_
