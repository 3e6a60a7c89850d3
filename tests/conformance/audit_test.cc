#include "conformance/store_suite.h"

namespace enrich {
namespace {

using testing::ElementsAre;
using testing::IsEmpty;
using testing::SizeIs;

// Jobs in doubt, those that ask again, and the log of who had it done.
class AuditTest : public StoreTest {
 protected:
  void SetUp() override {
    StoreTest::SetUp();
    ASSERT_OK_AND_ASSIGN(created, Create(*store, MakeBatch("a", 3)));
  }

  Chunk Insert(ChunkState state, absl::string_view token_hash) {
    Chunk chunk = MakeChunk(created, token_hash);
    chunk.state = state;
    const absl::StatusOr<Written> written =
        Apply(*store, {.new_chunk = std::move(chunk)});
    EXPECT_THAT(written, IsOk());
    return Read(written->chunk_key);
  }
  Chunk Read(int64_t key) {
    absl::StatusOr<Chunk> chunk = store->ReadChunk(key);
    EXPECT_THAT(chunk, IsOk());
    return chunk.ok() ? *std::move(chunk) : Chunk{};
  }
  static AuditEntry Entry(const std::string& tenant, const std::string& note) {
    return {.time = At(9),
            .tenant = tenant,
            .actor = "ada",
            .action = AuditAction::kAbandon,
            .chunk_key = 5,
            .account = "alpha",
            .contacts = 3,
            .exposure = Credits{2500},
            .note = note};
  }
  std::vector<AuditEntry> Audit(const std::string& tenant = "acme") {
    absl::StatusOr<std::vector<AuditEntry>> entries =
        store->ListAudit(tenant, 0, 100);
    EXPECT_THAT(entries, IsOk());
    return entries.ok() ? *std::move(entries) : std::vector<AuditEntry>{};
  }
  std::vector<int64_t> Jobs(const JobFilter& filter, int64_t before = 0,
                            int limit = 100) {
    const absl::StatusOr<std::vector<Chunk>> jobs =
        store->ListJobs(filter, before, limit);
    EXPECT_THAT(jobs, IsOk());
    std::vector<int64_t> keys;
    if (jobs.ok()) {
      for (const Chunk& job : *jobs) keys.push_back(job.key);
    }
    return keys;
  }

