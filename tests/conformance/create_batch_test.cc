#include "absl/strings/str_cat.h"
#include "conformance/store_suite.h"
#include "model/errors.h"

namespace enrich {
namespace {

using testing::ElementsAre;
using testing::IsEmpty;
using testing::Pair;
using testing::SizeIs;

class CreateBatchTest : public StoreTest {};
ENRICH_STORE_SUITE(CreateBatchTest);

TEST_P(CreateBatchTest, ReturnsTheBatchWithItsKeys) {
  ASSERT_OK_AND_ASSIGN(CreatedBatch created, Create(*store, MakeBatch("a", 3)));
  EXPECT_FALSE(created.existed);
  EXPECT_GT(created.batch.key, 0);
  EXPECT_GT(created.batch.first_contact_key, 0);
  EXPECT_EQ(created.batch.counters.contacts, 3);
  EXPECT_EQ(created.batch.state, BatchState::kRunning);
  EXPECT_EQ(created.batch.finish_time, std::nullopt);
}

TEST_P(CreateBatchTest, KeepsTheBatch) {
  ASSERT_OK_AND_ASSIGN(CreatedBatch created, Create(*store, MakeBatch("a", 3)));
  ASSERT_OK_AND_ASSIGN(Batch batch, store->ReadBatch("acme", "id-a"));
  EXPECT_EQ(batch.key, created.batch.key);
  EXPECT_EQ(batch.tenant, "acme");
  EXPECT_EQ(batch.id, "id-a");
  EXPECT_EQ(batch.request_id, "request-a");
  EXPECT_EQ(batch.display_name, "Batch a");
  EXPECT_EQ(batch.state, BatchState::kRunning);
  EXPECT_EQ(batch.create_time, At(0));
  EXPECT_EQ(batch.finish_time, std::nullopt);
  EXPECT_EQ(batch.first_contact_key, created.batch.first_contact_key);
  EXPECT_EQ(batch.counters.contacts, 3);
  EXPECT_EQ(batch.counters.contacts_done, 0);
  EXPECT_EQ(batch.last_sequence, 0);
}

TEST_P(CreateBatchTest, KeepsEveryPropertyOfAContact) {
  NewBatch batch = MakeBatch("a", 0);
  batch.contacts = {{.contact_ref = "ref",
                     .first_name = "Ada",
                     .last_name = "Invented",
                     .full_name = "Ada Invented",
                     .company_name = "Acme",
                     .company_domain = "acme.example",
                     .linkedin_url = "https://www.linkedin.com/in/ada-invented",
                     .email = "ada@acme.example",
                     .fields = {ContactField::kPhone, ContactField::kWorkEmail},
                     .custom = {{"b", "2"}, {"a", "1"}}}};
  ASSERT_OK_AND_ASSIGN(CreatedBatch created, Create(*store, std::move(batch)));
  ASSERT_OK_AND_ASSIGN(auto contacts,
                       store->ReadContacts({created.batch.first_contact_key}));
  ASSERT_THAT(contacts, SizeIs(1));
  const Contact& contact = contacts[0].contact;
  EXPECT_EQ(contacts[0].key, created.batch.first_contact_key);
  EXPECT_EQ(contact.contact_ref, "ref");
  EXPECT_EQ(contact.first_name, "Ada");
  EXPECT_EQ(contact.last_name, "Invented");
  EXPECT_EQ(contact.full_name, "Ada Invented");
  EXPECT_EQ(contact.company_name, "Acme");
  EXPECT_EQ(contact.company_domain, "acme.example");
  EXPECT_EQ(contact.linkedin_url, "https://www.linkedin.com/in/ada-invented");
  EXPECT_EQ(contact.email, "ada@acme.example");
  EXPECT_THAT(contact.fields,
              ElementsAre(ContactField::kPhone, ContactField::kWorkEmail));
  EXPECT_THAT(contact.custom, ElementsAre(Pair("b", "2"), Pair("a", "1")));
  EXPECT_THAT(contacts[0].progress.fields, IsEmpty());
}

TEST_P(CreateBatchTest, GivesConsecutiveKeysToItsContacts) {
  ASSERT_OK_AND_ASSIGN(CreatedBatch one, Create(*store, MakeBatch("a", 200)));
  ASSERT_OK_AND_ASSIGN(CreatedBatch two, Create(*store, MakeBatch("b", 200)));
  for (const CreatedBatch* created : {&one, &two}) {
    std::vector<int64_t> keys;
    for (int64_t i = 0; i < 200; ++i) {
      keys.push_back(created->batch.first_contact_key + i);
    }
    ASSERT_OK_AND_ASSIGN(auto contacts, store->ReadContacts(keys));
    ASSERT_THAT(contacts, SizeIs(200));
    for (size_t i = 0; i < contacts.size(); ++i) {
      EXPECT_EQ(contacts[i].contact.contact_ref, absl::StrCat("ref-", i));
    }
  }
}

TEST_P(CreateBatchTest, ReadsContactsInTheOrderAskedAndLeavesOutUnknownOnes) {
  ASSERT_OK_AND_ASSIGN(CreatedBatch created,
                       Create(*store, MakeBatch("a", 100)));
  const int64_t first = created.batch.first_contact_key;
  ASSERT_OK_AND_ASSIGN(
      auto contacts,
      store->ReadContacts({first + 99, first + 100, first, -1, first + 63,
                           first + 64, first, 1'000'000}));
  std::vector<std::string> refs;
  for (const StoredContact& contact : contacts) {
    refs.push_back(contact.contact.contact_ref);
  }
  EXPECT_THAT(refs,
              ElementsAre("ref-99", "ref-0", "ref-63", "ref-64", "ref-0"));
}

TEST_P(CreateBatchTest, ReturnsTheSameBatchForTheSameRequest) {
  ASSERT_OK_AND_ASSIGN(CreatedBatch first, Create(*store, MakeBatch("a", 3)));
  NewBatch again = MakeBatch("a", 3);
  again.batch.id = "another-id";
  ASSERT_OK_AND_ASSIGN(CreatedBatch second, Create(*store, again));
  EXPECT_TRUE(second.existed);
  EXPECT_EQ(second.batch.key, first.batch.key);
  EXPECT_EQ(second.batch.id, "id-a");
  EXPECT_THAT(second.work_keys, IsEmpty());
  EXPECT_THAT(store->ReadBatch("acme", "another-id"),
              StatusIs(absl::StatusCode::kNotFound));
}

TEST_P(CreateBatchTest, RefusesARequestIdWithOtherContent) {
  ASSERT_THAT(Create(*store, MakeBatch("a", 3)), IsOk());
  NewBatch other = MakeBatch("a", 2);
  other.content_hash = "other";
  const absl::StatusOr<CreatedBatch> refused = Create(*store, other);
  EXPECT_THAT(refused, StatusIs(absl::StatusCode::kAlreadyExists));
  ASSERT_TRUE(DetailsOf(refused.status()).has_value());
  EXPECT_EQ(DetailsOf(refused.status())->reason, "REQUEST_ID_REUSED");
}

TEST_P(CreateBatchTest, KeepsRequestIdsOfTenantsApart) {
  ASSERT_THAT(Create(*store, MakeBatch("a", 3)), IsOk());
  NewBatch other = MakeBatch("a", 2);
  other.batch.tenant = "umbrella";
  other.batch.id = "id-other";
  ASSERT_OK_AND_ASSIGN(CreatedBatch created, Create(*store, other));
  EXPECT_FALSE(created.existed);
  EXPECT_THAT(store->ReadBatch("acme", "id-other"),
              StatusIs(absl::StatusCode::kNotFound));
  EXPECT_THAT(store->ReadBatch("umbrella", "id-a"),
              StatusIs(absl::StatusCode::kNotFound));
  EXPECT_THAT(store->ReadBatch("umbrella", "id-other"), IsOk());
}

TEST_P(CreateBatchTest, AddressesWorkByTheKeysItGave) {
  NewBatch batch = MakeBatch("a", 3);
  const LaneKey lane = {"acme", "one", "work_email"};
  batch.work = {
      {.lane = lane,
       .items = {{.contact_key = 0, .fields = ContactField::kWorkEmail},
                 {.contact_key = 2, .fields = ContactField::kPhone}},
       .enqueue_time = At(5)},
      {.lane = {"acme", "two", "work_email"}}};
  ASSERT_OK_AND_ASSIGN(CreatedBatch created, Create(*store, batch));
  ASSERT_THAT(created.work_keys, SizeIs(2));

  std::vector<OpenWork> open;
  ASSERT_THAT(store->ReadOpenWork(
                  [&](OpenWork work) { open.push_back(std::move(work)); }),
              IsOk());
  ASSERT_THAT(open, SizeIs(2));
  EXPECT_EQ(open[0].work_key, created.work_keys[0]);
  EXPECT_EQ(open[0].lane, lane);
  EXPECT_EQ(open[0].enqueue_time, At(5));
  EXPECT_EQ(open[0].consumed, 0);
  ASSERT_THAT(open[0].items, SizeIs(2));
  EXPECT_EQ(open[0].items[0].contact_key, created.batch.first_contact_key);
  EXPECT_EQ(open[0].items[0].batch_key, created.batch.key);
  EXPECT_EQ(open[0].items[1].contact_key, created.batch.first_contact_key + 2);
  EXPECT_EQ(open[0].items[1].batch_key, created.batch.key);
  EXPECT_EQ(open[0].items[1].fields, FieldSet(ContactField::kPhone));
  EXPECT_EQ(open[1].work_key, created.work_keys[1]);
}

TEST_P(CreateBatchTest, RecordsResultsKnownAtOnce) {
  NewBatch batch = MakeBatch("a", 2);
  batch.events = {ClosingEvent(0, "skipped")};
  ASSERT_OK_AND_ASSIGN(CreatedBatch created, Create(*store, batch));
  EXPECT_EQ(created.batch.counters.contacts_done, 1);
  EXPECT_EQ(created.batch.last_sequence, 1);
  EXPECT_EQ(created.batch.state, BatchState::kRunning);
  ASSERT_OK_AND_ASSIGN(auto log,
                       store->ReadBatchLog(created.batch.key, 0, 1 << 20));
  EXPECT_THAT(TextsOf(log), ElementsAre("skipped"));
  EXPECT_EQ(log[0]->tenant, "acme");
  EXPECT_EQ(log[0]->batch_key, created.batch.key);
}

TEST_P(CreateBatchTest, EndsABatchWhoseResultsAreAllKnown) {
  NewBatch batch = MakeBatch("a", 2);
  batch.events = {ClosingEvent(0, "one"), ClosingEvent(0, "two")};
  ASSERT_OK_AND_ASSIGN(CreatedBatch created, Create(*store, batch));
  EXPECT_EQ(created.batch.state, BatchState::kFinished);
  EXPECT_EQ(created.batch.finish_time, At(1));
  EXPECT_EQ(created.batch.last_sequence, 3);
  ASSERT_OK_AND_ASSIGN(auto log,
                       store->ReadBatchLog(created.batch.key, 0, 1 << 20));
  EXPECT_THAT(TextsOf(log), ElementsAre("one", "two", "end id-a 3 2 3"));
}

TEST_P(CreateBatchTest, KeepsProgressOfItsContacts) {
  NewBatch batch = MakeBatch("a", 2);
  batch.events = {ClosingEvent(0, "one"), ClosingEvent(0, "two")};
  ContactProgress progress;
  progress.fields = {{.outcome = Outcome::kUnknown}};
  batch.progress = {{.contact_key = 1, .progress = progress, .event_index = 1}};
  ASSERT_OK_AND_ASSIGN(CreatedBatch created, Create(*store, batch));
  ASSERT_OK_AND_ASSIGN(
      auto contacts,
      store->ReadContacts({created.batch.first_contact_key,
                           created.batch.first_contact_key + 1}));
  EXPECT_THAT(contacts[0].progress.fields, IsEmpty());
  EXPECT_THAT(contacts[1].progress.fields, SizeIs(1));
  EXPECT_EQ(contacts[1].progress.sequence, 2);
}

TEST_P(CreateBatchTest, KeepsThePlan) {
  NewBatch batch = MakeBatch("a", 1);
  batch.plan.min_email_quality = EmailQuality::kDeliverable;
  batch.plan.include_raw_items = true;
  ASSERT_OK_AND_ASSIGN(CreatedBatch created, Create(*store, batch));
  ASSERT_OK_AND_ASSIGN(
      auto infos,
      store->ReadBatchInfos({created.batch.key + 50, created.batch.key}));
  ASSERT_THAT(infos, SizeIs(1));
  EXPECT_EQ(infos[0].key, created.batch.key);
  EXPECT_EQ(infos[0].tenant, "acme");
  EXPECT_EQ(infos[0].id, "id-a");
  EXPECT_EQ(infos[0].first_contact_key, created.batch.first_contact_key);
  EXPECT_FALSE(infos[0].cancelled);
  EXPECT_EQ(infos[0].plan.min_email_quality, EmailQuality::kDeliverable);
  EXPECT_TRUE(infos[0].plan.include_raw_items);
  EXPECT_THAT(infos[0].plan.AccountsFor(ContactField::kWorkEmail),
              ElementsAre("one", "two"));
}

TEST_P(CreateBatchTest, ListsBatchesNewestFirstByPage) {
  for (const char* name : {"a", "b", "c"}) {
    ASSERT_THAT(Create(*store, MakeBatch(name, 1)), IsOk());
  }
  NewBatch other = MakeBatch("d", 1);
  other.batch.tenant = "umbrella";
  ASSERT_THAT(Create(*store, other), IsOk());

  ASSERT_OK_AND_ASSIGN(auto page, store->ListBatches("acme", 0, 2));
  ASSERT_THAT(page, SizeIs(2));
  EXPECT_EQ(page[0].id, "id-c");
  EXPECT_EQ(page[1].id, "id-b");
  ASSERT_OK_AND_ASSIGN(page, store->ListBatches("acme", page[1].key, 2));
  ASSERT_THAT(page, SizeIs(1));
  EXPECT_EQ(page[0].id, "id-a");
}

TEST_P(CreateBatchTest, SurvivesReopening) {
  const std::string store_id = store->store_id();
  EXPECT_FALSE(store_id.empty());
  ASSERT_OK_AND_ASSIGN(CreatedBatch created, Create(*store, MakeBatch("a", 3)));
  Reopen();
  EXPECT_EQ(store->store_id(), store_id);
  EXPECT_THAT(store->ReadBatch("acme", "id-a"), IsOk());
  ASSERT_OK_AND_ASSIGN(CreatedBatch next, Create(*store, MakeBatch("b", 3)));
  EXPECT_GT(next.batch.first_contact_key, created.batch.first_contact_key + 2);
}

}  // namespace
}  // namespace enrich
