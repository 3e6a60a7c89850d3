#ifndef ENRICH_CLI_ENRICH_FILES_H_
#define ENRICH_CLI_ENRICH_FILES_H_

#include <cstdint>
#include <fstream>
#include <memory>
#include <optional>
#include <string>

#include "absl/status/statusor.h"
#include "cli/enrich_options.h"
#include "cli/posix_file.h"
#include "cli/row_reader.h"
#include "cli/terminal.h"

namespace enrich::cli {

// Where contacts come from, open at its first row.
class EnrichInput {
 public:
  // Opens the file, or `standard` for "-". A regular file is read once to its
  // end beforehand, so that what is malformed is found before anything is
  // bought. INVALID_ARGUMENT naming the line, CANCELLED on `stop`.
  static absl::StatusOr<std::unique_ptr<EnrichInput>> Open(
      const EnrichOptions& options, std::istream& standard,
      std::stop_token stop);

  RowReader& rows() { return *rows_; }
  // How many there are, and what identifies them; unknown for a pipe.
  const std::optional<int64_t>& contacts() const { return contacts_; }
  const std::optional<std::string>& digest() const { return digest_; }

 private:
  EnrichInput() = default;
  absl::Status Survey(const EnrichOptions& options, std::stop_token stop);

  std::ifstream file_;
  std::unique_ptr<RowReader> rows_;
  std::optional<int64_t> contacts_;
  std::optional<std::string> digest_;
};

// Where results go.
class EnrichOutput {
 public:
  // Opens the file, cut to its first `keep` bytes, or `standard` for "-".
  static absl::StatusOr<EnrichOutput> Open(const std::string& path,
                                           int64_t keep,
                                           std::ostream& standard);

  absl::Status Write(absl::string_view bytes);
  // Returns once everything written has reached the disk or the pipe.
  absl::Status Sync();
  int64_t size() const { return file_.has_value() ? file_->size() : 0; }

 private:
  EnrichOutput() = default;

  std::optional<PosixFile> file_;
  std::ostream* stream_ = nullptr;
};

// Where the state of the run is kept: beside the output if both it and the
// input are regular files, else nowhere. INVALID_ARGUMENT when they are one.
absl::StatusOr<std::optional<std::string>> StatePathFor(
    const EnrichOptions& options);

}  // namespace enrich::cli

#endif  // ENRICH_CLI_ENRICH_FILES_H_
