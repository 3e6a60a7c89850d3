#include "base/recent_map.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <string>

namespace enrich {
namespace {

using testing::IsNull;
using testing::Pointee;

TEST(RecentMapTest, FindsWhatWasAdded) {
  RecentMap<int, std::string> map(100);
  map.Add(1, "one");
  map.Add(2, "two");
  map.Add(2, "another two");
  EXPECT_THAT(map.Find(1), Pointee(std::string("one")));
  EXPECT_THAT(map.Find(2), Pointee(std::string("two")));
  EXPECT_THAT(map.Find(3), IsNull());
  map.Erase(1);
  map.Erase(3);
  EXPECT_THAT(map.Find(1), IsNull());
}

TEST(RecentMapTest, ForgetsTheOldestByTheirWeight) {
  RecentMap<int, int> map(8);
  map.Add(1, 1, 3);
  map.Add(2, 2, 1);
  map.Add(3, 3, 4);
  EXPECT_THAT(map.Find(1), Pointee(1)) << "all fit";
  map.Add(4, 4, 1);
  EXPECT_THAT(map.Find(1), IsNull());
  EXPECT_THAT(map.Find(2), IsNull());
  EXPECT_THAT(map.Find(3), Pointee(3));
  EXPECT_THAT(map.Find(4), Pointee(4));
}

TEST(RecentMapTest, ErasesWhatIsOldToo) {
  RecentMap<int, int> map(4);
  for (int i = 1; i <= 3; ++i) map.Add(i, i);
  ASSERT_THAT(map.Find(1), Pointee(1));
  map.Erase(1);
  EXPECT_THAT(map.Find(1), IsNull());
  EXPECT_THAT(map.Find(2), Pointee(2));
}

}  // namespace
}  // namespace enrich
