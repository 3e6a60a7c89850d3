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
  // Both must outlive it. `contacts`: how many rows there are, where that is
  // known; ceilings are shared out by it.
  BatchSource(RowReader& rows, const EnrichOptions& options,
              std::optional<int64_t> contacts)
      : rows_(rows), options_(options), contacts_(contacts) {}

  // The next batch; nothing at the end. A batch also ends before its request
  // gets too large for gRPC's usual message limit. Errors as of the rows, and
  // INVALID_ARGUMENT for ceilings on rows that were not counted.
  absl::StatusOr<std::optional<InputBatch>> Next();

 private:
  absl::StatusOr<bool> ReadAhead();
  v1::EnrichBatchRequest NewRequest() const;
  // Gives a batch of so many contacts its part of the ceilings.
  absl::Status ShareCeilings(int64_t contacts, v1::EnrichBatchRequest& request);

  RowReader& rows_;
  const EnrichOptions& options_;
  const std::optional<int64_t> contacts_;
  // In batches so far.
  int64_t cut_ = 0;
  int64_t next_index_ = 0;
  // Read, but not yet in a batch.
  std::optional<Row> ahead_;
};

}  // namespace enrich::cli

#endif  // ENRICH_CLI_BATCH_SOURCE_H_
