#include "server/retention.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <utility>
#include <vector>

#include "support/fake_clock.h"
#include "support/manual_executor.h"
#include "unit/engine/stub_store.h"

namespace enrich {
namespace {

using ::testing::ElementsAre;
using ::testing::IsEmpty;
using ::testing::SizeIs;

// Keeps what it is asked to delete until the test answers.
class PrunedStore final : public StubStore {
 public:
  void DeleteFinishedBefore(absl::Time before, int,
                            StoreCallback<int64_t> done) override {
    cutoffs.push_back(before);
    answer = std::move(done);
  }
  void DeleteAnswersBefore(absl::Time found, absl::Time not_found, int,
                           StoreCallback<int64_t> done) override {
    answer_cutoffs.emplace_back(found, not_found);
    done(0);
  }
  void DeleteInboxBodies(absl::Time before, int,
                         StoreCallback<int64_t> done) override {
    body_cutoffs.push_back(before);
    body_answer = std::move(done);
  }

  std::vector<absl::Time> body_cutoffs;
  StoreCallback<int64_t> body_answer;
  std::vector<absl::Time> cutoffs;
  std::vector<std::pair<absl::Time, absl::Time>> answer_cutoffs;
  StoreCallback<int64_t> answer;
};

class Retention : public ::testing::Test {
 protected:
  void Start() {
    StartRetention(
        {.batches = absl::Hours(24),
         .bodies = absl::Hours(2),
         .answers = {.found = absl::Hours(10), .not_found = absl::Hours(2)}},
        clock, store, executor);
  }

  FakeClock clock;
  ManualExecutor executor{clock};
  PrunedStore store;
};

TEST_F(Retention, DeletesAtTheStartWhatIsTooOld) {
  Start();
  EXPECT_THAT(store.cutoffs, ElementsAre(clock.Now() - absl::Hours(24)));
}

TEST_F(Retention, AsksAgainAfterAWhileWithAnotherLimit) {
  Start();
  store.answer(0);
  executor.AdvanceBy(absl::Seconds(59));
  EXPECT_THAT(store.cutoffs, SizeIs(1));
  executor.AdvanceBy(absl::Seconds(2));
  ASSERT_THAT(store.cutoffs, SizeIs(2));
  EXPECT_EQ(store.cutoffs[1] - store.cutoffs[0], absl::Minutes(1));
}

TEST_F(Retention, GoesOnSoonUntilThereIsNoMore) {
  Start();
  // However few: the store bounds a portion by more than their number.
  store.answer(1);
  executor.AdvanceBy(absl::Seconds(1));
  ASSERT_THAT(store.cutoffs, SizeIs(2));
  store.answer(0);
  executor.AdvanceBy(absl::Seconds(1));
  EXPECT_THAT(store.cutoffs, SizeIs(2));
}

TEST_F(Retention, OutlivesAFailure) {
  Start();
  store.answer(absl::UnavailableError("disk"));
  executor.AdvanceBy(absl::Minutes(1));
  EXPECT_THAT(store.cutoffs, SizeIs(2));
}

TEST_F(Retention, KeepsAnswersAnHourLongerThanTheyAreGoodFor) {
  Start();
  const absl::Time start = clock.Now();
  ASSERT_THAT(store.answer_cutoffs, SizeIs(1));
  EXPECT_EQ(store.answer_cutoffs[0],
            std::pair(start - absl::Hours(11), start - absl::Hours(3)));
  executor.AdvanceBy(absl::Minutes(1));
  EXPECT_THAT(store.answer_cutoffs, SizeIs(2));
}

TEST_F(Retention, DeletesWebhookBodiesInPortionsOfTheirOwn) {
  Start();
  EXPECT_THAT(store.body_cutoffs, ElementsAre(clock.Now() - absl::Hours(2)));
  store.body_answer(1);
  executor.AdvanceBy(absl::Seconds(1));
  EXPECT_THAT(store.body_cutoffs, SizeIs(2));
  store.body_answer(absl::UnavailableError("disk"));
  executor.AdvanceBy(absl::Minutes(1));
  EXPECT_THAT(store.body_cutoffs, SizeIs(3));
}

TEST_F(Retention, EndsWithTheExecutor) {
  Start();
  executor.Shutdown();
  store.answer(0);
  executor.AdvanceBy(absl::Hours(1));
  EXPECT_THAT(store.cutoffs, SizeIs(1));
}

}  // namespace
}  // namespace enrich
