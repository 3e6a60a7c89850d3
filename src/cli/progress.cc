#include "cli/progress.h"

#include <algorithm>
#include <vector>

#include "absl/strings/str_cat.h"
#include "absl/strings/str_format.h"
#include "absl/strings/str_join.h"
#include "cli/result_columns.h"

namespace enrich::cli {
namespace {

constexpr int kBarCells = 20;

int64_t DoneOf(const ProgressView& view) { return view.tally.contacts; }

int PercentOf(const ProgressView& view) {
  if (!view.contacts.has_value()) return 0;
  if (*view.contacts == 0) return 100;
  return static_cast<int>(100 * DoneOf(view) / *view.contacts);
}

std::string Bar(int percent) {
  const auto full = static_cast<size_t>(percent * kBarCells / 100);
  std::string bar(kBarCells, ' ');
  std::fill_n(bar.begin(), full, '=');
  if (full < kBarCells) bar[full] = '>';
  return absl::StrCat("[", bar, "]");
}

std::string Contacts(const ProgressView& view) {
  if (!view.contacts.has_value()) return WithThousands(DoneOf(view));
  return absl::StrCat(WithThousands(DoneOf(view)), "/",
                      WithThousands(*view.contacts));
}

std::vector<std::string> Counts(const ProgressView& view) {
  return {
      absl::StrCat(WithThousands(view.tally.Count(v1::LOOKUP_OUTCOME_FOUND)),
                   " found"),
      absl::StrCat(
          WithThousands(view.tally.Count(v1::LOOKUP_OUTCOME_NOT_FOUND)),
          " not found"),
      absl::StrCat(WithThousands(view.tally.Unanswered()), " failed")};
}

std::string FieldSummary(v1::ContactField field,
                         const Tally::Outcomes& outcomes) {
  std::vector<std::string> parts;
  for (size_t outcome = 0; outcome < outcomes.size(); ++outcome) {
    if (outcomes[outcome] == 0) continue;
    std::string name = OutcomeName(static_cast<v1::LookupOutcome>(outcome));
    std::replace(name.begin(), name.end(), '_', ' ');
    parts.push_back(absl::StrCat(WithThousands(outcomes[outcome]), " ", name));
  }
  return absl::StrCat("  ", FieldName(field), ": ", absl::StrJoin(parts, ", "),
                      "\n");
}

}  // namespace

std::optional<absl::Duration> EstimateTimeLeft(
    const ProgressView& view, int64_t done_before,
    std::optional<absl::Duration> gateway_estimate) {
  const int64_t done_now = DoneOf(view) - done_before;
  if (!view.contacts.has_value() || done_now <= 0) return gateway_estimate;
  const absl::Duration by_pace =
      view.elapsed * static_cast<double>(*view.contacts - DoneOf(view)) /
      static_cast<double>(done_now);
  return std::max(by_pace, gateway_estimate.value_or(absl::ZeroDuration()));
}

std::string WithThousands(int64_t number) {
  std::string text = absl::StrCat(number);
  const size_t first = number < 0 ? 1 : 0;
  for (size_t i = text.size(); i > first + 3;) {
    i -= 3;
    text.insert(i, ",");
  }
  return text;
}

std::string FormatSpan(absl::Duration span) {
  const int64_t seconds = absl::ToInt64Seconds(span + absl::Milliseconds(500));
  if (seconds < 60) return absl::StrFormat("%ds", seconds);
  if (seconds < 3600) {
    return absl::StrFormat("%dm%02ds", seconds / 60, seconds % 60);
  }
  const int64_t minutes = seconds / 60;
  if (minutes < 24 * 60) {
    return absl::StrFormat("%dh%02dm", minutes / 60, minutes % 60);
  }
  return absl::StrFormat("%dd%02dh", minutes / 1440, minutes / 60 % 24);
}

std::string RenderBar(const ProgressView& view, int width) {
  std::string line;
  const auto add = [&](absl::string_view part) {
    const size_t needed = line.size() + part.size() + (line.empty() ? 0 : 2);
    if (part.empty() || needed > static_cast<size_t>(std::max(width, 0))) {
      return;
    }
    absl::StrAppend(&line, line.empty() ? "" : "  ", part);
  };
  if (view.contacts.has_value()) {
    add(absl::StrFormat("%s %3d%%", Bar(PercentOf(view)), PercentOf(view)));
  }
  add(Contacts(view));
  // What it waits for tells more than the counts.
  add(view.waiting);
  if (view.time_left.has_value()) {
    add(absl::StrCat(FormatSpan(*view.time_left), " left"));
  }
  for (const std::string& count : Counts(view)) add(count);
  const std::string credits = DescribeCredits(view.tally.millicredits);
  if (!credits.empty()) add(absl::StrCat("credits: ", credits));
  return line;
}

std::string RenderLine(const ProgressView& view) {
  std::string line = absl::StrCat(Contacts(view), " contacts");
  if (view.contacts.has_value()) {
    absl::StrAppend(&line, " (", PercentOf(view), "%)");
  }
  absl::StrAppend(&line, ", ", absl::StrJoin(Counts(view), ", "));
  const std::string credits = DescribeCredits(view.tally.millicredits);
  if (!credits.empty()) absl::StrAppend(&line, ", credits: ", credits);
  if (view.time_left.has_value()) {
    absl::StrAppend(&line, ", ", FormatSpan(*view.time_left), " left");
  }
  if (!view.waiting.empty()) absl::StrAppend(&line, ", ", view.waiting);
  return line;
}

std::string RenderSummary(const Tally& tally, int64_t done_before,
                          absl::Duration elapsed) {
  const double seconds = std::max(absl::ToDoubleSeconds(elapsed), 1e-3);
  std::string text = absl::StrCat(
      WithThousands(tally.contacts), " contacts in ", FormatSpan(elapsed), ", ",
      absl::StrFormat(
          "%.1f", static_cast<double>(tally.contacts - done_before) / seconds),
      " contacts/s\n");
  for (const auto& [field, outcomes] : tally.fields) {
    absl::StrAppend(&text, FieldSummary(field, outcomes));
  }
  const std::string credits = DescribeCredits(tally.millicredits);
  absl::StrAppend(&text, "  credits: ", credits.empty() ? "none" : credits,
                  "\n");
  const std::string saved = DescribeCredits(tally.saved_millicredits);
  if (!saved.empty()) {
    absl::StrAppend(&text, "  saved: ", saved,
                    ", for what was bought before\n");
  }
  return text;
}

}  // namespace enrich::cli
