#include "store/sqlite/answer_index.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <map>

#include "sqlite3.h"
#include "store/sqlite/answer_rows.h"
#include "store/sqlite/schema.h"
#include "support/status_matchers.h"
#include "support/temp_dir.h"

namespace enrich {
namespace {

using testing::ElementsAre;
using testing::IsEmpty;
using testing::Pair;

Identity Person(uint64_t number) { return {.high = number, .low = 1}; }

// An index beside its table, as the writer uses it; it moves places once it has
// four in memory.
class AnswerIndexTest : public testing::Test {
 protected:
  AnswerIndexTest() {
    auto db = Connection::Open(dir_.File("answers.db"),
                               SQLITE_OPEN_READWRITE | SQLITE_OPEN_CREATE);
    EXPECT_THAT(db, IsOk());
    db_ = *std::move(db);
    EXPECT_THAT(ApplySchema(*db_, "store"), IsOk());
  }

  // The slot of a person's answer.
  static AnswerSlot SlotOfPerson(uint64_t number) {
    return SlotOf(Person(number), ContactField::kWorkEmail, "one");
  }
  // Commits places in a block.
  void Add(int64_t block_key, const std::vector<uint64_t>& people,
           size_t moves = 0) {
    AnswerIndexChange change;
    for (const uint64_t number : people) {
      change.added.push_back(
          {.slot = SlotOfPerson(number), .block_key = block_key});
    }
    EXPECT_THAT(index_.Move(*db_, moves, change), IsOk());
    index_.Commit(change);
  }
  // The blocks of these people in memory.
  std::map<uint64_t, int64_t> Recent(const std::vector<uint64_t>& people) {
    std::vector<Identity> identities;
    for (const uint64_t number : people) identities.push_back(Person(number));
    std::map<uint64_t, int64_t> blocks;
    for (const AnswerPlace& place : index_.FindRecent(identities)) {
      int64_t& block = blocks[place.slot.identity_high];
      block = std::max(block, place.block_key);
    }
    return blocks;
  }
  // Those in the table, and up to where it is complete.
  std::map<uint64_t, int64_t> Table() {
    std::map<uint64_t, int64_t> blocks;
    Statement query =
        db_->Use("SELECT identity_high, block_key FROM answer_index");
    while (*query.Step()) {
      blocks[static_cast<uint64_t>(query.Int(0))] = query.Int(1);
    }
    return blocks;
  }
  int64_t CompleteUpTo() {
    Statement query = db_->Use("SELECT indexed_answers FROM store");
    EXPECT_TRUE(*query.Step());
    return query.Int(0);
  }

