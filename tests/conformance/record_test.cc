#include "store/record.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "absl/strings/str_cat.h"
#include "support/status_matchers.h"

namespace enrich {
namespace {

using testing::IsEmpty;
using testing::SizeIs;

std::vector<Contact> MakeContacts(int64_t count) {
  std::vector<Contact> contacts;
  for (int64_t i = 0; i < count; ++i) {
    contacts.push_back({.contact_ref = absl::StrCat("ref-", i)});
  }
  return contacts;
}

TEST(Record, CutsContactsIntoBlocks) {
  EXPECT_THAT(EncodeContactBlocks({}), IsEmpty());
  EXPECT_THAT(EncodeContactBlocks(MakeContacts(kContactsPerBlock)), SizeIs(1));
  const auto blocks = EncodeContactBlocks(MakeContacts(kContactsPerBlock + 1));
  ASSERT_THAT(blocks, SizeIs(2));
  EXPECT_EQ(DecodeContact(blocks[0], kContactsPerBlock - 1)->contact_ref,
            absl::StrCat("ref-", kContactsPerBlock - 1));
  EXPECT_EQ(DecodeContact(blocks[1], 0)->contact_ref,
            absl::StrCat("ref-", kContactsPerBlock));
}

TEST(Record, FindsNoContactPastTheEndOfABlock) {
  const auto blocks = EncodeContactBlocks(MakeContacts(2));
  EXPECT_THAT(DecodeContact(blocks[0], 2),
              StatusIs(absl::StatusCode::kNotFound));
  EXPECT_THAT(DecodeContact("", 0), StatusIs(absl::StatusCode::kNotFound));
}

TEST(Record, RefusesADamagedBlockWhereverItIsCut) {
  const std::string block = EncodeContactBlocks(MakeContacts(3))[0];
  for (size_t size = 1; size < block.size(); ++size) {
    const auto last =
        DecodeContact(absl::string_view(block).substr(0, size), 2);
    EXPECT_FALSE(last.ok()) << "cut at " << size;
  }
  EXPECT_THAT(DecodeContact("\xff\xff\xff\xff\xff\xff", 0),
              StatusIs(absl::StatusCode::kDataLoss));
  EXPECT_THAT(DecodeContact("\x0a\xff\xff\xff\xff\x0f", 0),
              StatusIs(absl::StatusCode::kDataLoss));
}

TEST(Record, RefusesBytesThatAreNoneOfOurs) {
  const std::string garbage = "\xff\xff\xff";
  BatchCounters counters;
  EXPECT_THAT(DecodePlan(garbage), StatusIs(absl::StatusCode::kDataLoss));
  EXPECT_THAT(DecodeCounters(garbage, counters),
              StatusIs(absl::StatusCode::kDataLoss));
  EXPECT_THAT(DecodeWorkItems(garbage), StatusIs(absl::StatusCode::kDataLoss));
  EXPECT_THAT(DecodeProgress(garbage), StatusIs(absl::StatusCode::kDataLoss));
  const auto all = [](const Identity&, ContactField) { return true; };
  std::vector<BoughtAnswer> answers;
  EXPECT_THAT(DecodeAnswerBlock(garbage, all, answers),
              StatusIs(absl::StatusCode::kDataLoss));
  // The block is sound, the answer in it is not.
  EXPECT_THAT(
      DecodeAnswerBlock(AnswerBlockOf({}, ContactField::kPhone, garbage), all,
                        answers),
      StatusIs(absl::StatusCode::kDataLoss));
}

TEST(Record, RefusesABlockOfAnswersWhosePartsDoNotMatch) {
  const BoughtAnswer answer = {};
  const std::string block = EncodeAnswerBlock({&answer});
  std::vector<BoughtAnswer> answers;
  // One identity more than there are answers.
  EXPECT_THAT(DecodeAnswerBlock(
                  absl::StrCat(block, AnswerBlockOf({}, {}, "").substr(0, 18)),
                  [](const Identity&, ContactField) { return true; }, answers),
              StatusIs(absl::StatusCode::kDataLoss));
}

TEST(Record, KeepsWorkItemsInAnyOrder) {
  const std::vector<WorkItem> items = {
      {.contact_key = 900, .batch_key = 7, .fields = ContactField::kPhone},
      {.contact_key = 3, .batch_key = 8, .fields = {}},
      {.contact_key = int64_t{1} << 60, .batch_key = 7}};
  const auto read = DecodeWorkItems(EncodeWorkItems(items));
  ASSERT_THAT(read, IsOk());
  ASSERT_THAT(*read, SizeIs(3));
  for (size_t i = 0; i < items.size(); ++i) {
    EXPECT_EQ((*read)[i].contact_key, items[i].contact_key);
    EXPECT_EQ((*read)[i].batch_key, items[i].batch_key);
    EXPECT_EQ((*read)[i].fields, items[i].fields);
  }
}

TEST(Record, TakesFourBytesForAnItemOfARun) {
  std::vector<WorkItem> items;
  for (int64_t i = 0; i < 1000; ++i) {
    items.push_back({.contact_key = 1'000'000 + i,
                     .batch_key = 5,
                     .fields = ContactField::kWorkEmail});
  }
  EXPECT_LT(EncodeWorkItems(items).size(), 4 * items.size());
}

TEST(Record, OverridesTheSequenceOfEncodedProgress) {
  ContactProgress progress;
  progress.fields = {{.field = ContactField::kPhone}};
  progress.sequence = 5;
  std::string record = EncodeProgress(progress);
  AppendProgressSequence(record, 300);
  const auto read = DecodeProgress(record);
  ASSERT_THAT(read, IsOk());
  EXPECT_EQ(read->sequence, 300);
  EXPECT_THAT(read->fields, SizeIs(1));
}

TEST(Record, KeepsCountersOfEveryOutcomeAndAccount) {
  BatchCounters counters;
  for (size_t i = 0; i < counters.lookups.size(); ++i) {
    counters.lookups[i] = static_cast<int64_t>(i) * 10;
  }
  counters.credits = {{"one", Credits{250}}, {"two", Credits{}}};
  BatchCounters read;
  read.of(Outcome::kFound) = 99;
  read.credits = {{"stale", Credits{1}}};
  ASSERT_THAT(DecodeCounters(EncodeCounters(counters), read), IsOk());
  EXPECT_EQ(read.lookups, counters.lookups);
  EXPECT_EQ(read.credits, counters.credits);
}

TEST(Record, KeepsFieldSets) {
  const std::vector<FieldSet> sets = {
      {}, ContactField::kPhone, FieldSet::FromBits(0xff)};
  EXPECT_EQ(DecodeFieldSets(EncodeFieldSets(sets)), sets);
}

}  // namespace
}  // namespace enrich
