#include "cli/record_writer.h"

#include <google/protobuf/util/json_util.h>

#include <algorithm>
#include <utility>

#include "cli/csv.h"

namespace enrich::cli {
namespace {

// Rows that a table waits for to find the widths of its columns.
constexpr size_t kTableRows = 200;

// In characters, taking every one to be a column wide.
size_t WidthOf(const std::string& text) {
  return static_cast<size_t>(std::count_if(
      text.begin(), text.end(), [](char c) { return (c & 0xC0) != 0x80; }));
}

}  // namespace

void RecordWriter::Add(const google::protobuf::Message& message,
                       std::vector<std::vector<std::string>> rows) {
  if (format_ == OutputFormat::kJson || format_ == OutputFormat::kJsonLines) {
    AddJson(message);
  } else {
    std::move(rows.begin(), rows.end(), std::back_inserter(waiting_));
    if (waiting_.size() >= kTableRows) PrintTable();
  }
  ++records_;
}

void RecordWriter::AddJson(const google::protobuf::Message& message) {
  const bool document = format_ == OutputFormat::kJson;
  google::protobuf::util::JsonPrintOptions options;
  options.add_whitespace = document;
  options.always_print_primitive_fields = true;
  std::string text;
  // Fails for unknown types within Any only, and there are none.
  (void)google::protobuf::util::MessageToJsonString(message, &text, options);
  while (!text.empty() && text.back() == '\n') text.pop_back();
  if (document && shape_ == Shape::kMany) {
    out_ << (records_ == 0 ? "[\n" : ",\n");
  }
  out_ << text;
  if (!document) out_ << "\n";
}

void RecordWriter::PrintTable() {
  if (!header_printed_) waiting_.insert(waiting_.begin(), columns_);
  header_printed_ = true;
  if (format_ == OutputFormat::kCsv) {
    std::string text;
    for (const auto& row : waiting_) {
      AppendCsvRow(row, ',', CellSafety::kAsIs, text);
    }
    out_ << text;
    waiting_.clear();
    return;
  }
  std::vector<size_t> widths(columns_.size());
  for (const auto& row : waiting_) {
    for (size_t i = 0; i < row.size(); ++i) {
      widths[i] = std::max(widths[i], WidthOf(row[i]));
    }
  }
  for (const auto& row : waiting_) {
    std::string line;
    for (size_t i = 0; i < row.size(); ++i) {
      line += row[i];
      line.append(widths[i] - WidthOf(row[i]) + 2, ' ');
    }
    line.erase(line.find_last_not_of(' ') + 1);
    out_ << line << "\n";
  }
  waiting_.clear();
}

void RecordWriter::Flush() {
  if (!waiting_.empty()) PrintTable();
  out_.flush();
}

absl::Status RecordWriter::Finish() {
  if (format_ == OutputFormat::kJson) {
    if (shape_ == Shape::kMany) out_ << (records_ == 0 ? "[]" : "\n]");
    out_ << "\n";
  } else if (format_ != OutputFormat::kJsonLines && !header_printed_) {
    PrintTable();
  }
  Flush();
  if (out_) return absl::OkStatus();
  return absl::InternalError("standard output cannot be written");
}

}  // namespace enrich::cli
