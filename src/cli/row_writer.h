#ifndef ENRICH_CLI_ROW_WRITER_H_
#define ENRICH_CLI_ROW_WRITER_H_

#include <string>
#include <vector>

#include "absl/status/statusor.h"
#include "cli/csv.h"
#include "cli/row_reader.h"
#include "enrich/v1/result.pb.h"

namespace enrich::cli {

struct OutputOptions {
  FileFormat format = FileFormat::kCsv;
  CellSafety safety = CellSafety::kAsIs;
};

// Formats results: the input's own columns first, then those of the result. In
// JSON Lines the result is one member, `enrichment`.
class RowWriter {
 public:
  // INVALID_ARGUMENT for CSV output of JSON Lines, whose columns are not known
  // beforehand, and for column names that collide.
  static absl::StatusOr<RowWriter> Create(const RowReader& input,
                                          FileFormat input_format,
                                          std::vector<v1::ContactField> fields,
                                          const OutputOptions& options);

  // Appends the header, if the format has one.
  void AppendHeader(std::string& out) const;
  void AppendRow(const Row& row, const v1::ContactResult& result,
                 std::string& out) const;

 private:
  RowWriter() = default;
  void AppendJson(const Row& row, const std::vector<std::string>& cells,
                  std::string& out) const;

  OutputOptions options_;
  char delimiter_ = ',';
  std::vector<v1::ContactField> fields_;
  std::vector<std::string> columns_;
  std::vector<std::string> result_columns_;
};

}  // namespace enrich::cli

#endif  // ENRICH_CLI_ROW_WRITER_H_
