#include "expression/arena.h"

#include <algorithm>
#include <cstring>

namespace enrich::expression {
namespace {

constexpr size_t kFirstBlock = 4 << 10;
constexpr size_t kLargestBlock = 256 << 10;

}  // namespace

Arena::Arena(const Budget& budget)
    : steps_left_(budget.steps),
      bytes_left_(budget.bytes),
      next_block_(kFirstBlock) {}

Arena::~Arena() = default;

bool Arena::Steps(size_t count) {
  const size_t left = static_cast<size_t>(std::max<int64_t>(steps_left_, 0));
  if (exhausted_ || count > left) return Exhaust();
  steps_left_ -= static_cast<int64_t>(count);
  return true;
}

bool Arena::Charge(size_t bytes) {
  if (exhausted_ || bytes > bytes_left_) return Exhaust();
  bytes_left_ -= bytes;
  return true;
}

void* Arena::Allocate(size_t bytes) {
  return AllocateAligned(bytes, alignof(std::max_align_t));
}

absl::string_view Arena::Copy(absl::string_view text) {
  if (text.empty()) return "";
  void* const copy = AllocateAligned(text.size(), 1);
  if (copy == nullptr) return "";
  std::memcpy(copy, text.data(), text.size());
  return absl::string_view(static_cast<char*>(copy), text.size());
}

void* Arena::AllocateAligned(size_t bytes, size_t alignment) {
  const size_t padding = -reinterpret_cast<uintptr_t>(free_) & (alignment - 1);
  if (!Charge(bytes)) return nullptr;
  if (free_ == nullptr || padding > free_bytes_ ||
      bytes > free_bytes_ - padding) {
    return NewBlock(bytes);
  }
  char* const result = free_ + padding;
  free_ = result + bytes;
  free_bytes_ -= padding + bytes;
  return result;
}

// A block starts aligned. A large value has one of its own, so that what is
// left of the current one is still used.
void* Arena::NewBlock(size_t bytes) {
  const bool own = bytes >= next_block_ / 2;
  const size_t size = own ? std::max<size_t>(bytes, 1) : next_block_;
  blocks_.push_back(std::make_unique_for_overwrite<char[]>(size));
  char* const block = blocks_.back().get();
  if (!own) {
    free_ = block + bytes;
    free_bytes_ = size - bytes;
    next_block_ = std::min(2 * next_block_, kLargestBlock);
  }
  return block;
}

}  // namespace enrich::expression
