#ifndef ENRICH_CLI_PROGRESS_H_
#define ENRICH_CLI_PROGRESS_H_

#include <cstdint>
#include <optional>
#include <string>

#include "absl/time/time.h"
#include "cli/tally.h"

namespace enrich::cli {

// What a progress display shows.
struct ProgressView {
  // Not known while the input is a pipe.
  std::optional<int64_t> contacts = {};
  Tally tally = {};
  absl::Duration elapsed = absl::ZeroDuration();
  std::optional<absl::Duration> time_left = {};
  // What the run is waiting for, empty for nothing special.
  std::string waiting = {};
};

// Time left by the pace so far, or by the gateway's own estimate where that is
// longer. `done_before` were in the output when the run began.
std::optional<absl::Duration> EstimateTimeLeft(
    const ProgressView& view, int64_t done_before,
    std::optional<absl::Duration> gateway_estimate);

// 1234567 is "1,234,567".
std::string WithThousands(int64_t number);

// Such as "42s", "3m05s", "2h07m", "3d04h".
std::string FormatSpan(absl::Duration span);

// A bar with counts in at most `width` columns; what does not fit is left out,
// the least important first.
std::string RenderBar(const ProgressView& view, int width);

// The same as a sentence for a log.
std::string RenderLine(const ProgressView& view);

// The lines printed at the end, each with a final line break.
std::string RenderSummary(const Tally& tally, int64_t done_before,
                          absl::Duration elapsed);

}  // namespace enrich::cli

#endif  // ENRICH_CLI_PROGRESS_H_
