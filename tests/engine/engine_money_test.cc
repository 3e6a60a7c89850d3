// Ledger and ceilings.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "absl/strings/str_cat.h"
#include "engine_harness.h"

namespace enrich {
namespace {

using ::testing::ElementsAre;
using ::testing::IsEmpty;
using ::testing::SizeIs;

class EngineMoneyTest : public EngineHarness {
 protected:
  Batch SubmitLimited(int people, Ceilings ceilings,
                      const std::string& request_id = "r1") {
    BatchRequest request = {.tenant = "t",
                            .request_id = request_id,
                            .content_hash = Sha256(request_id),
                            .ceilings = std::move(ceilings)};
    for (int i = 0; i < people; ++i) {
      request.contacts.push_back(Person(absl::StrCat(request_id, "-", i)));
    }
    const auto created = Submit(std::move(request));
    EXPECT_THAT(created, IsOk());
    return created.ok() ? created->batch : Batch{};
  }
  static Ceilings AtAlpha(int64_t credits) {
    return {.credits = {{"alpha", Credits::Whole(credits)}}};
  }

  // Accepts the job and answers it: the first `found` contacts have an address.
  void Finish(Call& call, size_t found, const std::string& more = "") {
    Answer(call, Responds(200, absl::StrCat("job ", ++jobs_)));
    std::string body = absl::StrCat("phase finished\n", more);
    for (size_t i = 0; i < call.lines.size(); ++i) {
      absl::StrAppend(&body, "item ", call.Key(i), " work_email ",
                      i < found ? "a@acme.example" : "-", "\n");
    }
    Push(call, body);
  }
  static bool AsksAlpha(const Call& call) {
    return call.url == "https://alpha.example/submit";
  }
  // The requests that come within a while.
  std::vector<Call> Soon() {
    AdvanceBy(absl::Seconds(1));
    return Calls();
  }

  Funds FundsOf(const Batch& batch, const std::string& account = "alpha") {
    return Reload(batch).counters.funds[account];
  }
  // Of the tenant; checks that it balances.
  Funds TenantFunds(const std::string& account = "alpha") {
    const Funds funds = Status(account).funds["t"];
    EXPECT_TRUE(funds.Balanced());
    return funds;
  }
  static Funds Whole(int64_t authorised, int64_t reserved, int64_t spent,
                     int64_t released, int64_t exposed) {
    return {.authorised = Credits::Whole(authorised),
            .reserved = Credits::Whole(reserved),
            .spent = Credits::Whole(spent),
            .released = Credits::Whole(released),
            .exposed = Credits::Whole(exposed)};
  }

