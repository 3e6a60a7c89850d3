#ifndef ENRICH_CLI_RECORD_WRITER_H_
#define ENRICH_CLI_RECORD_WRITER_H_

#include <google/protobuf/message.h>

#include <ostream>
#include <string>
#include <vector>

#include "absl/status/status.h"

namespace enrich::cli {

// How data is printed: an aligned table, one JSON document, an object a line,
// or CSV.
enum class OutputFormat { kText, kJson, kJsonLines, kCsv };

// Whether the data is one record or a list; JSON tells them apart.
enum class Shape { kOne, kMany };

// Prints records as they come, in flat memory.
class RecordWriter {
 public:
  // `out` must outlive it.
  RecordWriter(OutputFormat format, Shape shape,
               std::vector<std::string> columns, std::ostream& out)
      : format_(format),
        shape_(shape),
        columns_(std::move(columns)),
        out_(out) {}

  // Adds a record: `message` for JSON (protobuf's JSON names), `rows` under the
  // columns for the other formats.
  void Add(const google::protobuf::Message& message,
           std::vector<std::vector<std::string>> rows);
  // Makes what was added visible.
  void Flush();
  // Ends the document. INTERNAL when it cannot be written.
  absl::Status Finish();

 private:
  void AddJson(const google::protobuf::Message& message);
  void PrintTable();

  const OutputFormat format_;
  const Shape shape_;
  const std::vector<std::string> columns_;
  std::ostream& out_;
  int64_t records_ = 0;
  bool header_printed_ = false;
  std::vector<std::vector<std::string>> waiting_;
};

}  // namespace enrich::cli

#endif  // ENRICH_CLI_RECORD_WRITER_H_
