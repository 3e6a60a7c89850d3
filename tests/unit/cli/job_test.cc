#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <algorithm>

#include "cli/app.h"
#include "fakes/fake_gateway.h"
#include "unit/cli/cli_runner.h"

namespace enrich::cli {
namespace {

using ::testing::HasSubstr;
using ::testing::IsEmpty;
using ::testing::Not;
using ::testing::SizeIs;

class JobTest : public ::testing::Test {
 protected:
  CliRun Run(std::vector<std::string> args) {
    return RunCli(gateway_.address(), std::move(args));
  }
  // With a person who answers.
  CliRun Ask(std::vector<std::string> args, const std::string& answer) {
    return RunCli(gateway_.address(), std::move(args), answer, {}, nullptr,
                  /*can_ask=*/true);
  }

  FakeGateway gateway_;
};

TEST_F(JobTest, ListsJobsInDoubtOverPagesWithTheirExposure) {
  gateway_.jobs.AddInDoubt("job-1");
  gateway_.jobs.AddInDoubt("job-2");
  const CliRun run = Run({"job", "list", "--provider", "acme", "-o", "csv"});
  EXPECT_EQ(run.code, 0) << run.err;
  EXPECT_THAT(run.out,
              HasSubstr("\njob-2,acme,find,parked,3,2.5,,0,reference-of-job-2,,"
                        "\njob-1,acme,"));
  EXPECT_EQ(gateway_.jobs.last_list().provider(), "acme");
  EXPECT_FALSE(gateway_.jobs.last_list().all_open());
  const CliRun one = Run({"job", "list", "--all", "--limit", "1"});
  EXPECT_EQ(std::count(one.out.begin(), one.out.end(), '\n'), 2);
  EXPECT_TRUE(gateway_.jobs.last_list().all_open());
}

TEST_F(JobTest, ApprovesWhatAPersonSaysYesTo) {
  gateway_.jobs.AddInDoubt("job-1");
  const CliRun run = Ask(
      {"job", "approve", "job-1", "--as", "ada", "--note", "not there"}, "y\n");
  EXPECT_EQ(run.code, 0) << run.err;
  EXPECT_THAT(run.err, HasSubstr("reference-of-job-1"));
  EXPECT_THAT(run.err, HasSubstr("for at most 2.5 credits?"));
  EXPECT_THAT(run.out, HasSubstr("resend"));
  ASSERT_THAT(gateway_.jobs.approvals(), SizeIs(1));
  const v1::ApproveResendRequest request = gateway_.jobs.approvals()[0];
  EXPECT_EQ(request.job_id(), "job-1");
  EXPECT_EQ(request.max_millicredits(), 2500);
  EXPECT_EQ(request.decided_by(), "ada");
  EXPECT_EQ(request.note(), "not there");
}

TEST_F(JobTest, DoesNothingWithoutAYes) {
  gateway_.jobs.AddInDoubt("job-1");
  for (const char* answer : {"n\n", "\n", "", "yesterday\n"}) {
    for (const char* command : {"approve", "abandon"}) {
      const CliRun run = Ask({"job", command, "job-1", "--as", "ada"}, answer);
      EXPECT_EQ(run.code, 1) << answer;
      EXPECT_THAT(run.err, HasSubstr("nothing was done"));
    }
  }
  EXPECT_THAT(gateway_.jobs.approvals(), IsEmpty());
  EXPECT_THAT(gateway_.jobs.abandonments(), IsEmpty());
}

TEST_F(JobTest, WhereNobodyCanBeAskedYesIsNeeded) {
  gateway_.jobs.AddInDoubt("job-1");
  const CliRun run = Run({"job", "approve", "job-1", "--as", "ada"});
  EXPECT_EQ(run.code, 2);
  EXPECT_THAT(run.err, HasSubstr("--yes"));
  EXPECT_THAT(gateway_.jobs.approvals(), IsEmpty());
  EXPECT_EQ(Run({"job", "approve", "job-1", "--as", "ada", "--yes"}).code, 0);
  EXPECT_EQ(gateway_.jobs.approvals().at(0).max_millicredits(), 2500);
}

TEST_F(JobTest, TheCallerMaySayTheMostToRisk) {
  gateway_.jobs.AddInDoubt("job-1");
  EXPECT_EQ(Run({"job", "approve", "job-1", "--as", "ada", "-y",
                 "--max-credits", "1.25"})
                .code,
            0);
  EXPECT_EQ(gateway_.jobs.approvals().at(0).max_millicredits(), 1250);
  EXPECT_EQ(Run({"job", "approve", "job-1", "--as", "ada", "-y",
                 "--max-credits", "-1"})
                .code,
            2);
  EXPECT_THAT(gateway_.jobs.approvals(), SizeIs(1));
}

TEST_F(JobTest, AbandonsAJob) {
  gateway_.jobs.AddInDoubt("job-1");
  EXPECT_EQ(Ask({"job", "abandon", "job-1", "--as", "ada"}, "yes\n").code, 0);
  EXPECT_EQ(Run({"job", "abandon", "job-1", "--as", "bob", "--yes"}).code, 0);
  ASSERT_THAT(gateway_.jobs.abandonments(), SizeIs(2));
  EXPECT_EQ(gateway_.jobs.abandonments()[0].decided_by(), "ada");
  EXPECT_EQ(gateway_.jobs.abandonments()[1].job_id(), "job-1");
}

TEST_F(JobTest, SaysThatThereIsNoSuchJob) {
  const CliRun run = Run({"job", "approve", "job-9", "--as", "ada", "--yes"});
  EXPECT_EQ(run.code, 1);
  EXPECT_THAT(run.err, HasSubstr("There is no job"));
  EXPECT_THAT(gateway_.jobs.approvals(), IsEmpty());
}

TEST_F(JobTest, ListsDecisionsOverPages) {
  const CliRun run = Run({"audit", "list", "-o", "csv"});
  EXPECT_EQ(run.code, 0) << run.err;
  EXPECT_THAT(run.out, HasSubstr("\n12,,ada,abandon,,,acme,0,2.5,"));
  EXPECT_THAT(run.out, HasSubstr("\n11,,ada,approve_resend,"));
  EXPECT_THAT(Run({"audit", "list", "--limit", "1"}).out,
              Not(HasSubstr("approve_resend")));
}

TEST_F(JobTest, CompletesTheCommands) {
  const std::string script = Run({"completion", "bash"}).out;
  EXPECT_THAT(script, HasSubstr("\"job approve\""));
  EXPECT_THAT(script, HasSubstr("--max-credits"));
  EXPECT_THAT(script, HasSubstr("\"audit list\""));
}

}  // namespace
}  // namespace enrich::cli
