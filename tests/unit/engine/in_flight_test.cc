#include "engine/in_flight.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <vector>

namespace enrich {
namespace {

using ::testing::IsEmpty;
using ::testing::SizeIs;

constexpr Identity kAda = {.high = 100, .low = 1};
constexpr Identity kBob = {.high = 200, .low = 2};
const uint64_t kAdaEmail = LookupHash(kAda, ContactField::kWorkEmail);
const uint64_t kAdaPhone = LookupHash(kAda, ContactField::kPhone);
const uint64_t kBobEmail = LookupHash(kBob, ContactField::kWorkEmail);

// Ada's e-mail and phone, and Bob's e-mail.
Chunk MakeChunk(int64_t key, ChunkState state = ChunkState::kSending) {
  return {.key = key,
          .state = state,
          .items = {{.contact_key = 1,
                     .fields = FieldSet(ContactField::kWorkEmail) |
                               ContactField::kPhone},
                    {.contact_key = 2, .fields = ContactField::kWorkEmail}},
          .identities = {kAda, kBob},
          .answered = std::vector<FieldSet>(2),
          .settled = std::vector<FieldSet>(2)};
}

WaitingRow RowFor(std::vector<uint64_t> lookups, int64_t batch_key = 1) {
  return {.chunk_key = 7,
          .lookups = std::move(lookups),
          .work = {.items = {{.contact_key = 9, .batch_key = batch_key}}}};
}

TEST(InFlight, KnowsWhatAChunkAsks) {
  InFlight in_flight;
  EXPECT_EQ(in_flight.Find(kAdaEmail), std::nullopt);
  in_flight.Update(nullptr, MakeChunk(7));
  EXPECT_EQ(in_flight.Find(kAdaEmail), 7);
  EXPECT_EQ(in_flight.Find(kAdaPhone), 7);
  EXPECT_EQ(in_flight.Find(kBobEmail), 7);
  EXPECT_EQ(in_flight.Find(LookupHash(kBob, ContactField::kPhone)),
            std::nullopt);
}

TEST(InFlight, AnAnswerEndsItForItsFieldAlone) {
  InFlight in_flight;
  const Chunk before = MakeChunk(7);
  in_flight.Update(nullptr, before);
  Chunk after = before;
  after.settled[0] = after.answered[0] = ContactField::kPhone;
  in_flight.Update(&before, after);
  EXPECT_EQ(in_flight.Find(kAdaEmail), 7);
  EXPECT_EQ(in_flight.Find(kAdaPhone), std::nullopt);
  EXPECT_EQ(in_flight.Find(kBobEmail), 7);
}

TEST(InFlight, DoubtDoesNotEndItAndTheEndOfTheChunkDoes) {
  InFlight in_flight;
  Chunk before = MakeChunk(7);
  in_flight.Update(nullptr, before);
  for (const ChunkState state :
       {ChunkState::kUnknown, ChunkState::kParked, ChunkState::kAccepted}) {
    Chunk after = before;
    after.state = state;
    // Parking closes the lookups; the provider has still not answered.
    after.answered[1] = ContactField::kWorkEmail;
    in_flight.Update(&before, after);
    EXPECT_EQ(in_flight.Find(kBobEmail), 7);
    before = after;
  }
  for (const ChunkState state : {ChunkState::kDone, ChunkState::kFailed}) {
    Chunk over = before;
    over.state = state;
    InFlight copy = in_flight;
    copy.Update(&before, over);
    EXPECT_EQ(copy.Find(kBobEmail), std::nullopt);
  }
}

TEST(InFlight, WhatWasRefusedAndWaitsToBeSentAgainIsLeftOut) {
  InFlight in_flight;
  const Chunk before = MakeChunk(7);
  in_flight.Update(nullptr, before);
  Chunk planned = before;
  planned.state = ChunkState::kPlanned;
  planned.answered[1] = ContactField::kWorkEmail;
  in_flight.Update(&before, planned);
  EXPECT_EQ(in_flight.Find(kBobEmail), std::nullopt);
  EXPECT_EQ(in_flight.Find(kAdaEmail), 7);
  // Sent again without it.
  Chunk again = planned;
  again.state = ChunkState::kSending;
  again.items.pop_back();
  again.identities.pop_back();
  again.answered.pop_back();
  again.settled.pop_back();
  in_flight.Update(&planned, again);
  EXPECT_EQ(in_flight.Find(kAdaEmail), 7);
}

TEST(InFlight, OfTwoChunksTheLaterOneIsWaitedFor) {
  InFlight in_flight;
  in_flight.Update(nullptr, MakeChunk(7, ChunkState::kParked));
  in_flight.Update(nullptr, MakeChunk(8));
  EXPECT_EQ(in_flight.Find(kAdaEmail), 8);
}

TEST(InFlight, AChunkThatIsTakenUpAgainTakesNothingFromAnother) {
  InFlight in_flight;
  const Chunk later = MakeChunk(8);
  in_flight.Update(nullptr, later);
  const Chunk late = MakeChunk(7, ChunkState::kAccepted);
  in_flight.Update(nullptr, late);
  EXPECT_EQ(in_flight.Find(kAdaEmail), 8);
  Chunk over = late;
  over.state = ChunkState::kDone;
  in_flight.Update(&late, over);
  EXPECT_EQ(in_flight.Find(kAdaEmail), 8);
}

TEST(InFlight, AChunkThatDoesNotSayWhomItIsAboutAsksNothing) {
  InFlight in_flight;
  Chunk old = MakeChunk(7);
  old.identities.clear();
  in_flight.Update(nullptr, old);
  EXPECT_EQ(in_flight.Find(kAdaEmail), std::nullopt);
}

TEST(InFlight, ARowWaitsForAllItsLookups) {
  InFlight in_flight;
  const Chunk before = MakeChunk(7);
  in_flight.Update(nullptr, before);
  WaitingRow row = RowFor({kAdaEmail, kBobEmail});
  ASSERT_TRUE(in_flight.Wait(row));
  EXPECT_EQ(in_flight.waiting(), 1);
  Chunk half = before;
  half.settled[0] = ContactField::kWorkEmail;
  EXPECT_THAT(in_flight.Update(&before, half), IsEmpty());
  Chunk all = half;
  all.settled[1] = ContactField::kWorkEmail;
  const std::vector<OpenWork> released = in_flight.Update(&half, all);
  ASSERT_THAT(released, SizeIs(1));
  EXPECT_EQ(released[0].items[0].contact_key, 9);
  EXPECT_EQ(in_flight.waiting(), 0);
}

TEST(InFlight, ARowDoesNotWaitForAParkedChunk) {
  InFlight in_flight;
  const Chunk before = MakeChunk(7, ChunkState::kUnknown);
  in_flight.Update(nullptr, before);
  WaitingRow row = RowFor({kAdaEmail});
  ASSERT_TRUE(in_flight.Wait(row));
  Chunk parked = before;
  parked.state = ChunkState::kParked;
  EXPECT_THAT(in_flight.Update(&before, parked), SizeIs(1));
}

TEST(InFlight, NothingWaitsForWhatIsAnsweredAlready) {
  InFlight in_flight;
  WaitingRow row = RowFor({kAdaEmail});
  EXPECT_FALSE(in_flight.Wait(row));
  in_flight.Update(nullptr, MakeChunk(8));
  EXPECT_FALSE(in_flight.Wait(row)) << "it waits for another chunk";
  EXPECT_THAT(row.work.items, SizeIs(1));
  EXPECT_EQ(in_flight.waiting(), 0);
}

TEST(InFlight, RowsOfABatchCanBeTakenOut) {
  InFlight in_flight;
  in_flight.Update(nullptr, MakeChunk(7));
  for (const int64_t batch_key : {1, 2, 1}) {
    WaitingRow row = RowFor({kAdaEmail}, batch_key);
    ASSERT_TRUE(in_flight.Wait(row));
  }
  EXPECT_THAT(in_flight.ExtractRowsOf(1), SizeIs(2));
  EXPECT_THAT(in_flight.ExtractRowsOf(1), IsEmpty());
  EXPECT_EQ(in_flight.waiting(), 1);
}

}  // namespace
}  // namespace enrich