 private:
  int jobs_ = 0;
};

TEST_F(EngineMoneyTest, EveryCreditIsAccountedForFromIntentToAnswer) {
  Start();
  const Batch batch = SubmitPeople({"a", "b", "c"});
  Call call = OnlyCall();
  EXPECT_EQ(FundsOf(batch), Whole(3, 3, 0, 0, 0));
  EXPECT_EQ(TenantFunds(), Whole(3, 3, 0, 0, 0));
  Answer(call, Responds(200, "job 1"));
  Push(call, absl::StrCat("phase running\nitem ", call.Key(0),
                          " work_email a@acme.example\n"));
  EXPECT_EQ(FundsOf(batch), Whole(3, 2, 1, 0, 0));
  Push(call,
       absl::StrCat("phase finished\nitem ", call.Key(1), " work_email -\n"));
  EXPECT_EQ(FundsOf(batch), Whole(3, 0, 1, 2, 0));
  EXPECT_EQ(TenantFunds(), Whole(3, 0, 1, 2, 0));
}

TEST_F(EngineMoneyTest, WhatWasRefusedIsReleasedAndARepeatKeepsItsPlace) {
  Start();
  const Batch batch = SubmitPeople({"a"});
  Call limited = OnlyCall();
  Answer(limited, Responds(429, ""));
  EXPECT_EQ(FundsOf(batch), Whole(1, 1, 0, 0, 0));
  AdvanceBy(absl::Minutes(2));
  std::vector<Call> calls = Calls();
  ASSERT_THAT(calls, SizeIs(1));
  EXPECT_EQ(FundsOf(batch), Whole(1, 1, 0, 0, 0));
  Answer(calls[0], Responds(400, "reject"));
  EXPECT_EQ(FundsOf(batch), Whole(1, 0, 0, 1, 0));
}

TEST_F(EngineMoneyTest, DoubtIsExposedUntilEvidenceSettlesIt) {
  options.park_unknown_after = absl::Hours(1);
  Start();
  const Batch batch = SubmitPeople({"a", "b"});
  Call call = OnlyCall();
  Answer(call, TimesOut());
  EXPECT_EQ(FundsOf(batch), Whole(2, 0, 0, 0, 2));
  AdvanceBy(absl::Hours(2));
  EXPECT_EQ(FundsOf(batch), Whole(2, 0, 0, 0, 2)) << "parked";
  Restart();
  EXPECT_EQ(TenantFunds(), Whole(2, 0, 0, 0, 2));
  Push(call, absl::StrCat("id 7\nphase finished\nitem ", call.Key(0),
                          " work_email a@acme.example\nitem ", call.Key(1),
                          " work_email -\n"));
  EXPECT_EQ(FundsOf(batch), Whole(2, 0, 1, 1, 0));
  EXPECT_EQ(TenantFunds(), Whole(2, 0, 1, 1, 0));
}

TEST_F(EngineMoneyTest, TheLedgerBalancesAfterAStartInAnyState) {
  Start();
  SubmitLimited(3, {}, "r1");
  Call accepted = OnlyCall();
  Answer(accepted, Responds(200, "job 1"));
  Push(accepted, absl::StrCat("phase running\nitem ", accepted.Key(0),
                              " work_email a@acme.example\n"));
  SubmitLimited(2, {}, "r2");
  Call limited = OnlyCall();
  Answer(limited, Responds(429, ""));
  EXPECT_EQ(TenantFunds(), Whole(5, 4, 1, 0, 0));
  Restart();
  EXPECT_EQ(TenantFunds(), Whole(5, 4, 1, 0, 0));
  EXPECT_EQ(Totals().ledger_errors, 0);
}

TEST_F(EngineMoneyTest, ACeilingIsNeverPassedAndWhatIsFreedIsUsed) {
  Start();
  const Batch batch = SubmitLimited(9, AtAlpha(4));
  std::vector<Call> calls = Soon();
  ASSERT_THAT(calls, SizeIs(1));
  EXPECT_THAT(calls[0].lines, SizeIs(4));
  EXPECT_THAT(Soon(), IsEmpty()) << "the others wait: an answer may make room";
  Finish(calls[0], /*found=*/1);
  EXPECT_EQ(FundsOf(batch).spent, Credits::Whole(1));
  // Three more fit; the three not found go on to beta.
  calls = Soon();
  ASSERT_THAT(calls, SizeIs(2));
  Call& alpha = AsksAlpha(calls[0]) ? calls[0] : calls[1];
  Call& beta = AsksAlpha(calls[0]) ? calls[1] : calls[0];
  EXPECT_THAT(alpha.lines, SizeIs(3));
  EXPECT_THAT(beta.lines, SizeIs(3));
  Finish(beta, 0);
  Finish(alpha, /*found=*/3);
  // Nothing can make room for the last two: beta is asked.
  calls = Soon();
  ASSERT_THAT(calls, SizeIs(1));
  EXPECT_FALSE(AsksAlpha(calls[0]));
  EXPECT_THAT(calls[0].lines, SizeIs(2));
  Finish(calls[0], 2);
  EXPECT_EQ(FundsOf(batch), Whole(7, 0, 4, 3, 0));
  EXPECT_THAT(Events(batch),
              testing::Contains("r1-8 work_email=found:a@acme.example[alpha="
                                "failed/BUDGET_EXHAUSTED,beta=found]"));
}

TEST_F(EngineMoneyTest, EveryBatchHasACeilingOfItsOwn) {
  Start();
  SubmitLimited(6, AtAlpha(2), "r1");
  SubmitLimited(6, AtAlpha(3), "r2");
  SubmitLimited(2, {}, "r3");
  std::vector<Call> calls = Soon();
  std::map<std::string, int> asked;
  for (const Call& call : calls) {
    for (size_t i = 0; i < call.lines.size(); ++i) {
      ++asked[call.Ref(i).substr(0, 2)];
    }
  }
  EXPECT_EQ(asked,
            (std::map<std::string, int>{{"r1", 2}, {"r2", 3}, {"r3", 2}}));
}

TEST_F(EngineMoneyTest, ACeilingHoldsAcrossARestart) {
  Start();
  const Batch batch = SubmitLimited(6, AtAlpha(4));
  std::vector<Call> calls = Soon();
  ASSERT_THAT(calls, SizeIs(1));
  Finish(calls[0], /*found=*/2);
  calls = Soon();  // Two more at alpha, the two not found at beta.
  ASSERT_THAT(calls, SizeIs(2));
  Restart();
  EXPECT_THAT(Soon(), IsEmpty()) << "sent before the crash: in doubt";
  EXPECT_EQ(FundsOf(batch), Whole(6, 0, 2, 2, 2));
  EXPECT_THAT(Events(batch), SizeIs(2));
}

TEST_F(EngineMoneyTest, WhatIsExposedIsNoRoom) {
  Start();
  const Batch batch = SubmitLimited(3, AtAlpha(2));
  std::vector<Call> calls = Soon();
  ASSERT_THAT(calls, SizeIs(1));
  Answer(calls[0], TimesOut());
  calls = Soon();
  ASSERT_THAT(calls, SizeIs(1)) << "the third goes on at once";
  EXPECT_FALSE(AsksAlpha(calls[0]));
  EXPECT_EQ(FundsOf(batch), Whole(2, 0, 0, 0, 2));
}

TEST_F(EngineMoneyTest, WithoutRoomAnywhereALookupFails) {
  Start();
  const Batch batch = SubmitLimited(
      1, {.credits = {{"alpha", Credits()}, {"beta", Credits{999}}}});
  EXPECT_THAT(Soon(), IsEmpty());
  EXPECT_THAT(Events(batch),
              ElementsAre("r1-0 work_email=failed[alpha=failed/"
                          "BUDGET_EXHAUSTED,beta=failed/BUDGET_EXHAUSTED]",
                          "finished 1/1"));
}

TEST_F(EngineMoneyTest, AMoneyCeilingCountsAllAccounts) {
  micros_per_credit = {{"alpha", 300'000}, {"beta", 100'000}};
  Start();
  const Batch batch = SubmitLimited(4, {.cost_micros = 700'000});
  std::vector<Call> calls = Soon();
  ASSERT_THAT(calls, SizeIs(1));
  EXPECT_THAT(calls[0].lines, SizeIs(2)) << "600,000 of 700,000";
  Finish(calls[0], 2);
  calls = Soon();
  ASSERT_THAT(calls, SizeIs(1)) << "beta is cheap enough, for one";
  EXPECT_FALSE(AsksAlpha(calls[0]));
  EXPECT_THAT(calls[0].lines, SizeIs(1));
  Finish(calls[0], 1);
  EXPECT_THAT(Soon(), IsEmpty());
  EXPECT_EQ(Reload(batch).state, BatchState::kFinished);
  EXPECT_EQ(Reload(batch).counters.of(Outcome::kFailed), 1);
}

TEST_F(EngineMoneyTest, AMoneyCeilingNeedsThePriceOfEveryAccountAsked) {
  micros_per_credit = {{"alpha", 300'000}};
  Start();
  BatchRequest request = {.tenant = "t",
                          .request_id = "r1",
                          .contacts = {Person("a")},
                          .ceilings = {.cost_micros = 1}};
  const absl::Status refused = Submit(request).status();
  EXPECT_EQ(refused.code(), absl::StatusCode::kInvalidArgument);
  EXPECT_THAT(std::string(refused.message()), testing::HasSubstr("beta"));
  request.providers = {"alpha"};
  EXPECT_THAT(Submit(request), IsOk());
}

TEST_F(EngineMoneyTest, CancellingABatchThatIsOnHoldEndsIt) {
  Start();
  const Batch batch = SubmitLimited(3, AtAlpha(1));
  std::vector<Call> calls = Soon();
  ASSERT_THAT(calls, SizeIs(1));
  engine->CancelBatch("t", batch.id, [](absl::StatusOr<Batch>) {});
  Settle();
  EXPECT_EQ(Reload(batch).counters.of(Outcome::kCancelled), 2);
  Finish(calls[0], 1);
  EXPECT_EQ(Reload(batch).state, BatchState::kCancelled);
}

TEST_F(EngineMoneyTest, WhatIsOnHoldGoesOnWhenTheProviderIsDown) {
  Start();
  const Batch batch = SubmitLimited(2, AtAlpha(1), "held");
  std::vector<Call> calls = Soon();
  ASSERT_THAT(calls, SizeIs(1));
  Answer(calls[0], Responds(200, "job 1"));
  SubmitLimited(1, {}, "other");
  for (int i = 0; i < 200 && Events(batch).empty(); ++i) {
    for (Call& call : Calls()) {
      if (call.url.find("alpha") != std::string::npos) {
        Answer(call, Refused());
      } else {
        Finish(call, call.lines.size());
      }
    }
    AdvanceBy(absl::Seconds(15));
  }
  EXPECT_THAT(Events(batch),
              ElementsAre("held-1 work_email=found:a@acme.example[alpha=failed/"
                          "PROVIDER_UNAVAILABLE,beta=found]"));
  EXPECT_EQ(FundsOf(batch), Whole(1, 1, 0, 0, 0));
}

TEST_F(EngineMoneyTest, AStoreThatFailsLosesNoRoom) {
  Start();
  const Batch batch = SubmitLimited(3, AtAlpha(2));
  store_->apply_error = absl::UnavailableError("away");
  AdvanceBy(absl::Minutes(1));
  EXPECT_THAT(Calls(), IsEmpty());
  store_->apply_error = absl::OkStatus();
  AdvanceBy(absl::Minutes(1));
  std::vector<Call> calls = Calls();
  ASSERT_THAT(calls, SizeIs(1));
  EXPECT_THAT(calls[0].lines, SizeIs(2));
  Finish(calls[0], 1);
  calls = Soon();
  ASSERT_THAT(calls, SizeIs(2));
  EXPECT_EQ(FundsOf(batch), Whole(3, 1, 1, 1, 0));
}

TEST_F(EngineMoneyTest, AJobThatCostsMoreThanItsAnswersIsDrift) {
  Start();
  const Batch batch = SubmitPeople({"a", "b"});
  Call call = OnlyCall();
  Finish(call, /*found=*/1, "cost 3\n");
  EXPECT_EQ(FundsOf(batch), Whole(3, 0, 3, 0, 0));
  EXPECT_EQ(TenantFunds(), Whole(3, 0, 3, 0, 0));
  const MoneyDrift drift = Status("alpha").money_drift;
  EXPECT_EQ(drift.jobs, Credits::Whole(2));
  EXPECT_EQ(drift.over_price, Credits());
  EXPECT_THAT(drift.last, testing::HasSubstr("cost 2000 thousandths"));
  EXPECT_EQ(drift.last_time, clock.Now());
}

TEST_F(EngineMoneyTest, ALookupAboveItsPriceIsDrift) {
  providers[0].second.operations[0].prices = {
      {ContactField::kWorkEmail, Credits{250}}};
  Start();
  const Batch batch = SubmitPeople({"a"});
  Call call = OnlyCall();
  Finish(call, 1);
  EXPECT_EQ(FundsOf(batch),
            (Funds{.authorised = Credits{1000}, .spent = Credits{1000}}));
  EXPECT_EQ(Status("alpha").money_drift.over_price, Credits{750});
}

TEST_F(EngineMoneyTest, AFallOfTheBalanceThatNobodyKnowsOfIsDrift) {
  traits["alpha"].has_balance = true;
  Start();
  int64_t balance = 100;
  const auto read = [&] {
    for (Call& call : Calls()) {
      if (call.url != "https://alpha.example/me") continue;
      Answer(call, Responds(200, absl::StrCat(balance)));
    }
  };
  read();
  SubmitPeople({"a"});
  Call call = OnlyCall();
  Finish(call, 1);
  balance = 99;
  AdvanceBy(absl::Minutes(10));
  read();
  EXPECT_EQ(Status("alpha").balance, Credits::Whole(99));
  EXPECT_EQ(Status("alpha").money_drift.balance, Credits());
  balance = 92;
  AdvanceBy(absl::Minutes(10));
  read();
  EXPECT_EQ(Status("alpha").money_drift.balance, Credits::Whole(7));
  EXPECT_THAT(Status("alpha").money_drift.last,
              testing::HasSubstr("fell by 7000"));
}

TEST_F(EngineMoneyTest, ALateAnswerIsChargedToTheBatch) {
  Start();
  const Batch batch = SubmitPeople({"a"});
  Call call = OnlyCall();
  Answer(call, Responds(200, "job 1"));
  Push(call, "phase finished\n");
  EXPECT_EQ(FundsOf(batch), Whole(1, 0, 0, 1, 0));
  Push(call, absl::StrCat("phase finished\nitem ", call.Key(0),
                          " work_email a@acme.example\n"));
  EXPECT_EQ(FundsOf(batch), Whole(2, 0, 1, 1, 0));
  EXPECT_EQ(Status("alpha").money_drift.over_price, Credits());
}

TEST_F(EngineMoneyTest, MoneyOfADepartedAccountIsReleased) {
  Start();
  const Batch batch = SubmitPeople({"a"});
  Call call = OnlyCall();
  Answer(call, Responds(200, "job 1"));
  providers.erase(providers.begin());
  for (Waterfall& waterfall : options.waterfalls) waterfall.accounts = {"beta"};
  Restart();
  EXPECT_EQ(FundsOf(batch), Whole(1, 0, 0, 1, 0));
}

TEST_F(EngineMoneyTest, ACeilingHoldsForWhatADepartedAccountLeaves) {
  options.waterfalls[0].accounts = {"alpha", "beta"};
  Start();
  SubmitLimited(3, {.credits = {{"beta", Credits::Whole(2)}}});
  providers.erase(providers.begin());
  for (Waterfall& waterfall : options.waterfalls) waterfall.accounts = {"beta"};
  Restart();
  std::vector<Call> calls = Soon();
  ASSERT_THAT(calls, SizeIs(1));
  EXPECT_THAT(calls[0].lines, SizeIs(2));
}

TEST_F(EngineMoneyTest, ATenantHasABacklogOfItsOwn) {
  options.max_open_contacts_per_tenant = 2;
  Start();
  SubmitPeople({"a", "b"}, "r1");
  BatchRequest more = {
      .tenant = "t", .request_id = "r2", .contacts = {Person("c")}};
  EXPECT_EQ(Submit(more).status().code(), absl::StatusCode::kResourceExhausted);
  BatchRequest other = more;
  other.tenant = "u";
  EXPECT_THAT(Submit(other), IsOk());
  for (Call& call : Soon()) Finish(call, call.lines.size());
  EXPECT_THAT(Submit(more), IsOk()) << "there is room again";
}

TEST_F(EngineMoneyTest, ABatchOfOneIsInTheNextRequestHoweverMuchIsBeforeIt) {
  providers[0].second.pacing.max_running_jobs = 1;
  Start();
  SubmitLimited(500, {}, "big");
  std::vector<Call> calls = Soon();
  ASSERT_THAT(calls, SizeIs(1));
  SubmitLimited(1, {}, "one");
  Finish(calls[0], 10);
  calls = Soon();
  ASSERT_THAT(calls, SizeIs(1));
  EXPECT_THAT(calls[0].lines, SizeIs(10)) << "filled from both";
  EXPECT_THAT(calls[0].lines, testing::Contains(testing::Contains("one-0")));
}

TEST_F(EngineMoneyTest, FollowUpsTakeTurnsToo) {
  providers[0].second.operations[0].max_contacts = 50;
  providers[1].second.pacing.max_running_jobs = 1;
  Start();
  SubmitLimited(40, {}, "big");
  SubmitLimited(1, {}, "one");
  std::vector<Call> calls = Soon();
  ASSERT_THAT(calls, SizeIs(1));
  Finish(calls[0], 0);
  calls = Soon();
  ASSERT_THAT(calls, SizeIs(1));
  EXPECT_EQ(calls[0].url, "https://beta.example/submit");
  EXPECT_THAT(calls[0].lines, SizeIs(10));
  EXPECT_THAT(calls[0].lines, testing::Contains(testing::Contains("one-0")));
}

}  // namespace
}  // namespace enrich
