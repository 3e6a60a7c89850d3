// What it costs that nothing is bought again: the store alone, on a disk.

#include <algorithm>
#include <cstdlib>
#include <future>
#include <map>
#include <memory>
#include <random>
#include <set>
#include <utility>
#include <vector>

#include "absl/strings/str_cat.h"
#include "absl/time/time.h"
#include "bench/micro.h"
#include "benchmark/benchmark.h"
#include "model/bought_answer.h"
#include "model/identity.h"
#include "store/sqlite/sqlite_store.h"
#include "support/seeded_random.h"
#include "support/temp_dir.h"

namespace enrich::bench {
namespace {

Identity IdentityOfPerson(int64_t number) {
  return IdentityOf(
      "tenant", {.first_name = "Nadia",
                 .last_name = absl::StrCat("Lambert", number),
                 .company_domain = absl::StrCat("company-", number, ".example"),
                 .linkedin_url = absl::StrCat(
                     "https://www.linkedin.com/in/nadia-lambert-", number)});
}

BoughtAnswer AnswerAbout(int64_t number) {
  return {
      .identity = IdentityOfPerson(number),
      .account = "fullenrich",
      .answer = {.field = ContactField::kWorkEmail,
                 .outcome = Outcome::kFound,
                 .emails = {{.address = absl::StrCat("nadia.lambert@company-",
                                                     number, ".example"),
                             .quality = EmailQuality::kDeliverable}},
                 .credits = Credits::Whole(1)},
      .profile = {.full_name = absl::StrCat("Nadia Lambert", number),
                  .job_title = "Head of Sales",
                  .company_name = absl::StrCat("Company ", number),
                  .provider = "fullenrich"}};
}

// A store with an answer about each of the people 0 .. size() - 1.
class AnswerStore {
 public:
  explicit AnswerStore(int64_t size) {
    while (size_ < size) Keep(Next(std::min<int64_t>(1000, size - size_)));
  }

  int64_t size() const { return size_; }
  Store& store() { return *store_; }

  // Answers about the next people.
  std::vector<BoughtAnswer> Next(int64_t count) const {
    std::vector<BoughtAnswer> answers;
    for (int64_t i = 0; i < count; ++i) {
      answers.push_back(AnswerAbout(size_ + i));
    }
    return answers;
  }
  // Returns once they are on disk.
  void Keep(std::vector<BoughtAnswer> answers) {
    size_ += static_cast<int64_t>(answers.size());
    std::promise<absl::Status> done;
    store_->Apply({.answers = std::move(answers)},
                  [&done](const absl::StatusOr<Written>& written) {
                    done.set_value(written.status());
                  });
    if (!done.get_future().get().ok()) std::abort();
  }

 private:
  TempDir folder_;
  SeededRandom random_;
  std::unique_ptr<Store> store_ =
      OpenSqliteStore({.path = folder_.File("answers.db")},
                      {.on_commit = [](const std::vector<LogSegmentPtr>&) {}},
                      random_)
          .value();
  int64_t size_ = 0;
};

// The one of about that size: it takes long to fill, and grows as it is used.
AnswerStore& StoreOf(int64_t size) {
  static std::map<int64_t, std::unique_ptr<AnswerStore>> stores;
  std::unique_ptr<AnswerStore>& store = stores[size];
  if (store == nullptr || store->size() > size + size / 4) {
    store = nullptr;
    store = std::make_unique<AnswerStore>(size);
  }
  return *store;
}

// The people that a decision about a job asks for, by chance and each once.
std::vector<std::vector<Identity>> People(int64_t first, int64_t last) {
  std::mt19937_64 random(1);
  std::uniform_int_distribution<int64_t> number(first, last);
  std::vector<std::vector<Identity>> jobs(100);
  for (std::vector<Identity>& job : jobs) {
    std::set<int64_t> people;
    while (people.size() < kContacts) people.insert(number(random));
    for (const int64_t person : people) {
      job.push_back(IdentityOfPerson(person));
    }
  }
  return jobs;
}

void FindAnswersOf(benchmark::State& state,
                   const std::vector<std::vector<Identity>>& jobs,
                   size_t found) {
  Store& store = StoreOf(state.range(0)).store();
  size_t next = 0;
  for (auto _ : state) {
    const auto answers = store.ReadAnswers(jobs[next++ % jobs.size()]);
    if (!answers.ok() || answers->size() != found) {
      state.SkipWithError("other answers than were kept");
      break;
    }
  }
  CountContacts(state, kContacts);
}

void FindAnswers(benchmark::State& state) {
  FindAnswersOf(state, People(0, state.range(0) - 1), kContacts);
}

void FindNoAnswers(benchmark::State& state) {
  constexpr int64_t kUnheardOf = 1'000'000'000;
  FindAnswersOf(state, People(kUnheardOf, 2 * kUnheardOf), 0);
}

// In transactions of so many. The work is the store's thread's.
void KeepAnswers(benchmark::State& state) {
  AnswerStore& store = StoreOf(state.range(0));
  for (auto _ : state) {
    state.PauseTiming();
    std::vector<BoughtAnswer> answers = store.Next(state.range(1));
    state.ResumeTiming();
    store.Keep(std::move(answers));
  }
  CountContacts(state, state.range(1));
}

BENCHMARK(FindNoAnswers)->Arg(20'000)->Arg(1'000'000);
BENCHMARK(FindAnswers)->Arg(20'000)->Arg(1'000'000);
// So few that the store stays about as large as it is.
BENCHMARK(KeepAnswers)
    ->Args({20'000, 100})
    ->Args({200'000, 100})
    ->Args({1'000'000, 1000})
    ->Iterations(20)
    ->MeasureProcessCPUTime();

}  // namespace
}  // namespace enrich::bench
