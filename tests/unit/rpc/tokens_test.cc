#include "rpc/tokens.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <limits>

#include "model/errors.h"
#include "support/status_matchers.h"

namespace enrich {
namespace {

using ::testing::HasSubstr;

TokenCodec Resume(const char* store = "store-1", const char* tenant = "acme") {
  return TokenCodec(TokenKind::kResume, store, tenant);
}

std::string RefusalOf(const absl::StatusOr<int64_t>& position) {
  EXPECT_THAT(position, StatusIs(absl::StatusCode::kInvalidArgument));
  return std::string(position.status().message());
}

TEST(TokenCodec, ReadsWhatItWrote) {
  for (const int64_t position :
       {int64_t{0}, int64_t{1}, int64_t{255}, int64_t{1} << 40,
        std::numeric_limits<int64_t>::max()}) {
    ASSERT_OK_AND_ASSIGN(const int64_t decoded,
                         Resume().Decode(Resume().Encode(position)));
    EXPECT_EQ(decoded, position);
  }
}

TEST(TokenCodec, IsShortAndFitForAUrl) {
  const std::string token = Resume().Encode(123456789);
  EXPECT_EQ(token.size(), 34u);
  EXPECT_EQ(token.find_first_not_of("ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnop"
                                    "qrstuvwxyz0123456789-_"),
            std::string::npos);
}

TEST(TokenCodec, SaysWhatIsWrongWithAResumeToken) {
  const std::string good = Resume().Encode(7);
  EXPECT_THAT(RefusalOf(Resume().Decode("")), HasSubstr("malformed"));
  EXPECT_THAT(RefusalOf(Resume().Decode("%%%")), HasSubstr("malformed"));
  EXPECT_THAT(RefusalOf(Resume().Decode(good.substr(1))),
              HasSubstr("malformed"));
  EXPECT_THAT(RefusalOf(Resume("store-2").Decode(good)),
              HasSubstr("another store"));
  EXPECT_THAT(RefusalOf(Resume("store-1", "globex").Decode(good)),
              HasSubstr("another tenant"));
  const TokenCodec pages(TokenKind::kBatchPage, "store-1", "acme");
  EXPECT_THAT(RefusalOf(Resume().Decode(pages.Encode(7))),
              HasSubstr("another kind"));
  EXPECT_EQ(DetailsOf(Resume().Decode("").status())->reason,
            "INVALID_RESUME_TOKEN");
}

TEST(TokenCodec, NoticesEveryChangedCharacter) {
  const std::string good = Resume().Encode(7);
  for (size_t i = 0; i < good.size(); ++i) {
    std::string bad = good;
    bad[i] = bad[i] == 'A' ? 'B' : 'A';
    const absl::StatusOr<int64_t> decoded = Resume().Decode(bad);
    // The last character carries bits that mean nothing.
    EXPECT_TRUE(!decoded.ok() || *decoded == 7) << i;
  }
}

TEST(TokenCodec, APageTokenIsBoundToItsBatch) {
  const TokenCodec one(TokenKind::kResultPage, "store-1", "acme", "batch-1");
  const TokenCodec two(TokenKind::kResultPage, "store-1", "acme", "batch-2");
  ASSERT_OK_AND_ASSIGN(const int64_t position, one.Decode(one.Encode(9)));
  EXPECT_EQ(position, 9);
  const absl::StatusOr<int64_t> refused = two.Decode(one.Encode(9));
  ASSERT_THAT(refused, StatusIs(absl::StatusCode::kInvalidArgument));
  EXPECT_EQ(DetailsOf(refused.status())->reason, "INVALID_PAGE_TOKEN");
}

TEST(TokenCodec, TenantAndBatchDoNotRunTogether) {
  const TokenCodec one(TokenKind::kResultPage, "store-1", "a", "bc");
  const TokenCodec two(TokenKind::kResultPage, "store-1", "ab", "c");
  EXPECT_NE(one.Encode(1), two.Encode(1));
}

}  // namespace
}  // namespace enrich
