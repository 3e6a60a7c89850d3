#include "cli/row_reader.h"

#include <utility>

#include "absl/status/status.h"
#include "absl/strings/ascii.h"
#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "base/json.h"
#include "base/status_macros.h"
#include "base/text.h"
#include "cli/csv.h"

namespace enrich::cli {
namespace {

constexpr size_t kMaxObjectBytes = 1 << 20;

absl::Status AtLine(int64_t line, absl::string_view what) {
  return absl::InvalidArgumentError(absl::StrCat("line ", line, ": ", what));
}

class CsvRows final : public RowReader {
 public:
  CsvRows(std::istream& in, char delimiter) : csv_(in, delimiter) {}

  absl::Status ReadHeader(const InputOptions& options) {
    CsvRow header;
    ASSIGN_OR_RETURN(const bool found, csv_.Next(header));
    if (!found) return AtLine(1, "the input is empty; a header is needed");
    RETURN_IF_ERROR(CheckText(header));
    columns_ = std::move(header.cells);
    map_ = ColumnMap(columns_, options.columns);
    return map_.Check(options.columns, options.email_identifies);
  }

  absl::StatusOr<bool> Next(Row& row) override {
    CsvRow next;
    ASSIGN_OR_RETURN(const bool found, csv_.Next(next));
    if (!found) return false;
    if (next.cells.size() > columns_.size()) {
      return AtLine(next.line,
                    absl::StrCat("the row has ", next.cells.size(),
                                 " cells, the header ", columns_.size()));
    }
    RETURN_IF_ERROR(CheckText(next));
    next.cells.resize(columns_.size());
    row = Row{.number = ++number_, .cells = std::move(next.cells)};
    map_.Fill(row.cells, row.contact);
    row.contact.set_contact_ref(absl::StrCat(row.number));
    return true;
  }

  const std::vector<std::string>& columns() const override { return columns_; }
  char delimiter() const override { return csv_.delimiter(); }

 private:
  static absl::Status CheckText(const CsvRow& row) {
    for (const std::string& cell : row.cells) {
      if (!IsValidUtf8(cell)) {
        return AtLine(row.line, "the text is not UTF-8; convert the file");
      }
    }
    return absl::OkStatus();
  }

  CsvReader csv_;
  std::vector<std::string> columns_;
  ColumnMap map_;
  int64_t number_ = 0;
};

class JsonRows final : public RowReader {
 public:
  JsonRows(std::istream& in, ColumnOverrides overrides)
      : in_(in), overrides_(std::move(overrides)) {}

  absl::StatusOr<bool> Next(Row& row) override {
    std::string text;
    do {
      ASSIGN_OR_RETURN(const bool found, ReadLine(text));
      if (!found) return false;
    } while (absl::StripAsciiWhitespace(text).empty());
    const auto document = json::Document::Parse(text);
    if (!document.ok()) return AtLine(line_, document.status().message());
    const json::Value root = document->root();
    if (!root.is_object()) return AtLine(line_, "a JSON object is needed");
    if (!root["enrichment"].missing()) {
      return AtLine(line_, "the object already has a member \"enrichment\"");
    }
    row = Row{.number = ++number_, .object = root.ToJson()};
    FillContact(root, row.contact);
    row.contact.set_contact_ref(absl::StrCat(row.number));
    return true;
  }

  const std::vector<std::string>& columns() const override { return none_; }
  char delimiter() const override { return ','; }

 private:
  // As std::getline, without its hunger for memory.
  absl::StatusOr<bool> ReadLine(std::string& text) {
    text.clear();
    int c = 0;
    while ((c = in_.get()) != std::istream::traits_type::eof() && c != '\n') {
      text.push_back(static_cast<char>(c));
      if (text.size() > kMaxObjectBytes) {
        return AtLine(line_ + 1, "the line is over 1 MiB");
      }
    }
    if (in_.bad()) return absl::InternalError("the input cannot be read");
    const bool found = c == '\n' || !text.empty();
    if (found) ++line_;
    if (line_ == 1 && absl::StartsWith(text, "\xEF\xBB\xBF")) text.erase(0, 3);
    return found;
  }

  void FillContact(const json::Value& object, v1::Contact& contact) {
    std::vector<std::string> columns;
    std::vector<std::string> cells;
    for (const json::Value& member : object) {
      if (!member.is_string() && !member.is_number()) continue;
      columns.emplace_back(member.key());
      cells.emplace_back(member.AsText());
    }
    // Objects of one file mostly have the same members.
    if (columns != columns_ || number_ == 1) {
      map_ = ColumnMap(columns, overrides_);
      columns_ = std::move(columns);
    }
    map_.Fill(cells, contact);
  }

  std::istream& in_;
  const ColumnOverrides overrides_;
  std::vector<std::string> columns_;
  const std::vector<std::string> none_;
  ColumnMap map_;
  int64_t line_ = 0;
  int64_t number_ = 0;
};

}  // namespace

FileFormat FormatOfPath(absl::string_view path) {
  return absl::EndsWithIgnoreCase(path, ".jsonl") ||
                 absl::EndsWithIgnoreCase(path, ".ndjson")
             ? FileFormat::kJsonLines
             : FileFormat::kCsv;
}

absl::StatusOr<std::unique_ptr<RowReader>> OpenRows(
    std::istream& in, const InputOptions& options) {
  if (options.format == FileFormat::kJsonLines) {
    return std::make_unique<JsonRows>(in, options.columns);
  }
  auto rows = std::make_unique<CsvRows>(in, options.delimiter);
  RETURN_IF_ERROR(rows->ReadHeader(options));
  return rows;
}

}  // namespace enrich::cli
