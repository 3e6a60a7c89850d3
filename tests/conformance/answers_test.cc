#include <limits>

#include "conformance/store_suite.h"

namespace enrich {
namespace {

using testing::IsEmpty;
using testing::SizeIs;

constexpr Identity kAda = {.high = 1, .low = 2};
// Its halves have their highest bits set, and one is that of another.
constexpr Identity kBob = {.high = 1,
                           .low = std::numeric_limits<uint64_t>::max()};

class AnswersTest : public StoreTest {
 protected:
  // `account` said at `answer_time` what Ada's work e-mail is.
  static BoughtAnswer Found(std::string account, absl::Time answer_time) {
    return {.identity = kAda,
            .account = std::move(account),
            .ask_time = answer_time - absl::Seconds(1),
            .answer_time = answer_time,
            .answer = {.field = ContactField::kWorkEmail,
                       .outcome = Outcome::kFound,
                       .emails = {{.address = "ada@acme.example",
                                   .quality = EmailQuality::kCatchAll}},
                       .credits = Credits{250}}};
  }
  static BoughtAnswer NotFound(std::string account, absl::Time answer_time) {
    BoughtAnswer answer = Found(std::move(account), answer_time);
    answer.answer = {.outcome = Outcome::kNotFound};
    return answer;
  }

