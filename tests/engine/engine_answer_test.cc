// What is made of answers: whom they mean, what is kept of them, what is odd.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "absl/strings/str_cat.h"
#include "engine_harness.h"

namespace enrich {
namespace {

using ::testing::ElementsAre;
using ::testing::IsEmpty;
using ::testing::SizeIs;

class EngineAnswerTest : public EngineHarness {
 protected:
  static BatchRequest RequestFor(std::vector<CheckedContact> contacts) {
    return {.tenant = "t", .request_id = "r1", .contacts = std::move(contacts)};
  }
  static CheckedContact PersonWith(const std::string& ref,
                                   const std::string& email) {
    CheckedContact person = Person(ref);
    person.contact.email = email;
    return person;
  }
};

TEST_F(EngineAnswerTest, AnEchoOfAnInputStandsForAMissingKey) {
  Start();
  ASSERT_OK_AND_ASSIGN(const CreatedBatch created,
                       Submit(RequestFor({PersonWith("a", "a@one.example"),
                                          PersonWith("b", "b@two.example"),
                                          PersonWith("c", "b@two.example")})));
  Call submit = OnlyCall();
  Answer(submit, Responds(200, "job 1"));
  Push(submit,
       "phase running\nitem email=b@TWO.example work_email x@two.example\n"
       "item email=c@three.example work_email x@three.example\n");
  EXPECT_THAT(Events(created.batch),
              ElementsAre("b work_email=found:x@two.example[alpha=found]",
                          "c work_email=found:x@two.example[alpha=found]"));
  EXPECT_EQ(Reload(created.batch).counters.credits.at("alpha"),
            Credits::Whole(1))
      << "one answer, paid for once";
}

TEST_F(EngineAnswerTest, RawItemsAreKeptForThoseWhoAskOnly) {
  Start();
  SubmitPeople({"a"}, "r1");
  Call submit = OnlyCall();
  EXPECT_FALSE(submit.raw);
  BatchRequest request = RequestFor({Person("b")});
  request.request_id = "r2";
  request.include_raw_items = true;
  ASSERT_OK_AND_ASSIGN(const CreatedBatch created, Submit(std::move(request)));
  // A request that somebody else shares.
  SubmitPeople({"c"}, "r3");
  submit = OnlyCall();
  EXPECT_TRUE(submit.raw);
  EXPECT_THAT(submit.lines, SizeIs(2));
}

TEST_F(EngineAnswerTest, DriftIsCountedAndNoAnswer) {
  Start();
  const Batch batch = SubmitPeople({"a"});
  Call submit = OnlyCall();
  Answer(submit, Responds(200, "job 1"));
  EXPECT_EQ(Status("alpha").contract_drift_count, 0);
  Push(submit, absl::StrCat("phase finished\ndrift odd\ndrift odder\nitem ",
                            submit.Key(0), " work_email ?\n"));
  AccountStatus status = Status("alpha");
  EXPECT_EQ(status.contract_drift_count, 2);
  EXPECT_EQ(status.last_contract_drift, "odder");
  EXPECT_EQ(status.last_contract_drift_time, clock.Now());
  // The next provider's reply is not understood at all.
  submit = OnlyCall();
  Answer(submit, Responds(200, "gibberish"));
  EXPECT_EQ(Status("beta").contract_drift_count, 1);
  EXPECT_EQ(Status("beta").jobs_unknown, 1);
  Push(submit, "phase finished\n");
  EXPECT_THAT(Events(batch),
              ElementsAre("a work_email=failed[alpha=failed/CONTRACT_DRIFT,"
                          "beta=failed/NOT_RETURNED]",
                          "finished 1/1"));
}

TEST_F(EngineAnswerTest, DoubtThatNoPushCanSettleIsToldAtOnce) {
  for (const bool no_address : {true, false}) {
    SCOPED_TRACE(no_address);
    if (no_address) {
      options.public_url.clear();
    } else {
      options.public_url = "https://hooks.example";
      providers[0].second.push = false;
    }
    Start();
    const std::string who = no_address ? "a" : "b";
    const Batch batch = SubmitPeople({who}, who);
    Call submit = OnlyCall();
    Answer(submit, TimesOut());
    EXPECT_THAT(Events(batch),
                ElementsAre(absl::StrCat(who,
                                         " work_email=unknown[alpha=unknown/"
                                         "OUTCOME_UNKNOWN]"),
                            "finished 1/1"));
    AdvanceBy(absl::Hours(1));
    EXPECT_THAT(Calls(), IsEmpty()) << "and never sent again";
    Stop();
  }
}

TEST_F(EngineAnswerTest, PushesThatComeTogetherAreAllTakenUp) {
  Start();
  const Batch batch = SubmitPeople({"a", "b", "c"});
  Call submit = OnlyCall();
  Answer(submit, Responds(200, "job 1"));
  const std::vector<std::string> bodies = {
      absl::StrCat("phase running\nitem ", submit.Key(2),
                   " work_email c@acme.example\n"),
      "not readable",
      absl::StrCat("phase running\nitem ", submit.Key(0),
                   " work_email a@acme.example\n"),
      absl::StrCat("phase running\nitem ", submit.Key(1),
                   " work_email b@acme.example\n")};
  PushAll(submit, bodies);
  EXPECT_THAT(Events(batch),
              ElementsAre("c work_email=found:c@acme.example[alpha=found]",
                          "a work_email=found:a@acme.example[alpha=found]",
                          "b work_email=found:b@acme.example[alpha=found]",
                          "finished 3/3"));
  ASSERT_OK_AND_ASSIGN(const auto unapplied, store_->ReadUnappliedInbox());
  EXPECT_THAT(unapplied, IsEmpty());
}

TEST_F(EngineAnswerTest, ALaterPushInTheSameDecisionCorrectsAnEarlierOne) {
  for (Waterfall& waterfall : options.waterfalls)
    waterfall.accounts = {"alpha"};
  Start();
  const Batch batch = SubmitPeople({"a", "b"});
  Call submit = OnlyCall();
  Answer(submit, Responds(200, "job 1"));
  PushAll(submit, {"phase running\n", "phase finished\n",
                   absl::StrCat("phase running\nitem ", submit.Key(0),
                                " work_email a@acme.example\n")});
  EXPECT_THAT(Events(batch),
              ElementsAre("a work_email=found:a@acme.example[alpha=found]",
                          "b work_email=failed[alpha=failed/NOT_RETURNED]",
                          "finished 2/2"));
  EXPECT_EQ(Reload(batch).counters.of(Outcome::kFailed), 1);
}

}  // namespace
}  // namespace enrich
