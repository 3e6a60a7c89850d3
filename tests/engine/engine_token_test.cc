// Accounts whose provider issues access tokens.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "engine_harness.h"

namespace enrich {
namespace {

using ::testing::ElementsAre;
using ::testing::HasSubstr;
using ::testing::IsEmpty;
using ::testing::SizeIs;

class EngineTokenTest : public EngineHarness {
 protected:
  EngineTokenTest() {
    providers.pop_back();
    traits["alpha"].has_token = true;
    for (Waterfall& waterfall : options.waterfalls) {
      waterfall.accounts = {"alpha"};
    }
  }

  // The one request that waits for an answer, now.
  Call Next() {
    std::vector<Call> calls = Calls();
    EXPECT_THAT(calls, SizeIs(1));
    return calls.empty() ? Call{} : std::move(calls[0]);
  }
  void IssueToken(const std::string& text) {
    Call call = Next();
    EXPECT_EQ(call.url, "https://alpha.example/token");
    EXPECT_EQ(call.token, "");
    Answer(call, Responds(200, text));
  }
};

TEST_F(EngineTokenTest, NothingIsSentBeforeThereIsAToken) {
  Start();
  SubmitPeople({"a"});
  AdvanceBy(absl::Minutes(1));
  IssueToken("one 3600");
  Call submit = Next();
  EXPECT_EQ(submit.url, "https://alpha.example/submit");
  EXPECT_EQ(submit.token, "one");
  Answer(submit, Responds(200, "job 1"));
  AdvanceBy(absl::Minutes(5));
  EXPECT_EQ(Next().token, "one") << "the fetch too";
}

TEST_F(EngineTokenTest, TheBalanceIsReadWithATokenToo) {
  traits["alpha"].has_balance = true;
  Start();
  IssueToken("one 3600");
  Call balance = Next();
  EXPECT_EQ(balance.url, "https://alpha.example/me");
  EXPECT_EQ(balance.token, "one");
  Answer(balance, Responds(200, "7"));
  EXPECT_EQ(Status("alpha").balance, Credits::Whole(7));
}

TEST_F(EngineTokenTest, TheNextOneIsFetchedWhileTheOldOneLives) {
  Start();
  IssueToken("one 600");
  AdvanceBy(absl::Minutes(9));
  Call renewal = Next();
  SubmitPeople({"a"}, "r1");
  Call submit = OnlyCall();
  EXPECT_EQ(submit.token, "one");
  Answer(renewal, Responds(200, "two 600"));
  SubmitPeople({"b"}, "r2");
  EXPECT_EQ(OnlyCall().token, "two");
}

TEST_F(EngineTokenTest, WithoutATokenItAsksAgainWithGrowingPauses) {
  Start();
  Call token = Next();
  Answer(token, Responds(500, ""));
  EXPECT_THAT(Status("alpha").last_error, HasSubstr("no access token"));
  EXPECT_EQ(Status("alpha").breaker, BreakerState::kClosed);
  EXPECT_THAT(Calls(), IsEmpty());
  AdvanceBy(absl::Seconds(1));
  token = Next();
  Answer(token, TimesOut());
  AdvanceBy(absl::Seconds(1));
  EXPECT_THAT(Calls(), IsEmpty());
  AdvanceBy(absl::Seconds(1));
  EXPECT_THAT(Calls(), SizeIs(1));
}

TEST_F(EngineTokenTest, LookupsGoOnWithoutAnAccountThatGetsNoToken) {
  Start();
  const Batch batch = SubmitPeople({"a"});
  for (int i = 0; i < 30; ++i) {
    for (Call& call : Calls()) Answer(call, Responds(401, ""));
    AdvanceBy(absl::Minutes(1));
  }
  EXPECT_THAT(Events(batch), ElementsAre("a work_email=failed[alpha=failed/"
                                         "PROVIDER_UNAVAILABLE]",
                                         "finished 1/1"));
}

TEST_F(EngineTokenTest, ATokenThatDiedIsReplacedAndTheRequestSentAgain) {
  Start();
  IssueToken("one 3600");
  AdvanceBy(absl::Minutes(10));
  const Batch batch = SubmitPeople({"a"});
  Call submit = OnlyCall();
  Answer(submit, Responds(401, ""));
  EXPECT_EQ(Status("alpha").last_error, "") << "no fault of the account";
  IssueToken("two 3600");
  submit = Next();
  EXPECT_EQ(submit.token, "two");
  // One so new cannot have died: the account is at fault.
  Answer(submit, Responds(401, ""));
  EXPECT_THAT(Events(batch),
              ElementsAre("a work_email=failed[alpha=failed/PROVIDER_AUTH]",
                          "finished 1/1"));
  EXPECT_EQ(Status("alpha").last_error, "bad key");
}

TEST_F(EngineTokenTest, AFetchIsRepeatedWithANewToken) {
  Start();
  IssueToken("one 3600");
  SubmitPeople({"a"});
  Call submit = OnlyCall();
  Answer(submit, Responds(200, "job 1"));
  AdvanceBy(absl::Minutes(5));
  Call fetch = Next();
  Answer(fetch, Responds(200, "phase finished\ncursor two\n"));
  fetch = Next();
  Answer(fetch, Responds(401, ""));
  IssueToken("two 3600");
  fetch = Next();
  EXPECT_EQ(fetch.url, "https://alpha.example/jobs/1?cursor=two");
  EXPECT_EQ(fetch.token, "two");
}

}  // namespace
}  // namespace enrich
