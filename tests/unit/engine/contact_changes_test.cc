#include "engine/contact_changes.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "engine/next_step.h"
#include "fakes/text_event_encoder.h"
#include "support/status_matchers.h"
#include "unit/engine/engine_parts.h"
#include "unit/engine/stub_store.h"

namespace enrich {
namespace {

using ::testing::ElementsAre;
using ::testing::IsEmpty;
using ::testing::SizeIs;

constexpr ContactField kEmail = ContactField::kWorkEmail;
constexpr ContactField kPhone = ContactField::kPhone;
constexpr int64_t kBatch = 5;
constexpr int64_t kFirstContact = 100;

class ContactChangesTest : public ::testing::Test {
 protected:
  ContactChangesTest() {
    store.batches[kBatch] = {
        .key = kBatch,
        .tenant = "t",
        .id = "b1",
        .first_contact_key = kFirstContact,
        .plan = {.waterfalls = WaterfallsOf({"alpha", "beta"})}};
    AddContact(kFirstContact, {kEmail});
  }

  void AddContact(int64_t key, std::vector<ContactField> fields,
                  ContactProgress progress = {}) {
    store.contacts[key] = {.key = key,
                           .contact = MakePerson(std::move(fields)),
                           .progress = std::move(progress)};
  }
  static WorkItem Item(FieldSet fields, int64_t key = kFirstContact) {
    return {.contact_key = key, .batch_key = kBatch, .fields = fields};
  }
  // What follows when alpha says `answers` of the item.
  Write Answered(const WorkItem& item, std::vector<FieldAnswer> answers) {
    return Changed(item, [&](const BatchPlan& plan, ContactProgress& progress) {
      return ApplyAnswer({.account = "alpha"}, plan, item.fields,
                         {.fields = answers}, progress);
    });
  }
  Write Failed(const WorkItem& item, FailureReason reason) {
    return Changed(item, [&](const BatchPlan&, ContactProgress& progress) {
      ApplyFailure({.account = "alpha"}, item.fields, reason, "", progress);
      return item.fields;
    });
  }
  Write Changed(const WorkItem& item, ContactChanges::Change change) {
    ContactChanges changes = Make();
    EXPECT_THAT(changes.Load({&item, 1}), IsOk());
    changes.Apply(item, change);
    Write write;
    changes.MoveTo(write);
    return write;
  }
  ContactChanges Make() {
    return ContactChanges({.store = store,
                           .batches = batches,
                           .contacts = contacts,
                           .accounts = accounts,
                           .encoder = encoder,
                           .now = absl::UnixEpoch()});
  }

