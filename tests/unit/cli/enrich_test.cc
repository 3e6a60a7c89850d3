#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <algorithm>
#include <filesystem>
#include <thread>

#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_split.h"
#include "cli/state_file.h"
#include "fakes/fake_gateway.h"
#include "fakes/field_results.h"
#include "fakes/rich_status.h"
#include "support/status_matchers.h"
#include "support/temp_dir.h"
#include "unit/cli/cli_runner.h"

namespace enrich::cli {
namespace {

using ::testing::ElementsAre;
using ::testing::HasSubstr;
using ::testing::IsEmpty;
using ::testing::Not;
using ::testing::UnorderedElementsAreArray;

class EnrichTest : public ::testing::Test {
 protected:
  EnrichTest() { WriteContacts(25); }

  void WriteContacts(int count) {
    std::string text = "name,company,n\n";
    for (int i = 1; i <= count; ++i) {
      absl::StrAppend(&text, "Ada Doe,Acme,", i, "\n");
    }
    WriteText(in_, text);
  }

  static std::string Expected(int count) {
    std::string text =
        "name,company,n,work_email,work_email_quality,work_email_status,"
        "work_email_provider,credits,reason\n";
    for (int i = 1; i <= count; ++i) {
      absl::StrAppend(&text, "Ada Doe,Acme,", i, ",contact", i,
                      "@example.com,deliverable,found,acme,1,\n");
    }
    return text;
  }

  std::vector<std::string> Args(std::vector<std::string> more = {}) const {
    std::vector<std::string> args = {"enrich", "--in",         in_, "--out",
                                     out_,     "--batch-size", "4"};
    args.insert(args.end(), more.begin(), more.end());
    return args;
  }
  CliRun Run(std::vector<std::string> more = {}) {
    return RunCli(gateway_.address(), Args(std::move(more)));
  }
  // Runs until `streams` streams are held after `events` events each, the first
  // two batches excepted, then presses Ctrl-C.
  CliRun Interrupt(int events, int streams,
                   std::vector<std::string> more = {}) {
    gateway_.enrichment.HoldStreams(events, /*free_batches=*/2);
    std::stop_source source;
    std::jthread presser([&] {
      EXPECT_TRUE(gateway_.enrichment.WaitForHeldStreams(streams));
      source.request_stop();
    });
    CliRun run = RunCli(gateway_.address(), Args(std::move(more)), "",
                        source.get_token());
    gateway_.enrichment.HoldStreams(std::nullopt);
    return run;
  }
  bool HasState() const {
    return std::filesystem::exists(out_ + ".enrich-state");
  }
  // The output's rows in the input's order.
  std::string SortedOutput() const {
    std::vector<std::string> lines =
        absl::StrSplit(ReadText(out_), '\n', absl::SkipEmpty());
    const auto number = [](const std::string& line) {
      const std::vector<std::string> cells = absl::StrSplit(line, ',');
      return std::atoi(cells[2].c_str());
    };
    std::sort(
        lines.begin() + 1, lines.end(),
        [&](const auto& a, const auto& b) { return number(a) < number(b); });
    std::string text;
    for (const std::string& line : lines) absl::StrAppend(&text, line, "\n");
    return text;
  }

