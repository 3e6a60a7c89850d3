#include "store/sqlite/sqlite_store.h"

#include <sys/stat.h>

#include <algorithm>
#include <atomic>
#include <filesystem>
#include <fstream>
#include <sstream>

#include "absl/strings/str_cat.h"
#include "conformance/faulty_vfs.h"
#include "conformance/store_suite.h"
#include "sqlite3.h"
#include "support/seeded_random.h"
#include "support/temp_dir.h"

namespace enrich {
namespace {

using testing::AllOf;
using testing::HasSubstr;
using testing::Not;

class SqliteStoreTest : public testing::Test {
 protected:
  absl::StatusOr<std::unique_ptr<Store>> Open(int64_t max_bytes = 0) {
    StoreHooks hooks = {.on_fatal = [this](const absl::Status& status) {
      fatal.set_value(status);
    }};
    return OpenSqliteStore({.path = path, .max_bytes = max_bytes},
                           std::move(hooks), random);
  }
  // Runs SQL on the file behind the store's back.
  void Tamper(const std::string& sql) {
    sqlite3* db = nullptr;
    ASSERT_EQ(sqlite3_open(path.c_str(), &db), SQLITE_OK);
    EXPECT_EQ(sqlite3_exec(db, sql.c_str(), nullptr, nullptr, nullptr),
              SQLITE_OK)
        << sqlite3_errmsg(db);
    sqlite3_close(db);
  }
  std::string FileText(const std::string& name) {
    std::ifstream in(name, std::ios::binary);
    std::stringstream text;
    text << in.rdbuf();
    return text.str();
  }
  void ExpectRefusal(const std::string& why) {
    const auto refused = Open();
    EXPECT_THAT(refused, StatusIs(absl::StatusCode::kFailedPrecondition));
    EXPECT_THAT(std::string(refused.status().message()), HasSubstr(why));
  }

