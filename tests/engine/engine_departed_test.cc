// Accounts that are taken out of the configuration while they have work.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "absl/strings/str_cat.h"
#include "engine_harness.h"

namespace enrich {
namespace {

using ::testing::ElementsAre;
using ::testing::IsEmpty;
using ::testing::SizeIs;

class EngineDepartedTest : public EngineHarness {
 protected:
  void RestartWithoutAlpha() {
    providers.erase(providers.begin());
    for (Waterfall& waterfall : options.waterfalls) {
      waterfall.accounts = {"beta"};
    }
    Restart();
  }
};

TEST_F(EngineDepartedTest, WhatWaitedGoesToTheNextProvider) {
  Start();
  SubmitPeople({"a"});
  RestartWithoutAlpha();
  const Call call = OnlyCall();
  EXPECT_EQ(call.url, "https://beta.example/submit");
  EXPECT_EQ(call.Ref(0), "a");
}

TEST_F(EngineDepartedTest, WhatWasToBeSentAgainGoesToTheNextProvider) {
  Start();
  const Batch batch = SubmitPeople({"a"});
  Call submit = OnlyCall();
  Answer(submit, Refused());
  RestartWithoutAlpha();
  submit = OnlyCall();
  EXPECT_EQ(submit.url, "https://beta.example/submit");
  Answer(submit, Responds(200, absl::StrCat("phase finished\nitem ",
                                            submit.Key(0), " work_email -\n")));
  EXPECT_THAT(Events(batch), ElementsAre("a work_email=failed[alpha=failed/"
                                         "PROVIDER_UNAVAILABLE,beta=not_found]",
                                         "finished 1/1"));
}

TEST_F(EngineDepartedTest, WhatMayBeAtTheProviderStaysInDoubt) {
  const std::vector<std::optional<HttpOutcome>> ends = {
      Responds(200, "job 1"), Responds(503, ""), std::nullopt};
  for (size_t i = 0; i < ends.size(); ++i) {
    SCOPED_TRACE(i);
    providers = {{"alpha", FakeAdapter::Simple()},
                 {"beta", FakeAdapter::Simple()}};
    for (Waterfall& waterfall : options.waterfalls) {
      waterfall.accounts = {"alpha", "beta"};
    }
    Start();
    const Batch batch = SubmitPeople({"a"}, absl::StrCat("r", i));
    Call submit = OnlyCall();
    if (ends[i].has_value()) Answer(submit, *ends[i]);
    RestartWithoutAlpha();
    AdvanceBy(absl::Hours(1));
    EXPECT_THAT(Calls(), IsEmpty()) << "asking beta could pay twice";
    EXPECT_THAT(
        Events(batch),
        ElementsAre("a work_email=unknown[alpha=unknown/OUTCOME_UNKNOWN]",
                    "finished 1/1"));
    Stop();
  }
}

TEST_F(EngineDepartedTest, APushAfterItsReturnCorrectsTheDoubt) {
  Start();
  const Batch batch = SubmitPeople({"a"});
  Call submit = OnlyCall();
  Answer(submit, Responds(200, "job 1"));
  const auto before = providers;
  RestartWithoutAlpha();
  providers = before;
  Restart();
  Push(submit, absl::StrCat("id 1\nphase finished\nitem ", submit.Key(0),
                            " work_email a@acme.example\n"));
  EXPECT_THAT(Events(batch), SizeIs(3));
  EXPECT_EQ(Reload(batch).counters.of(Outcome::kFound), 1);
}

}  // namespace
}  // namespace enrich
