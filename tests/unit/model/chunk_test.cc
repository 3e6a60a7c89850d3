#include "model/chunk.h"

#include <gtest/gtest.h>

namespace enrich {
namespace {

TEST(ChunkState, HasNamesAndStableNumbers) {
  const std::pair<int, absl::string_view> kStates[] = {
      {1, "planned"}, {2, "sending"}, {3, "accepted"}, {4, "unknown"},
      {5, "parked"},  {6, "done"},    {7, "failed"},   {8, ""},
  };
  for (const auto& [number, name] : kStates) {
    EXPECT_EQ(ChunkStateName(static_cast<ChunkState>(number)), name);
  }
}

TEST(ChunkState, OnlyDoneAndFailedAreTerminal) {
  for (int number = 1; number <= 7; ++number) {
    EXPECT_EQ(IsTerminal(static_cast<ChunkState>(number)), number >= 6);
  }
}

TEST(WorkItem, StaysSmall) { EXPECT_EQ(sizeof(WorkItem), 24u); }

}  // namespace
}  // namespace enrich
