#include "engine/batch_cache.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "support/status_matchers.h"
#include "unit/engine/stub_store.h"

namespace enrich {
namespace {

using ::testing::ElementsAre;
using ::testing::SizeIs;

std::vector<WorkItem> ItemsOf(std::vector<int64_t> batch_keys) {
  std::vector<WorkItem> items;
  for (const int64_t key : batch_keys) items.push_back({.batch_key = key});
  return items;
}

class BatchCacheTest : public ::testing::Test {
 protected:
  BatchCacheTest() {
    for (const int64_t key : {1, 2}) store.batches[key] = {.key = key};
  }
  StubStore store;
  BatchCache cache{store};
};

TEST_F(BatchCacheTest, ReadsEachBatchOnce) {
  ASSERT_THAT(cache.Load(ItemsOf({1, 1, 2})), IsOk());
  ASSERT_THAT(cache.Load(ItemsOf({2, 1})), IsOk());
  EXPECT_THAT(store.batch_reads, ElementsAre(ElementsAre(1, 2)));
  ASSERT_NE(cache.Find(1), nullptr);
  EXPECT_EQ(cache.Find(1)->key, 1);
}

TEST_F(BatchCacheTest, ReadsAForgottenBatchAgain) {
  ASSERT_THAT(cache.Load(ItemsOf({1})), IsOk());
  const auto before = cache.Find(1);
  store.batches[1].cancelled = true;
  ASSERT_THAT(cache.Load(ItemsOf({1})), IsOk());
  EXPECT_FALSE(cache.Find(1)->cancelled);
  cache.Forget(1);
  ASSERT_THAT(cache.Load(ItemsOf({1})), IsOk());
  EXPECT_TRUE(cache.Find(1)->cancelled);
  EXPECT_FALSE(before->cancelled) << "who holds the old one keeps it";
}

TEST_F(BatchCacheTest, KnowsNothingOfABatchThatIsGone) {
  ASSERT_THAT(cache.Load(ItemsOf({1, 9})), IsOk());
  EXPECT_EQ(cache.Find(9), nullptr);
  EXPECT_NE(cache.Find(1), nullptr);
}

TEST_F(BatchCacheTest, PassesOnThatTheStoreCannotBeRead) {
  store.read_error = absl::UnavailableError("away");
  EXPECT_THAT(cache.Load(ItemsOf({1})),
              StatusIs(absl::StatusCode::kUnavailable));
  store.read_error = absl::OkStatus();
  EXPECT_THAT(cache.Load(ItemsOf({1})), IsOk());
  EXPECT_NE(cache.Find(1), nullptr);
}

TEST_F(BatchCacheTest, StaysBoundedAndAnswersForTheLatestLoad) {
  for (int64_t key = 1; key <= 10'002; ++key) {
    store.batches[key] = {.key = key};
    ASSERT_THAT(cache.Load(ItemsOf({key})), IsOk());
    ASSERT_NE(cache.Find(key), nullptr);
  }
  EXPECT_EQ(cache.Find(1), nullptr);
  ASSERT_THAT(cache.Load(ItemsOf({1, 10'002})), IsOk());
  EXPECT_NE(cache.Find(1), nullptr);
  EXPECT_NE(cache.Find(10'002), nullptr);
}

}  // namespace
}  // namespace enrich