  TempDir dir_;
  std::unique_ptr<Connection> db_;
  AnswerIndex index_{4};
};

TEST_F(AnswerIndexTest, KeepsTheLatestInMemory) {
  Add(10, {1, 2});
  Add(11, {2});
  EXPECT_THAT(Recent({1, 2, 3}), ElementsAre(Pair(1, 10), Pair(2, 11)));
  EXPECT_THAT(Table(), IsEmpty());
}

TEST_F(AnswerIndexTest, MovesThemInOrderAFewAtATime) {
  Add(10, {7, 3});
  Add(11, {9, 1});
  EXPECT_THAT(Table(), IsEmpty());
  Add(12, {5}, 2);
  EXPECT_THAT(Table(), ElementsAre(Pair(1, 11), Pair(3, 10)));
  EXPECT_EQ(CompleteUpTo(), 0);
  EXPECT_THAT(Recent({1, 3, 5, 7, 9}),
              ElementsAre(Pair(1, 11), Pair(3, 10), Pair(5, 12), Pair(7, 10),
                          Pair(9, 11)))
      << "nothing is missed meanwhile";
  Add(13, {}, 2);
  EXPECT_THAT(Table(),
              ElementsAre(Pair(1, 11), Pair(3, 10), Pair(7, 10), Pair(9, 11)));
  EXPECT_EQ(CompleteUpTo(), 11);
  EXPECT_THAT(Recent({1, 3, 5, 7, 9}), ElementsAre(Pair(5, 12)));
}

TEST_F(AnswerIndexTest, ATransactionThatIsTakenBackMovesNothing) {
  Add(10, {1, 2, 3, 4});
  AnswerIndexChange change;
  ASSERT_THAT(db_->Execute("BEGIN"), IsOk());
  ASSERT_THAT(index_.Move(*db_, 3, change), IsOk());
  ASSERT_THAT(db_->Execute("ROLLBACK"), IsOk());
  EXPECT_THAT(Table(), IsEmpty());
  Add(11, {}, 4);
  EXPECT_THAT(Table(),
              ElementsAre(Pair(1, 10), Pair(2, 10), Pair(3, 10), Pair(4, 10)));
}

TEST_F(AnswerIndexTest, MovesNoPlaceTwiceWithinATransaction) {
  Add(10, {1, 2, 3, 4});
  AnswerIndexChange change;
  ASSERT_THAT(index_.Move(*db_, 3, change), IsOk());
  ASSERT_THAT(index_.Move(*db_, 3, change), IsOk());
  EXPECT_EQ(change.moved, 4u);
  index_.Commit(change);
  EXPECT_THAT(Recent({1, 2, 3, 4}), IsEmpty());
  EXPECT_EQ(CompleteUpTo(), 10);
}

TEST_F(AnswerIndexTest, MovesAllTheNewestLast) {
  Add(10, {1, 2, 3, 4});
  Add(11, {2, 3});
  AnswerIndexChange change;
  change.added = {{.slot = SlotOfPerson(3), .block_key = 12}};
  ASSERT_THAT(index_.MoveAll(*db_, change), IsOk());
  change.added.push_back({.slot = SlotOfPerson(4), .block_key = 13});
  index_.Commit(change);
  EXPECT_THAT(Table(),
              ElementsAre(Pair(1, 10), Pair(2, 11), Pair(3, 12), Pair(4, 10)));
  EXPECT_EQ(CompleteUpTo(), 12);
  EXPECT_THAT(Recent({1, 2, 3, 4}), ElementsAre(Pair(4, 13)));
}

TEST_F(AnswerIndexTest, AStartReadsWhatWasNotMoved) {
  const auto write_block = [&](int64_t key, uint64_t number) {
    const BoughtAnswer answer = {.identity = Person(number),
                                 .account = "one",
                                 .answer = {.field = ContactField::kWorkEmail,
                                            .outcome = Outcome::kFound}};
    const std::vector<AnswerBlock> blocks = MakeAnswerBlocks({&answer, 1});
    ASSERT_THAT(db_->Use("INSERT INTO answer_blocks VALUES (?1, ?2, 0, 0, 1, "
                         "?3)")
                    .Run(key, blocks[0].account, SqlBlob{blocks[0].block}),
                IsOk());
  };
  write_block(10, 1);
  write_block(11, 2);
  write_block(12, 2);
  ASSERT_THAT(db_->Execute("UPDATE store SET indexed_answers = 10"), IsOk());
  ASSERT_THAT(index_.Load(*db_), IsOk());
  EXPECT_THAT(Recent({1, 2}), ElementsAre(Pair(2, 12)));
}

TEST(AnswerSlotTest, TellsAnswersAboutAPersonApart) {
  const AnswerSlot slot =
      SlotOf({.high = 1, .low = 2}, ContactField::kWorkEmail, "one");
  // It is stored: it must never change.
  EXPECT_EQ(slot.rest, 1'723'790'327u);
  EXPECT_NE(slot,
            SlotOf({.high = 1, .low = 3}, ContactField::kWorkEmail, "one"));
  EXPECT_NE(slot, SlotOf({.high = 1, .low = 2}, ContactField::kPhone, "one"));
  EXPECT_NE(slot,
            SlotOf({.high = 1, .low = 2}, ContactField::kWorkEmail, "two"));
}

}  // namespace
}  // namespace enrich