  StubStore store;
  BatchCache batches{store};
  ContactCache contacts;
  Accounts accounts = AlphaAndBeta();
  TextEventEncoder encoder;
};

TEST_F(ContactChangesTest, AContactAnsweredInOneGoLeavesOnlyItsResult) {
  const Write write = Answered(Item(kEmail), {FoundEmail("ada@acme.example")});
  ASSERT_THAT(write.events, SizeIs(1));
  EXPECT_EQ(write.events[0].batch_key, kBatch);
  EXPECT_EQ(write.events[0].body,
            "ada work_email=found:ada@acme.example[alpha=found]");
  EXPECT_EQ(write.events[0].delta.contacts_done, 1);
  EXPECT_EQ(write.events[0].delta.credits.at("alpha"), Credits::Whole(1));
  EXPECT_THAT(write.progress, IsEmpty());
  EXPECT_THAT(write.work, IsEmpty());
}

TEST_F(ContactChangesTest, AnOpenLookupGoesOnAndIsRemembered) {
  const Write write = Answered(Item(kEmail), {{.field = kEmail}});
  EXPECT_THAT(write.events, IsEmpty());
  ASSERT_THAT(write.work, SizeIs(1));
  EXPECT_EQ(write.work[0].lane, (LaneKey{"t", "beta", "find"}));
  ASSERT_THAT(write.work[0].items, SizeIs(1));
  EXPECT_EQ(write.work[0].items[0].contact_key, kFirstContact);
  EXPECT_EQ(write.work[0].items[0].batch_key, kBatch);
  ASSERT_THAT(write.progress, SizeIs(1));
  EXPECT_EQ(write.progress[0].contact_key, kFirstContact);
  EXPECT_FALSE(write.progress[0].event_index.has_value());
}

TEST_F(ContactChangesTest, FollowUpsToOneLaneShareARow) {
  AddContact(kFirstContact + 1, {kEmail});
  const std::vector<WorkItem> items = {Item(kEmail),
                                       Item(kEmail, kFirstContact + 1)};
  ContactChanges changes = Make();
  ASSERT_THAT(changes.Load(items), IsOk());
  for (const WorkItem& item : items) {
    changes.Apply(item, [](const BatchPlan&, ContactProgress& progress) {
      ApplyFailure({.account = "alpha"}, kEmail, FailureReason::kJobFailed, "",
                   progress);
      return FieldSet(kEmail);
    });
  }
  Write write;
  changes.MoveTo(write);
  ASSERT_THAT(write.work, SizeIs(1));
  EXPECT_THAT(write.work[0].items, SizeIs(2));
}

TEST_F(ContactChangesTest, TheResultIsOutOnlyWhenEveryFieldIsClosed) {
  AddContact(kFirstContact, {kEmail, kPhone});
  const Write first = Answered(Item(kEmail), {FoundEmail("ada@acme.example")});
  EXPECT_THAT(first.events, IsEmpty());
  EXPECT_THAT(first.work, IsEmpty()) << "phone is asked for elsewhere";
  ASSERT_THAT(first.progress, SizeIs(1));

  AddContact(kFirstContact, {kEmail, kPhone}, first.progress[0].progress);
  const Write second = Answered(Item(kPhone), {FoundPhone("+15550100")});
  ASSERT_THAT(second.events, SizeIs(1));
  EXPECT_EQ(second.events[0].delta.of(Outcome::kFound), 2);
  ASSERT_THAT(second.progress, SizeIs(1));
  EXPECT_EQ(second.progress[0].event_index, 0u);
}

TEST_F(ContactChangesTest, WhatMayBeCorrectedIsKept) {
  const Write write = Failed(Item(kEmail), FailureReason::kOutcomeUnknown);
  ASSERT_THAT(write.events, SizeIs(1));
  ASSERT_THAT(write.progress, SizeIs(1));
  EXPECT_EQ(write.progress[0].event_index, 0u);
}

TEST_F(ContactChangesTest, ACorrectionSupersedesTheResultThatIsOut) {
  ContactProgress out = Failed(Item(kEmail), FailureReason::kOutcomeUnknown)
                            .progress.at(0)
                            .progress;
  out.sequence = 3;
  AddContact(kFirstContact, {kEmail}, out);
  const Write write = Answered(Item(kEmail), {FoundEmail("ada@acme.example")});
  ASSERT_THAT(write.events, SizeIs(1));
  EXPECT_EQ(write.events[0].body,
            "ada work_email=found:ada@acme.example[alpha=found] supersedes 3");
  EXPECT_EQ(write.events[0].delta.contacts_done, 0);
  EXPECT_EQ(write.events[0].delta.of(Outcome::kUnknown), -1);
  EXPECT_EQ(write.events[0].delta.of(Outcome::kFound), 1);
}

TEST_F(ContactChangesTest, HoweverOftenItIsChangedAContactHasOneResult) {
  const WorkItem item = Item(kEmail);
  ContactChanges changes = Make();
  ASSERT_THAT(changes.Load({&item, 1}), IsOk());
  changes.Apply(item, [](const BatchPlan&, ContactProgress& progress) {
    ApplyFailure({.account = "alpha"}, kEmail, FailureReason::kOutcomeUnknown,
                 "", progress);
    return FieldSet(kEmail);
  });
  changes.Apply(item, [&](const BatchPlan& plan, ContactProgress& progress) {
    return ApplyAnswer({.account = "alpha"}, plan, kEmail,
                       {.fields = {FoundEmail("ada@acme.example")}}, progress);
  });
  Write write;
  changes.MoveTo(write);
  ASSERT_THAT(write.events, SizeIs(1));
  EXPECT_EQ(write.events[0].body,
            "ada work_email=found:ada@acme.example[alpha=found]");
  EXPECT_EQ(write.events[0].delta.contacts_done, 1);
  EXPECT_EQ(write.events[0].delta.of(Outcome::kUnknown), 0);
}

TEST_F(ContactChangesTest, WhatHasMovedOnIsNotAskedForAgain) {
  const WorkItem item = Item(kEmail);
  ContactChanges changes = Make();
  ASSERT_THAT(changes.Load({&item, 1}), IsOk());
  const auto miss = [](const BatchPlan& plan, ContactProgress& progress) {
    return ApplyAnswer({.account = "alpha"}, plan, kEmail,
                       {.fields = {{.field = kEmail}}}, progress);
  };
  changes.Apply(item, miss, /*moved_on=*/kEmail);
  Write write;
  changes.MoveTo(write);
  EXPECT_THAT(write.work, IsEmpty());
  EXPECT_THAT(write.progress, SizeIs(1));
}

TEST_F(ContactChangesTest, NoNewsIsNoEvent) {
  ContactProgress out = Failed(Item(kEmail), FailureReason::kOutcomeUnknown)
                            .progress.at(0)
                            .progress;
  AddContact(kFirstContact, {kEmail}, out);
  const Write write = Failed(Item(kEmail), FailureReason::kOutcomeUnknown);
  EXPECT_THAT(write.events, IsEmpty());
  EXPECT_THAT(write.progress, SizeIs(1));
}

TEST_F(ContactChangesTest, ACancelledBatchAsksNobodyElse) {
  store.batches[kBatch].cancelled = true;
  const Write write = Answered(Item(kEmail), {{.field = kEmail}});
  EXPECT_THAT(write.work, IsEmpty());
  ASSERT_THAT(write.events, SizeIs(1));
  EXPECT_EQ(write.events[0].delta.of(Outcome::kCancelled), 1);
}

TEST_F(ContactChangesTest, ACancelledBatchStillTakesWhatWasFound) {
  store.batches[kBatch].cancelled = true;
  const Write write = Answered(Item(kEmail), {FoundEmail("ada@acme.example")});
  ASSERT_THAT(write.events, SizeIs(1));
  EXPECT_EQ(write.events[0].delta.of(Outcome::kFound), 1);
}

TEST_F(ContactChangesTest, AChangeThatNotesNothingWritesNothing) {
  const Write write = Answered(Item(kEmail), {});
  EXPECT_THAT(write.events, IsEmpty());
  EXPECT_THAT(write.progress, IsEmpty());
  EXPECT_THAT(write.work, IsEmpty());
}

TEST_F(ContactChangesTest, NothingHappensToAContactThatIsGone) {
  const WorkItem gone = Item(kEmail, kFirstContact + 7);
  const Write write = Answered(gone, {FoundEmail("ada@acme.example")});
  EXPECT_THAT(write.events, IsEmpty());
  EXPECT_THAT(write.progress, IsEmpty());
  ContactChanges changes = Make();
  ASSERT_THAT(changes.Load({&gone, 1}), IsOk());
  EXPECT_EQ(changes.FindContact(gone), nullptr);
}

TEST_F(ContactChangesTest, ABatchThatIsGoneCountsAsCancelled) {
  WorkItem item = Item(kEmail);
  item.batch_key = 99;
  ContactChanges changes = Make();
  ASSERT_THAT(changes.Load({&item, 1}), IsOk());
  EXPECT_TRUE(changes.IsCancelled(item));
  EXPECT_THAT(Answered(item, {FoundEmail("ada@acme.example")}).events,
              IsEmpty());
}

TEST_F(ContactChangesTest, PassesOnThatTheStoreCannotBeRead) {
  store.read_error = absl::UnavailableError("away");
  const WorkItem item = Item(kEmail);
  EXPECT_THAT(Make().Load({&item, 1}),
              StatusIs(absl::StatusCode::kUnavailable));
}

TEST_F(ContactChangesTest, RemembersAContactUntilItIsAnswered) {
  const WorkItem item = Item(kEmail);
  ContactChanges changes = Make();
  ASSERT_THAT(changes.Load({&item, 1}), IsOk());
  changes.Remember({&item, 1});
  const auto found_without_reading = [&] {
    store.read_error = absl::UnavailableError("away");
    ContactChanges again = Make();
    const bool found = again.Load({&item, 1}).ok();
    EXPECT_EQ(again.FindContact(item) != nullptr, found);
    store.read_error = absl::OkStatus();
    return found;
  };
  EXPECT_TRUE(found_without_reading());
  Answered(item, {});
  EXPECT_TRUE(found_without_reading()) << "nothing was noted";
  Answered(item, {FoundEmail("ada@acme.example")});
  EXPECT_FALSE(found_without_reading());
}

TEST_F(ContactChangesTest, DoesNotRememberAContactOfWhichMoreIsStored) {
  const WorkItem item = Item(kEmail);
  store.contacts.at(item.contact_key).progress.fields = {
      {.field = ContactField::kWorkEmail}};
  ContactChanges changes = Make();
  ASSERT_THAT(changes.Load({&item, 1}), IsOk());
  changes.Remember({&item, 1});
  EXPECT_FALSE(contacts.Find(item.contact_key).has_value());
}

TEST_F(ContactChangesTest, RowsPointAtTheirEventsInTheJoinedWrite) {
  ContactChanges changes = Make();
  const WorkItem item = Item(kEmail);
  ASSERT_THAT(changes.Load({&item, 1}), IsOk());
  changes.Apply(item, [](const BatchPlan&, ContactProgress& progress) {
    ApplyFailure({.account = "alpha"}, kEmail, FailureReason::kOutcomeUnknown,
                 "", progress);
    return FieldSet(kEmail);
  });
  Write write;
  write.events.resize(2);
  changes.MoveTo(write);
  ASSERT_THAT(write.events, SizeIs(3));
  ASSERT_THAT(write.progress, SizeIs(1));
  EXPECT_EQ(write.progress[0].event_index, 2u);
}

}  // namespace
}  // namespace enrich
