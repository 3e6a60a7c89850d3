#include <algorithm>

#include "absl/time/clock.h"
#include "base/status_macros.h"
#include "bench/row_writer.h"
#include "bench/works.h"

namespace enrich::bench {

absl::Status MeasureBareSqlite(Stage& stage, const std::string& work,
                               int rows_per_commit, size_t row_bytes) {
  const int commits =
      std::max(20, stage.Scaled(rows_per_commit == 1 ? 2000 : 400));
  stage.EmptyFolder();
  ASSIGN_OR_RETURN(const auto table,
                   RowTable::Open(stage.folder() + "/rows.db"));
  const std::string row(row_bytes, 'x');
  const absl::Time start = absl::Now();
  for (int commit = 0; commit < commits; ++commit) {
    RETURN_IF_ERROR(table->Begin());
    for (int i = 0; i < rows_per_commit; ++i) {
      RETURN_IF_ERROR(table->Insert(row));
    }
    RETURN_IF_ERROR(table->Commit());
  }
  stage.Add(work, "bare SQLite", kRate,
            static_cast<double>(commits) * rows_per_commit /
                absl::ToDoubleSeconds(absl::Now() - start));
  return absl::OkStatus();
}

}  // namespace enrich::bench
