#ifndef ENRICH_EXPRESSION_ARENA_H_
#define ENRICH_EXPRESSION_ARENA_H_

#include <cstddef>
#include <cstdint>
#include <memory>
#include <vector>

#include "absl/strings/string_view.h"

namespace enrich::expression {

// What one evaluation, or several over the same document, may cost.
struct Budget {
  // Nodes of the expression visited, elements of projections included.
  int64_t steps = 10'000'000;
  // Bytes of values that are computed rather than found in the document.
  size_t bytes = 64 << 20;
};

// Where computed values live. What is evaluated with it must not outlive it.
// Not thread-safe; one for each body that is read or written.
class Arena {
 public:
  explicit Arena(const Budget& budget = {});
  ~Arena();
  Arena(const Arena&) = delete;
  Arena& operator=(const Arena&) = delete;

  // Whether an evaluation ran out of its budget. Its value was then cut short
  // to null: nothing computed with this arena may be believed.
  bool exhausted() const { return exhausted_; }

  // Takes one step; false when there is none left.
  bool Step() { return --steps_left_ >= 0 || Exhaust(); }
  // Likewise `count` of them, for work that grows with the data.
  bool Steps(size_t count);
  // Takes bytes that are kept elsewhere; false when there are none left.
  bool Charge(size_t bytes);
  // Uninitialised memory, aligned for any type; null when there is none left.
  void* Allocate(size_t bytes);
  // A copy that lives as long as the arena; empty when there is no room.
  absl::string_view Copy(absl::string_view text);

 private:
  // No step succeeds afterwards.
  bool Exhaust() {
    exhausted_ = true;
    steps_left_ = 0;
    return false;
  }
  void* AllocateAligned(size_t bytes, size_t alignment);
  void* NewBlock(size_t bytes);

  int64_t steps_left_;
  size_t bytes_left_;
  bool exhausted_ = false;
  std::vector<std::unique_ptr<char[]>> blocks_;
  size_t next_block_;
  char* free_ = nullptr;
  size_t free_bytes_ = 0;
};

}  // namespace enrich::expression

#endif  // ENRICH_EXPRESSION_ARENA_H_
