#include "sim/runner/jobs.h"

#include <sys/socket.h>
#include <sys/wait.h>
#include <unistd.h>

#include <array>
#include <cstdio>
#include <cstdlib>
#include <string>
#include <utility>
#include <vector>

#include "absl/strings/numbers.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_split.h"
#include "support/temp_dir.h"

namespace enrich::sim {
namespace {

// One report in one message: "seed N", "steps N", "count N WHAT" and "violation
// TEXT", each on a line.
constexpr size_t kMaxMessage = 100'000;

std::string Encode(const Report& report) {
  std::string text =
      absl::StrCat("seed ", report.seed, "\nsteps ", report.steps, "\n");
  for (const auto& [what, times] : report.counts) {
    absl::StrAppend(&text, "count ", times, " ", what, "\n");
  }
  for (const std::string& violation : report.violations) {
    absl::StrAppend(&text, "violation ", violation, "\n");
  }
  if (text.size() > kMaxMessage) text.resize(kMaxMessage);
  return text;
}

Report Decode(absl::string_view text) {
  Report report;
  for (const absl::string_view line :
       absl::StrSplit(text, '\n', absl::SkipEmpty())) {
    const std::pair<absl::string_view, absl::string_view> parts =
        absl::StrSplit(line, absl::MaxSplits(' ', 1));
    const auto& [kind, value] = parts;
    if (kind == "violation") {
      report.violations.emplace_back(value);
    } else if (kind == "count") {
      const std::pair<absl::string_view, std::string> count =
          absl::StrSplit(value, absl::MaxSplits(' ', 1));
      (void)absl::SimpleAtoi(count.first, &report.counts[count.second]);
    } else if (kind == "steps") {
      (void)absl::SimpleAtoi(value, &report.steps);
    } else if (kind == "seed") {
      (void)absl::SimpleAtoi(value, &report.seed);
    } else if (!report.violations.empty()) {
      // A violation of several lines.
      absl::StrAppend(&report.violations.back(), "\n", line);
    }
  }
  return report;
}

[[noreturn]] void GiveUp(const char* what) {
  std::perror(what);
  std::exit(2);
}

// A process that lives through every `step`th seed from `next` on.
struct Job {
  pid_t process = 0;
  // The one it is at.
  uint64_t next = 0;
};

void Live(uint64_t first, const Seeds& seeds, uint64_t step, int out) {
  const TempDir folder(MemoryFolder());
  for (uint64_t seed = first; seed <= seeds.last; seed += step) {
    const std::string message = Encode(Simulate(seed, folder.path()));
    if (write(out, message.data(), message.size()) < 0) GiveUp("write");
  }
}

Job Start(uint64_t first, const Seeds& seeds, uint64_t step,
          const std::array<int, 2>& ends) {
  const pid_t process = fork();
  if (process < 0) GiveUp("fork");
  if (process == 0) {
    // Without a reader, it ends with the next report.
    close(ends[0]);
    Live(first, seeds, step, ends[1]);
    _exit(0);
  }
  return {.process = process, .next = first};
}

}  // namespace

void LiveInProcesses(const Seeds& seeds, int jobs,
                     absl::FunctionRef<void(const Report&)> visit) {
  // Keeps the messages of all processes apart.
  std::array<int, 2> ends = {};
  if (socketpair(AF_UNIX, SOCK_SEQPACKET, 0, ends.data()) != 0) {
    GiveUp("socketpair");
  }
  const auto step = static_cast<uint64_t>(jobs);
  std::vector<Job> all;
  for (uint64_t i = 0; i < step; ++i) {
    all.push_back(Start(seeds.first + i, seeds, step, ends));
  }
  close(ends[1]);
  std::string message(kMaxMessage, '\0');
  while (true) {
    const ssize_t size = read(ends[0], message.data(), message.size());
    if (size < 0) GiveUp("read");
    if (size == 0) break;
    const Report report =
        Decode(absl::string_view(message).substr(0, static_cast<size_t>(size)));
    all[(report.seed - seeds.first) % step].next = report.seed + step;
    visit(report);
  }
  close(ends[0]);
  for (const Job& job : all) {
    int status = 0;
    if (waitpid(job.process, &status, 0) != job.process) GiveUp("waitpid");
    if (status == 0) continue;
    visit({.seed = job.next,
           .violations = {
               absl::StrCat("the process ended with status ", status)}});
  }
}

}  // namespace enrich::sim