  const TempDir dir_;
  const std::string in_ = dir_.File("contacts.csv");
  const std::string out_ = dir_.File("results.csv");
  FakeGateway gateway_;
};

TEST_F(EnrichTest, WritesResultsInInputOrder) {
  const CliRun run = Run();
  EXPECT_EQ(run.code, 0) << run.err;
  EXPECT_EQ(ReadText(out_), Expected(25));
  EXPECT_EQ(gateway_.enrichment.accepted().size(), 7u);
  EXPECT_EQ(run.out, "");
  EXPECT_THAT(run.err, HasSubstr("work_email: 25 found\n"));
  EXPECT_THAT(run.err, HasSubstr("credits: acme 25\n"));
  EXPECT_FALSE(HasState());
}

TEST_F(EnrichTest, TellsWhatTheBatchesSaved) {
  gateway_.enrichment.set_saved_millicredits(500);
  for (const char* order : {"--run=ordered", "--unordered"}) {
    EXPECT_THAT(Run({order}).err, HasSubstr("  saved: acme 3.5, for"));
  }
}

TEST_F(EnrichTest, AsksToBuyAnewOnlyWhenTold) {
  EXPECT_EQ(Run().code, 0);
  EXPECT_FALSE(gateway_.enrichment.last_request().bypass_cache());
  EXPECT_EQ(Run({"--no-cache"}).code, 0);
  EXPECT_TRUE(gateway_.enrichment.last_request().bypass_cache());
  EXPECT_EQ(gateway_.enrichment.accepted().size(), 14u)
      << "they are other batches";
}

TEST_F(EnrichTest, WritesEveryRowOnceWhenUnordered) {
  const CliRun run = Run({"--unordered"});
  EXPECT_EQ(run.code, 0) << run.err;
  EXPECT_EQ(SortedOutput(), Expected(25));
}

TEST_F(EnrichTest, ReadsAndWritesStandardStreams) {
  const CliRun run =
      RunCli(gateway_.address(), {"enrich", "--batch-size", "1", "--quiet"},
             ReadText(in_));
  EXPECT_EQ(run.code, 0);
  EXPECT_EQ(run.out, Expected(25));
  EXPECT_EQ(run.err, "");
}

TEST_F(EnrichTest, WritesTheHeaderOfAnInputWithoutContacts) {
  WriteContacts(0);
  EXPECT_EQ(Run().code, 0);
  EXPECT_EQ(ReadText(out_), Expected(0));
  EXPECT_EQ(gateway_.enrichment.submits(), 0);
}

TEST_F(EnrichTest, SendsWhatIsAsked) {
  WriteContacts(1);
  EXPECT_EQ(Run({"--fields", "phone,personal_email,phone", "--providers",
                 "acme,other", "--min-quality", "deliverable"})
                .code,
            0);
  const v1::EnrichBatchRequest request = gateway_.enrichment.last_request();
  EXPECT_THAT(request.fields(), ElementsAre(v1::CONTACT_FIELD_PHONE,
                                            v1::CONTACT_FIELD_PERSONAL_EMAIL));
  EXPECT_THAT(request.providers(), ElementsAre("acme", "other"));
  EXPECT_EQ(request.min_email_quality(), v1::EMAIL_QUALITY_DELIVERABLE);
  EXPECT_EQ(request.contacts(0).contact_ref(), "1");
  EXPECT_THAT(ReadText(out_), HasSubstr(",+33199000001,"));
}

TEST_F(EnrichTest, ResumesADroppedStreamWithoutGapOrRepeat) {
  gateway_.enrichment.DropNextStream(2);
  gateway_.enrichment.DropNextStream(0);
  gateway_.enrichment.DropNextStream(1, /*handover=*/true);
  const CliRun run = Run({"--window", "1"});
  EXPECT_EQ(run.code, 0) << run.err;
  EXPECT_EQ(ReadText(out_), Expected(25));
  const auto watches = gateway_.enrichment.watches();
  ASSERT_GE(watches.size(), 4u);
  EXPECT_TRUE(watches[0].has_from_oldest());
  EXPECT_EQ(watches[1].resume_token(), "2");
  EXPECT_EQ(watches[2].resume_token(), "2");
  EXPECT_EQ(watches[3].resume_token(), "3");
}

TEST_F(EnrichTest, FailsWhenAnEventIsMissing) {
  gateway_.enrichment.SkipSequence(2);
  const CliRun run = Run();
  EXPECT_EQ(run.code, 1);
  EXPECT_THAT(run.err, HasSubstr("events 2 to 2 of batch"));
}

TEST_F(EnrichTest, RepeatsALostSubmitWithTheSameRequestId) {
  gateway_.enrichment.LoseNextReply();
  const CliRun run = Run();
  EXPECT_EQ(run.code, 0) << run.err;
  EXPECT_EQ(gateway_.enrichment.accepted().size(), 7u);
  EXPECT_EQ(gateway_.enrichment.submits(), 8);
  EXPECT_EQ(ReadText(out_), Expected(25));
}

TEST_F(EnrichTest, WaitsForRoomInTheGateway) {
  gateway_.enrichment.RefuseNext(RichStatus(
      grpc::StatusCode::RESOURCE_EXHAUSTED, "full", "TOO_MANY_OPEN_CONTACTS"));
  EXPECT_EQ(Run().code, 0);
}

TEST_F(EnrichTest, RerunBuysNothingAgain) {
  ASSERT_EQ(Run().code, 0);
  const auto bought = gateway_.enrichment.accepted();
  ASSERT_EQ(Run().code, 0);
  std::filesystem::rename(in_, dir_.File("renamed.csv"));
  ASSERT_EQ(
      RunCli(gateway_.address(),
             {"enrich", "--in", dir_.File("renamed.csv"), "--batch-size", "4"})
          .code,
      0);
  EXPECT_EQ(gateway_.enrichment.accepted(), bought);
}

TEST_F(EnrichTest, AnotherRunLabelBuysAfresh) {
  ASSERT_EQ(Run().code, 0);
  ASSERT_EQ(Run({"--run", "december"}).code, 0);
  EXPECT_EQ(gateway_.enrichment.accepted().size(), 14u);
}

TEST_F(EnrichTest, InterruptedItSaysHowToContinueAndDoes) {
  const CliRun interrupted = Interrupt(2, 1, {"--token", "s3cret"});
  EXPECT_EQ(interrupted.code, 130);
  EXPECT_THAT(interrupted.err, HasSubstr("continue with:\n  enrichctl enrich"));
  EXPECT_THAT(interrupted.err, Not(HasSubstr("s3cret")));
  EXPECT_THAT(interrupted.err, Not(HasSubstr("error")));
  EXPECT_TRUE(HasState());
  const CliRun resumed = Run();
  EXPECT_EQ(resumed.code, 0) << resumed.err;
  EXPECT_THAT(resumed.err, HasSubstr("continuing after "));
  EXPECT_EQ(ReadText(out_), Expected(25));
  EXPECT_EQ(gateway_.enrichment.accepted().size(), 7u);
  EXPECT_FALSE(HasState());
}

TEST_F(EnrichTest, ContinuesWithinABatchWhenUnordered) {
  const CliRun interrupted = Interrupt(2, 3, {"--unordered", "--window", "3"});
  EXPECT_EQ(interrupted.code, 130);
  const std::string partial = ReadText(out_);
  ASSERT_OK_AND_ASSIGN(const auto state, LoadState(StatePath(out_)));
  ASSERT_TRUE(state.has_value());
  std::vector<std::string> saved;
  for (const auto& open : state->open) {
    saved.push_back(open.position.resume_token);
  }
  const size_t watched = gateway_.enrichment.watches().size();
  const CliRun resumed = Run({"--unordered", "--window", "3"});
  EXPECT_EQ(resumed.code, 0) << resumed.err;
  EXPECT_EQ(SortedOutput(), Expected(25));
  EXPECT_TRUE(absl::StartsWith(ReadText(out_), partial));
  // A batch that follows may be watched before the last of these.
  std::vector<std::string> used;
  const auto watches = gateway_.enrichment.watches();
  for (size_t i = watched; i < watches.size(); ++i) {
    const std::string& token = watches[i].resume_token();
    if (!token.empty()) used.push_back(token);
  }
  EXPECT_THAT(used, UnorderedElementsAreArray(saved));
}

TEST_F(EnrichTest, ForgetsWhatWasWrittenAfterTheState) {
  ASSERT_EQ(Interrupt(2, 1).code, 130);
  WriteText(out_, ReadText(out_) + "half a row");
  EXPECT_EQ(Run().code, 0);
  EXPECT_EQ(ReadText(out_), Expected(25));
}

TEST_F(EnrichTest, DoesNotContinueAnotherRun) {
  ASSERT_EQ(Interrupt(1, 1).code, 130);
  const CliRun other = Run({"--fields", "phone"});
  EXPECT_EQ(other.code, 2);
  EXPECT_THAT(other.err, HasSubstr("--restart"));
  WriteContacts(26);
  EXPECT_EQ(Run().code, 2);
  EXPECT_EQ(Run({"--restart"}).code, 0);
  EXPECT_EQ(ReadText(out_), Expected(26));
}

TEST_F(EnrichTest, KeepsTheLastWordOfACorrectedResult) {
  gateway_.enrichment.set_answer([](const v1::Contact&,
                                    v1::ContactField field) {
    return ResultWithout(field, v1::LOOKUP_OUTCOME_UNKNOWN, "OUTCOME_UNKNOWN");
  });
  WriteContacts(1);
  v1::Contact contact;
  contact.set_contact_ref("1");
  gateway_.enrichment.CorrectFirst(
      FoundResult(contact, v1::CONTACT_FIELD_WORK_EMAIL));
  EXPECT_EQ(Run().code, 0);
  EXPECT_EQ(ReadText(out_), Expected(1));
}

TEST_F(EnrichTest, TellsFailedLookupsFromAbsentOnes) {
  WriteContacts(3);
  gateway_.enrichment.set_answer(
      [](const v1::Contact& contact, v1::ContactField field) {
        if (contact.contact_ref() == "1") return FoundResult(contact, field);
        return contact.contact_ref() == "2"
                   ? ResultWithout(field, v1::LOOKUP_OUTCOME_NOT_FOUND, "")
                   : ResultWithout(field, v1::LOOKUP_OUTCOME_FAILED,
                                   "OUT_OF_CREDITS");
      });
  const CliRun run = Run();
  EXPECT_EQ(run.code, 3);
  EXPECT_THAT(run.err,
              HasSubstr("work_email: 1 found, 1 not found, 1 failed\n"));
  EXPECT_THAT(ReadText(out_),
              HasSubstr("Acme,3,,,failed,,0,acme: OUT_OF_CREDITS\n"));
}

TEST_F(EnrichTest, GoesOnAfterABatchWithoutOneValidContact) {
  WriteText(in_,
            "name,company,n\n,Acme,1\n,Acme,2\n,Acme,3\n,Acme,4\n"
            "Ada Doe,Acme,5\n");
  const CliRun run = Run();
  EXPECT_EQ(run.code, 0) << run.err;
  EXPECT_THAT(ReadText(out_), HasSubstr(",Acme,4,,,invalid_input,,0,"
                                        "full_name: a name or a LinkedIn URL "
                                        "is needed\nAda Doe,Acme,5,contact5"));
}

TEST_F(EnrichTest, FindsMalformedInputBeforeBuying) {
  WriteText(in_, ReadText(in_) + "Bo \"Roe,Acme,26\n");
  const CliRun run = Run();
  EXPECT_EQ(run.code, 2);
  EXPECT_THAT(run.err, HasSubstr("contacts.csv: line 27: a quote"));
  EXPECT_EQ(gateway_.enrichment.submits(), 0);
  EXPECT_FALSE(std::filesystem::exists(out_));
}

TEST_F(EnrichTest, RefusesToOverwriteItsInput) {
  const CliRun run =
      RunCli(gateway_.address(), {"enrich", "--in", in_, "--out", in_});
  EXPECT_EQ(run.code, 2);
  EXPECT_THAT(ReadText(in_), HasSubstr("Ada Doe"));
}

TEST_F(EnrichTest, RefusesFilesThatCannotBeOpened) {
  EXPECT_EQ(
      RunCli(gateway_.address(), {"enrich", "--in", dir_.File("none")}).code,
      2);
  EXPECT_EQ(RunCli(gateway_.address(), {"enrich", "--in", dir_.path()}).code,
            2);
  EXPECT_EQ(RunCli(gateway_.address(), {"enrich", "--in", in_, "--out",
                                        dir_.File("no/such/folder.csv")})
                .code,
            2);
}

TEST_F(EnrichTest, MapsTheGatewaysErrorsToExitCodes) {
  struct Case {
    grpc::Status status;
    int code;
  };
  const Case cases[] = {
      {RichStatus(grpc::StatusCode::UNAUTHENTICATED, "x", "CREDENTIAL_INVALID"),
       4},
      {RichStatus(grpc::StatusCode::RESOURCE_EXHAUSTED, "x", "QUOTA"), 5},
      {RichStatus(grpc::StatusCode::FAILED_PRECONDITION, "x", "NO_PROVIDER"),
       2},
      {RichStatus(grpc::StatusCode::ALREADY_EXISTS, "x", "REQUEST_ID_REUSED"),
       1},
  };
  WriteContacts(1);
  for (const Case& c : cases) {
    gateway_.enrichment.RefuseNext(c.status);
    const CliRun run = Run({"--restart"});
    EXPECT_EQ(run.code, c.code) << run.err;
    EXPECT_TRUE(HasState());
  }
}

TEST_F(EnrichTest, GivesUpOnAGatewayThatIsNotThere) {
  const CliRun run = RunCli("127.0.0.1:1", Args({"--timeout", "0.05"}));
  EXPECT_EQ(run.code, 6);
  EXPECT_THAT(run.err, HasSubstr("error: UNAVAILABLE"));
  EXPECT_THAT(run.err, HasSubstr("continue with:"));
}

TEST_F(EnrichTest, DryRunPrintsThePlanAndBuysNothing) {
  const CliRun run = Run({"--dry-run"});
  EXPECT_EQ(run.code, 0) << run.err;
  EXPECT_EQ(run.out,
            "provider  operation   lookups  requests  max_credits\n"
            "acme      work_email  25       7         25\n");
  EXPECT_THAT(run.err, HasSubstr("25 contacts in 7 batches"));
  EXPECT_THAT(run.err, HasSubstr("3m30s"));
  EXPECT_THAT(gateway_.enrichment.accepted(), IsEmpty());
  EXPECT_FALSE(std::filesystem::exists(out_));
  EXPECT_THAT(Run({"--dry-run", "-o", "json"}).out,
              HasSubstr("\"maxMillicredits\": \"25000\""));
}

TEST_F(EnrichTest, SharesCeilingsOutAmongTheBatches) {
  const CliRun run = Run({"--max-credits", "acme=10.5", "--max-credits",
                          "spare=1", "--max-cost", "0.25"});
  EXPECT_EQ(run.code, 0) << run.err;
  int64_t acme = 0;
  int64_t spare = 0;
  int64_t micros = 0;
  for (const v1::EnrichBatchRequest& request : gateway_.enrichment.requests()) {
    EXPECT_LE(request.max_millicredits().at("acme"), 1680) << "4 of 25";
    acme += request.max_millicredits().at("acme");
    spare += request.max_millicredits().at("spare");
    micros += request.max_cost_micros();
  }
  EXPECT_EQ(acme, 10'500);
  EXPECT_EQ(spare, 1'000);
  EXPECT_EQ(micros, 250'000);
}

TEST_F(EnrichTest, ToChangeACeilingIsNotToBuyAgain) {
  ASSERT_EQ(Run({"--max-credits", "acme=25"}).code, 0);
  const auto bought = gateway_.enrichment.accepted();
  Run({"--max-credits", "acme=30"});
  EXPECT_EQ(gateway_.enrichment.accepted(), bought);
}

TEST_F(EnrichTest, CeilingsNeedContactsThatCanBeCounted) {
  const CliRun run =
      RunCli(gateway_.address(), {"enrich", "--max-credits", "acme=1"},
             "name,company\nAda Doe,Acme\n");
  EXPECT_EQ(run.code, 2);
  EXPECT_THAT(run.err, HasSubstr("need --in FILE"));
  EXPECT_EQ(gateway_.enrichment.submits(), 0);
}

TEST_F(EnrichTest, DryRunTellsWhatIsOverTheCeiling) {
  const CliRun run = Run({"--dry-run", "--max-credits", "acme=10"});
  EXPECT_EQ(run.code, 0) << run.err;
  EXPECT_THAT(run.err, HasSubstr("at worst 1.25 in money"));
  EXPECT_THAT(run.err, HasSubstr("over the ceiling: acme;"));
  EXPECT_THAT(Run({"--dry-run", "--max-credits", "acme=25"}).err,
              Not(HasSubstr("over the ceiling")));
}

TEST_F(EnrichTest, RefusesBadFlags) {
  const std::vector<std::vector<std::string>> cases = {
      {"--fields", "shoe_size"},
      {"--min-quality", "best"},
      {"--batch-size", "0"},
      {"--window", "65"},
      {"--delimiter", "ab"},
      {"--in-format", "xml"},
      {"--map", "shoe=Size"},
      {"--timeout", "soon"},
      {"--max-credits", "acme"},
      {"--max-credits", "acme=-1"},
      {"--max-credits", "=5"},
      {"--max-cost", "0"},
      {"--max-cost", "much"},
      {"--no-such-flag"},
      {"-o", "yaml"}};
  for (const auto& flags : cases) {
    EXPECT_EQ(Run(flags).code, 2) << flags[0];
  }
  EXPECT_EQ(gateway_.enrichment.submits(), 0);
}

}  // namespace
}  // namespace enrich::cli
