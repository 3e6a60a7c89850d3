#include "conformance/store_suite.h"

namespace enrich {
namespace {

using testing::ElementsAre;
using testing::IsEmpty;
using testing::SizeIs;

class ApplyTest : public StoreTest {
 protected:
  void SetUp() override {
    StoreTest::SetUp();
    ASSERT_OK_AND_ASSIGN(created, Create(*store, MakeBatch("a", 3)));
  }

  // Inserts a chunk and returns it as read back.
  Chunk InsertChunk(absl::string_view token_hash) {
    const absl::StatusOr<Written> written =
        Apply(*store, {.new_chunk = MakeChunk(created, token_hash)});
    EXPECT_THAT(written, IsOk());
    return ReadChunk(written->chunk_key);
  }
  Chunk ReadChunk(int64_t key) {
    absl::StatusOr<Chunk> chunk = store->ReadChunk(key);
    EXPECT_THAT(chunk, IsOk());
    return *std::move(chunk);
  }
  std::vector<OpenWork> ReadOpenWork() {
    std::vector<OpenWork> open;
    EXPECT_THAT(store->ReadOpenWork(
                    [&](OpenWork work) { open.push_back(std::move(work)); }),
                IsOk());
    return open;
  }
  std::vector<int64_t> OpenChunkKeys() {
    std::vector<int64_t> keys;
    EXPECT_THAT(
        store->ReadOpenChunks([&](Chunk chunk) { keys.push_back(chunk.key); }),
        IsOk());
    return keys;
  }

