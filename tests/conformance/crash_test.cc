#include <poll.h>
#include <signal.h>
#include <sys/wait.h>
#include <unistd.h>

#include <set>

#include "absl/strings/str_cat.h"
#include "conformance/store_suite.h"

namespace enrich {
namespace {

constexpr int kContacts = 70;

std::string BatchName(int round, int number) {
  return absl::StrCat("r", round, "n", number);
}

// Creates batches and closes their first contact, many at a time, and reports
// the number of each on `pipe` once both are completed. Never returns.
[[noreturn]] void WriteUntilKilled(StoreBackend& backend, int round, int pipe) {
  absl::StatusOr<std::unique_ptr<Store>> store = backend.Open({});
  if (!store.ok()) _exit(1);
  for (int number = 0;; ++number) {
    const auto report = [pipe, number](const absl::StatusOr<Written>& written) {
      if (!written.ok() || write(pipe, &number, sizeof number) < 0) _exit(2);
    };
    const auto close_first = [&s = **store, report](
                                 const absl::StatusOr<CreatedBatch>& created) {
      if (!created.ok()) _exit(3);
      s.Apply({.events = {ClosingEvent(created->batch.key, "first")}}, report);
    };
    (*store)->CreateBatch(MakeBatch(BatchName(round, number), kContacts),
                          close_first);
    // Not so fast that the queue grows without end.
    if (number % 8 == 7) Create(**store, MakeBatch("same", 1)).IgnoreError();
  }
}

// Reads reports until there are `enough`, kills the writer, and returns what
// was reported by then.
std::set<int> KillAfter(pid_t writer, int pipe, size_t enough) {
  std::set<int> reported;
  int number = 0;
  bool killed = false;
  pollfd poll_pipe = {.fd = pipe, .events = POLLIN, .revents = 0};
  while (poll(&poll_pipe, 1, 30'000) == 1 &&
         read(pipe, &number, sizeof number) == sizeof number) {
    reported.insert(number);
    if (reported.size() >= enough && !std::exchange(killed, true)) {
      kill(writer, SIGKILL);
    }
  }
  kill(writer, SIGKILL);
  waitpid(writer, nullptr, 0);
  return reported;
}

class CrashTest : public StoreTest {
 protected:
  // Runs a writer in a process of its own that is killed.
  std::set<int> RunAndKill(int round, size_t enough) {
    int ends[2];
    if (pipe(ends) != 0) return {};
    const pid_t writer = fork();
    if (writer == 0) {
      close(ends[0]);
      WriteUntilKilled(*backend, round, ends[1]);
    }
    close(ends[1]);
    std::set<int> reported = KillAfter(writer, ends[0], enough);
    close(ends[0]);
    return reported;
  }

  void ExpectWhole(const Batch& batch) {
    std::vector<int64_t> keys;
    for (int64_t i = 0; i < kContacts; ++i) {
      keys.push_back(batch.first_contact_key + i);
    }
    ASSERT_OK_AND_ASSIGN(auto contacts, store->ReadContacts(keys));
    ASSERT_EQ(contacts.size(), keys.size());
    for (size_t i = 0; i < contacts.size(); ++i) {
      EXPECT_EQ(contacts[i].contact.contact_ref, absl::StrCat("ref-", i));
    }
    ASSERT_OK_AND_ASSIGN(auto log, store->ReadBatchLog(batch.key, 0, 1 << 20));
    EXPECT_EQ(EventsOf(log).size(), static_cast<size_t>(batch.last_sequence));
    EXPECT_EQ(batch.counters.contacts_done, batch.last_sequence);
  }
};
ENRICH_STORE_SUITE(CrashTest);

TEST_P(CrashTest, KeepsWhatWasCompletedThroughAKill) {
  for (int round = 0; round < 5; ++round) {
    store.reset();
    const std::set<int> reported =
        RunAndKill(round, 20 * static_cast<size_t>(round + 1));
    ASSERT_FALSE(reported.empty());
    Reopen();
    for (const int number : reported) {
      ASSERT_OK_AND_ASSIGN(
          Batch batch,
          store->ReadBatch("acme",
                           absl::StrCat("id-", BatchName(round, number))));
      EXPECT_EQ(batch.last_sequence, 1);
    }
    // What was not reported is there as a whole or not at all.
    ASSERT_OK_AND_ASSIGN(auto batches, store->ListBatches("acme", 0, 100'000));
    for (const Batch& batch : batches) {
      if (batch.counters.contacts == kContacts) ExpectWhole(batch);
    }
  }
}

}  // namespace
}  // namespace enrich
