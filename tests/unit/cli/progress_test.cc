#include "cli/progress.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <sstream>

#include "cli/terminal.h"
#include "support/fake_clock.h"

namespace enrich::cli {
namespace {

using ::testing::HasSubstr;

ProgressView SampleView() {
  ProgressView view{.contacts = 2000, .elapsed = absl::Seconds(10)};
  view.tally.contacts = 500;
  auto& outcomes = view.tally.fields[v1::CONTACT_FIELD_WORK_EMAIL];
  outcomes[v1::LOOKUP_OUTCOME_FOUND] = 300;
  outcomes[v1::LOOKUP_OUTCOME_NOT_FOUND] = 190;
  outcomes[v1::LOOKUP_OUTCOME_FAILED] = 7;
  outcomes[v1::LOOKUP_OUTCOME_UNKNOWN] = 3;
  view.tally.millicredits["acme"] = 300'500;
  view.time_left = absl::Seconds(95);
  return view;
}

TEST(Progress, DrawsABar) {
  EXPECT_EQ(RenderBar(SampleView(), 200),
            "[=====>              ]  25%  500/2,000  1m35s left  300 found  "
            "190 not found  10 failed  credits: acme 300.5");
}

TEST(Progress, LeavesOutWhatDoesNotFit) {
  for (int width = 0; width < 120; ++width) {
    EXPECT_LE(RenderBar(SampleView(), width).size(),
              static_cast<size_t>(width));
  }
  EXPECT_EQ(RenderBar(SampleView(), 40),
            "[=====>              ]  25%  500/2,000");
}

TEST(Progress, DrawsNoBarWithoutATotal) {
  ProgressView view = SampleView();
  view.contacts.reset();
  view.waiting = "waiting for the gateway (UNAVAILABLE)";
  EXPECT_THAT(RenderBar(view, 80),
              HasSubstr("500  waiting for the gateway (UNAVAILABLE)  1m35s"));
}

TEST(Progress, WritesALineForLogs) {
  EXPECT_EQ(RenderLine(SampleView()),
            "500/2,000 contacts (25%), 300 found, 190 not found, 10 failed, "
            "credits: acme 300.5, 1m35s left");
}

TEST(Progress, SumsUp) {
  const std::string text =
      RenderSummary(SampleView().tally, 100, absl::Seconds(10));
  EXPECT_EQ(text,
            "500 contacts in 10s, 40.0 contacts/s\n"
            "  work_email: 300 found, 190 not found, 7 failed, 3 unknown\n"
            "  credits: acme 300.5\n");
}

TEST(Progress, TellsWhatWasSaved) {
  ProgressView view = SampleView();
  view.tally.saved_millicredits = {{"acme", 12'000}, {"other", 0}};
  EXPECT_THAT(RenderSummary(view.tally, 0, absl::Seconds(10)),
              HasSubstr("  credits: acme 300.5\n"
                        "  saved: acme 12, for what was bought before\n"));
}

TEST(Progress, EstimatesByThePaceOfThisRun) {
  ProgressView view = SampleView();
  EXPECT_EQ(EstimateTimeLeft(view, 0, std::nullopt), absl::Seconds(30));
  EXPECT_EQ(EstimateTimeLeft(view, 400, std::nullopt), absl::Seconds(150));
  EXPECT_EQ(EstimateTimeLeft(view, 0, absl::Minutes(5)), absl::Minutes(5));
  EXPECT_EQ(EstimateTimeLeft(view, 500, std::nullopt), std::nullopt);
}

TEST(Progress, SpellsNumbersAndTimes) {
  EXPECT_EQ(WithThousands(0), "0");
  EXPECT_EQ(WithThousands(999), "999");
  EXPECT_EQ(WithThousands(1234567), "1,234,567");
  EXPECT_EQ(WithThousands(-1000), "-1,000");
  EXPECT_EQ(FormatSpan(absl::Seconds(59)), "59s");
  EXPECT_EQ(FormatSpan(absl::Seconds(125)), "2m05s");
  EXPECT_EQ(FormatSpan(absl::Minutes(61)), "1h01m");
  EXPECT_EQ(FormatSpan(absl::Hours(49)), "2d01h");
}

class DisplayTest : public ::testing::Test {
 protected:
  FakeClock clock_;
  std::istringstream in_;
  std::ostringstream out_;
  std::ostringstream err_;
  Terminal terminal_{.in = in_, .out = out_, .err = err_};
};

TEST_F(DisplayTest, RedrawsTheBarTenTimesASecond) {
  terminal_.interactive = true;
  ProgressDisplay display(terminal_, clock_, false);
  clock_.Advance(absl::Milliseconds(99));
  EXPECT_FALSE(display.Due());
  clock_.Advance(absl::Milliseconds(1));
  EXPECT_TRUE(display.Due());
  display.Show(SampleView());
  EXPECT_FALSE(display.Due());
  EXPECT_EQ(err_.str().front(), '\r');
  display.Print("note\n");
  EXPECT_THAT(err_.str(), HasSubstr("\r\x1b[Knote\n"));
  EXPECT_EQ(out_.str(), "");
}

TEST_F(DisplayTest, WritesPlainLinesElsewhere) {
  ProgressDisplay display(terminal_, clock_, false);
  clock_.Advance(absl::Seconds(4));
  EXPECT_FALSE(display.Due());
  clock_.Advance(absl::Seconds(1));
  EXPECT_TRUE(display.Due());
  display.Show(SampleView());
  EXPECT_EQ(err_.str(), RenderLine(SampleView()) + "\n");
}

TEST_F(DisplayTest, SaysNothingWhenQuiet) {
  ProgressDisplay display(terminal_, clock_, true);
  clock_.Advance(absl::Seconds(10));
  EXPECT_FALSE(display.Due());
  display.Show(SampleView());
  display.Print("note\n");
  EXPECT_EQ(err_.str(), "");
}

}  // namespace
}  // namespace enrich::cli