  TempDir dir;
  const std::string path = dir.File("enrich.db");
  SeededRandom random;
  std::promise<absl::Status> fatal;
};

TEST_F(SqliteStoreTest, RefusesAFileThatIsInUse) {
  ASSERT_OK_AND_ASSIGN(auto store, Open());
  ExpectRefusal("in use by another process");
  store.reset();
  EXPECT_THAT(Open(), IsOk());
}

TEST_F(SqliteStoreTest, RefusesAMissingFolder) {
  EXPECT_THAT(OpenSqliteStore({.path = dir.File("no/such/file")}, {}, random),
              StatusIs(absl::StatusCode::kNotFound));
}

TEST_F(SqliteStoreTest, RefusesANewerSchema) {
  ASSERT_THAT(Open(), IsOk());
  Tamper("INSERT INTO schema_files VALUES (999, '999_future', x'00')");
  ExpectRefusal("the database has schema 999");
}

TEST_F(SqliteStoreTest, RefusesASchemaFileEditedSinceItWasApplied) {
  ASSERT_THAT(Open(), IsOk());
  Tamper("UPDATE schema_files SET checksum = x'00' WHERE number = 1");
  ExpectRefusal("schema file 001_initial is not the one");
}

TEST_F(SqliteStoreTest, RefusesTheDatabaseOfAnotherApplication) {
  Tamper("CREATE TABLE theirs (x)");
  const std::string before = FileText(path);
  ExpectRefusal("another application");
  EXPECT_EQ(FileText(path), before);
}

TEST_F(SqliteStoreTest, RefusesAFileThatIsNoDatabase) {
  std::ofstream(path) << std::string(100'000, 'x');
  ExpectRefusal("no sound database");
}

TEST_F(SqliteStoreTest, RefusesADamagedFile) {
  {
    ASSERT_OK_AND_ASSIGN(auto store, Open());
    ASSERT_THAT(Create(*store, MakeBatch("a", 1000)), IsOk());
  }
  std::fstream file(path, std::ios::in | std::ios::out | std::ios::binary);
  file.seekp(8192);
  file << std::string(100'000, 'x');
  file.close();
  ExpectRefusal("no sound database");
}

TEST_F(SqliteStoreTest, RefusesToChangeTheAuditLog) {
  ASSERT_THAT(Open(), IsOk());
  sqlite3* db = nullptr;
  ASSERT_EQ(sqlite3_open(path.c_str(), &db), SQLITE_OK);
  const auto run = [db](const char* sql) {
    return sqlite3_exec(db, sql, nullptr, nullptr, nullptr);
  };
  ASSERT_EQ(run("INSERT INTO audit VALUES (1, 0, 't', 'ada', 3, 5, NULL, 'a', "
                "1, 0, '', x'00')"),
            SQLITE_OK);
  EXPECT_EQ(run("UPDATE audit SET actor = 'bob'"), SQLITE_CONSTRAINT);
  EXPECT_EQ(run("DELETE FROM audit"), SQLITE_CONSTRAINT);
  sqlite3_close(db);
}

TEST_F(SqliteStoreTest, NoticesThatTheAuditLogWasRewritten) {
  for (const char* sql :
       {"UPDATE audit SET note = 'other' WHERE key = (SELECT min(key) FROM "
        "audit)",
        "UPDATE audit SET exposure_millicredits = 0",
        "DELETE FROM audit WHERE key = (SELECT min(key) FROM audit)",
        "UPDATE audit SET resend_key = 1"}) {
    {
      ASSERT_OK_AND_ASSIGN(auto store, Open());
      for (int i = 0; i < 3; ++i) {
        ASSERT_THAT(
            Apply(*store, {.audit = AuditEntry{.tenant = "t",
                                               .exposure = Credits::Whole(1)}}),
            IsOk());
      }
      ASSERT_THAT(store->VerifyAudit(), IsOk());
    }
    Tamper(absl::StrCat(
        "DROP TRIGGER audit_keeps_words; DROP TRIGGER audit_keeps_lines; ",
        sql));
    {
      ASSERT_OK_AND_ASSIGN(auto store, Open());
      EXPECT_THAT(store->VerifyAudit(), StatusIs(absl::StatusCode::kDataLoss))
          << sql;
    }
    for (const char* suffix : {"", "-wal", "-shm"}) {
      std::filesystem::remove(path + suffix);
    }
  }
}

TEST_F(SqliteStoreTest, HidesItsFilesFromOtherUsers) {
  ASSERT_OK_AND_ASSIGN(auto store, Open());
  for (const char* suffix : {"", "-wal", "-shm", ".lock"}) {
    struct stat status = {};
    ASSERT_EQ(stat((path + suffix).c_str(), &status), 0) << suffix;
    EXPECT_EQ(status.st_mode & 0777, 0600u) << suffix;
  }
}

TEST_F(SqliteStoreTest, LeavesNoTraceOfWhatItDeleted) {
  {
    ASSERT_OK_AND_ASSIGN(auto store, Open());
    NewBatch batch = MakeBatch("a", 500);
    for (Contact& contact : batch.contacts) contact.full_name = "Canary Name";
    ASSERT_OK_AND_ASSIGN(CreatedBatch created, Create(*store, batch));
    std::vector<NewEvent> events(
        500, ClosingEvent(created.batch.key, "Canary Event"));
    ASSERT_THAT(Apply(*store, {.now = At(1), .events = events}), IsOk());
    EXPECT_THAT(FileText(path) + FileText(path + "-wal"),
                AllOf(HasSubstr("Canary Name"), HasSubstr("Canary Event")));
    EXPECT_EQ(*DeleteFinishedBefore(*store, At(2), 10), 1);
  }
  EXPECT_THAT(FileText(path), Not(HasSubstr("Canary")));
  EXPECT_EQ(FileText(path + "-wal"), "");
}

TEST_F(SqliteStoreTest, RefusesWritesPastItsSizeAndGoesOn) {
  ASSERT_OK_AND_ASSIGN(auto store, Open(/*max_bytes=*/536 * 1024));
  int accepted = 0;
  absl::Status refused;
  for (; refused.ok() && accepted < 1000; ++accepted) {
    refused = Create(*store, MakeBatch(absl::StrCat(accepted), 100)).status();
  }
  --accepted;
  EXPECT_THAT(refused, StatusIs(absl::StatusCode::kResourceExhausted));
  EXPECT_THAT(store->ReadBatch("acme", absl::StrCat("id-", accepted)),
              StatusIs(absl::StatusCode::kNotFound));
  // Something small still fits, and deleting makes room.
  for (int i = 0; i < 10; ++i) {
    ASSERT_OK_AND_ASSIGN(Batch batch,
                         store->ReadBatch("acme", absl::StrCat("id-", i)));
    NewEvent all = ClosingEvent(batch.key, "x");
    all.delta.contacts_done = 100;
    ASSERT_THAT(Apply(*store, {.now = At(1), .events = {all}}), IsOk());
  }
  EXPECT_EQ(*DeleteFinishedBefore(*store, At(2), 10), 10);
  EXPECT_THAT(Create(*store, MakeBatch("again", 100)), IsOk());
  store.reset();
  ASSERT_OK_AND_ASSIGN(store, Open());
  EXPECT_EQ(store->ListBatches("acme", 0, 1000)->size(),
            static_cast<size_t>(accepted - 10 + 1));
}

TEST_F(SqliteStoreTest, SurvivesAFullDiskWhereverItStrikes) {
  FaultyVfs disk;
  ASSERT_OK_AND_ASSIGN(auto store, Open());
  std::vector<std::string> accepted;
  int refusals = 0;
  for (int i = 0; i < 40; ++i) {
    disk.FillAfter(i * 5'000);
    const std::string name = absl::StrCat(i);
    const absl::Status status = Create(*store, MakeBatch(name, 300)).status();
    disk.FillAfter(-1);
    if (status.ok()) {
      accepted.push_back(name);
      continue;
    }
    EXPECT_THAT(status, StatusIs(absl::StatusCode::kResourceExhausted));
    ++refusals;
    EXPECT_THAT(store->ReadBatch("acme", "id-" + name),
                StatusIs(absl::StatusCode::kNotFound));
    ASSERT_THAT(Create(*store, MakeBatch(name, 300)), IsOk());
    accepted.push_back(name);
  }
  EXPECT_GT(refusals, 5);
  store.reset();
  ASSERT_OK_AND_ASSIGN(store, Open());
  for (const std::string& name : accepted) {
    EXPECT_THAT(store->ReadBatch("acme", "id-" + name), IsOk());
  }
}

TEST_F(SqliteStoreTest, ACommitIsWrittenToTheLogInAFewCalls) {
  const FaultyVfs disk;
  ASSERT_OK_AND_ASSIGN(auto store, Open());
  ASSERT_THAT(Create(*store, MakeBatch("first", 1)), IsOk());
  const int before = disk.writes();
  // A dozen pages and more, each with a header.
  ASSERT_THAT(Create(*store, MakeBatch("second", 500)), IsOk());
  EXPECT_LE(disk.writes() - before, 6);
}

TEST_F(SqliteStoreTest, CutsTheLogBackWhileItIsWritten) {
  ASSERT_OK_AND_ASSIGN(auto store, Open());
  constexpr int kBatches = 120;
  uintmax_t log = 0;
  for (int i = 0; i < kBatches; ++i) {
    NewBatch batch = MakeBatch(absl::StrCat(i), 1);
    batch.batch.display_name = std::string(1 << 20, 'x');
    ASSERT_THAT(Create(*store, std::move(batch)), IsOk());
    log = std::max(log, std::filesystem::file_size(path + "-wal"));
  }
  EXPECT_GT(log, uintmax_t{1 << 20});
  EXPECT_LT(log, uintmax_t{68 << 20});
  store.reset();
  EXPECT_FALSE(std::filesystem::exists(path + "-wal"));
  ASSERT_OK_AND_ASSIGN(store, Open());
  ASSERT_OK_AND_ASSIGN(const auto batches, store->ListBatches("acme", 0, 1000));
  ASSERT_EQ(batches.size(), size_t{kBatches});
  for (const Batch& batch : batches) {
    EXPECT_EQ(batch.display_name.size(), size_t{1 << 20});
  }
}

TEST_F(SqliteStoreTest, WaitsForALogThatIsMuchTooLong) {
  ASSERT_OK_AND_ASSIGN(auto store, Open());
  NewBatch batch = MakeBatch("large", 1);
  batch.batch.display_name = std::string(80 << 20, 'x');
  ASSERT_THAT(Create(*store, std::move(batch)), IsOk());
  // The next one begins it anew.
  ASSERT_THAT(Create(*store, MakeBatch("small", 1)), IsOk());
  EXPECT_LE(std::filesystem::file_size(path + "-wal"), uintmax_t{64 << 20});
}

TEST_F(SqliteStoreTest, ALogThatCannotBeCopiedLosesNothing) {
  FaultyVfs disk;
  ASSERT_OK_AND_ASSIGN(auto store, Open());
  const auto create = [&](int first, int last) {
    for (int i = first; i < last; ++i) {
      NewBatch batch = MakeBatch(absl::StrCat(i), 1);
      batch.batch.display_name = std::string(1 << 20, 'x');
      ASSERT_THAT(Create(*store, std::move(batch)), IsOk());
    }
  };
  disk.FailCopies(true);
  create(0, 80);
  EXPECT_GT(std::filesystem::file_size(path + "-wal"), uintmax_t{80 << 20})
      << "it is all there is";
  disk.FailCopies(false);
  create(80, 120);
  EXPECT_LE(std::filesystem::file_size(path + "-wal"), uintmax_t{64 << 20})
      << "copied, and begun anew";
  store.reset();
  ASSERT_OK_AND_ASSIGN(store, Open());
  EXPECT_EQ(store->ListBatches("acme", 0, 1000)->size(), 120u);
}

TEST_F(SqliteStoreTest, StopsWhenTheOutcomeOfACommitIsUnknown) {
  FaultyVfs disk;
  std::atomic<int> completed = 0;
  {
    ASSERT_OK_AND_ASSIGN(auto store, Open());
    ASSERT_THAT(Create(*store, MakeBatch("before", 1)), IsOk());
    disk.FailSyncs(true);
    for (const char* name : {"during", "after"}) {
      store->CreateBatch(
          MakeBatch(name, 1),
          [&](const absl::StatusOr<CreatedBatch>&) { ++completed; });
    }
    std::future<absl::Status> cause = fatal.get_future();
    ASSERT_EQ(cause.wait_for(std::chrono::seconds(30)),
              std::future_status::ready);
    EXPECT_THAT(cause.get(), StatusIs(absl::StatusCode::kUnavailable));
  }
  EXPECT_EQ(completed, 0);

  disk.FailSyncs(false);
  ASSERT_OK_AND_ASSIGN(auto store, Open());
  EXPECT_THAT(store->ReadBatch("acme", "id-before"), IsOk());
  EXPECT_THAT(Create(*store, MakeBatch("during", 1)), IsOk());
}

}  // namespace
}  // namespace enrich
