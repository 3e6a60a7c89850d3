#include "engine/ledger.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "support/seeded_random.h"

namespace enrich {
namespace {

using ::testing::ElementsAre;
using ::testing::IsEmpty;
using ::testing::Pair;
using ::testing::SizeIs;

constexpr int64_t kFirst = 1;
constexpr int64_t kSecond = 2;

FieldPrices Prices() {
  FieldPrices prices;
  prices.Set(ContactField::kWorkEmail, Credits::Whole(1));
  prices.Set(ContactField::kPhone, Credits::Whole(10));
  return prices;
}

// Two e-mails of a batch, and both fields of a contact of another.
Chunk Sending() {
  Chunk chunk = {
      .lane = {"t", "alpha", "find"},
      .state = ChunkState::kSending,
      .items = {{1, kFirst, ContactField::kWorkEmail},
                {2, kFirst, ContactField::kWorkEmail},
                {3, kSecond,
                 FieldSet(ContactField::kWorkEmail) | ContactField::kPhone}},
      .attempt = {.key = 7, .prices = Prices()}};
  chunk.answered.resize(3);
  chunk.settled.resize(3);
  return chunk;
}

Funds Whole(int64_t authorised, int64_t reserved, int64_t spent,
            int64_t released, int64_t exposed) {
  return {.authorised = Credits::Whole(authorised),
          .reserved = Credits::Whole(reserved),
          .spent = Credits::Whole(spent),
          .released = Credits::Whole(released),
          .exposed = Credits::Whole(exposed)};
}

TEST(ChangeOfFunds, SetsThePricesOfANewChunkAside) {
  const LedgerChange change = ChangeOfFunds(nullptr, Sending(), {});
  EXPECT_EQ(change.tenant, "t");
  EXPECT_EQ(change.account, "alpha");
  EXPECT_THAT(change.batches,
              ElementsAre(Pair(kFirst, Whole(2, 2, 0, 0, 0)),
                          Pair(kSecond, Whole(11, 11, 0, 0, 0))));
}

TEST(ChangeOfFunds, SpendsWhatAnAnswerCostsAndReleasesTheRest) {
  const Chunk before = Sending();
  Chunk after = before;
  after.state = ChunkState::kAccepted;
  after.settled[2] = after.items[2].fields;
  Charges charges;
  charges.Add(kSecond, Credits::Whole(10));
  EXPECT_THAT(ChangeOfFunds(&before, after, charges).batches,
              ElementsAre(Pair(kSecond, Whole(0, -11, 10, 1, 0))));
}

TEST(ChangeOfFunds, WhatIsInDoubtIsExposed) {
  const Chunk before = Sending();
  Chunk after = before;
  after.state = ChunkState::kUnknown;
  const LedgerChange change = ChangeOfFunds(&before, after, {});
  EXPECT_EQ(change.Total(), Whole(0, -13, 0, 0, 13));
  Chunk parked = after;
  parked.state = ChunkState::kParked;
  for (size_t i = 0; i < 3; ++i) parked.answered[i] = parked.items[i].fields;
  EXPECT_THAT(ChangeOfFunds(&after, parked, {}).batches, IsEmpty())
      << "closed by us is not answered";
}

TEST(ChangeOfFunds, WhatWaitsToBeSentAgainStaysSetAside) {
  const Chunk before = Sending();
  Chunk after = before;
  after.state = ChunkState::kPlanned;
  EXPECT_THAT(ChangeOfFunds(&before, after, {}).batches, IsEmpty());
}

TEST(ChangeOfFunds, ReleasesWhatIsLeftWhenAChunkIsOver) {
  const Chunk before = Sending();
  Chunk after = before;
  after.state = ChunkState::kFailed;
  EXPECT_EQ(ChangeOfFunds(&before, after, {}).Total(), Whole(0, -13, 0, 13, 0));
  EXPECT_THAT(ChangeOfFunds(&after, after, {}).batches, IsEmpty());
}

TEST(ChangeOfFunds, AnotherAttemptIsReckonedWithItsOwnItemsAndPrices) {
  Chunk before = Sending();
  before.state = ChunkState::kPlanned;
  Chunk after = Sending();
  after.attempt.key = 0;
  after.attempt.prices.Set(ContactField::kWorkEmail, Credits::Whole(3));
  for (auto* parts : {&after.answered, &after.settled}) parts->pop_back();
  after.items.pop_back();
  EXPECT_THAT(ChangeOfFunds(&before, after, {}).batches,
              ElementsAre(Pair(kFirst, Whole(4, 4, 0, 0, 0)),
                          Pair(kSecond, Whole(0, -11, 0, 11, 0))));
}

TEST(ChangeOfFunds, AuthorisesAChargeAboveWhatWasSetAsideInHindsight) {
  const Chunk before = Sending();
  Chunk after = before;
  after.settled[0] = after.items[0].fields;
  Charges charges;
  charges.Add(kFirst, Credits::Whole(4));
  EXPECT_THAT(ChangeOfFunds(&before, after, charges).batches,
              ElementsAre(Pair(kFirst, Whole(3, -1, 4, 0, 0))));
}

TEST(ChargeRest, ChargesWhatAJobCostBesidesItsAnswers) {
  Chunk chunk = Sending();
  chunk.state = ChunkState::kDone;
  chunk.attempt.spent = Credits::Whole(7);
  Charges charges;
  charges.Add(kFirst, Credits::Whole(1));
  EXPECT_EQ(ChargeRest(chunk, charges), Credits::Whole(6));
  EXPECT_EQ(charges.total(), Credits::Whole(7));
  EXPECT_THAT(charges.runs(), ElementsAre(Pair(kFirst, Credits::Whole(5)),
                                          Pair(kSecond, Credits::Whole(2))));
  Charges again;
  EXPECT_EQ(ChargeRest(chunk, again), Credits());
  EXPECT_EQ(again.total(), Credits());
}

TEST(ChargeRest, SharesOutToTheThousandth) {
  Chunk chunk = Sending();
  chunk.state = ChunkState::kDone;
  chunk.attempt.spent = Credits{1};
  Charges charges;
  ChargeRest(chunk, charges);
  EXPECT_EQ(charges.total(), Credits{1});
}

TEST(ChargeRest, AJobThatCostLessIsDriftAndTakesNothingBack) {
  Chunk chunk = Sending();
  chunk.state = ChunkState::kDone;
  chunk.attempt.spent = Credits::Whole(1);
  chunk.attempt.charged = Credits::Whole(3);
  Charges charges;
  EXPECT_EQ(ChargeRest(chunk, charges), Credits::Whole(-2));
  EXPECT_EQ(charges.total(), Credits());
}

TEST(ChargeRest, WaitsForTheEndOfTheChunk) {
  Chunk chunk = Sending();
  chunk.attempt.spent = Credits::Whole(7);
  Charges charges;
  charges.Add(kFirst, Credits::Whole(1));
  EXPECT_EQ(ChargeRest(chunk, charges), Credits());
  EXPECT_EQ(chunk.attempt.charged, Credits::Whole(1));
}

TEST(LedgerTest, BalancesWithTheOpenChunksOrSaysSo) {
  Ledger ledger;
  ledger.Load({.tenant = "t",
               .account = "alpha",
               .authorised = Credits::Whole(20),
               .spent = Credits::Whole(5),
               .released = Credits::Whole(2)});
  EXPECT_FALSE(ledger.Balanced());
  ledger.Load(Sending());
  EXPECT_TRUE(ledger.Balanced());
  EXPECT_EQ(ledger.Of("alpha").at("t"), Whole(20, 13, 5, 2, 0));
  EXPECT_THAT(ledger.Of("beta"), IsEmpty());
}

// One step of the life of a chunk, whatever can happen.
class RandomLife {
 public:
  explicit RandomLife(uint64_t seed) : random_(seed) {}

