#include "absl/strings/str_cat.h"
#include "conformance/store_suite.h"

namespace enrich {
namespace {

using testing::ElementsAre;
using testing::IsEmpty;
using testing::Pair;
using testing::SizeIs;

class InboxTest : public StoreTest {
 protected:
  void SetUp() override {
    StoreTest::SetUp();
    ASSERT_OK_AND_ASSIGN(batch_, Create(*store, MakeBatch("a", 3)));
    chunk_ = AddChunk("enrow", "token-1");
  }

  Written AddChunk(const std::string& account, const std::string& token) {
    Chunk chunk = MakeChunk(batch_, token);
    chunk.lane.account = account;
    chunk.attempt.provider_job_id = absl::StrCat("job of ", token);
    const auto written = Apply(*store, {.new_chunk = chunk});
    EXPECT_THAT(written, IsOk());
    return *written;
  }
  // Keeps a body and returns its key.
  int64_t Keep(const Written& chunk, const std::string& body,
               int64_t seconds = 1) {
    const auto kept = AppendInbox(*store, {.attempt_key = chunk.attempt_key,
                                           .receive_time = At(seconds),
                                           .body = body});
    EXPECT_THAT(kept, IsOk());
    return (*kept)->key;
  }
  void Set(int64_t key, InboxState state,
           QuarantineReason reason = QuarantineReason::kNone) {
    ASSERT_THAT(Apply(*store, {.now = At(50),
                               .inbox = {{.key = key,
                                          .state = state,
                                          .reason = reason,
                                          .reading = "r"}}}),
                IsOk());
  }
  std::vector<int64_t> Keys(InboxFilter filter) {
    filter.tenant = "acme";
    const auto page = store->ReadInbox(filter, 0, 100);
    EXPECT_THAT(page, IsOk());
    std::vector<int64_t> keys;
    for (const InboxRow& row : page->rows) keys.push_back(row.key);
    return keys;
  }
  int64_t DeleteBodies(absl::Time before, int max_bodies = 100) {
    const auto deleted = Await<int64_t>([&](StoreCallback<int64_t> done) {
      store->DeleteInboxBodies(before, max_bodies, std::move(done));
    });
    EXPECT_THAT(deleted, IsOk());
    return *deleted;
  }

