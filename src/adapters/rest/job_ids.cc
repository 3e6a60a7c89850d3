#include "adapters/rest/job_ids.h"

#include <algorithm>
#include <utility>

#include "absl/strings/ascii.h"
#include "absl/strings/numbers.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_split.h"
#include "adapters/account_options.h"

namespace enrich::rest {
namespace {

constexpr size_t kMaxIdBytes = 512;

constexpr absl::string_view kRefusedId = "!";

std::optional<int> HexDigit(char c) {
  if (c >= '0' && c <= '9') return c - '0';
  if (c >= 'A' && c <= 'F') return c - 'A' + 10;
  return std::nullopt;
}

// The reverse of EscapeUrlPart.
std::optional<std::string> Unescape(absl::string_view text) {
  std::string out;
  for (size_t i = 0; i < text.size(); ++i) {
    if (text[i] != '%') {
      out += text[i];
      continue;
    }
    if (i + 2 >= text.size()) return std::nullopt;
    const std::optional<int> high = HexDigit(text[i + 1]);
    const std::optional<int> low = HexDigit(text[i + 2]);
    if (!high.has_value() || !low.has_value()) return std::nullopt;
    out += static_cast<char>(*high << 4 | *low);
    i += 2;
  }
  return out;
}

// The length of what all keys begin with.
size_t CommonStart(const std::vector<ItemJob>& jobs) {
  size_t common = jobs.front().key.size();
  for (const ItemJob& job : jobs) {
    const auto end = jobs.front().key.begin() +
                     static_cast<ptrdiff_t>(std::min(common, job.key.size()));
    common = static_cast<size_t>(
        std::mismatch(jobs.front().key.begin(), end, job.key.begin()).first -
        jobs.front().key.begin());
  }
  return common;
}

std::string WrittenId(const ItemJob& job) {
  switch (job.state) {
    case ItemJob::State::kRefused:
      return std::string(kRefusedId);
    case ItemJob::State::kUnnamed:
      return "";
    case ItemJob::State::kGiven:
      break;
  }
  return EscapeUrlPart(job.id);
}

bool ReadId(absl::string_view text, ItemJob& job) {
  if (text == kRefusedId || text.empty()) {
    job.state =
        text.empty() ? ItemJob::State::kUnnamed : ItemJob::State::kRefused;
    return true;
  }
  std::optional<std::string> id = Unescape(text);
  if (id.has_value()) job.id = *std::move(id);
  return !job.id.empty();
}

// How a cursor spells the phase of a job that has ended; '-' for none.
constexpr std::pair<JobPhase, char> kPhases[] = {
    {JobPhase::kFinished, 'f'},
    {JobPhase::kOutOfCredits, 'o'},
    {JobPhase::kCancelled, 'c'},
    {JobPhase::kFailed, 'x'},
};

char LetterOf(const std::optional<JobPhase>& ended) {
  for (const auto& [phase, letter] : kPhases) {
    if (ended == phase) return letter;
  }
  return '-';
}

std::optional<JobPhase> PhaseOf(absl::string_view letter) {
  for (const auto& [phase, own] : kPhases) {
    if (letter == absl::string_view(&own, 1)) return phase;
  }
  return std::nullopt;
}

}  // namespace

bool IsUsableId(absl::string_view id) {
  return !id.empty() && id.size() <= kMaxIdBytes &&
         std::none_of(id.begin(), id.end(), [](char c) {
           return absl::ascii_iscntrl(static_cast<unsigned char>(c));
         });
}

std::string WriteItemJobs(const std::vector<ItemJob>& jobs) {
  if (jobs.empty()) return "";
  const size_t common = CommonStart(jobs);
  std::string text = absl::StrCat(
      EscapeUrlPart(absl::string_view(jobs.front().key).substr(0, common)));
  char separator = ';';
  for (const ItemJob& job : jobs) {
    const std::string rest =
        EscapeUrlPart(absl::string_view(job.key).substr(common));
    text += separator;
    absl::StrAppend(&text, rest, ":", WrittenId(job));
    separator = ',';
  }
  return text;
}

std::optional<std::vector<ItemJob>> ReadItemJobs(absl::string_view text) {
  const size_t end_of_start = text.find(';');
  if (end_of_start == text.npos) return std::nullopt;
  const std::optional<std::string> start =
      Unescape(text.substr(0, end_of_start));
  if (!start.has_value()) return std::nullopt;
  std::vector<ItemJob> jobs;
  for (const absl::string_view part :
       absl::StrSplit(text.substr(end_of_start + 1), ',')) {
    const size_t colon = part.find(':');
    if (colon == part.npos) return std::nullopt;
    const std::optional<std::string> rest = Unescape(part.substr(0, colon));
    ItemJob job{.position = static_cast<int>(jobs.size())};
    if (!rest.has_value() || !ReadId(part.substr(colon + 1), job)) {
      return std::nullopt;
    }
    job.key = absl::StrCat(*start, *rest);
    jobs.push_back(std::move(job));
  }
  return jobs;
}

std::string WriteCursor(const Cursor& cursor) {
  const char ended = LetterOf(cursor.ended);
  return absl::StrCat(cursor.job, ":", cursor.open ? 1 : 0, ":",
                      absl::string_view(&ended, 1), ":", cursor.elements, ":",
                      cursor.settled, ":", cursor.page);
}

Cursor ReadCursor(absl::string_view text) {
  const std::vector<absl::string_view> parts =
      absl::StrSplit(text, absl::MaxSplits(':', 5));
  Cursor cursor;
  if (parts.size() != 6 || !absl::SimpleAtoi(parts[0], &cursor.job) ||
      !absl::SimpleAtoi(parts[3], &cursor.elements) ||
      !absl::SimpleAtoi(parts[4], &cursor.settled)) {
    return {};
  }
  if (cursor.job < 0 || cursor.elements < 0 || cursor.settled < 0) return {};
  cursor.open = parts[1] == "1";
  cursor.ended = PhaseOf(parts[2]);
  cursor.page = std::string(parts[5]);
  return cursor;
}

}  // namespace enrich::rest
