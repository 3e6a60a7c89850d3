#include <string>
#include <vector>

#include "adapters/rest/job_ids.h"
#include "gmock/gmock.h"
#include "gtest/gtest.h"

namespace enrich::rest {
namespace {

using State = ItemJob::State;

TEST(RestItemJobs, AreReadAsTheyWereWritten) {
  const std::vector<ItemJob> jobs = {
      {.key = "ref.0", .id = "enr_1"},
      {.key = "ref.1", .state = State::kRefused},
      {.key = "ref.12", .id = "a,b;c:d!%2C é"},
      {.key = "ref.3", .state = State::kUnnamed},
      {.key = "ref", .id = "!"},
  };
  const auto read = ReadItemJobs(WriteItemJobs(jobs));
  ASSERT_TRUE(read.has_value());
  ASSERT_EQ(read->size(), jobs.size());
  for (size_t i = 0; i < jobs.size(); ++i) {
    EXPECT_EQ((*read)[i].key, jobs[i].key);
    EXPECT_EQ((*read)[i].id, jobs[i].id);
    EXPECT_EQ((*read)[i].state, jobs[i].state);
    EXPECT_EQ((*read)[i].position, static_cast<int>(i));
  }
}

TEST(RestItemJobs, AreShort) {
  EXPECT_EQ(WriteItemJobs({{.key = "ref.0", .id = "x1"},
                           {.key = "ref.1", .id = "x2"},
                           {.key = "ref.2", .state = State::kRefused}}),
            "ref.;0:x1,1:x2,2:!");
}

TEST(RestItemJobs, AreNotReadFromOtherTexts) {
  for (const std::string text : {"", "id", "ref.;", "ref.;0", "ref.;0:a,",
                                 "%;0:a", "ref.;%zz:a", "ref.;0:%4"}) {
    EXPECT_FALSE(ReadItemJobs(text).has_value()) << text;
  }
}

TEST(RestCursor, IsReadAsItWasWritten) {
  const Cursor cursor = {.job = 7,
                         .open = true,
                         .ended = JobPhase::kOutOfCredits,
                         .elements = 300,
                         .settled = 299,
                         .page = R"({"a":"b:c"})"};
  const Cursor read = ReadCursor(WriteCursor(cursor));
  EXPECT_EQ(read.job, 7);
  EXPECT_TRUE(read.open);
  EXPECT_EQ(read.ended, JobPhase::kOutOfCredits);
  EXPECT_EQ(read.elements, 300);
  EXPECT_EQ(read.settled, 299);
  EXPECT_EQ(read.page, cursor.page);
}

TEST(RestCursor, BeginsAtTheBeginningWithoutOne) {
  for (const std::string text :
       {"", "x", "1:0:f", "-1:0:-:0:0:", "a:0:-:0:0:p", "1:0:-:x:0:p"}) {
    const Cursor cursor = ReadCursor(text);
    EXPECT_EQ(cursor.job, 0) << text;
    EXPECT_EQ(cursor.ended, std::nullopt) << text;
    EXPECT_EQ(cursor.page, "") << text;
  }
  EXPECT_FALSE(WriteCursor({}).empty());
}

TEST(RestUsableId, IsShortAndPrintable) {
  EXPECT_TRUE(IsUsableId("a b/é"));
  EXPECT_TRUE(IsUsableId(std::string(512, 'a')));
  for (const std::string& id :
       {std::string(), std::string(513, 'a'), std::string("a\nb"),
        std::string("a\0b", 3), std::string("\x7f")}) {
    EXPECT_FALSE(IsUsableId(id)) << id;
  }
}

}  // namespace
}  // namespace enrich::rest
