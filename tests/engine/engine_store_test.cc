// A store that fails under the engine.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "absl/strings/str_cat.h"
#include "engine_harness.h"

namespace enrich {
namespace {

using ::testing::ElementsAre;
using ::testing::IsEmpty;
using ::testing::SizeIs;

class EngineStoreTest : public EngineHarness {
 protected:
  EngineStoreTest() {
    providers.pop_back();
    for (Waterfall& waterfall : options.waterfalls) {
      waterfall.accounts = {"alpha"};
    }
    // One exchange and one contact at a time: what is not given back is missed.
    Capabilities& alpha = providers[0].second;
    alpha.pacing.max_concurrent_requests = 1;
    alpha.pacing.max_running_contacts = 1;
    alpha.operations[0].max_contacts = 1;
  }
};

TEST_F(EngineStoreTest, ASubmissionThatCannotBeRecordedIsNotSentUntilItIs) {
  Start();
  for (absl::Status* error : {&store_->apply_error, &store_->read_error}) {
    *error = absl::ResourceExhaustedError("disk full");
    SubmitPeople({"a"}, error == &store_->apply_error ? "r1" : "r2");
    AdvanceBy(absl::Minutes(1));
    EXPECT_THAT(Calls(), IsEmpty());
    EXPECT_EQ(Status("alpha").contacts_in_flight, 0) << "its place is free";
    *error = absl::OkStatus();
    AdvanceBy(absl::Minutes(1));
    std::vector<Call> calls = Calls();
    ASSERT_THAT(calls, SizeIs(1)) << "and it is sent once";
    EXPECT_EQ(Status("alpha").contacts_in_flight, 1);
    Answer(calls[0], Responds(400, "reject"));
  }
}

TEST_F(EngineStoreTest, ASubmissionToBeRepeatedIsTreatedAlike) {
  Start();
  SubmitPeople({"a"});
  Call submit = OnlyCall();
  Answer(submit, Refused());
  store_->apply_error = absl::UnavailableError("away");
  AdvanceBy(absl::Minutes(1));
  EXPECT_THAT(Calls(), IsEmpty());
  EXPECT_EQ(Status("alpha").contacts_in_flight, 0);
  store_->apply_error = absl::OkStatus();
  AdvanceBy(absl::Minutes(1));
  EXPECT_THAT(Calls(), SizeIs(1));
  EXPECT_EQ(Status("alpha").contacts_in_flight, 1);
}

// So that the provider tries again.
TEST_F(EngineStoreTest, PushesThatCannotBeKeptAreRefused) {
  Start();
  const Batch batch = SubmitPeople({"a"});
  Call submit = OnlyCall();
  Answer(submit, Responds(200, "job 1"));
  const std::string done = absl::StrCat("phase finished\nitem ", submit.Key(0),
                                        " work_email a@acme.example\n");
  store_->apply_error = absl::UnavailableError("away");
  EXPECT_EQ(PushAll(submit, {"phase running\n", done}), 0);
  AdvanceBy(absl::Minutes(1));
  store_->apply_error = absl::OkStatus();
  AdvanceBy(absl::Minutes(1));
  EXPECT_THAT(Events(batch), IsEmpty());
  EXPECT_EQ(PushAll(submit, {done}), 1);
  EXPECT_THAT(Events(batch), SizeIs(2));
}

TEST_F(EngineStoreTest, KeptPushesThatCannotBeAppliedStayUntilTheyCan) {
  Start();
  const Batch batch = SubmitPeople({"a"});
  Call submit = OnlyCall();
  Answer(submit, Responds(200, "job 1"));
  KeepOnly(submit, "phase running\n");
  KeepOnly(submit, absl::StrCat("phase finished\nitem ", submit.Key(0),
                                " work_email a@acme.example\n"));
  apply_error_at_start = absl::UnavailableError("away");
  Restart();
  AdvanceBy(absl::Minutes(1));
  EXPECT_EQ(PushAll(submit, {"phase running\ncost 1\n"}), 0);
  EXPECT_THAT(Events(batch), IsEmpty());
  store_->apply_error = absl::OkStatus();
  AdvanceBy(absl::Minutes(1));
  EXPECT_THAT(Events(batch), SizeIs(2));
}

TEST_F(EngineStoreTest, AfterAFailureForGoodNothingIsDecided) {
  expect_fatal = true;
  Start();
  SubmitPeople({"a"});
  Call submit = OnlyCall();
  const absl::Status aborted = absl::AbortedError("changed behind our back");
  store_->apply_error = aborted;
  Answer(submit, Responds(200, "job 1"));
  EXPECT_THAT(fatal, ElementsAre(aborted));
  store_->apply_error = absl::OkStatus();
  SubmitPeople({"b"}, "r2");
  AdvanceBy(absl::Hours(1));
  EXPECT_THAT(Calls(), IsEmpty());
  EXPECT_THAT(fatal, SizeIs(1));
  // A new start goes by what is recorded.
  Restart();
  EXPECT_EQ(Status("alpha").jobs_unknown, 1);
}

}  // namespace
}  // namespace enrich
