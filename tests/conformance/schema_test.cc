// Files written by versions before.
#include "store/sqlite/schema.h"

#include <algorithm>
#include <limits>

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

TEST_F(SchemaTest, TakesOverAnswersThatHadARowEach) {
  MakeFile(6);
  const auto insert = [&](int64_t key, const char* account, int found,
                          int64_t answer_time_us) {
    // Of the record: 250 thousandths of a credit.
    Execute(absl::StrCat("INSERT INTO answers VALUES (", key, ", 1, -1, 1, '",
                         account, "', 1000000, ", answer_time_us, ", ", found,
                         ", x'18fa01')"));
  };
  insert(1, "one", 1, 2'000'000);
  insert(2, "two", 0, 3'000'000);
  // Past all keys that were given out.
  insert(500, "one", 0, 4'000'000);
  ASSERT_OK_AND_ASSIGN(const auto store, Open());
  const Identity ada = {.high = 1, .low = std::numeric_limits<uint64_t>::max()};
  ASSERT_OK_AND_ASSIGN(std::vector<BoughtAnswer> answers,
                       store->ReadAnswers({ada}));
  ASSERT_THAT(answers, SizeIs(2));
  std::sort(answers.begin(), answers.end(),
            [](const auto& a, const auto& b) { return a.account < b.account; });
  EXPECT_EQ(answers[0].account, "one");
  EXPECT_EQ(answers[0].answer.outcome, Outcome::kNotFound) << "the latest";
  EXPECT_EQ(answers[0].answer.field, ContactField::kWorkEmail);
  EXPECT_EQ(answers[0].answer.credits, Credits{250});
  EXPECT_EQ(answers[0].ask_time, absl::FromUnixSeconds(1));
  EXPECT_EQ(answers[0].answer_time, absl::FromUnixSeconds(4));
  EXPECT_EQ(answers[1].account, "two");
  // A new one gets a key of its own.
  BoughtAnswer newer = answers[0];
  newer.answer.outcome = Outcome::kFound;
  ASSERT_THAT(Apply(*store, {.answers = {newer}}), IsOk());
  ASSERT_OK_AND_ASSIGN(answers, store->ReadAnswers({ada}));
  EXPECT_THAT(answers, SizeIs(2));
}

}  // namespace
}  // namespace enrich
