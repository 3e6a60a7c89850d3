#include "cli/csv.h"

// The only file that includes libcsv.
#include <csv.h>

#include <algorithm>
#include <deque>
#include <utility>

#include "absl/status/status.h"
#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "base/status_macros.h"

namespace enrich::cli {
namespace {

constexpr size_t kBlock = 64 << 10;
constexpr int64_t kMaxRowBytes = 1 << 20;

absl::Status AtLine(int64_t line, absl::string_view what) {
  return absl::InvalidArgumentError(absl::StrCat("line ", line, ": ", what));
}

char SniffDelimiter(absl::string_view text) {
  int64_t commas = 0;
  int64_t semicolons = 0;
  int64_t tabs = 0;
  bool quoted = false;
  for (const char c : text) {
    if (c == '"') quoted = !quoted;
    if (quoted) continue;
    if (c == '\n' || c == '\r') break;
    commas += c == ',';
    semicolons += c == ';';
    tabs += c == '\t';
  }
  if (semicolons > commas && semicolons >= tabs) return ';';
  return tabs > commas ? '\t' : ',';
}

// libcsv's own rule counts tabs as blanks, which loses empty cells at the ends
// of a tab-separated row.
int IsBlank(unsigned char c) { return c == ' '; }

bool IsSignedNumber(absl::string_view cell) {
  return cell.size() > 1 && (cell[0] == '+' || cell[0] == '-') &&
         std::all_of(cell.begin() + 1, cell.end(), [](char c) {
           return (c >= '0' && c <= '9') || c == ' ' || c == '.';
         });
}

bool LooksLikeFormula(absl::string_view cell) {
  return !cell.empty() &&
         absl::string_view("=+-@\t\r").find(cell[0]) != cell.npos &&
         !IsSignedNumber(cell);
}

}  // namespace

struct CsvReader::Impl {
  Impl(std::istream& source, char chosen) : in(source), delimiter(chosen) {
    csv_init(&parser, CSV_STRICT | CSV_STRICT_FINI);
    csv_set_space_func(&parser, &IsBlank);
  }
  ~Impl() { csv_free(&parser); }

  absl::Status ReadBlock();
  absl::Status Begin(absl::string_view& text);
  absl::Status Feed(absl::string_view piece);
  absl::Status Finish();

  static void OnCell(void* data, size_t size, void* self) {
    static_cast<Impl*>(self)->cells.emplace_back(static_cast<char*>(data),
                                                 size);
  }
  static void OnRow(int, void* self) { static_cast<Impl*>(self)->EndRow(); }

  void EndRow() {
    if (cells.size() > 1 || (cells.size() == 1 && !cells[0].empty())) {
      rows.push_back({.line = row_line, .cells = std::move(cells)});
    }
    cells.clear();
    row_bytes = 0;
  }

  std::istream& in;
  char delimiter;
  csv_parser parser;
  bool begun = false;
  bool finished = false;
  int64_t line = 1;
  int64_t row_line = 1;
  int64_t row_bytes = 0;
  std::vector<std::string> cells;
  std::deque<CsvRow> rows;
};

absl::Status CsvReader::Impl::Begin(absl::string_view& text) {
  begun = true;
  if (absl::StartsWith(text, "\xFF\xFE") ||
      absl::StartsWith(text, "\xFE\xFF")) {
    return AtLine(1, "the file is UTF-16; save it as UTF-8");
  }
  if (absl::StartsWith(text, "\xEF\xBB\xBF")) text.remove_prefix(3);
  if (delimiter == 0) delimiter = SniffDelimiter(text);
  csv_set_delim(&parser, static_cast<unsigned char>(delimiter));
  return absl::OkStatus();
}

// A piece holds at most one line, so that rows and errors know theirs.
absl::Status CsvReader::Impl::Feed(absl::string_view piece) {
  if (row_bytes == 0) row_line = line;
  // A blank line begins no row.
  if (row_bytes > 0 || piece.find_first_not_of(" \r\n") != piece.npos) {
    row_bytes += static_cast<int64_t>(piece.size());
  }
  const size_t parsed =
      csv_parse(&parser, piece.data(), piece.size(), &OnCell, &OnRow, this);
  if (parsed != piece.size()) {
    return AtLine(line, "a quote stands where none may be");
  }
  if (row_bytes > kMaxRowBytes) {
    return AtLine(row_line,
                  "the row is over 1 MiB; is a closing quote missing?");
  }
  if (absl::EndsWith(piece, "\n")) ++line;
  return absl::OkStatus();
}

absl::Status CsvReader::Impl::Finish() {
  finished = true;
  if (in.bad()) return absl::InternalError("the input cannot be read");
  if (csv_fini(&parser, &OnCell, &OnRow, this) != 0) {
    return AtLine(row_line, "a quote is opened and never closed");
  }
  return absl::OkStatus();
}

absl::Status CsvReader::Impl::ReadBlock() {
  std::string block(kBlock, '\0');
  in.read(block.data(), static_cast<std::streamsize>(block.size()));
  absl::string_view text(block.data(), static_cast<size_t>(in.gcount()));
  if (text.empty()) return Finish();
  if (!begun) RETURN_IF_ERROR(Begin(text));
  while (!text.empty()) {
    const size_t end = text.find('\n');
    const size_t size = end == text.npos ? text.size() : end + 1;
    RETURN_IF_ERROR(Feed(text.substr(0, size)));
    text.remove_prefix(size);
  }
  return absl::OkStatus();
}

CsvReader::CsvReader(std::istream& in, char delimiter)
    : impl_(std::make_unique<Impl>(in, delimiter)) {}
CsvReader::~CsvReader() = default;

char CsvReader::delimiter() const {
  return impl_->delimiter == 0 ? ',' : impl_->delimiter;
}

absl::StatusOr<bool> CsvReader::Next(CsvRow& row) {
  while (impl_->rows.empty() && !impl_->finished) {
    RETURN_IF_ERROR(impl_->ReadBlock());
  }
  if (impl_->rows.empty()) return false;
  row = std::move(impl_->rows.front());
  impl_->rows.pop_front();
  return true;
}

void AppendCsvRow(absl::Span<const std::string> cells, char delimiter,
                  CellSafety safety, std::string& out) {
  for (size_t i = 0; i < cells.size(); ++i) {
    if (i > 0) out.push_back(delimiter);
    std::string cell = cells[i];
    if (safety == CellSafety::kNeutralizeFormulas && LooksLikeFormula(cell)) {
      cell.insert(cell.begin(), '\'');
    }
    const bool blank_ends =
        !cell.empty() && (cell.front() == ' ' || cell.back() == ' ');
    if (!blank_ends && cell.find_first_of("\"\r\n") == std::string::npos &&
        cell.find(delimiter) == std::string::npos) {
      out += cell;
      continue;
    }
    out.push_back('"');
    for (const char c : cell) {
      if (c == '"') out.push_back('"');
      out.push_back(c);
    }
    out.push_back('"');
  }
  out.push_back('\n');
}

}  // namespace enrich::cli
