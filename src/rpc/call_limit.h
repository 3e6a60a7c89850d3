#ifndef ENRICH_RPC_CALL_LIMIT_H_
#define ENRICH_RPC_CALL_LIMIT_H_

#include <atomic>
#include <cstdint>

#include "absl/status/status.h"
#include "model/errors.h"

namespace enrich {

// Bounds the unary calls under way, over all services of a server: each holds
// its request, and some wait for the disk. Thread-safe.
class CallLimit {
 public:
  explicit CallLimit(int64_t limit) : limit_(limit) {}

  // Takes a place, which Leave gives back; error::TooManyCalls when all are
  // taken, and then there is nothing to give back.
  absl::Status Enter() {
    if (calls_.fetch_add(1) < limit_) return absl::OkStatus();
    Leave();
    return error::TooManyCalls(limit_);
  }
  void Leave() { calls_.fetch_sub(1); }

 private:
  const int64_t limit_;
  std::atomic<int64_t> calls_ = 0;
};

}  // namespace enrich

#endif  // ENRICH_RPC_CALL_LIMIT_H_