  void Keep(BoughtAnswer answer) {
    ASSERT_THAT(Apply(*store, {.answers = {std::move(answer)}}), IsOk());
  }
  std::vector<BoughtAnswer> Read(const Identity& identity) {
    auto answers = store->ReadAnswers({identity});
    EXPECT_THAT(answers, IsOk());
    return *std::move(answers);
  }
  int64_t Delete(absl::Time found, absl::Time not_found, int max_answers) {
    const auto deleted = Await<int64_t>([&](StoreCallback<int64_t> done) {
      store->DeleteAnswersBefore(found, not_found, max_answers,
                                 std::move(done));
    });
    EXPECT_THAT(deleted, IsOk());
    return *deleted;
  }
};
ENRICH_STORE_SUITE(AnswersTest);

TEST_P(AnswersTest, ReadsAnAnswerAsItWasKept) {
  BoughtAnswer kept = Found("one", At(7));
  kept.answer.field = ContactField::kPhone;
  kept.answer.phones = {{.e164 = "+4930123",
                         .region = "DE",
                         .line_type = LineType::kLandline,
                         .provider_spelling = "030 123"}};
  kept.profile = {.full_name = "Ada Example", .provider = "one"};
  kept.raw = "{\"a\": 1}";
  Keep(kept);
  Reopen();
  const std::vector<BoughtAnswer> read = Read(kAda);
  ASSERT_THAT(read, SizeIs(1));
  EXPECT_EQ(read[0].identity, kAda);
  EXPECT_EQ(read[0].account, "one");
  EXPECT_EQ(read[0].ask_time, At(6));
  EXPECT_EQ(read[0].answer_time, At(7));
  EXPECT_EQ(read[0].answer.field, ContactField::kPhone);
  EXPECT_EQ(read[0].answer.outcome, Outcome::kFound);
  EXPECT_EQ(read[0].answer.credits, Credits{250});
  ASSERT_THAT(read[0].answer.emails, SizeIs(1));
  EXPECT_EQ(read[0].answer.emails[0].address, "ada@acme.example");
  EXPECT_EQ(read[0].answer.emails[0].quality, EmailQuality::kCatchAll);
  ASSERT_THAT(read[0].answer.phones, SizeIs(1));
  EXPECT_EQ(read[0].answer.phones[0].e164, "+4930123");
  EXPECT_EQ(read[0].answer.phones[0].line_type, LineType::kLandline);
  EXPECT_EQ(read[0].profile.full_name, "Ada Example");
  EXPECT_EQ(read[0].profile.provider, "one");
  EXPECT_EQ(read[0].raw, "{\"a\": 1}");
}

TEST_P(AnswersTest, ReadsThoseAboutTheIdentitiesGiven) {
  Keep(Found("one", At(1)));
  BoughtAnswer other = NotFound("one", At(1));
  other.identity = kBob;
  Keep(other);
  EXPECT_THAT(Read(kAda), SizeIs(1));
  EXPECT_EQ(Read(kBob)[0].answer.outcome, Outcome::kNotFound);
  EXPECT_THAT(Read({.high = 2, .low = 2}), IsEmpty());
  EXPECT_THAT(*store->ReadAnswers({kBob, kAda, {.high = 9}}), SizeIs(2));
  EXPECT_THAT(*store->ReadAnswers({}), IsEmpty());
}

TEST_P(AnswersTest, ANewerAnswerTakesThePlaceOfAnOlderOne) {
  Keep(Found("one", At(1)));
  Keep(NotFound("two", At(1)));
  BoughtAnswer phone = NotFound("one", At(1));
  phone.answer.field = ContactField::kPhone;
  Keep(phone);
  Keep(NotFound("one", At(5)));
  const std::vector<BoughtAnswer> answers = Read(kAda);
  ASSERT_THAT(answers, SizeIs(3));
  for (const BoughtAnswer& answer : answers) {
    EXPECT_EQ(answer.answer.outcome, Outcome::kNotFound);
  }
}

TEST_P(AnswersTest, DeletesWhatIsTooOldByWhatWasSaid) {
  for (int i = 0; i < 3; ++i) {
    Keep(Found(std::string(1, static_cast<char>('a' + i)), At(10 + i)));
    Keep(NotFound(std::string(1, static_cast<char>('k' + i)), At(10 + i)));
  }
  EXPECT_EQ(Delete(At(10), At(10), 10), 0);
  EXPECT_EQ(Delete(At(11), At(12), 10), 3);
  EXPECT_THAT(Read(kAda), SizeIs(3));
  EXPECT_EQ(Delete(At(99), At(99), 2), 2) << "about as many as asked";
  EXPECT_EQ(Delete(At(99), At(99), 2), 1);
  EXPECT_THAT(Read(kAda), IsEmpty());
}

TEST_P(AnswersTest, WhatWasReplacedDoesNotComeBackWithWhatReplacedIt) {
  for (const bool reopen : {false, true}) {
    Keep(Found("one", At(1)));
    Keep(NotFound("one", At(5)));
    if (reopen) Reopen();
    EXPECT_EQ(Delete(At(0), At(6), 10), 1);
    EXPECT_THAT(Read(kAda), IsEmpty());
    Reopen();
    EXPECT_THAT(Read(kAda), IsEmpty());
  }
}

TEST_P(AnswersTest, KeepsAnswersOfOneWriteApart) {
  std::vector<BoughtAnswer> answers;
  for (uint64_t i = 0; i < 200; ++i) {
    BoughtAnswer answer =
        i % 2 == 0 ? Found("one", At(1 + i % 4)) : NotFound("two", At(1));
    answer.identity = {.high = i, .low = 7 * i};
    answer.answer.credits = Credits{static_cast<int64_t>(i)};
    answers.push_back(answer);
  }
  ASSERT_THAT(Apply(*store, {.answers = answers}), IsOk());
  for (int round = 0; round < 2; ++round) {
    for (const BoughtAnswer& answer : answers) {
      const std::vector<BoughtAnswer> read = Read(answer.identity);
      ASSERT_THAT(read, SizeIs(1));
      EXPECT_EQ(read[0].account, answer.account);
      EXPECT_EQ(read[0].answer_time, answer.answer_time);
      EXPECT_EQ(read[0].answer.outcome, answer.answer.outcome);
      EXPECT_EQ(read[0].answer.credits, answer.answer.credits);
    }
    Reopen();
  }
  EXPECT_EQ(Delete(At(2), At(0), 1000), 50) << "by their time";
}

TEST_P(AnswersTest, AWriteThatFailsKeepsNoAnswer) {
  ASSERT_OK_AND_ASSIGN(const CreatedBatch created,
                       Create(*store, MakeBatch("a", 1)));
  Chunk unknown = MakeChunk(created, "token");
  unknown.key = 12345;
  EXPECT_THAT(
      Apply(*store, {.chunk = unknown, .answers = {Found("one", At(1))}}),
      StatusIs(absl::StatusCode::kNotFound));
  EXPECT_THAT(Read(kAda), IsEmpty());
}

TEST_P(AnswersTest, AChunkRemembersWhomItIsAbout) {
  ASSERT_OK_AND_ASSIGN(const CreatedBatch created,
                       Create(*store, MakeBatch("a", 2)));
  Chunk chunk = MakeChunk(created, "token");
  chunk.identities = {kAda, kBob};
  ASSERT_OK_AND_ASSIGN(const Written written,
                       Apply(*store, {.new_chunk = chunk}));
  chunk = *store->ReadChunk(written.chunk_key);
  EXPECT_EQ(chunk.identities, (std::vector<Identity>{kAda, kBob}));
  chunk.items.pop_back();
  chunk.identities = {kBob};
  ASSERT_THAT(Apply(*store, {.chunk = chunk}), IsOk());
  EXPECT_EQ(store->ReadChunk(written.chunk_key)->identities,
            std::vector<Identity>{kBob});
}

}  // namespace
}  // namespace enrich