  Chunk Begin() {
    Chunk chunk = {.lane = {"t", "alpha", "find"},
                   .state = ChunkState::kSending,
                   .attempt = {.key = ++last_key_}};
    const uint64_t items = 1 + Below(6);
    for (uint64_t i = 0; i < items; ++i) {
      chunk.items.push_back(
          {static_cast<int64_t>(i), static_cast<int64_t>(1 + Below(3)),
           FieldSet::FromBits(static_cast<uint8_t>((1 + Below(3)) << 1))});
    }
    chunk.answered.resize(items);
    chunk.settled.resize(items);
    chunk.attempt.prices = SomePrices();
    return chunk;
  }

  void Step(Chunk& chunk, Charges& charges) {
    switch (Below(8)) {
      case 0:
        chunk.state = static_cast<ChunkState>(1 + Below(7));
        break;
      case 1:
        chunk.attempt.spent = Credits{static_cast<int64_t>(Below(40'000))};
        break;
      case 2:
        // Sent again, at other prices, without some of its contacts.
        chunk.attempt = {.key = ++last_key_, .prices = SomePrices()};
        chunk.state = ChunkState::kSending;
        if (chunk.items.size() > 1 && Below(2) == 0) {
          chunk.items.pop_back();
          chunk.answered.pop_back();
          chunk.settled.pop_back();
        }
        break;
      default:
        const size_t i = Below(chunk.items.size());
        const FieldSet open = chunk.items[i].fields - chunk.settled[i];
        if (open.empty()) break;
        chunk.settled[i] = chunk.items[i].fields;
        charges.Add(chunk.items[i].batch_key,
                    {static_cast<int64_t>(Below(15'000))});
    }
    ChargeRest(chunk, charges);
  }

 private:
  uint64_t Below(uint64_t n) {
    uint8_t bytes[2] = {};
    random_.Fill(absl::MakeSpan(bytes));
    return (bytes[0] * 256u + bytes[1]) % n;
  }
  FieldPrices SomePrices() {
    FieldPrices prices;
    for (const ContactField field : kAllContactFields) {
      prices.Set(field, {static_cast<int64_t>(Below(12'000))});
    }
    return prices;
  }

  SeededRandom random_;
  int64_t last_key_ = 0;
};

TEST(LedgerTest, BalancesAfterEveryStepOfAnyLife) {
  for (uint64_t seed = 1; seed <= 300; ++seed) {
    RandomLife life(seed);
    Ledger ledger;
    std::map<int64_t, Funds> batches;
    const auto apply = [&](const LedgerChange& change) {
      ledger.Apply(change);
      for (const auto& [key, funds] : change.batches) batches[key] += funds;
    };
    std::vector<Chunk> chunks = {life.Begin(), life.Begin()};
    for (const Chunk& chunk : chunks) {
      apply(ChangeOfFunds(nullptr, chunk, {}));
    }
    for (int step = 0; step < 40; ++step) {
      Chunk& chunk = chunks[static_cast<size_t>(step % 2)];
      const Chunk before = chunk;
      Charges charges;
      life.Step(chunk, charges);
      apply(ChangeOfFunds(&before, chunk, charges));
      ASSERT_TRUE(ledger.Balanced()) << "seed " << seed << " step " << step;
      Funds sum;
      for (const auto& [key, funds] : batches) {
        ASSERT_TRUE(funds.Balanced()) << "seed " << seed << " step " << step;
        sum += funds;
      }
      ASSERT_EQ(sum, ledger.Of("alpha").at("t"));
      // What is set aside is what the open chunks say: a restart finds it.
      Funds open = SetAside(chunks[0]);
      open += SetAside(chunks[1]);
      ASSERT_EQ(sum.reserved, open.reserved);
      ASSERT_EQ(sum.exposed, open.exposed);
    }
  }
}

}  // namespace
}  // namespace enrich