  CreatedBatch batch_;
  Written chunk_;
};
ENRICH_STORE_SUITE(InboxTest);

TEST_P(InboxTest, SaysWhatBecameOfABody) {
  const int64_t key = Keep(chunk_, "body", 7);
  ASSERT_OK_AND_ASSIGN(InboxPage page,
                       store->ReadInbox({.tenant = "acme"}, 0, 10));
  ASSERT_THAT(page.rows, SizeIs(1));
  EXPECT_EQ(page.next_after, std::nullopt);
  const InboxRow& kept = page.rows[0];
  EXPECT_EQ(kept.key, key);
  EXPECT_EQ(kept.attempt_key, chunk_.attempt_key);
  EXPECT_EQ(kept.chunk_key, chunk_.chunk_key);
  EXPECT_EQ(kept.account, "enrow");
  EXPECT_EQ(kept.provider_job_id, "job of token-1");
  EXPECT_EQ(kept.chunk_state, ChunkState::kSending);
  EXPECT_EQ(kept.body_hash.size(), 32u);
  EXPECT_EQ(kept.body_bytes, 4);
  EXPECT_TRUE(kept.has_body);
  EXPECT_EQ(kept.receive_time, At(7));
  EXPECT_EQ(kept.state, InboxState::kPending);
  EXPECT_EQ(kept.reading, "");

  Set(key, InboxState::kQuarantined, QuarantineReason::kOtherJob);
  Reopen();
  ASSERT_OK_AND_ASSIGN(page, store->ReadInbox({.tenant = "acme"}, 0, 10));
  EXPECT_EQ(page.rows.at(0).state, InboxState::kQuarantined);
  EXPECT_EQ(page.rows.at(0).reason, QuarantineReason::kOtherJob);
  EXPECT_EQ(page.rows.at(0).state_time, At(50));
  EXPECT_EQ(page.rows.at(0).reading, "r");
  EXPECT_THAT(*store->ReadUnappliedInbox(), IsEmpty());
  EXPECT_EQ(*store->ReadInboxBody(key), "body");
  EXPECT_THAT(store->ReadInboxBody(key + 1),
              StatusIs(absl::StatusCode::kNotFound));
}

TEST_P(InboxTest, FiltersByEveryCondition) {
  const Written other = AddChunk("fullenrich", "token-2");
  const int64_t pending = Keep(chunk_, "1", 10);
  const int64_t applied = Keep(chunk_, "2", 20);
  const int64_t quarantined = Keep(other, "3", 30);
  Set(applied, InboxState::kApplied);
  Set(quarantined, InboxState::kQuarantined, QuarantineReason::kNoContact);

  EXPECT_THAT(Keys({}), ElementsAre(pending, applied, quarantined));
  EXPECT_THAT(Keys({.states = {InboxState::kQuarantined}}),
              ElementsAre(quarantined));
  EXPECT_THAT(Keys({.states = {InboxState::kPending, InboxState::kApplied}}),
              ElementsAre(pending, applied));
  EXPECT_THAT(Keys({.account = "fullenrich"}), ElementsAre(quarantined));
  EXPECT_THAT(Keys({.provider_job_id = "job of token-1"}),
              ElementsAre(pending, applied));
  EXPECT_THAT(Keys({.since = At(20), .until = At(30)}), ElementsAre(applied));
  EXPECT_THAT(Keys({.keys = {quarantined, pending, pending, 999'999}}),
              ElementsAre(pending, quarantined));
  EXPECT_THAT(Keys({.states = {InboxState::kApplied}, .keys = {pending}}),
              IsEmpty());
  EXPECT_EQ(DeleteBodies(At(25)), 1);
  EXPECT_THAT(Keys({.with_body = true}), ElementsAre(pending, quarantined));
}

TEST_P(InboxTest, ShowsNothingOfOtherTenants) {
  const int64_t key = Keep(chunk_, "body");
  Set(key, InboxState::kQuarantined);
  for (const InboxFilter& filter :
       {InboxFilter{.tenant = "globex"},
        InboxFilter{.tenant = "globex", .states = {InboxState::kQuarantined}},
        InboxFilter{.tenant = "globex", .keys = {key}}}) {
    EXPECT_THAT(store->ReadInbox(filter, 0, 10)->rows, IsEmpty());
  }
}

TEST_P(InboxTest, ReadsPageByPage) {
  std::vector<int64_t> keys;
  for (int i = 0; i < 5; ++i) keys.push_back(Keep(chunk_, absl::StrCat(i)));
  for (const std::vector<int64_t>& named : {std::vector<int64_t>(), keys}) {
    std::vector<int64_t> read;
    std::optional<int64_t> after = 0;
    int pages = 0;
    while (after.has_value()) {
      ASSERT_OK_AND_ASSIGN(
          const InboxPage page,
          store->ReadInbox({.tenant = "acme", .keys = named}, *after, 2));
      for (const InboxRow& row : page.rows) read.push_back(row.key);
      after = page.next_after;
      ++pages;
    }
    EXPECT_EQ(read, keys);
    EXPECT_EQ(pages, 3);
  }
}

TEST_P(InboxTest, CountsQuarantinedBodiesByAccount) {
  const Written other = AddChunk("fullenrich", "token-2");
  for (const std::string body : {"1", "2"}) {
    Set(Keep(chunk_, body, 10), InboxState::kQuarantined);
  }
  Set(Keep(other, "3", 20), InboxState::kQuarantined);
  Set(Keep(other, "4", 20), InboxState::kApplied);
  EXPECT_THAT(*store->CountQuarantined(),
              ElementsAre(Pair("enrow", 2), Pair("fullenrich", 1)));
  // What cannot be run again does not count.
  EXPECT_EQ(DeleteBodies(At(15)), 2);
  EXPECT_THAT(*store->CountQuarantined(), ElementsAre(Pair("fullenrich", 1)));
}

TEST_P(InboxTest, DeletesOldBodiesAndStillKnowsARepeatedPush) {
  const int64_t applied = Keep(chunk_, "1", 10);
  const int64_t quarantined = Keep(chunk_, "2", 10);
  const int64_t pending = Keep(chunk_, "3", 10);
  const int64_t recent = Keep(chunk_, "4", 20);
  Set(applied, InboxState::kApplied);
  Set(quarantined, InboxState::kQuarantined);
  Set(recent, InboxState::kApplied);
  EXPECT_EQ(DeleteBodies(At(20)), 2);
  EXPECT_EQ(DeleteBodies(At(20)), 0);
  EXPECT_THAT(store->ReadInboxBody(applied),
              StatusIs(absl::StatusCode::kNotFound));
  EXPECT_THAT(store->ReadInboxBody(pending), IsOk());
  EXPECT_THAT(store->ReadInboxBody(recent), IsOk());
  EXPECT_THAT(Keys({.states = {InboxState::kExpired}}),
              ElementsAre(quarantined));
  EXPECT_THAT(Keys({}), ElementsAre(applied, quarantined, pending, recent));
  ASSERT_OK_AND_ASSIGN(
      const auto again,
      AppendInbox(*store, {.attempt_key = chunk_.attempt_key, .body = "1"}));
  EXPECT_FALSE(again.has_value());
}

TEST_P(InboxTest, DeletesNoMoreBodiesThanAsked) {
  for (int i = 0; i < 5; ++i) {
    Set(Keep(chunk_, absl::StrCat(i), 10 + i), InboxState::kApplied);
  }
  EXPECT_EQ(DeleteBodies(At(100), 2), 2);
  EXPECT_THAT(Keys({.with_body = true}), SizeIs(3));
}

}  // namespace
}  // namespace enrich
