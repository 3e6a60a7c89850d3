#ifndef ENRICH_CLI_ENRICH_JOB_H_
#define ENRICH_CLI_ENRICH_JOB_H_

#include <cstdint>
#include <deque>
#include <map>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "absl/status/statusor.h"
#include "base/clock.h"
#include "base/mutex.h"
#include "cli/batch_source.h"
#include "cli/batch_task.h"
#include "cli/enrich_files.h"
#include "cli/enrich_options.h"
#include "cli/state_file.h"
#include "cli/tally.h"
#include "cli/terminal.h"

namespace enrich::cli {

// One `enrichctl enrich`: reads, submits, follows and writes, in memory that
// depends on the window and not on the input. One thread reads and writes; each
// batch in flight has a thread of its own.
//
// What is in the output is recorded in a state file, at most a second behind;
// the same command goes on from there. Losing that second, or the whole state,
// costs time and no money: request ids follow from the content.
class EnrichJob {
 public:
  // All must outlive it.
  EnrichJob(const EnrichOptions& options, const GatewaySession& session,
            const Clock& clock, Terminal& terminal);

  // Runs to the end of the input. Returns what became of all contacts,
  // including those of the runs that it continues. CANCELLED when stopped;
  // INVALID_ARGUMENT for bad input or a state of another run; else the
  // gateway's error. Prints the summary, or the command that continues.
  absl::StatusOr<Tally> Run();

 private:
  // A batch that is not wholly in the output.
  struct Slot {
    int64_t index = 0;
    std::string request_id = {};
    std::vector<Row> rows = {};
    // By position in `rows`; reset once written.
    std::vector<std::optional<v1::ContactResult>> results = {};
    // Rows that have or had a result, also in an earlier run.
    int64_t received = 0;
    int64_t written = 0;
    BatchUpdate news = {};
    std::unique_ptr<BatchTask> task = {};
  };

  absl::Status Open();
  absl::Status LoadSavedState();
  absl::Status Loop(BatchSource& source);
  absl::Status StartMore(BatchSource& source);
  absl::Status Start(InputBatch batch);
  bool IsDone(int64_t index) const;
  void WaitForNews();
  absl::Status Collect();
  absl::Status Take(Slot& slot);
  absl::Status TakeArrival(Slot& slot, BatchUpdate::Arrival arrival);
  absl::Status CheckComplete(const Slot& slot) const;
  absl::Status WriteReady();
  absl::Status WriteRows(Slot& slot);
  // Writes the rest of a batch that has ended.
  absl::Status WriteLast(Slot& slot);
  absl::Status SaveIfDue();
  absl::Status Save();
  absl::Status Finish(const absl::Status& status);
  void EndEarly();
  ProgressView View() const;
  void ExplainHowToContinue(const absl::Status& status);

  const EnrichOptions& options_;
  const GatewaySession& session_;
  const Clock& clock_;
  Terminal& terminal_;
  const absl::Time begin_;
  ProgressDisplay display_;

  std::unique_ptr<EnrichInput> input_;
  std::optional<EnrichOutput> output_;
  std::optional<RowWriter> writer_;
  std::optional<std::string> state_path_;
  // Batches of an earlier run that are not begun again, by index.
  std::map<int64_t, OpenBatchState> resumed_;
  int64_t resumed_next_ = 0;

  bool input_done_ = false;
  int64_t next_batch_ = 0;
  // Of the rows in the output, and of all results received.
  Tally written_;
  Tally live_;
  int64_t done_before_ = 0;
  int64_t corrected_late_ = 0;
  bool unsaved_ = false;
  // The output ends with an unfinished write; only a saved state knows better.
  bool output_broken_ = false;
  absl::Time saved_at_;

  Mutex mu_;
  CondVar changed_;
  bool news_ ABSL_GUARDED_BY(mu_) = false;

  // In input order. Last: their threads use what stands above.
  std::deque<std::unique_ptr<Slot>> slots_;
};

}  // namespace enrich::cli

#endif  // ENRICH_CLI_ENRICH_JOB_H_
