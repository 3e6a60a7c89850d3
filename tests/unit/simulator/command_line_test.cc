#include "simulator/command_line.h"

#include <gtest/gtest.h>
#include <signal.h>
#include <sys/wait.h>
#include <unistd.h>

#include <cstdio>
#include <memory>
#include <string>
#include <vector>

namespace enrich::simulator {
namespace {

// The command in a process of its own.
struct Child {
  explicit Child(std::vector<std::string> arguments) {
    int pipes[2];
    if (pipe(pipes) != 0) return;
    pid = fork();
    if (pid == 0) {
      dup2(pipes[1], STDERR_FILENO);
      close(pipes[0]);
      close(pipes[1]);
      arguments.insert(arguments.begin(), "enrich-simulator");
      std::vector<char*> argv;
      for (std::string& argument : arguments) argv.push_back(argument.data());
      _exit(RunCommandLine(static_cast<int>(argv.size()), argv.data()));
    }
    close(pipes[1]);
    err = fdopen(pipes[0], "r");
  }
  ~Child() {
    if (err != nullptr) fclose(err);
  }

  std::string ReadLine() {
    char line[256] = {};
    return fgets(line, sizeof line, err) == nullptr ? "" : line;
  }
  int ExitCode() {
    int status = 0;
    waitpid(pid, &status, 0);
    return WIFEXITED(status) ? WEXITSTATUS(status) : -1;
  }

  pid_t pid = -1;
  FILE* err = nullptr;
};

TEST(CommandLine, ListensUntilASignal) {
  for (const int signal : {SIGTERM, SIGINT}) {
    Child child({"--listen", "127.0.0.1:0", "--quiet", "--enrow-key", "a",
                 "--pronto-key", "b", "--pronto-rate", "5",
                 "--pronto-concurrency", "0", "--pronto-no-consent", "--faults",
                 R"([{"endpoint":"submit","action":"reset"}])"});
    EXPECT_EQ(child.ReadLine().rfind("listening on http://127.0.0.1:", 0), 0u);
    kill(child.pid, signal);
    EXPECT_EQ(child.ReadLine(), "") << "quiet";
    EXPECT_EQ(child.ExitCode(), 0);
  }
}

TEST(CommandLine, SaysWhyItCannotStart) {
  for (const std::vector<std::string>& arguments :
       std::vector<std::vector<std::string>>{
           {"--latency", "soon"},
           {"--balance", "-1"},
           {"--results-ttl", "long"},
           {"--faults", "/nonexistent/file"},
           {"--listen", "127.0.0.1:0", "--faults", "[7]"},
           {"--provider-file", "/nonexistent/file"},
           {"--provider-secret", "api_key=b"},
           {"--provider-secret", "pronto:api_key=b"},
           {"--listen", "nowhere"}}) {
    Child child(arguments);
    EXPECT_EQ(child.ReadLine().rfind("enrich-simulator: ", 0), 0u);
    EXPECT_EQ(child.ExitCode(), 1) << arguments[0];
  }
}

TEST(CommandLine, PlaysProviderFiles) {
  const std::string folder = ENRICH_SOURCE_DIR "/deploy/providers/";
  Child child({"--listen", "127.0.0.1:0", "--quiet", "--provider-file",
               folder + "pronto.yaml", "--provider-file", folder + "snov.yaml",
               "--provider-secret", "snov:client_id=a"});
  EXPECT_EQ(child.ReadLine().rfind("listening on http://127.0.0.1:", 0), 0u);
  kill(child.pid, SIGTERM);
  EXPECT_EQ(child.ExitCode(), 0);
}

TEST(CommandLine, RefusesUnknownOptions) {
  Child child({"--unknown"});
  EXPECT_NE(child.ExitCode(), 0);
}

}  // namespace
}  // namespace enrich::simulator