  CreatedBatch created;
};
ENRICH_STORE_SUITE(AuditTest);

TEST_P(AuditTest, InsertsAResendBesideTheChunkItAsksAgainFor) {
  Chunk old = Insert(ChunkState::kParked, "token-1");
  EXPECT_EQ(old.resend_of, 0);
  EXPECT_EQ(old.resent_as, 0);
  old.state = ChunkState::kFailed;
  const Chunk resend = {.lane = old.lane,
                        .items = {old.items[1]},
                        .answered = {FieldSet()},
                        .settled = {FieldSet()},
                        .due = At(70),
                        .create_time = At(70),
                        .resend_of = old.key};
  ASSERT_OK_AND_ASSIGN(
      const Written written,
      Apply(*store,
            {.chunk = old, .resend = resend, .audit = Entry("acme", "why")}));
  EXPECT_EQ(written.chunk_key, old.key);
  EXPECT_NE(written.resend_key, 0);

  const Chunk read = Read(written.resend_key);
  EXPECT_EQ(read.version, 1);
  EXPECT_EQ(read.state, ChunkState::kPlanned);
  EXPECT_EQ(read.lane, old.lane);
  ASSERT_THAT(read.items, SizeIs(1));
  EXPECT_EQ(read.items[0].contact_key, old.items[1].contact_key);
  EXPECT_EQ(read.due, At(70));
  EXPECT_EQ(read.create_time, At(70));
  EXPECT_EQ(read.attempt.key, 0);
  EXPECT_EQ(read.resend_of, old.key);
  EXPECT_EQ(read.resent_as, 0);
  EXPECT_EQ(Read(old.key).resent_as, written.resend_key);
  EXPECT_EQ(Audit().at(0).resend_key, written.resend_key);

  // Later changes of the old chunk keep the link.
  old = Read(old.key);
  old.state = ChunkState::kAccepted;
  ASSERT_THAT(Apply(*store, {.chunk = old}), IsOk());
  EXPECT_EQ(Read(old.key).resent_as, written.resend_key);
}

TEST_P(AuditTest, AChunkThatHasChangedSinceIsNotSentAgain) {
  Chunk old = Insert(ChunkState::kParked, "token-1");
  old.version += 1;
  const Chunk resend = {.lane = old.lane,
                        .items = old.items,
                        .answered = old.answered,
                        .settled = old.settled,
                        .resend_of = old.key};
  EXPECT_THAT(
      Apply(*store,
            {.chunk = old, .resend = resend, .audit = Entry("acme", "why")}),
      StatusIs(absl::StatusCode::kAborted));
  EXPECT_THAT(Audit(), IsEmpty());
  EXPECT_THAT(Jobs({.tenant = "acme"}), ElementsAre(old.key));
}

TEST_P(AuditTest, ListsJobsThatAreNotOverNewestFirst) {
  Insert(ChunkState::kDone, "token-1");
  const int64_t accepted = Insert(ChunkState::kAccepted, "token-2").key;
  const int64_t unknown = Insert(ChunkState::kUnknown, "token-3").key;
  const int64_t parked = Insert(ChunkState::kParked, "token-4").key;
  Insert(ChunkState::kFailed, "token-5");
  const std::string account = Read(parked).lane.account;
  EXPECT_THAT(Jobs({.tenant = "acme"}), ElementsAre(parked, unknown));
  EXPECT_THAT(Jobs({.tenant = "acme", .in_doubt = false}),
              ElementsAre(parked, unknown, accepted));
  EXPECT_THAT(Jobs({.tenant = "acme", .account = account}), SizeIs(2));
  EXPECT_THAT(Jobs({.tenant = "acme", .account = "another"}), IsEmpty());
  EXPECT_THAT(Jobs({.tenant = "globex"}), IsEmpty());
  EXPECT_THAT(Jobs({.tenant = "acme"}, 0, 1), ElementsAre(parked));
  EXPECT_THAT(Jobs({.tenant = "acme"}, parked), ElementsAre(unknown));
}

TEST_P(AuditTest, KeepsEveryWordOfALine) {
  ASSERT_THAT(Apply(*store, {.audit = Entry("acme", "why")}), IsOk());
  Reopen();
  const std::vector<AuditEntry> audit = Audit();
  ASSERT_THAT(audit, SizeIs(1));
  EXPECT_NE(audit[0].key, 0);
  EXPECT_EQ(audit[0].time, At(9));
  EXPECT_EQ(audit[0].tenant, "acme");
  EXPECT_EQ(audit[0].actor, "ada");
  EXPECT_EQ(audit[0].action, AuditAction::kAbandon);
  EXPECT_EQ(audit[0].chunk_key, 5);
  EXPECT_EQ(audit[0].resend_key, 0);
  EXPECT_EQ(audit[0].account, "alpha");
  EXPECT_EQ(audit[0].contacts, 3);
  EXPECT_EQ(audit[0].exposure, Credits{2500});
  EXPECT_EQ(audit[0].note, "why");
  EXPECT_EQ(audit[0].hash, AuditHash("", audit[0]));
}

TEST_P(AuditTest, TiesEveryLineToTheOneBeforeItOverAllTenants) {
  EXPECT_THAT(store->VerifyAudit(), IsOk());
  for (const char* tenant : {"acme", "globex", "acme"}) {
    ASSERT_THAT(Apply(*store, {.audit = Entry(tenant, "why")}), IsOk());
  }
  EXPECT_THAT(store->VerifyAudit(), IsOk());
  const std::vector<AuditEntry> acme = Audit();
  const std::vector<AuditEntry> globex = Audit("globex");
  ASSERT_THAT(acme, SizeIs(2));
  ASSERT_THAT(globex, SizeIs(1));
  EXPECT_GT(acme[0].key, acme[1].key) << "newest first";
  EXPECT_EQ(acme[0].hash, AuditHash(globex[0].hash, acme[0]));
  EXPECT_EQ(globex[0].hash, AuditHash(acme[1].hash, globex[0]));
  ASSERT_OK_AND_ASSIGN(const std::vector<AuditEntry> older,
                       store->ListAudit("acme", acme[0].key, 100));
  EXPECT_THAT(older, SizeIs(1));
  ASSERT_OK_AND_ASSIGN(const std::vector<AuditEntry> one,
                       store->ListAudit("acme", 0, 1));
  EXPECT_THAT(one, SizeIs(1));
}

TEST_P(AuditTest, OutlivesWhatItSpeaksOf) {
  Chunk chunk = Insert(ChunkState::kParked, "token-1");
  chunk.state = ChunkState::kFailed;
  AuditEntry entry = Entry("acme", "why");
  entry.chunk_key = chunk.key;
  ASSERT_THAT(Apply(*store, {.chunk = chunk, .audit = entry}), IsOk());
  ASSERT_THAT(DeleteFinishedBefore(*store, absl::InfiniteFuture(), 100),
              IsOk());
  EXPECT_THAT(store->ReadChunk(chunk.key),
              StatusIs(absl::StatusCode::kNotFound));
  EXPECT_THAT(Audit(), SizeIs(1));
  EXPECT_THAT(store->VerifyAudit(), IsOk());
}

}  // namespace
}  // namespace enrich
