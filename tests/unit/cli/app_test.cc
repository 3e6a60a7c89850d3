#include "cli/app.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <algorithm>
#include <sstream>

#include "absl/strings/match.h"
#include "cli/enrich_command.h"
#include "cli/exit_code.h"
#include "cli/rich_error.h"
#include "fakes/fake_gateway.h"
#include "fakes/rich_status.h"
#include "support/temp_dir.h"
#include "unit/cli/cli_runner.h"

namespace enrich::cli {
namespace {

using ::testing::HasSubstr;

// Presses Ctrl-C when it is flushed with a number of lines.
class StopAfterLines final : public std::stringbuf {
 public:
  StopAfterLines(int lines, std::stop_source& source)
      : lines_(lines), source_(source) {}

 private:
  int sync() override {
    const std::string text = str();
    if (std::count(text.begin(), text.end(), '\n') >= lines_) {
      source_.request_stop();
    }
    return 0;
  }

  const int lines_;
  std::stop_source& source_;
};

class AppTest : public ::testing::Test {
 protected:
  CliRun Run(std::vector<std::string> args) {
    return RunCli(gateway_.address(), std::move(args));
  }
  // Buys one batch, batch-1, for `contacts` contacts.
  void Buy(int contacts) {
    std::string text = "linkedin\n";
    for (int i = 0; i < contacts; ++i) text += "x\n";
    ASSERT_EQ(RunCli(gateway_.address(), {"enrich"}, text).code, 0);
  }

