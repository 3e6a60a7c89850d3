// Reading results, page by page, at the pace a provider asks for.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "absl/strings/str_cat.h"
#include "engine_harness.h"

namespace enrich {
namespace {

using ::testing::ElementsAre;
using ::testing::IsEmpty;
using ::testing::SizeIs;

class EngineFetchTest : public EngineHarness {
 protected:
  // Submits `refs` and brings their job to its first fetch.
  Call FirstFetch(const std::vector<std::string>& refs) {
    batch = SubmitPeople(refs);
    submit = OnlyCall();
    Answer(submit, Responds(200, "job 1"));
    AdvanceBy(absl::Minutes(5));
    return NextFetch();
  }
  Call NextFetch() {
    std::vector<Call> calls = Calls();
    EXPECT_THAT(calls, SizeIs(1));
    return calls.empty() ? Call{} : std::move(calls[0]);
  }
  std::string Found(size_t line) const {
    return absl::StrCat("item ", submit.Key(line), " work_email p", line,
                        "@acme.example\n");
  }

  Batch batch = {};
  Call submit = {};
};

TEST_F(EngineFetchTest, ReadsOnWhereAnAnswerSaysThatThereIsMore) {
  Start();
  Call page = FirstFetch({"a", "b", "c"});
  EXPECT_EQ(page.url, "https://alpha.example/jobs/1");
  Answer(page,
         Responds(200, absl::StrCat("phase finished\ncursor two\n", Found(0))));
  page = NextFetch();
  EXPECT_EQ(page.url, "https://alpha.example/jobs/1?cursor=two");
  Answer(page, Responds(200, absl::StrCat("phase finished\ncursor three\n",
                                          Found(1))));
  EXPECT_THAT(Events(batch), SizeIs(2)) << "nobody is missing yet";
  page = NextFetch();
  EXPECT_EQ(page.url, "https://alpha.example/jobs/1?cursor=three");
  Answer(page, Responds(200, "phase finished\n"));
  EXPECT_EQ(OnlyCall().Ref(0), "c") << "the last page left this one out";
}

TEST_F(EngineFetchTest, AJobThatRunsIsReadFromTheStartTheNextTime) {
  Start();
  Call page = FirstFetch({"a", "b"});
  Answer(page, Responds(200, "phase running\ncursor two\n"));
  page = NextFetch();
  Answer(page, Responds(200, "phase running\n"));
  EXPECT_THAT(Calls(), IsEmpty());
  AdvanceBy(absl::Minutes(5));
  EXPECT_EQ(NextFetch().url, "https://alpha.example/jobs/1");
}

TEST_F(EngineFetchTest, AfterARestartReadingStartsOver) {
  Start();
  Call page = FirstFetch({"a", "b"});
  Answer(page,
         Responds(200, absl::StrCat("phase finished\ncursor two\n", Found(0))));
  Restart();
  page = NextFetch();
  EXPECT_EQ(page.url, "https://alpha.example/jobs/1");
  Answer(page,
         Responds(200, absl::StrCat("phase finished\n", Found(0), Found(1))));
  EXPECT_THAT(Events(batch), SizeIs(3));
}

TEST_F(EngineFetchTest, APauseDoesNotLoseTheWay) {
  Start();
  Call page = FirstFetch({"a"});
  Answer(page, Responds(200, "phase finished\ncursor two\n"));
  page = NextFetch();
  Answer(page, Responds(429, ""));
  AdvanceBy(absl::Minutes(6));
  EXPECT_EQ(NextFetch().url, "https://alpha.example/jobs/1?cursor=two");
}

TEST_F(EngineFetchTest, APageThatCannotBeReadIsBegunAnew) {
  Start();
  Call page = FirstFetch({"a"});
  Answer(page, Responds(200, "phase finished\ncursor two\n"));
  page = NextFetch();
  Answer(page, Responds(500, ""));
  AdvanceBy(absl::Minutes(6));
  EXPECT_EQ(NextFetch().url, "https://alpha.example/jobs/1");
}

TEST_F(EngineFetchTest, APushDoesNotEndWhatIsBeingRead) {
  Start();
  Call page = FirstFetch({"a", "b"});
  Answer(page, Responds(200, "phase finished\ncursor two\n"));
  page = NextFetch();
  Push(submit, absl::StrCat("id 1\nphase finished\n", Found(0)));
  Answer(page, Responds(200, absl::StrCat("phase finished\n", Found(1))));
  EXPECT_THAT(Events(batch), SizeIs(3));
}

TEST_F(EngineFetchTest, APushMayNameWhereToRead) {
  Start();
  batch = SubmitPeople({"a"});
  submit = OnlyCall();
  Answer(submit, Responds(200, "job 1"));
  Push(submit, "id 1\nphase finished\ncursor results\n");
  EXPECT_EQ(NextFetch().url, "https://alpha.example/jobs/1?cursor=results");
}

TEST_F(EngineFetchTest, ResultsWithoutAnEndAreAJobThatRuns) {
  options.max_pages_in_a_row = 5;
  Start();
  FirstFetch({"a"});
  // Answered at once from now on.
  int fetches = 0;
  http.answer = [&](const HttpRequest&) {
    ++fetches;
    return Responds(200, "phase running\ncursor more\n");
  };
  Restart();
  Settle();
  EXPECT_EQ(fetches, 6);
  AdvanceBy(absl::Minutes(5));
  EXPECT_EQ(fetches, 12) << "read again, at the pace of a job that runs";
}

TEST_F(EngineFetchTest, WhatCannotBeFetchedWaitsForItsPush) {
  traits["alpha"].can_fetch = false;
  Start();
  batch = SubmitPeople({"a"});
  submit = OnlyCall();
  Answer(submit, Responds(200, "job 1"));
  Push(submit, "id 1\nhint");
  AdvanceBy(absl::Hours(9));
  EXPECT_THAT(Calls(), IsEmpty());
  Push(submit, absl::StrCat("id 1\nphase finished\n", Found(0)));
  EXPECT_THAT(Events(batch), SizeIs(2));
}

TEST_F(EngineFetchTest, WaitsUntilTheMomentAProviderNames) {
  Start();
  SubmitPeople({"a"});
  submit = OnlyCall();
  const absl::Time until = clock.Now() + absl::Minutes(3);
  Answer(submit,
         Responds(429, absl::StrCat("until ", absl::ToUnixSeconds(until) + 1)));
  AdvanceBy(absl::Minutes(2));
  EXPECT_THAT(Calls(), IsEmpty());
  AdvanceBy(absl::Minutes(2));
  EXPECT_THAT(Calls(), SizeIs(1));
}

TEST_F(EngineFetchTest, NoPauseIsLongerThanAnHour) {
  options.give_up_sending_after = absl::Hours(30);
  Start();
  SubmitPeople({"a"});
  submit = OnlyCall();
  const absl::Time until = clock.Now() + absl::Hours(23);
  Answer(submit,
         Responds(429, absl::StrCat("until ", absl::ToUnixSeconds(until))));
  AdvanceBy(absl::Minutes(59));
  EXPECT_THAT(Calls(), IsEmpty());
  AdvanceBy(absl::Minutes(2));
  EXPECT_THAT(Calls(), SizeIs(1));
}

// Another notation than the file says, or another clock.
TEST_F(EngineFetchTest, AMomentThatCannotBeMeantIsLikeNone) {
  Start();
  SubmitPeople({"a"});
  for (const char* text : {"until 99999999999", "until 1"}) {
    submit = OnlyCall();
    Answer(submit, Responds(429, text));
    EXPECT_THAT(Calls(), IsEmpty()) << text;
    AdvanceBy(absl::Minutes(2));
  }
  EXPECT_THAT(Calls(), SizeIs(1));
}

TEST_F(EngineFetchTest, AGoodAnswerMayAskForAPauseToo) {
  Start();
  SubmitPeople({"a"}, "r1");
  submit = OnlyCall();
  HttpOutcome last = Responds(200, "job 1");
  last.response->headers.emplace_back("pace", "120");
  Answer(submit, std::move(last));
  SubmitPeople({"b"}, "r2");
  AdvanceBy(absl::Seconds(100));
  EXPECT_THAT(Calls(), IsEmpty());
  AdvanceBy(absl::Seconds(30));
  EXPECT_THAT(Calls(), SizeIs(1));
}

TEST_F(EngineFetchTest, AnOperationMayTakeItsTime) {
  options.request_timeout = absl::Seconds(30);
  providers[0].second.operations[0].request_timeout = absl::Minutes(2);
  Start();
  SubmitPeople({"a"});
  submit = OnlyCall();
  EXPECT_EQ(submit.timeout, absl::Minutes(2));
  Answer(submit, Responds(400, "reject"));
  EXPECT_EQ(OnlyCall().timeout, absl::Seconds(30));
}

TEST_F(EngineFetchTest, WithoutAPublicAddressRequestsStaySmall) {
  options.public_url.clear();
  providers[0].second.operations[0].max_contacts_without_push = 1;
  Start();
  SubmitPeople({"a", "b"});
  AdvanceBy(options.linger);
  const std::vector<Call> calls = Calls();
  ASSERT_THAT(calls, SizeIs(2));
  EXPECT_THAT(calls[0].lines, SizeIs(1));
}

}  // namespace
}  // namespace enrich
