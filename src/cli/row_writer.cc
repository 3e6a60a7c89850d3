#include "cli/row_writer.h"

#include <set>
#include <utility>

#include "absl/status/status.h"
#include "absl/strings/str_cat.h"
#include "base/json.h"
#include "base/status_macros.h"
#include "cli/result_columns.h"

namespace enrich::cli {
namespace {

absl::Status CheckMemberNames(const std::vector<std::string>& columns) {
  std::set<std::string> names = {"enrichment"};
  for (const std::string& column : columns) {
    if (!names.insert(column).second) {
      return absl::InvalidArgumentError(absl::StrCat(
          "line 1: the column \"", column,
          "\" cannot be a member of a JSON object twice; rename it"));
    }
  }
  return absl::OkStatus();
}

}  // namespace

absl::StatusOr<RowWriter> RowWriter::Create(
    const RowReader& input, FileFormat input_format,
    std::vector<v1::ContactField> fields, const OutputOptions& options) {
  if (input_format == FileFormat::kJsonLines &&
      options.format == FileFormat::kCsv) {
    return absl::InvalidArgumentError(
        "JSON Lines input can only be written as JSON Lines: name the output "
        "*.jsonl or give --out-format jsonl");
  }
  RowWriter writer;
  writer.options_ = options;
  writer.delimiter_ = input.delimiter();
  writer.columns_ = input.columns();
  if (options.format == FileFormat::kJsonLines) {
    RETURN_IF_ERROR(CheckMemberNames(writer.columns_));
  }
  // In JSON the result is a member of its own, where nothing collides.
  const bool flat = options.format == FileFormat::kCsv;
  ASSIGN_OR_RETURN(writer.result_columns_,
                   ResultColumns(fields, flat ? writer.columns_
                                              : std::vector<std::string>()));
  writer.fields_ = std::move(fields);
  return writer;
}

void RowWriter::AppendHeader(std::string& out) const {
  if (options_.format != FileFormat::kCsv) return;
  std::vector<std::string> header = columns_;
  header.insert(header.end(), result_columns_.begin(), result_columns_.end());
  AppendCsvRow(header, delimiter_, options_.safety, out);
}

void RowWriter::AppendRow(const Row& row, const v1::ContactResult& result,
                          std::string& out) const {
  std::vector<std::string> cells = ResultCells(result, fields_);
  if (options_.format == FileFormat::kJsonLines) {
    AppendJson(row, cells, out);
    return;
  }
  cells.insert(cells.begin(), row.cells.begin(), row.cells.end());
  AppendCsvRow(cells, delimiter_, options_.safety, out);
}

void RowWriter::AppendJson(const Row& row,
                           const std::vector<std::string>& cells,
                           std::string& out) const {
  json::Writer enrichment;
  enrichment.StartObject();
  for (size_t i = 0; i < cells.size(); ++i) {
    enrichment.MemberIfSet(result_columns_[i], cells[i]);
  }
  enrichment.EndObject();
  if (!row.object.empty()) {
    // The caller's object with one more member.
    out.append(row.object, 0, row.object.size() - 1);
    if (row.object != "{}") out.push_back(',');
  } else {
    json::Writer own;
    own.StartObject();
    for (size_t i = 0; i < columns_.size(); ++i) {
      own.Member(columns_[i], row.cells[i]);
    }
    own.EndObject();
    const std::string object = own.Take();
    out.append(object, 0, object.size() - 1);
    if (object != "{}") out.push_back(',');
  }
  out += "\"enrichment\":" + enrichment.Take() + "}\n";
}

}  // namespace enrich::cli