  CreatedBatch created;
};
ENRICH_STORE_SUITE(ApplyTest);

TEST_P(ApplyTest, InsertsAChunkWithItsAttempt) {
  Chunk chunk = MakeChunk(created, "token-1");
  chunk.answered[1] = ContactField::kWorkEmail;
  chunk.settled[2] = ContactField::kPhone;
  ASSERT_OK_AND_ASSIGN(Written written, Apply(*store, {.new_chunk = chunk}));
  EXPECT_GT(written.chunk_key, 0);
  EXPECT_GT(written.attempt_key, 0);

  const Chunk read = ReadChunk(written.chunk_key);
  EXPECT_EQ(read.key, written.chunk_key);
  EXPECT_EQ(read.version, written.chunk_version);
  EXPECT_EQ(read.lane, chunk.lane);
  EXPECT_EQ(read.state, ChunkState::kSending);
  ASSERT_THAT(read.items, SizeIs(3));
  EXPECT_EQ(read.items[2].contact_key, created.batch.first_contact_key + 2);
  EXPECT_EQ(read.items[2].batch_key, created.batch.key);
  EXPECT_EQ(read.items[2].fields, FieldSet(ContactField::kWorkEmail));
  EXPECT_EQ(read.answered, chunk.answered);
  EXPECT_EQ(read.settled, chunk.settled);
  EXPECT_EQ(read.attempt_count, 1);
  EXPECT_EQ(read.due, At(60));
  EXPECT_EQ(read.create_time, At(2));
  EXPECT_EQ(read.attempt.key, written.attempt_key);
  EXPECT_EQ(read.attempt.chunk_key, written.chunk_key);
  EXPECT_EQ(read.attempt.reference, "reference-token-1");
  EXPECT_EQ(read.attempt.token_hash, "token-1");
  EXPECT_EQ(read.attempt.state, AttemptState::kSending);
  EXPECT_EQ(read.attempt.start_time, At(3));
  EXPECT_EQ(read.attempt.max_cost, Credits::Whole(2));
  EXPECT_EQ(read.attempt.debited, std::nullopt);
  EXPECT_EQ(read.attempt.spent, std::nullopt);
}

TEST_P(ApplyTest, InsertsAChunkWithoutAnAttempt) {
  Chunk chunk = MakeChunk(created, "");
  chunk.attempt = {};
  chunk.due = absl::InfiniteFuture();
  ASSERT_OK_AND_ASSIGN(Written written, Apply(*store, {.new_chunk = chunk}));
  EXPECT_EQ(written.attempt_key, 0);
  EXPECT_EQ(ReadChunk(written.chunk_key).attempt.key, 0);
  EXPECT_EQ(ReadChunk(written.chunk_key).due, absl::InfiniteFuture());
  EXPECT_THAT(store->ReadAttempts(written.chunk_key)->empty(), true);
}

TEST_P(ApplyTest, OverwritesAChunkAndItsAttempt) {
  Chunk chunk = InsertChunk("token-1");
  const int64_t version = chunk.version;
  chunk.state = ChunkState::kAccepted;
  chunk.polls = 4;
  chunk.due = absl::InfiniteFuture();
  chunk.attempt.state = AttemptState::kAccepted;
  chunk.attempt.debited = Credits{250};
  chunk.attempt.spent = Credits{};
  chunk.attempt.provider_job_id = "job-1";
  ASSERT_OK_AND_ASSIGN(Written written, Apply(*store, {.chunk = chunk}));
  EXPECT_EQ(written.chunk_key, chunk.key);
  EXPECT_EQ(written.attempt_key, chunk.attempt.key);
  EXPECT_GT(written.chunk_version, version);

  const Chunk read = ReadChunk(chunk.key);
  EXPECT_EQ(read.version, written.chunk_version);
  EXPECT_EQ(read.state, ChunkState::kAccepted);
  EXPECT_EQ(read.polls, 4);
  EXPECT_EQ(read.due, absl::InfiniteFuture());
  EXPECT_EQ(read.attempt.state, AttemptState::kAccepted);
  EXPECT_EQ(read.attempt.debited, Credits{250});
  EXPECT_EQ(read.attempt.spent, Credits{});
  EXPECT_EQ(read.attempt.provider_job_id, "job-1");
  EXPECT_EQ(read.attempt.token_hash, "token-1");
}

TEST_P(ApplyTest, AbortsAChangeMadeFromAnOldVersion) {
  const Chunk chunk = InsertChunk("token-1");
  ASSERT_THAT(Apply(*store, {.chunk = chunk}), IsOk());
  EXPECT_THAT(
      Apply(*store, {.chunk = chunk,
                     .events = {ClosingEvent(created.batch.key, "never")}}),
      StatusIs(absl::StatusCode::kAborted));
  ASSERT_OK_AND_ASSIGN(auto log,
                       store->ReadBatchLog(created.batch.key, 0, 1 << 20));
  EXPECT_THAT(log, IsEmpty());
}

TEST_P(ApplyTest, RefusesAChangeOfAnUnknownChunk) {
  Chunk chunk = MakeChunk(created, "token-1");
  chunk.key = 1'000'000;
  EXPECT_THAT(Apply(*store, {.chunk = chunk}),
              StatusIs(absl::StatusCode::kNotFound));
}

TEST_P(ApplyTest, KeepsEveryAttemptOfAChunk) {
  Chunk chunk = InsertChunk("token-1");
  chunk.attempt.state = AttemptState::kNotSent;
  ASSERT_THAT(Apply(*store, {.chunk = chunk}), IsOk());
  chunk = ReadChunk(chunk.key);
  chunk.attempt = {
      .reference = "reference-2", .token_hash = "token-2", .start_time = At(9)};
  chunk.attempt_count = 2;
  ASSERT_OK_AND_ASSIGN(Written written, Apply(*store, {.chunk = chunk}));

  EXPECT_EQ(ReadChunk(chunk.key).attempt.key, written.attempt_key);
  EXPECT_EQ(ReadChunk(chunk.key).attempt_count, 2);
  ASSERT_OK_AND_ASSIGN(auto attempts, store->ReadAttempts(chunk.key));
  ASSERT_THAT(attempts, SizeIs(2));
  EXPECT_EQ(attempts[0].token_hash, "token-1");
  EXPECT_EQ(attempts[0].state, AttemptState::kNotSent);
  EXPECT_EQ(attempts[1].token_hash, "token-2");
  EXPECT_EQ(attempts[1].key, written.attempt_key);
}

TEST_P(ApplyTest, FindsAnAttemptByItsToken) {
  const Chunk chunk = InsertChunk("token-1");
  ASSERT_OK_AND_ASSIGN(AttemptRef ref, store->FindAttempt("token-1"));
  EXPECT_EQ(ref.attempt_key, chunk.attempt.key);
  EXPECT_EQ(ref.chunk_key, chunk.key);
  EXPECT_EQ(ref.account, "one");
  EXPECT_THAT(store->FindAttempt("token-2"),
              StatusIs(absl::StatusCode::kNotFound));
}

TEST_P(ApplyTest, TakesAttemptsWithoutATokenApart) {
  InsertChunk("");
  InsertChunk("");
  EXPECT_THAT(store->FindAttempt(""), StatusIs(absl::StatusCode::kNotFound));
}

TEST_P(ApplyTest, FindsTheLatestAttemptOfAnAccountByItsJob) {
  const auto accept = [&](absl::string_view token, absl::string_view job) {
    Chunk chunk = InsertChunk(token);
    chunk.attempt.provider_job_id = std::string(job);
    EXPECT_THAT(Apply(*store, {.chunk = chunk}), IsOk());
    return chunk;
  };
  accept("token-1", "job-1");
  const Chunk again = accept("token-2", "job-1");
  accept("token-3", "job-2");
  InsertChunk("token-4");
  ASSERT_OK_AND_ASSIGN(AttemptRef ref, store->FindAttemptByJob("one", "job-1"));
  EXPECT_EQ(ref.attempt_key, again.attempt.key);
  EXPECT_EQ(ref.chunk_key, again.key);
  EXPECT_EQ(ref.account, "one");
  const auto not_found = StatusIs(absl::StatusCode::kNotFound);
  EXPECT_THAT(store->FindAttemptByJob("two", "job-1"), not_found);
  EXPECT_THAT(store->FindAttemptByJob("one", "job-3"), not_found);
  // Of those without an id nobody can ask for one.
  EXPECT_THAT(store->FindAttemptByJob("one", ""), not_found);
}

TEST_P(ApplyTest, ChangesNothingWhenItFailsHalfWay) {
  const Chunk chunk = InsertChunk("token-1");
  // The token is taken, which shows only after the chunk is inserted.
  EXPECT_THAT(
      Apply(*store, {.new_chunk = MakeChunk(created, "token-1"),
                     .events = {ClosingEvent(created.batch.key, "never")}}),
      StatusIs(absl::StatusCode::kUnavailable));
  EXPECT_THAT(OpenChunkKeys(), ElementsAre(chunk.key));
  ASSERT_OK_AND_ASSIGN(auto log,
                       store->ReadBatchLog(created.batch.key, 0, 1 << 20));
  EXPECT_THAT(log, IsEmpty());
}

TEST_P(ApplyTest, RefusesToReadAnUnknownChunk) {
  EXPECT_THAT(store->ReadChunk(1'000'000),
              StatusIs(absl::StatusCode::kNotFound));
}

TEST_P(ApplyTest, HandsOverOpenChunksOnly) {
  Chunk one = InsertChunk("token-1");
  const Chunk two = InsertChunk("token-2");
  Chunk three = InsertChunk("token-3");
  one.state = ChunkState::kDone;
  three.state = ChunkState::kFailed;
  ASSERT_THAT(Apply(*store, {.chunk = one}), IsOk());
  ASSERT_THAT(Apply(*store, {.chunk = three}), IsOk());
  EXPECT_THAT(OpenChunkKeys(), ElementsAre(two.key));
}

TEST_P(ApplyTest, TakesWorkFromTheFrontOfARow) {
  const int64_t first = created.batch.first_contact_key;
  NewWork work = {.lane = {"acme", "one", "work_email"},
                  .items = {{.contact_key = first},
                            {.contact_key = first + 1},
                            {.contact_key = first + 2}},
                  .enqueue_time = At(7)};
  ASSERT_OK_AND_ASSIGN(Written written, Apply(*store, {.work = {work, work}}));
  ASSERT_THAT(written.work_keys, SizeIs(2));
  ASSERT_THAT(
      Apply(*store,
            {.consumed = {{.work_key = written.work_keys[0], .consumed = 2},
                          {.work_key = written.work_keys[1],
                           .consumed = 3,
                           .exhausted = true}}}),
      IsOk());
  const std::vector<OpenWork> open = ReadOpenWork();
  ASSERT_THAT(open, SizeIs(1));
  EXPECT_EQ(open[0].work_key, written.work_keys[0]);
  EXPECT_EQ(open[0].consumed, 2);
  EXPECT_EQ(open[0].enqueue_time, At(7));
  ASSERT_THAT(open[0].items, SizeIs(1));
  EXPECT_EQ(open[0].items[0].contact_key, first + 2);
}

TEST_P(ApplyTest, KeepsEverythingKnownOfAContact) {
  const int64_t key = created.batch.first_contact_key + 1;
  ContactProgress progress;
  progress.fields = {{.field = ContactField::kPhone,
                      .outcome = Outcome::kFound,
                      .emails = {{.address = "ada@acme.example",
                                  .quality = EmailQuality::kCatchAll}},
                      .phones = {{.e164 = "+33100000000",
                                  .region = "FR",
                                  .line_type = LineType::kMobile,
                                  .provider_spelling = "01 00 00 00 00"}},
                      .provider = "one",
                      .attempts = {{.provider = "one",
                                    .outcome = Outcome::kFound,
                                    .start_time = At(3),
                                    .duration = absl::Milliseconds(1500),
                                    .credits = Credits{250},
                                    .error_reason = "REASON",
                                    .error_message = "message",
                                    .decision = "decision"}},
                      .explanation = "explanation"}};
  progress.profile = {.full_name = "Ada Invented", .company_headcount = 12};
  progress.raw_items = {{"one", "{\"not\": \"utf-8 \xff\"}"}};
  ASSERT_THAT(
      Apply(*store, {.progress = {{.contact_key = key, .progress = progress}}}),
      IsOk());

  ASSERT_OK_AND_ASSIGN(auto contacts, store->ReadContacts({key}));
  ASSERT_THAT(contacts, SizeIs(1));
  const ContactProgress& read = contacts[0].progress;
  ASSERT_THAT(read.fields, SizeIs(1));
  const FieldProgress& field = read.fields[0];
  EXPECT_EQ(field.field, ContactField::kPhone);
  EXPECT_EQ(field.outcome, Outcome::kFound);
  EXPECT_EQ(field.emails.at(0).address, "ada@acme.example");
  EXPECT_EQ(field.emails.at(0).quality, EmailQuality::kCatchAll);
  EXPECT_EQ(field.phones.at(0).e164, "+33100000000");
  EXPECT_EQ(field.phones.at(0).region, "FR");
  EXPECT_EQ(field.phones.at(0).line_type, LineType::kMobile);
  EXPECT_EQ(field.phones.at(0).provider_spelling, "01 00 00 00 00");
  EXPECT_EQ(field.provider, "one");
  EXPECT_EQ(field.explanation, "explanation");
  const Attempt& attempt = field.attempts.at(0);
  EXPECT_EQ(attempt.provider, "one");
  EXPECT_EQ(attempt.outcome, Outcome::kFound);
  EXPECT_EQ(attempt.start_time, At(3));
  EXPECT_EQ(attempt.duration, absl::Milliseconds(1500));
  EXPECT_EQ(attempt.credits, Credits{250});
  EXPECT_EQ(attempt.error_reason, "REASON");
  EXPECT_EQ(attempt.error_message, "message");
  EXPECT_EQ(attempt.decision, "decision");
  EXPECT_EQ(read.profile.full_name, "Ada Invented");
  EXPECT_EQ(read.profile.company_headcount, 12);
  EXPECT_EQ(read.raw_items, progress.raw_items);
  EXPECT_EQ(read.sequence, 0);
}

TEST_P(ApplyTest, GivesProgressTheSequenceOfItsEvent) {
  const int64_t key = created.batch.first_contact_key;
  ContactProgress progress;
  progress.fields = {{.outcome = Outcome::kUnknown}};
  progress.sequence = 77;
  ASSERT_THAT(Apply(*store, {.events = {ClosingEvent(created.batch.key, "x"),
                                        ClosingEvent(created.batch.key, "y")},
                             .progress = {{.contact_key = key,
                                           .progress = progress,
                                           .event_index = 1}}}),
              IsOk());
  ASSERT_OK_AND_ASSIGN(auto contacts, store->ReadContacts({key}));
  EXPECT_EQ(contacts[0].progress.sequence, 2);
}

TEST_P(ApplyTest, ReplacesAndDeletesProgress) {
  const int64_t key = created.batch.first_contact_key;
  for (const Outcome outcome : {Outcome::kOpen, Outcome::kUnknown}) {
    ContactProgress progress;
    progress.fields = {{.outcome = outcome}};
    ASSERT_THAT(
        Apply(*store,
              {.progress = {{.contact_key = key, .progress = progress}}}),
        IsOk());
    ASSERT_OK_AND_ASSIGN(auto contacts, store->ReadContacts({key}));
    EXPECT_EQ(contacts[0].progress.fields.at(0).outcome, outcome);
  }
  ASSERT_THAT(Apply(*store, {.progress = {{.contact_key = key}}}), IsOk());
  ASSERT_OK_AND_ASSIGN(auto contacts, store->ReadContacts({key}));
  EXPECT_THAT(contacts[0].progress.fields, IsEmpty());
}

TEST_P(ApplyTest, KeepsAWebhookBodyOnce) {
  const Chunk chunk = InsertChunk("token-1");
  const NewInboxEvent event = {
      .attempt_key = chunk.attempt.key, .receive_time = At(9), .body = "body"};
  ASSERT_OK_AND_ASSIGN(auto first, AppendInbox(*store, event));
  ASSERT_TRUE(first.has_value());
  EXPECT_EQ(first->attempt_key, chunk.attempt.key);
  EXPECT_EQ(first->chunk_key, chunk.key);
  EXPECT_EQ(first->body, "body");
  ASSERT_OK_AND_ASSIGN(auto second, AppendInbox(*store, event));
  EXPECT_FALSE(second.has_value());
  NewInboxEvent other = event;
  other.body = "other body";
  ASSERT_OK_AND_ASSIGN(auto third, AppendInbox(*store, other));
  EXPECT_TRUE(third.has_value());

  ASSERT_OK_AND_ASSIGN(auto inbox, store->ReadUnappliedInbox());
  ASSERT_THAT(inbox, SizeIs(2));
  EXPECT_EQ(inbox[0].key, first->key);
  EXPECT_EQ(inbox[0].body, "body");
  EXPECT_EQ(inbox[0].chunk_key, chunk.key);
}

TEST_P(ApplyTest, RemembersAnAppliedWebhookBody) {
  const Chunk chunk = InsertChunk("token-1");
  const NewInboxEvent event = {.attempt_key = chunk.attempt.key,
                               .body = "body"};
  ASSERT_OK_AND_ASSIGN(auto kept, AppendInbox(*store, event));
  ASSERT_THAT(Apply(*store, {.inbox = {{.key = kept->key}}}), IsOk());
  ASSERT_OK_AND_ASSIGN(auto inbox, store->ReadUnappliedInbox());
  EXPECT_THAT(inbox, IsEmpty());
  ASSERT_OK_AND_ASSIGN(auto again, AppendInbox(*store, event));
  EXPECT_FALSE(again.has_value());
}

TEST_P(ApplyTest, RefusesAWebhookBodyForAnUnknownAttempt) {
  EXPECT_THAT(AppendInbox(*store, {.attempt_key = 1'000'000, .body = "body"}),
              StatusIs(absl::StatusCode::kNotFound));
}

TEST_P(ApplyTest, CancelsARunningBatch) {
  ASSERT_THAT(Apply(*store, {.cancel_batch = created.batch.key}), IsOk());
  ASSERT_OK_AND_ASSIGN(Batch batch, store->ReadBatch("acme", "id-a"));
  EXPECT_EQ(batch.state, BatchState::kCancelling);
  ASSERT_OK_AND_ASSIGN(auto infos, store->ReadBatchInfos({batch.key}));
  EXPECT_TRUE(infos.at(0).cancelled);
}

TEST_P(ApplyTest, LeavesAnEndedBatchUncancelled) {
  const int64_t key = created.batch.key;
  ASSERT_THAT(
      Apply(*store, {.events = {ClosingEvent(key, "x"), ClosingEvent(key, "y"),
                                ClosingEvent(key, "z")}}),
      IsOk());
  ASSERT_THAT(Apply(*store, {.cancel_batch = key}), IsOk());
  ASSERT_OK_AND_ASSIGN(Batch batch, store->ReadBatch("acme", "id-a"));
  EXPECT_EQ(batch.state, BatchState::kFinished);
}

}  // namespace
}  // namespace enrich
