#include "cli/csv.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <sstream>

#include "support/status_matchers.h"

namespace enrich::cli {
namespace {

using ::testing::ElementsAre;
using ::testing::HasSubstr;
using Cells = std::vector<std::string>;

absl::StatusOr<std::vector<CsvRow>> ReadAll(const std::string& text) {
  std::istringstream in(text);
  CsvReader reader(in);
  std::vector<CsvRow> rows;
  CsvRow row;
  while (true) {
    const absl::StatusOr<bool> found = reader.Next(row);
    if (!found.ok()) return found.status();
    if (!*found) return rows;
    rows.push_back(row);
  }
}

std::string RowText(const Cells& cells, CellSafety safety) {
  std::string out;
  AppendCsvRow(cells, ',', safety, out);
  return out;
}

TEST(CsvReader, ReadsQuotesLineBreaksAndCrlfAfterAByteOrderMark) {
  ASSERT_OK_AND_ASSIGN(
      const auto rows,
      ReadAll("\xEF\xBB\xBFname,note\r\n\"Doe, Ada\",\"two\r\nlines\"\r\n\r\n"
              "Bo,\"a \"\"b\"\"\"\r\n"));
  ASSERT_EQ(rows.size(), 3u);
  EXPECT_THAT(rows[0].cells, ElementsAre("name", "note"));
  EXPECT_THAT(rows[1].cells, ElementsAre("Doe, Ada", "two\r\nlines"));
  EXPECT_EQ(rows[1].line, 2);
  EXPECT_THAT(rows[2].cells, ElementsAre("Bo", "a \"b\""));
  EXPECT_EQ(rows[2].line, 5);
}

TEST(CsvReader, FindsTheDelimiterInTheFirstLine) {
  ASSERT_OK_AND_ASSIGN(const auto semicolons, ReadAll("a;\"b,c,d\"\n1;2,5\n"));
  EXPECT_THAT(semicolons[1].cells, ElementsAre("1", "2,5"));
  ASSERT_OK_AND_ASSIGN(const auto tabs, ReadAll("a\tb\tc\n\t2\t\n"));
  EXPECT_THAT(tabs[1].cells, ElementsAre("", "2", ""));
}

TEST(CsvReader, KeepsTheLastRowWithoutALineBreak) {
  ASSERT_OK_AND_ASSIGN(const auto rows, ReadAll("a,b\n1,"));
  EXPECT_THAT(rows[1].cells, ElementsAre("1", ""));
}

TEST(CsvReader, ReadsAnEmptyInput) {
  ASSERT_OK_AND_ASSIGN(const auto rows, ReadAll(""));
  EXPECT_TRUE(rows.empty());
}

TEST(CsvReader, NamesTheLineOfMalformedInput) {
  struct Case {
    std::string text;
    const char* message;
  };
  const Case cases[] = {
      {"a,b\n1,2\n3,x\"y\n", "line 3: a quote stands"},
      {"a,b\n1,\"2\n3,4\n", "line 2: a quote is opened and never closed"},
      {"\xFF\xFEx", "line 1: the file is UTF-16"},
      {"a,b\n1,\"" + std::string(2 << 20, 'x'), "line 2: the row is over"},
  };
  for (const Case& c : cases) {
    const auto rows = ReadAll(c.text);
    EXPECT_THAT(rows, StatusIs(absl::StatusCode::kInvalidArgument));
    EXPECT_THAT(std::string(rows.status().message()), HasSubstr(c.message));
  }
}

TEST(CsvReader, ReadsRowsAcrossItsBlocks) {
  std::string text = "a,b\n";
  for (int i = 0; i < 20'000; ++i) {
    text += std::to_string(i) + ",\"x\ny\"\n";
  }
  ASSERT_OK_AND_ASSIGN(const auto rows, ReadAll(text));
  ASSERT_EQ(rows.size(), 20'001u);
  EXPECT_THAT(rows.back().cells, ElementsAre("19999", "x\ny"));
  EXPECT_EQ(rows.back().line, 40'000);
}

TEST(AppendCsvRow, QuotesWhatNeedsIt) {
  EXPECT_EQ(RowText({"a", "b,c", "d\"e", "f\ng", " h", ""}, CellSafety::kAsIs),
            "a,\"b,c\",\"d\"\"e\",\"f\ng\",\" h\",\n");
}

TEST(AppendCsvRow, NeutralizesFormulasButNotNumbers) {
  const Cells cells = {"=1+1", "@x", "-x", "+cmd", "+33199000001", "-1.5", "a"};
  EXPECT_EQ(RowText(cells, CellSafety::kNeutralizeFormulas),
            "'=1+1,'@x,'-x,'+cmd,+33199000001,-1.5,a\n");
  EXPECT_EQ(RowText(cells, CellSafety::kAsIs),
            "=1+1,@x,-x,+cmd,+33199000001,-1.5,a\n");
}

}  // namespace
}  // namespace enrich::cli
