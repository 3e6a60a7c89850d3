// What the store keeps of money.
#include "conformance/store_suite.h"

namespace enrich {
namespace {

using ::testing::ElementsAre;
using ::testing::IsEmpty;
using ::testing::SizeIs;

class LedgerStoreTest : public StoreTest {
 protected:
  static Funds Change(int64_t authorised, int64_t reserved, int64_t spent,
                      int64_t released, int64_t exposed) {
    return {.authorised = {authorised},
            .reserved = {reserved},
            .spent = {spent},
            .released = {released},
            .exposed = {exposed}};
  }
  static Write Changing(int64_t batch_key, Funds change,
                        const std::string& account = "one") {
    return {.ledger = {.tenant = "acme",
                       .account = account,
                       .batches = {{batch_key, change}}}};
  }
  std::map<std::string, Funds> FundsOf(const Batch& batch) {
    const auto read = store->ReadBatch("acme", batch.id);
    EXPECT_THAT(read, IsOk());
    return read.ok() ? read->counters.funds : std::map<std::string, Funds>();
  }
};

TEST_P(LedgerStoreTest, AddsChangesUpByBatchAndByTenantAndAccount) {
  ASSERT_OK_AND_ASSIGN(const CreatedBatch a, Create(*store, MakeBatch("a", 1)));
  ASSERT_OK_AND_ASSIGN(const CreatedBatch b, Create(*store, MakeBatch("b", 1)));
  Write both = Changing(a.batch.key, Change(7, 7, 0, 0, 0));
  both.ledger.batches.emplace_back(b.batch.key, Change(2, 2, 0, 0, 0));
  ASSERT_THAT(Apply(*store, both), IsOk());
  ASSERT_THAT(Apply(*store, Changing(a.batch.key, Change(0, -7, 4, 1, 2))),
              IsOk());
  ASSERT_THAT(
      Apply(*store, Changing(a.batch.key, Change(5, 5, 0, 0, 0), "two")),
      IsOk());
  EXPECT_THAT(FundsOf(a.batch),
              ElementsAre(testing::Pair("one", Change(7, 0, 4, 1, 2)),
                          testing::Pair("two", Change(5, 5, 0, 0, 0))));
  EXPECT_THAT(FundsOf(b.batch),
              ElementsAre(testing::Pair("one", Change(2, 2, 0, 0, 0))));
  Reopen();
  ASSERT_OK_AND_ASSIGN(const std::vector<LedgerRow> rows, store->ReadLedger());
  ASSERT_THAT(rows, SizeIs(2));
  EXPECT_EQ(rows[0].tenant, "acme");
  EXPECT_EQ(rows[0].account, "one");
  EXPECT_EQ(rows[0].authorised, Credits{9});
  EXPECT_EQ(rows[0].spent, Credits{4});
  EXPECT_EQ(rows[0].released, Credits{1});
  EXPECT_EQ(rows[1].account, "two");
}

TEST_P(LedgerStoreTest, TheSumTakesUpWhatABatchThatIsGoneCannot) {
  ASSERT_THAT(Apply(*store, Changing(12345, Change(3, 0, 3, 0, 0))), IsOk());
  ASSERT_OK_AND_ASSIGN(const std::vector<LedgerRow> rows, store->ReadLedger());
  ASSERT_THAT(rows, SizeIs(1));
  EXPECT_EQ(rows[0].spent, Credits{3});
}

TEST_P(LedgerStoreTest, AWriteWithoutMoneyLeavesNoTrace) {
  ASSERT_THAT(Apply(*store, {}), IsOk());
  ASSERT_OK_AND_ASSIGN(const std::vector<LedgerRow> rows, store->ReadLedger());
  EXPECT_THAT(rows, IsEmpty());
}

TEST_P(LedgerStoreTest, KeepsThePricesOfAnAttemptAndWhatOfItIsCharged) {
  ASSERT_OK_AND_ASSIGN(const CreatedBatch a, Create(*store, MakeBatch("a", 1)));
  Chunk chunk = MakeChunk(a, "token");
  chunk.attempt.prices.Set(ContactField::kPhone, Credits{2500});
  ASSERT_OK_AND_ASSIGN(const Written written,
                       Apply(*store, {.new_chunk = chunk}));
  ASSERT_OK_AND_ASSIGN(Chunk read, store->ReadChunk(written.chunk_key));
  EXPECT_EQ(read.attempt.prices, chunk.attempt.prices);
  EXPECT_EQ(read.attempt.charged, Credits());
  read.attempt.charged = Credits{750};
  ASSERT_THAT(Apply(*store, {.chunk = read}), IsOk());
  ASSERT_OK_AND_ASSIGN(read, store->ReadChunk(written.chunk_key));
  EXPECT_EQ(read.attempt.prices, chunk.attempt.prices);
  EXPECT_EQ(read.attempt.charged, Credits{750});
}

TEST_P(LedgerStoreTest, TellsTheCeilingsOfABatchAndWhatItCameTo) {
  NewBatch limited = MakeBatch("a", 1);
  limited.plan.ceilings = {.credits = {{"one", Credits{100}}},
                           .cost_micros = 5'000'000,
                           .micros_per_credit = {{"one", 10}, {"two", 20}}};
  ASSERT_OK_AND_ASSIGN(const CreatedBatch a, Create(*store, limited));
  ASSERT_OK_AND_ASSIGN(const CreatedBatch b, Create(*store, MakeBatch("b", 1)));
  for (const CreatedBatch* created : {&a, &b}) {
    ASSERT_THAT(
        Apply(*store, Changing(created->batch.key, Change(7, 7, 0, 0, 0))),
        IsOk());
  }
  ASSERT_OK_AND_ASSIGN(const std::vector<BatchInfo> infos,
                       store->ReadBatchInfos({a.batch.key, b.batch.key}));
  ASSERT_THAT(infos, SizeIs(2));
  const Ceilings& read = infos[0].plan.ceilings;
  EXPECT_EQ(read.credits, limited.plan.ceilings.credits);
  EXPECT_EQ(read.cost_micros, limited.plan.ceilings.cost_micros);
  EXPECT_EQ(read.micros_per_credit, limited.plan.ceilings.micros_per_credit);
  EXPECT_EQ(infos[0].funds.at("one"), Change(7, 7, 0, 0, 0));
  EXPECT_TRUE(infos[1].plan.ceilings.empty());
}

TEST_P(LedgerStoreTest, TellsWhichBatchesAWriteEnded) {
  ASSERT_OK_AND_ASSIGN(const CreatedBatch a, Create(*store, MakeBatch("a", 1)));
  ASSERT_OK_AND_ASSIGN(const CreatedBatch b, Create(*store, MakeBatch("b", 2)));
  ASSERT_OK_AND_ASSIGN(
      const Written written,
      Apply(*store, {.events = {ClosingEvent(a.batch.key, "a"),
                                ClosingEvent(b.batch.key, "b")}}));
  EXPECT_THAT(written.ended_batches, ElementsAre(a.batch.key));
}

ENRICH_STORE_SUITE(LedgerStoreTest);

}  // namespace
}  // namespace enrich
