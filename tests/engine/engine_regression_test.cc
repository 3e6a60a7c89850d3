// Each test is a mistake that was once made here.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "absl/strings/str_cat.h"
#include "engine_harness.h"

namespace enrich {
namespace {

using ::testing::Contains;
using ::testing::ElementsAre;
using ::testing::IsEmpty;
using ::testing::SizeIs;

using EngineRegressionTest = EngineHarness;

// A fetch as the half-open breaker's probe that is answered 5xx.
TEST_F(EngineRegressionTest, AFailedFetchDoesNotHoldTheProbeForEver) {
  options.breaker_failures = 1;
  Start();
  SubmitPeople({"a"}, "r1");
  Call first = OnlyCall();
  Answer(first, Responds(200, "job 1"));
  SubmitPeople({"b"}, "r2");
  Call second = OnlyCall();
  Answer(second, Responds(503, ""));  // opens the breaker
  AdvanceBy(absl::Minutes(5));        // the fetch of job 1 is the probe
  std::vector<Call> fetch = Calls();
  ASSERT_THAT(fetch, SizeIs(1));
  Answer(fetch[0], Responds(503, ""));
  AdvanceBy(absl::Minutes(10));
  EXPECT_THAT(Calls(), SizeIs(1)) << "fetched again";
}

// One failure long ago is no outage.
TEST_F(EngineRegressionTest, OneOldFailureDoesNotCloseAnAccount) {
  Start();
  SubmitPeople({"a"}, "r1");
  Call first = OnlyCall();
  Answer(first, Responds(503, ""));
  AdvanceBy(absl::Minutes(20));
  SubmitPeople({"b"}, "r2");
  Call second = OnlyCall();
  EXPECT_EQ(second.url, "https://alpha.example/submit");
}

// An end that leaves one field of a contact unanswered.
TEST_F(EngineRegressionTest, AnEndKeepsWhatTheSameAnswerFound) {
  Start();
  BatchRequest request = {.tenant = "t", .request_id = "r1"};
  CheckedContact ada = Person("ada");
  ada.contact.fields = {ContactField::kWorkEmail, ContactField::kPhone};
  request.contacts.push_back(ada);
  ASSERT_OK_AND_ASSIGN(const CreatedBatch created, Submit(std::move(request)));
  Call first = OnlyCall();
  Answer(first, Responds(200, "job 1"));
  Push(first, absl::StrCat("phase credits\nitem ", first.Key(0),
                           " work_email ada@acme.example\n"));
  Call second = OnlyCall();
  EXPECT_EQ(second.url, "https://beta.example/submit");
  Answer(second, Responds(200, "job 2"));
  Push(second, absl::StrCat("phase finished\nitem ", second.Key(0),
                            " phone +15550100\n"));
  EXPECT_THAT(Events(created.batch), SizeIs(2));
}

// One straggler and lanes that are full.
TEST_F(EngineRegressionTest, AStragglerLeavesTheRestOfTheRoom) {
  providers[0].second.pacing.max_running_contacts = 10;
  Start();
  SubmitPeople({"slow"}, "r0");
  Call slow = OnlyCall();
  Answer(slow, TimesOut());
  std::vector<std::string> refs;
  for (int i = 0; i < 10; ++i) refs.push_back(absl::StrCat("p", i));
  SubmitPeople(refs, "r1");
  AdvanceBy(absl::Minutes(1));
  EXPECT_THAT(Calls(), SizeIs(1)) << "nine of them fit";
}

// Counting what a request names as refused.
TEST_F(EngineRegressionTest, ClosedContactsMakeRoomForOthers) {
  options.max_open_contacts = 3;
  Start();
  const Batch batch = SubmitPeople({"a", "b", "c"}, "r1");
  Call submit = OnlyCall();
  Answer(submit, Responds(400, "reject 1"));
  AdvanceBy(options.linger);
  for (Call& call : Calls()) {
    std::string body = "phase finished\n";
    for (size_t i = 0; i < call.lines.size(); ++i) {
      absl::StrAppend(&body, "item ", call.Key(i), " work_email x@y.example\n");
    }
    Answer(call, Responds(200, body));
  }
  ASSERT_EQ(Reload(batch).state, BatchState::kFinished);
  BatchRequest next = {.tenant = "t", .request_id = "r2"};
  for (const char* ref : {"d", "e", "f"}) next.contacts.push_back(Person(ref));
  EXPECT_THAT(Submit(std::move(next)), IsOk());
}

// A lookup that a late answer closed while it waited for the next provider.
TEST_F(EngineRegressionTest, WhatWasFoundMeanwhileIsNotPaidForAgain) {
  Start();
  SubmitPeople({"ada"});
  Call submit = OnlyCall();
  Answer(submit, Responds(200, "job 1"));
  Push(submit, "phase finished\n");  // not returned: beta is next
  Push(submit, absl::StrCat("phase running\nitem ", submit.Key(0),
                            " work_email ada@acme.example\n"));
  AdvanceBy(absl::Seconds(1));
  EXPECT_THAT(Calls(), IsEmpty());
}

// An answer that comes after the job was over, while the next provider works.
TEST_F(EngineRegressionTest, ALateMissDoesNotAskTheNextProviderTwice) {
  Start();
  const Batch batch = SubmitPeople({"ada"});
  Call first = OnlyCall();
  Answer(first, Responds(200, "job 1"));
  Push(first, "phase finished\n");  // not returned: beta is next
  Call second = OnlyCall();
  Push(first,
       absl::StrCat("phase running\nitem ", first.Key(0), " work_email -\n"));
  AdvanceBy(absl::Minutes(1));
  EXPECT_THAT(Calls(), IsEmpty());
  Answer(second, Responds(200, absl::StrCat("phase finished\nitem ",
                                            second.Key(0), " work_email -\n")));
  EXPECT_THAT(Events(batch),
              ElementsAre("ada work_email=not_found[alpha=not_found,"
                          "beta=not_found]",
                          "finished 1/1"));
}

// The reply brings the id after a push did not.
TEST_F(EngineRegressionTest, AnIdLearntLaterMakesTheJobFetchable) {
  Start();
  SubmitPeople({"ada"});
  Call submit = OnlyCall();
  Push(submit, "phase running\n");
  Answer(submit, Responds(200, "job 1"));
  AdvanceBy(absl::Minutes(6));
  EXPECT_THAT(Calls(), SizeIs(1)) << "fetched";
}

// A push that cannot be used for a job without an id.
TEST_F(EngineRegressionTest, AJobThatCannotBeFetchedIsGivenUpAllTheSame) {
  Start();
  const Batch batch = SubmitPeople({"ada"});
  Call submit = OnlyCall();
  Push(submit, "phase running\n");
  Answer(submit, TimesOut());
  Push(submit, "garbage");
  AdvanceBy(absl::Hours(11));
  Call second = OnlyCall();
  EXPECT_EQ(second.url, "https://beta.example/submit");
}

}  // namespace
}  // namespace enrich
