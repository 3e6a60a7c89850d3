#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <string>

#include "absl/strings/str_cat.h"
#include "integration/gateway_fixture.h"
#include "unit/cli/cli_runner.h"

namespace enrich {
namespace {

using cli::CliRun;
using cli::ReadText;
using cli::RunCli;
using cli::WriteText;
using ::testing::HasSubstr;
using ::testing::Not;
using ::testing::Pair;
using ::testing::UnorderedElementsAre;

class DuplicatesGateway : public GatewayFixture {
 protected:
  // Enriches `in_` into `out_` as a run of that name.
  CliRun Enrich(const std::string& run) {
    return RunCli(address(), {"enrich", "--in", in_, "--out", out_,
                              "--batch-size", "5", "--run", run});
  }

  const TempDir files_;
  const std::string in_ = files_.File("contacts.csv");
  const std::string out_ = files_.File("results.csv");
};

TEST_F(DuplicatesGateway, AFileThatIsEnrichedTwiceIsPaidOnce) {
  Start();
  std::string text = "first name,last name,domain\n";
  for (int i = 0; i < 20; ++i) {
    // Each person stands there twice, in other spellings and batches.
    absl::StrAppend(&text, i < 10 ? "Vera,Found," : "VERA,found,", "c", i % 10,
                    ".example\n");
  }
  WriteText(in_, text);
  const CliRun first = Enrich("first");
  EXPECT_EQ(first.code, 0) << first.err;
  EXPECT_THAT(first.err, HasSubstr("  credits: enrow 10\n"));
  EXPECT_THAT(first.err, HasSubstr("  saved: enrow 10,"));
  EXPECT_EQ(Amount("enrow", "credits_charged"), 10);
  const std::string output = ReadText(out_);
  EXPECT_THAT(output, Not(HasSubstr("not_found")));

  const CliRun second = Enrich("second");
  EXPECT_EQ(second.code, 0) << second.err;
  EXPECT_THAT(second.err, HasSubstr("  credits: none\n  saved: enrow 20,"));
  EXPECT_EQ(Amount("enrow", "credits_charged"), 10);
  // And a gateway that was started anew remembers.
  StopGateway();
  StartGateway();
  EXPECT_THAT(Enrich("third").err, HasSubstr("  credits: none\n"));
  EXPECT_EQ(Amount("enrow", "credits_charged"), 10);
}

TEST_F(DuplicatesGateway, BatchesAtOnceShareALookup) {
  simulator_options.latency = absl::Milliseconds(300);
  Start();
  v1::Contact twin = Person("vera", "Found");
  const v1::Batch first = Submit(BatchOf({twin}));
  twin.set_contact_ref("again");
  const v1::Batch second = Submit(BatchOf({twin}));
  EXPECT_EQ(Collect(first.batch_id()).size(), 2u);
  const v1::BatchProgress progress =
      Collect(second.batch_id()).back().batch_finished().batch().progress();
  EXPECT_THAT(progress.saved_millicredits(),
              UnorderedElementsAre(Pair("enrow", 1000)));
  EXPECT_EQ(Total("enrow", "accepted"), 1);
  EXPECT_THAT(Metrics(),
              HasSubstr("enrichment_provider_saved_credits_total{provider="
                        "\"enrow\",tenant=\"default\"} 1\n"));
}

TEST_F(DuplicatesGateway, AnAttemptSaysWhenItsAnswerWasBought) {
  Start();
  v1::Contact twin = Person("vera", "Notfound");
  Collect(Submit(BatchOf({twin})).batch_id());
  const std::vector<v1::ResultEvent> events =
      Collect(Submit(BatchOf({twin})).batch_id());
  const v1::FieldResult& field = events[0].contact_result().fields(0);
  EXPECT_EQ(field.outcome(), v1::LOOKUP_OUTCOME_NOT_FOUND);
  ASSERT_EQ(field.attempts_size(), 2);
  for (const v1::Attempt& attempt : field.attempts()) {
    EXPECT_TRUE(attempt.has_cached_from());
    EXPECT_EQ(attempt.decision(), "went on: not found, from the cache");
  }
}

}  // namespace
}  // namespace enrich
