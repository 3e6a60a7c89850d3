#include "cli/enrich_files.h"

#include <filesystem>
#include <utility>

#include "absl/status/status.h"
#include "absl/strings/str_cat.h"
#include "base/status_macros.h"
#include "cli/request_id.h"
#include "cli/state_file.h"

namespace enrich::cli {
namespace {

constexpr char kStandard[] = "-";
constexpr int64_t kStopCheckRows = 1024;

absl::Status InFile(const std::string& path, const absl::Status& status) {
  return {status.code(), absl::StrCat(path, ": ", status.message())};
}

absl::StatusOr<std::ifstream> OpenFile(const std::string& path) {
  std::ifstream file(path, std::ios::binary);
  if (!file || std::filesystem::is_directory(path)) {
    return absl::InvalidArgumentError("cannot be read");
  }
  return file;
}

bool IsRegular(const std::string& path) {
  std::error_code ignored;
  return path != kStandard && std::filesystem::is_regular_file(path, ignored);
}

}  // namespace

absl::StatusOr<std::unique_ptr<EnrichInput>> EnrichInput::Open(
    const EnrichOptions& options, std::istream& standard,
    std::stop_token stop) {
  std::unique_ptr<EnrichInput> input(new EnrichInput());
  if (options.in == kStandard) {
    ASSIGN_OR_RETURN(input->rows_, OpenRows(standard, options.input));
    return input;
  }
  if (IsRegular(options.in)) {
    const absl::Status surveyed = input->Survey(options, std::move(stop));
    if (!surveyed.ok()) return InFile(options.in, surveyed);
  }
  auto file = OpenFile(options.in);
  if (!file.ok()) return InFile(options.in, file.status());
  input->file_ = *std::move(file);
  auto rows = OpenRows(input->file_, options.input);
  if (!rows.ok()) return InFile(options.in, rows.status());
  input->rows_ = *std::move(rows);
  return input;
}

absl::Status EnrichInput::Survey(const EnrichOptions& options,
                                 std::stop_token stop) {
  ASSIGN_OR_RETURN(std::ifstream file, OpenFile(options.in));
  ASSIGN_OR_RETURN(digest_, DigestOf(file));
  file.clear();
  file.seekg(0);
  ASSIGN_OR_RETURN(const auto rows, OpenRows(file, options.input));
  Row row;
  int64_t count = 0;
  while (true) {
    ASSIGN_OR_RETURN(const bool found, rows->Next(row));
    if (!found) break;
    if (++count % kStopCheckRows == 0 && stop.stop_requested()) {
      return absl::CancelledError("interrupted");
    }
  }
  contacts_ = count;
  return absl::OkStatus();
}

absl::StatusOr<EnrichOutput> EnrichOutput::Open(const std::string& path,
                                                int64_t keep,
                                                std::ostream& standard) {
  EnrichOutput output;
  if (path == kStandard) {
    output.stream_ = &standard;
    return output;
  }
  ASSIGN_OR_RETURN(PosixFile file, PosixFile::Open(path, keep));
  output.file_.emplace(std::move(file));
  return output;
}

absl::Status EnrichOutput::Write(absl::string_view bytes) {
  if (file_.has_value()) return file_->Write(bytes);
  stream_->write(bytes.data(), static_cast<std::streamsize>(bytes.size()));
  return Sync();
}

absl::Status EnrichOutput::Sync() {
  if (file_.has_value()) return file_->Sync();
  stream_->flush();
  if (*stream_) return absl::OkStatus();
  return absl::InternalError("standard output cannot be written");
}

absl::StatusOr<std::optional<std::string>> StatePathFor(
    const EnrichOptions& options) {
  std::error_code ignored;
  const bool regular = IsRegular(options.in) && options.out != kStandard &&
                       (!std::filesystem::exists(options.out, ignored) ||
                        IsRegular(options.out));
  if (!regular) return std::optional<std::string>();
  if (std::filesystem::equivalent(options.in, options.out, ignored)) {
    return absl::InvalidArgumentError(
        "--in and --out are the same file; name another output");
  }
  return std::optional<std::string>(StatePath(options.out));
}

}  // namespace enrich::cli
