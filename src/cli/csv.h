#ifndef ENRICH_CLI_CSV_H_
#define ENRICH_CLI_CSV_H_

#include <cstdint>
#include <istream>
#include <memory>
#include <string>
#include <vector>

#include "absl/status/statusor.h"
#include "absl/strings/string_view.h"
#include "absl/types/span.h"

namespace enrich::cli {

// One row and the line on which it begins, from 1.
struct CsvRow {
  int64_t line = 0;
  std::vector<std::string> cells = {};
};

// Reads CSV (RFC 4180: quotes, line breaks within them, CRLF, a byte order
// mark) piece by piece: memory does not grow with the file. Blank lines are
// skipped and blanks around unquoted cells removed.
class CsvReader {
 public:
  // `delimiter` 0 chooses comma, semicolon or tab, whichever the first line has
  // most of. `in` must outlive the reader.
  explicit CsvReader(std::istream& in, char delimiter = 0);
  ~CsvReader();

  // Reads the next row into `row`; false at the end. INVALID_ARGUMENT, naming
  // the line, for stray or open quotes, UTF-16, or a row over 1 MiB.
  absl::StatusOr<bool> Next(CsvRow& row);

  // The delimiter in use; known after the first `Next`.
  char delimiter() const;

 private:
  struct Impl;
  std::unique_ptr<Impl> impl_;
};

// How a spreadsheet's formulas are kept from running.
enum class CellSafety {
  // Cells are written as they are.
  kAsIs,
  // A cell that begins with = + - @, tab or CR gets a leading apostrophe,
  // unless it is a sign and digits, such as a phone number.
  kNeutralizeFormulas,
};

// Appends `cells` as one row with a final line feed, quoting what needs it.
void AppendCsvRow(absl::Span<const std::string> cells, char delimiter,
                  CellSafety safety, std::string& out);

}  // namespace enrich::cli

#endif  // ENRICH_CLI_CSV_H_
