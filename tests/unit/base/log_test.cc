#include "base/log.h"

#include <gmock/gmock.h>

#include <thread>
#include <vector>

#include "absl/strings/str_split.h"
#include "base/json.h"
#include "support/status_matchers.h"

namespace enrich::log {
namespace {

using ::testing::internal::CaptureStderr;
using ::testing::internal::GetCapturedStderr;

std::vector<std::string> Lines(const std::string& text) {
  return absl::StrSplit(text, '\n', absl::SkipEmpty());
}

TEST(Log, WritesOneJsonObjectPerEvent) {
  CaptureStderr();
  Info("chunk_sent", {{"chunk", int64_t{42}},
                      {"account", "enrow"},
                      {"took", absl::Milliseconds(1500)},
                      {"status", absl::NotFoundError("no \"job\"\n")}});
  const std::vector<std::string> lines = Lines(GetCapturedStderr());
  ASSERT_EQ(lines.size(), 1u);
  ASSERT_OK_AND_ASSIGN(const auto doc, json::Document::Parse(lines[0]));
  EXPECT_EQ(doc.root()["level"].AsString(), "info");
  EXPECT_EQ(doc.root()["event"].AsString(), "chunk_sent");
  EXPECT_EQ(doc.root()["chunk"].AsInt(), 42);
  EXPECT_EQ(doc.root()["account"].AsString(), "enrow");
  EXPECT_EQ(doc.root()["took"].AsString(), "1.5s");
  EXPECT_EQ(doc.root()["status"].AsString(), "NOT_FOUND: no \"job\"\n");
  absl::Time time;
  std::string error;
  EXPECT_TRUE(absl::ParseTime(absl::RFC3339_full,
                              std::string(doc.root()["time"].AsString()), &time,
                              &error))
      << error;
}

TEST(Log, StaysJsonWhateverTheValueHolds) {
  CaptureStderr();
  Error("odd",
        {{"bytes", std::string("\xFF\x00\x1F\"\\", 5)}, {"text", "caf\u00E9"}});
  const std::vector<std::string> lines = Lines(GetCapturedStderr());
  ASSERT_EQ(lines.size(), 1u);
  ASSERT_OK_AND_ASSIGN(const auto doc, json::Document::Parse(lines[0]));
  EXPECT_EQ(doc.root()["bytes"].AsString(),
            absl::string_view("?\0\x1F\"\\", 5));
  EXPECT_EQ(doc.root()["text"].AsString(), "caf\u00E9");
}

TEST(Log, WritesFromTheSetLevelUp) {
  CaptureStderr();
  Debug("hidden by default");
  SetLevel(Level::kDebug);
  Debug("a");
  SetLevel(Level::kError);
  Info("hidden");
  Warning("hidden");
  Error("b");
  SetLevel(Level::kOff);
  Error("hidden");
  SetLevel(Level::kInfo);
  Warning("c");
  const std::vector<std::string> lines = Lines(GetCapturedStderr());
  ASSERT_EQ(lines.size(), 3u);
  EXPECT_THAT(lines[0], testing::HasSubstr(R"("level":"debug","event":"a")"));
  EXPECT_THAT(lines[1], testing::HasSubstr(R"("level":"error","event":"b")"));
  EXPECT_THAT(lines[2], testing::HasSubstr(R"("level":"warning","event":"c")"));
}

TEST(Log, LinesOfSeveralThreadsDoNotMix) {
  CaptureStderr();
  {
    std::vector<std::thread> threads;
    for (int i = 0; i < 4; ++i) {
      threads.emplace_back([i] {
        for (int j = 0; j < 50; ++j) Info("event", {{"thread", i}, {"n", j}});
      });
    }
    for (std::thread& thread : threads) thread.join();
  }
  const std::vector<std::string> lines = Lines(GetCapturedStderr());
  EXPECT_EQ(lines.size(), 200u);
  for (const std::string& line : lines) {
    EXPECT_THAT(json::Document::Parse(line), IsOk());
  }
}

}  // namespace
}  // namespace enrich::log
