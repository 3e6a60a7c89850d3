// Files written by versions before.
#include "store/sqlite/schema.h"

#include "absl/strings/escaping.h"
#include "absl/strings/str_cat.h"
#include "base/crypto.h"
#include "conformance/store_suite.h"
#include "sqlite3.h"
#include "store/sqlite/sqlite_store.h"
#include "support/seeded_random.h"
#include "support/temp_dir.h"

namespace enrich {
namespace {

using testing::SizeIs;

class SchemaTest : public testing::Test {
 protected:
  // Makes the file as a version would that knew the first schema files alone.
  void MakeFile(size_t schema_files) {
    Execute(absl::StrCat("PRAGMA application_id = ", 0x456e4777,
                         "; CREATE TABLE schema_files (number INTEGER PRIMARY "
                         "KEY, name TEXT NOT NULL, checksum BLOB NOT NULL) "
                         "STRICT"));
    for (const SchemaFile& file : SchemaFiles().subspan(0, schema_files)) {
      Execute(file.text);
      Execute(absl::StrCat("INSERT INTO schema_files VALUES (", file.number,
                           ", '", file.name, "', x'",
                           absl::BytesToHexString(Sha256(file.text)), "')"));
    }
    Execute("INSERT INTO store VALUES (1, 'store', 100, 0)");
  }
  void Execute(const std::string& sql) {
    sqlite3* db = nullptr;
    ASSERT_EQ(sqlite3_open(path_.c_str(), &db), SQLITE_OK);
    EXPECT_EQ(sqlite3_exec(db, sql.c_str(), nullptr, nullptr, nullptr),
              SQLITE_OK)
        << sqlite3_errmsg(db);
    sqlite3_close(db);
  }
  absl::StatusOr<std::unique_ptr<Store>> Open() {
    return OpenSqliteStore({.path = path_}, {}, random_);
  }

 private:
  TempDir dir_;
  const std::string path_ = dir_.File("enrich.db");
  SeededRandom random_;
};

TEST_F(SchemaTest, TakesOverWebhooksThatHadNoStateYet) {
  MakeFile(1);
  Execute(absl::StrCat(
      "INSERT INTO chunks VALUES (1, 1, 'acme', 'enrow', 'find', 6, 0, NULL, "
      "0, 2, 1, x'', x'', x'');"
      "INSERT INTO attempts VALUES (2, 1, 'r', x'aa', 2, 0, 0, NULL, NULL, "
      "'j1');"
      "INSERT INTO inbox VALUES (3, 2, x'",
      absl::BytesToHexString(Sha256("applied")), "', 1000000, 1, x'",
      absl::BytesToHexString("applied"), "');",
      "INSERT INTO inbox VALUES (4, 2, x'bb', 2000000, 0, x'",
      absl::BytesToHexString("pending"), "')"));

  ASSERT_OK_AND_ASSIGN(const auto store, Open());
  ASSERT_OK_AND_ASSIGN(const InboxPage page,
                       store->ReadInbox({.tenant = "acme"}, 0, 10));
  ASSERT_THAT(page.rows, SizeIs(2));
  const InboxRow& applied = page.rows[0];
  EXPECT_EQ(applied.key, 3);
  EXPECT_EQ(applied.account, "enrow");
  EXPECT_EQ(applied.provider_job_id, "j1");
  EXPECT_EQ(applied.state, InboxState::kApplied);
  EXPECT_EQ(applied.body_bytes, 7);
  EXPECT_EQ(applied.receive_time, absl::FromUnixSeconds(1));
  EXPECT_EQ(applied.reading, "");
  EXPECT_EQ(*store->ReadInboxBody(3), "applied");
  ASSERT_OK_AND_ASSIGN(const auto pending, store->ReadUnappliedInbox());
  ASSERT_THAT(pending, SizeIs(1));
  EXPECT_EQ(pending[0].body, "pending");
  EXPECT_EQ(pending[0].chunk_key, 1);
  // It is known that it came.
  ASSERT_OK_AND_ASSIGN(
      const auto again,
      AppendInbox(*store, {.attempt_key = 2, .body = "applied"}));
  EXPECT_FALSE(again.has_value());
}

}  // namespace
}  // namespace enrich
