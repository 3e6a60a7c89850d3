#ifndef ENRICH_SIMULATOR_RATE_WINDOW_H_
#define ENRICH_SIMULATOR_RATE_WINDOW_H_

#include <cstddef>
#include <deque>

#include "absl/time/time.h"

namespace enrich::simulator {

// At most so many calls in any window of a length. Not thread-safe.
class RateWindow {
 public:
  // No limit when `limit` is 0.
  RateWindow(int limit, absl::Duration window)
      : limit_(static_cast<size_t>(limit)), window_(window) {}

  // Whether a call at `now` is within the limit; if so, it counts.
  bool Admit(absl::Time now) {
    if (limit_ == 0) return true;
    while (!admitted_.empty() && admitted_.front() <= now - window_) {
      admitted_.pop_front();
    }
    if (admitted_.size() >= limit_) return false;
    admitted_.push_back(now);
    return true;
  }

 private:
  size_t limit_;
  absl::Duration window_;
  std::deque<absl::Time> admitted_;
};

}  // namespace enrich::simulator

#endif  // ENRICH_SIMULATOR_RATE_WINDOW_H_
