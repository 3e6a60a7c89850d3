#include "sim/runner/tally.h"

#include <cinttypes>
#include <cstdio>
#include <utility>

#include "absl/time/clock.h"

namespace enrich::sim {
namespace {

constexpr absl::Duration kProgressInterval = absl::Seconds(5);

}  // namespace

Tally::Tally(std::string program, uint64_t seeds, bool progress)
    : program_(std::move(program)),
      expected_(seeds),
      start_(absl::Now()),
      next_progress_(progress ? start_ + kProgressInterval
                              : absl::InfiniteFuture()) {}

void Tally::Add(const Report& report) {
  ++seeds_;
  steps_ += report.steps;
  for (const auto& [what, times] : report.counts) counts_[what] += times;
  if (!report.violations.empty()) {
    ++failed_;
    std::printf("seed %" PRIu64 " fails\n", report.seed);
    for (const std::string& violation : report.violations) {
      std::printf("  %s\n", violation.c_str());
    }
    std::printf("  again: %s --trace %" PRIu64 "\n", program_.c_str(),
                report.seed);
    std::fflush(stdout);
  }
  if (const absl::Time now = absl::Now(); now >= next_progress_) {
    ShowProgress(now);
  }
}

void Tally::ShowProgress(absl::Time now) {
  next_progress_ = now + kProgressInterval;
  const absl::Duration elapsed = now - start_;
  const absl::Duration left =
      elapsed *
      (static_cast<double>(expected_ - seeds_) / static_cast<double>(seeds_));
  std::fprintf(
      stderr, "%" PRIu64 " of %" PRIu64 " seeds, %" PRIu64 " failed, %s left\n",
      seeds_, expected_, failed_,
      absl::FormatDuration(absl::Ceil(left, absl::Seconds(1))).c_str());
}

int Tally::Finish() const {
  for (const auto& [what, times] : counts_) {
    std::printf("%10" PRId64 "  %s\n", times, what.c_str());
  }
  std::printf("%" PRIu64 " seeds, %" PRId64 " events, %" PRIu64 " failed\n",
              seeds_, steps_, failed_);
  return failed_ == 0 ? 0 : 1;
}

}  // namespace enrich::sim
