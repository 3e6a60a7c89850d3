#include "scale/replay.h"

#include "absl/strings/str_cat.h"
#include "absl/time/clock.h"
#include "scale/result_stream.h"

namespace enrich::scale {
namespace {

constexpr absl::Duration kPause = absl::Milliseconds(5);
// The longest without any event.
constexpr absl::Duration kPatience = absl::Minutes(2);

}  // namespace

absl::StatusOr<ReplayReport> RunReplay(const ReplayOptions& options) {
  ReplayReport report;
  const Connections connections(options.port, 1);
  const absl::Time start = absl::Now();
  const ResultStream stream(
      connections, 0,
      options.token.empty() ? FromOldest() : After(options.token),
      StreamCheck(options.whole, options.digest));
  absl::Time news = start;
  StreamState state = stream.state();
  while (!state.live && !state.ended) {
    absl::SleepFor(kPause);
    const int64_t before = state.events;
    state = stream.state();
    if (state.events != before) news = absl::Now();
    if (absl::Now() - news > kPatience) {
      return absl::DeadlineExceededError(
          absl::StrCat("nothing comes after ", state.events, " events"));
    }
  }
  report.duration = absl::Now() - start;
  if (!state.mistake.empty()) return absl::DataLossError(state.mistake);
  report.status = absl::StatusCodeToString(state.status.code());
  report.oldest_token = state.oldest_token;
  report.contacts = state.contacts;
  report.batches = state.batches;
  report.events = state.events;
  report.digest = state.digest;
  return report;
}

}  // namespace enrich::scale