  FakeGateway gateway_;
};

TEST_F(AppTest, HelpNamesTheExitCodes) {
  const CliRun run = Run({"--help"});
  EXPECT_EQ(run.code, 0);
  EXPECT_THAT(run.out, HasSubstr("130  interrupted"));
  EXPECT_THAT(Run({"enrich", "--help"}).out, HasSubstr("--dry-run"));
}

TEST_F(AppTest, RefusesUnknownCommands) {
  EXPECT_EQ(Run({}).code, 2);
  EXPECT_EQ(Run({"fly"}).code, 2);
  EXPECT_EQ(Run({"batch"}).code, 2);
  EXPECT_EQ(Run({"batch", "get"}).code, 2);
  EXPECT_EQ(Run({"config", "check", "x"}).code, 2);
}

TEST_F(AppTest, PrintsABatchInEveryFormat) {
  Buy(2);
  EXPECT_THAT(Run({"batch", "get", "batch-1"}).out,
              HasSubstr("batch-1   finished  2"));
  EXPECT_THAT(Run({"batch", "get", "batch-1", "-o", "csv"}).out,
              HasSubstr("\nbatch-1,finished,2,2,2,0,0,0,"));
  EXPECT_THAT(Run({"batch", "get", "batch-1", "-o", "json"}).out,
              HasSubstr("\"state\": \"BATCH_STATE_FINISHED\""));
  EXPECT_THAT(Run({"batch", "get", "batch-1", "-o", "jsonl"}).out,
              HasSubstr("{\"batchId\":\"batch-1\""));
}

TEST_F(AppTest, ListsBatchesOverPages) {
  Buy(1);
  Buy(2);
  Buy(3);
  const CliRun all = Run({"batch", "list", "--limit", "0", "-o", "json"});
  EXPECT_EQ(all.code, 0) << all.err;
  EXPECT_THAT(all.out, HasSubstr("batch-1"));
  EXPECT_THAT(all.out, HasSubstr("batch-3"));
  const CliRun some = Run({"batch", "list", "--limit", "2"});
  EXPECT_EQ(std::count(some.out.begin(), some.out.end(), '\n'), 3);
}

TEST_F(AppTest, PrintsAnEmptyList) {
  EXPECT_EQ(Run({"batch", "list", "-o", "json"}).out, "[]\n");
  EXPECT_EQ(Run({"batch", "list", "-o", "jsonl"}).out, "");
  EXPECT_THAT(Run({"batch", "list"}).out, HasSubstr("batch_id"));
}

TEST_F(AppTest, WatchesABatchOverDroppedStreams) {
  Buy(3);
  gateway_.enrichment.DropNextStream(1);
  gateway_.enrichment.DropNextStream(1, /*handover=*/true);
  const CliRun run = Run({"batch", "watch", "batch-1"});
  EXPECT_EQ(run.code, 0) << run.err;
  EXPECT_EQ(std::count(run.out.begin(), run.out.end(), '\n'), 4);
  EXPECT_THAT(run.out, HasSubstr("\"sequence\":\"4\""));
  EXPECT_THAT(run.err, HasSubstr("retrying in "));
}

TEST_F(AppTest, WatchContinuesAfterAToken) {
  Buy(3);
  const CliRun run = Run({"batch", "watch", "batch-1", "--resume-token", "3"});
  EXPECT_EQ(run.code, 0) << run.err;
  EXPECT_EQ(std::count(run.out.begin(), run.out.end(), '\n'), 1);
}

TEST_F(AppTest, InterruptedWatchPrintsItsToken) {
  Buy(3);
  gateway_.enrichment.HoldStreams(2);
  std::stop_source source;
  StopAfterLines buffer(2, source);
  const CliRun run = RunCli(gateway_.address(), {"batch", "watch", "batch-1"},
                            "", source.get_token(), &buffer);
  EXPECT_EQ(run.code, 130);
  EXPECT_THAT(run.err, HasSubstr("batch watch batch-1 --resume-token 2"));
}

TEST_F(AppTest, CancelsABatch) {
  Buy(1);
  EXPECT_THAT(Run({"batch", "cancel", "batch-1"}).out, HasSubstr("cancelled"));
}

TEST_F(AppTest, PrintsResults) {
  Buy(1);
  const CliRun run = Run({"results", "batch-1", "-o", "csv"});
  EXPECT_EQ(run.code, 0);
  EXPECT_EQ(run.out,
            "sequence,contact_ref,field,status,value,quality,provider,credits,"
            "reason,supersedes\n1,1,work_email,found,contact1@example.com,"
            "deliverable,acme,1,,\n");
}

TEST_F(AppTest, PrintsRichErrors) {
  const CliRun run = Run({"batch", "get", "batch-9"});
  EXPECT_EQ(run.code, 1);
  EXPECT_EQ(run.out, "");
  EXPECT_EQ(run.err,
            "error: NOT_FOUND: There is no batch batch-9. (BATCH_NOT_FOUND)\n");
}

TEST_F(AppTest, SendsTheTokenOfAFile) {
  const TempDir dir;
  gateway_.token.Set("s3cret");
  WriteText(dir.File("token"), "s3cret\n");
  EXPECT_EQ(Run({"provider", "list"}).code, 4);
  EXPECT_EQ(Run({"provider", "list", "--token", "wrong"}).code, 4);
  EXPECT_EQ(Run({"provider", "list", "--token-file", dir.File("none")}).code,
            2);
  const CliRun run =
      Run({"provider", "list", "--token-file", dir.File("token")});
  EXPECT_EQ(run.code, 0) << run.err;
  EXPECT_THAT(run.out, HasSubstr("acme      generic  poll      closed   "
                                 "work_email"));
  EXPECT_THAT(run.out, HasSubstr("12.5"));
}

TEST_F(AppTest, ChecksHealth) {
  const CliRun run = Run({"healthcheck"});
  EXPECT_EQ(run.code, 0) << run.err;
  EXPECT_EQ(run.out, "SERVING\n");
  EXPECT_EQ(Run({"healthcheck", "--service", "no.such.Service"}).code, 1);
  EXPECT_EQ(RunCli("127.0.0.1:1", {"healthcheck"}).code, 6);
}

TEST_F(AppTest, RefusesAnUnreadableCaFile) {
  EXPECT_EQ(Run({"healthcheck", "--ca-file", "/no/such/file"}).code, 2);
  EXPECT_EQ(Run({"healthcheck", "--cert-file", "/no/such/file", "--key-file",
                 "/no/such/file"})
                .code,
            2);
}

TEST_F(AppTest, ACertificateNeedsItsKey) {
  for (const char* flag : {"--cert-file", "--key-file"}) {
    const CliRun run = Run({"healthcheck", flag, "x.pem"});
    EXPECT_EQ(run.code, 2);
    EXPECT_THAT(run.err, HasSubstr("--cert-file and --key-file"));
  }
}

TEST_F(AppTest, CompletesCommandsAndFlags) {
  const std::string script = Run({"completion", "bash"}).out;
  EXPECT_THAT(script, HasSubstr("complete -o default -F _enrichctl enrichctl"));
  EXPECT_THAT(script, HasSubstr("\"batch watch\") COMPREPLY"));
  EXPECT_THAT(script, HasSubstr("--dry-run"));
}

TEST(App, RunsTheConfigurationCheckItIsGiven) {
  std::istringstream in;
  std::ostringstream out;
  std::ostringstream err;
  Terminal terminal{.in = in, .out = out, .err = err};
  const AppHooks hooks{.config_check = [](const std::string& path) {
    return path == "good.yaml" ? 0 : 2;
  }};
  EXPECT_EQ(RunEnrichctl({"config", "check", "good.yaml"}, terminal, hooks), 0);
  EXPECT_EQ(RunEnrichctl({"config", "check", "bad.yaml"}, terminal, hooks), 2);
}

TEST(App, RunsTheToolsForProviderFilesThatItIsGiven) {
  std::istringstream in;
  std::ostringstream out;
  std::ostringstream err;
  Terminal terminal{.in = in, .out = out, .err = err};
  const AppHooks hooks{
      .provider_tools = {
          .lint =
              [](const std::vector<std::string>& files) {
                return files == std::vector<std::string>{"a", "b"} ? 0 : 2;
              },
          .test =
              [](const std::vector<std::string>& files) {
                return files == std::vector<std::string>{"a"} ? 1 : 2;
              },
          .explain =
              [](const std::string& file, const std::string& fixture) {
                return file == "a" && fixture == "f" ? 0 : 2;
              },
          .create =
              [](const std::string& id, const std::string& folder) {
                return id == "acme" && folder == "here" ? 0 : 2;
              }}};
  const auto run = [&](const std::vector<std::string>& args) {
    return RunEnrichctl(args, terminal, hooks);
  };
  EXPECT_EQ(run({"provider", "lint", "a", "b"}), 0);
  EXPECT_EQ(run({"provider", "test", "a"}), 1);
  EXPECT_EQ(run({"provider", "explain", "a", "f"}), 0);
  EXPECT_EQ(run({"provider", "new", "acme", "--out", "here"}), 0);
  EXPECT_EQ(run({"provider", "new", "acme"}), 2);
  EXPECT_EQ(run({"provider", "lint"}), 2);
  EXPECT_EQ(run({"completion", "bash"}), 0);
  EXPECT_THAT(out.str(), HasSubstr("\"provider new\") COMPREPLY"));
}

TEST(ContinueCommand, LeavesOutTheTokenAndTheRestart) {
  EXPECT_EQ(ContinueCommand({"enrich", "--token", "s", "--in", "my file.csv",
                             "--restart", "--token=s", "--map", "email=It's"}),
            "enrichctl enrich --in 'my file.csv' --map 'email=It'\\''s'");
}

TEST(ExitCode, FollowsFromTheStatus) {
  using absl::StatusCode;
  const std::pair<StatusCode, ExitCode> cases[] = {
      {StatusCode::kOk, ExitCode::kDone},
      {StatusCode::kInternal, ExitCode::kFailed},
      {StatusCode::kNotFound, ExitCode::kFailed},
      {StatusCode::kInvalidArgument, ExitCode::kUsage},
      {StatusCode::kFailedPrecondition, ExitCode::kUsage},
      {StatusCode::kUnauthenticated, ExitCode::kAuthentication},
      {StatusCode::kPermissionDenied, ExitCode::kAuthentication},
      {StatusCode::kResourceExhausted, ExitCode::kQuota},
      {StatusCode::kUnavailable, ExitCode::kUnavailable},
      {StatusCode::kDeadlineExceeded, ExitCode::kUnavailable},
      {StatusCode::kAborted, ExitCode::kUnavailable},
      {StatusCode::kCancelled, ExitCode::kInterrupted},
  };
  for (const auto& [status, code] : cases) {
    EXPECT_EQ(ExitCodeOf(absl::Status(status, "x")), code);
  }
}

TEST(RichError, IsDescribedWithViolationsAndDelay) {
  const absl::Status status =
      FromGrpc(RichStatus(grpc::StatusCode::INVALID_ARGUMENT, "Not valid.",
                          "INVALID_REQUEST", {{"fields", "none given"}}, 2));
  EXPECT_EQ(DescribeError(status),
            "error: INVALID_ARGUMENT: Not valid. (INVALID_REQUEST)\n"
            "  fields: none given\n"
            "  retry after 2s");
  EXPECT_EQ(DescribeError(absl::InvalidArgumentError("--in is missing")),
            "error: --in is missing");
}

TEST(RichError, TellsWhatMayPass) {
  const auto transient = [](grpc::StatusCode code, const std::string& reason) {
    return IsTransient(FromGrpc(reason.empty()
                                    ? grpc::Status(code, "x")
                                    : RichStatus(code, "x", reason)));
  };
  EXPECT_TRUE(transient(grpc::StatusCode::UNAVAILABLE, "SHUTTING_DOWN"));
  EXPECT_TRUE(transient(grpc::StatusCode::ABORTED, "SLOW_READER"));
  EXPECT_TRUE(transient(grpc::StatusCode::INTERNAL, ""));
  EXPECT_FALSE(transient(grpc::StatusCode::INTERNAL, "BUG"));
  EXPECT_TRUE(
      transient(grpc::StatusCode::RESOURCE_EXHAUSTED, "TOO_MANY_STREAMS"));
  EXPECT_FALSE(transient(grpc::StatusCode::RESOURCE_EXHAUSTED, ""));
  EXPECT_FALSE(transient(grpc::StatusCode::NOT_FOUND, "BATCH_NOT_FOUND"));
  EXPECT_FALSE(IsTransient(absl::CancelledError("interrupted")));
}

}  // namespace
}  // namespace enrich::cli
