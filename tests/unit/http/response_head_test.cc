#include "http/response_head.h"

#include <gtest/gtest.h>

namespace enrich {
namespace {

TEST(ResponseHead, StatesTheLengthOfTheBody) {
  EXPECT_EQ(FormatResponseHead({.status = 200,
                                .headers = {{"Content-Type", "text/plain"}},
                                .body = "hello"},
                               true),
            "HTTP/1.1 200 OK\r\nContent-Type: text/plain\r\n"
            "Content-Length: 5\r\n\r\n");
}

TEST(ResponseHead, SaysThatTheConnectionCloses) {
  EXPECT_EQ(FormatResponseHead({.status = 404}, false),
            "HTTP/1.1 404 Not Found\r\nContent-Length: 0\r\n"
            "Connection: close\r\n\r\n");
}

TEST(ResponseHead, HasNoLengthWhereHttpForbidsABody) {
  EXPECT_EQ(FormatResponseHead({.status = 204, .body = "no"}, true),
            "HTTP/1.1 204 No Content\r\n\r\n");
}

TEST(ResponseHead, LeavesOutWhatWouldBreakTheMessage) {
  EXPECT_EQ(FormatResponseHead({.status = 299,
                                .headers = {{"Content-Length", "99"},
                                            {"X", "a\r\nY: b"},
                                            {"bad name", "c"},
                                            {"Z", "d"}}},
                               true),
            "HTTP/1.1 299 \r\nZ: d\r\nContent-Length: 0\r\n\r\n");
}

}  // namespace
}  // namespace enrich
