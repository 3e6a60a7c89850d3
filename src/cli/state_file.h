#ifndef ENRICH_CLI_STATE_FILE_H_
#define ENRICH_CLI_STATE_FILE_H_

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "absl/status/statusor.h"
#include "absl/strings/string_view.h"
#include "cli/gateway_session.h"
#include "cli/tally.h"

namespace enrich::cli {

// A batch that is not wholly in the output.
struct OpenBatchState {
  // Position in the input, from 0.
  int64_t index = 0;
  std::string request_id = {};
  // Empty until it is accepted.
  std::string batch_id = {};
  // Up to where its events are in the output. At the beginning unless rows are
  // written as they arrive.
  StreamPosition position = {};
  int64_t rows_written = 0;

  bool operator==(const OpenBatchState&) const = default;
};

// How far an `enrichctl enrich` is: all that a later run needs to go on.
struct EnrichState {
  // What the run is about; another input or other options do not continue it.
  std::string input_digest = {};
  std::string options_digest = {};
  // Length of the output that this state vouches for.
  int64_t output_bytes = 0;
  // Every batch before this one was begun; those not in `open` are done.
  int64_t next_batch = 0;
  std::vector<OpenBatchState> open = {};
  // Of the rows in the output.
  Tally tally = {};

  bool operator==(const EnrichState&) const = default;
};

// Where the state of a run that writes `output_path` is kept.
std::string StatePath(absl::string_view output_path);

std::string EncodeState(const EnrichState& state);
// INVALID_ARGUMENT for text that no version of EncodeState known here wrote.
absl::StatusOr<EnrichState> DecodeState(absl::string_view text);

// Replaces the file in one step and waits until it is on disk.
absl::Status SaveState(const std::string& path, const EnrichState& state);
// The state saved last; nothing when there is none.
absl::StatusOr<std::optional<EnrichState>> LoadState(const std::string& path);
void RemoveState(const std::string& path);

}  // namespace enrich::cli

#endif  // ENRICH_CLI_STATE_FILE_H_
