#include "http/http_message.h"

#include <gtest/gtest.h>

namespace enrich {
namespace {

TEST(FindHeader, IgnoresCaseAndTakesTheFirst) {
  const HttpHeaders headers = {
      {"Content-Type", "application/json"}, {"x-a", "1"}, {"X-A", "2"}};
  EXPECT_EQ(FindHeader(headers, "content-type"), "application/json");
  EXPECT_EQ(FindHeader(headers, "X-A"), "1");
  EXPECT_EQ(FindHeader(headers, "X-B"), "");
  EXPECT_EQ(FindHeader({}, "X-A"), "");
}

}  // namespace
}  // namespace enrich
