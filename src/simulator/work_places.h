#ifndef ENRICH_SIMULATOR_WORK_PLACES_H_
#define ENRICH_SIMULATOR_WORK_PLACES_H_

#include <algorithm>
#include <cstddef>
#include <functional>
#include <queue>
#include <vector>

#include "absl/time/time.h"

namespace enrich::simulator {

// So much worked on at a time; the rest waits in order. Not thread-safe.
class WorkPlaces {
 public:
  // When work that comes at `now` and takes so long is done; no work waits when
  // `limit` is 0. The same limit each time.
  absl::Time Take(int limit, absl::Time now, absl::Duration takes) {
    if (limit == 0) return now + takes;
    absl::Time begin = now;
    if (busy_.size() >= static_cast<size_t>(limit)) {
      begin = std::max(now, busy_.top());
      busy_.pop();
    }
    busy_.push(begin + takes);
    return begin + takes;
  }

 private:
  // When each place becomes free; the earliest first.
  std::priority_queue<absl::Time, std::vector<absl::Time>, std::greater<>>
      busy_;
};

}  // namespace enrich::simulator

#endif  // ENRICH_SIMULATOR_WORK_PLACES_H_
