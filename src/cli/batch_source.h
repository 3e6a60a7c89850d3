#ifndef ENRICH_CLI_BATCH_SOURCE_H_
#define ENRICH_CLI_BATCH_SOURCE_H_

#include <cstdint>
#include <optional>
#include <vector>

#include "absl/status/statusor.h"
#include "cli/enrich_options.h"
#include "cli/row_reader.h"
#include "enrich/v1/enrichment_service.pb.h"

namespace enrich::cli {

// Consecutive rows and the request about them.
struct InputBatch {
  // From 0.
  int64_t index = 0;
  // Their contacts have moved into `request`.
  std::vector<Row> rows = {};
  v1::EnrichBatchRequest request = {};
};

// Cuts an input into batches: the same batches each time the same input is
// read with the same options.
class BatchSource {
 public:
  // Both must outlive it.
  BatchSource(RowReader& rows, const EnrichOptions& options)
      : rows_(rows), options_(options) {}

  // The next batch; nothing at the end. A batch also ends before its request
  // gets too large for gRPC's usual message limit. Errors as of the rows.
  absl::StatusOr<std::optional<InputBatch>> Next();

 private:
  absl::StatusOr<bool> ReadAhead();
  v1::EnrichBatchRequest NewRequest() const;

  RowReader& rows_;
  const EnrichOptions& options_;
  int64_t next_index_ = 0;
  // Read, but not yet in a batch.
  std::optional<Row> ahead_;
};

}  // namespace enrich::cli

#endif  // ENRICH_CLI_BATCH_SOURCE_H_
