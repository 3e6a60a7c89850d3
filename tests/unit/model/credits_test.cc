#include "model/credits.h"

#include <gtest/gtest.h>

#include <limits>

namespace enrich {
namespace {

TEST(Credits, RoundToTheNearestThousandth) {
  const std::pair<double, int64_t> kCases[] = {
      {0, 0},
      {-0.0, 0},
      {1, 1000},
      {0.25, 250},
      {0.1, 100},
      {0.0004, 0},
      {0.0006, 1},
      {2.675, 2675},
      {1e12, 1000000000000000},
      {123456.789, 123456789},
  };
  for (const auto& [value, milli] : kCases) {
    const std::optional<Credits> credits = Credits::FromDouble(value);
    ASSERT_TRUE(credits.has_value()) << value;
    EXPECT_EQ(credits->milli, milli) << value;
  }
}

TEST(Credits, RefuseWhatIsNoAmount) {
  for (const double value :
       {-0.001, -1.0, 1.1e12, 1e300, std::numeric_limits<double>::infinity(),
        -std::numeric_limits<double>::infinity(),
        std::numeric_limits<double>::quiet_NaN()}) {
    EXPECT_EQ(Credits::FromDouble(value), std::nullopt) << value;
  }
}

TEST(Credits, AddUpExactly) {
  Credits sum;
  for (int i = 0; i < 10; ++i) sum += *Credits::FromDouble(0.1);
  EXPECT_EQ(sum, Credits::Whole(1));
  EXPECT_EQ(Credits::Whole(3) - Credits::Whole(1), Credits::Whole(2));
  EXPECT_EQ(Credits{250} * 4, Credits::Whole(1));
  EXPECT_LT(Credits{999}, Credits::Whole(1));
}

}  // namespace
}  // namespace enrich
