#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "absl/strings/str_cat.h"
#include "engine_harness.h"

namespace enrich {
namespace {

using ::testing::ElementsAre;
using ::testing::IsEmpty;
using ::testing::SizeIs;

using EngineTest = EngineHarness;

TEST_F(EngineTest, DeliversWhatTheFirstProviderFinds) {
  Start();
  const Batch batch = SubmitPeople({"ada"});
  Call submit = OnlyCall();
  EXPECT_EQ(submit.url, "https://alpha.example/submit");
  EXPECT_TRUE(submit.paid);
  Answer(submit, Responds(200, "job 1"));
  Push(submit, absl::StrCat("id 1\nphase finished\nitem ", submit.Key(0),
                            " work_email ada@acme.example\n"));
  EXPECT_THAT(Events(batch),
              ElementsAre("ada work_email=found:ada@acme.example[alpha=found]",
                          "finished 1/1"));
  const Batch done = Reload(batch);
  EXPECT_EQ(done.state, BatchState::kFinished);
  EXPECT_EQ(done.counters.of(Outcome::kFound), 1);
  EXPECT_EQ(done.counters.credits.at("alpha"), Credits::Whole(1));
  AdvanceBy(absl::Hours(1));
  EXPECT_THAT(Calls(), IsEmpty());
}

TEST_F(EngineTest, GoesOnToTheNextProviderWhenNotFound) {
  Start();
  const Batch batch = SubmitPeople({"ada"});
  Call first = OnlyCall();
  Answer(first, Responds(200, "job 1"));
  Push(first,
       absl::StrCat("phase finished\nitem ", first.Key(0), " work_email -\n"));
  Call second = OnlyCall();
  EXPECT_EQ(second.url, "https://beta.example/submit");
  Answer(second, Responds(200, "job 2"));
  Push(second, absl::StrCat("phase finished\nitem ", second.Key(0),
                            " work_email ada@acme.example\n"));
  EXPECT_THAT(Events(batch), ElementsAre("ada work_email=found:ada@acme.example"
                                         "[alpha=not_found,beta=found]",
                                         "finished 1/1"));
}

TEST_F(EngineTest, FillsRequestsAcrossBatches) {
  Start();
  for (int i = 0; i < 10; ++i) {
    SubmitPeople({absl::StrCat("p", i)}, absl::StrCat("r", i));
  }
  const std::vector<Call> calls = Calls();
  ASSERT_THAT(calls, SizeIs(1)) << "a full request does not linger";
  EXPECT_THAT(calls[0].lines, SizeIs(10));
}

TEST_F(EngineTest, AnOutageIsNotANotFound) {
  Start();
  const Batch batch = SubmitPeople({"ada"});
  // Alpha refuses the connection until its time is over.
  for (int i = 0; i < 100; ++i) {
    AdvanceBy(absl::Seconds(15));
    for (Call& call : Calls()) {
      if (call.url == "https://alpha.example/submit") {
        Answer(call, Refused());
      } else {
        Answer(call, Responds(200, "job 9"));
        Push(call, absl::StrCat("phase finished\nitem ", call.Key(0),
                                " work_email -\n"));
      }
    }
  }
  EXPECT_THAT(Events(batch),
              ElementsAre("ada work_email=failed"
                          "[alpha=failed/PROVIDER_UNAVAILABLE,beta=not_found]",
                          "finished 1/1"));
}

TEST_F(EngineTest, ARequestInDoubtIsNeverSentAgain) {
  options.park_unknown_after = absl::Hours(1);
  Start();
  const Batch batch = SubmitPeople({"ada"});
  Call submit = OnlyCall();
  Answer(submit, TimesOut());
  AdvanceBy(absl::Minutes(50));
  EXPECT_THAT(Calls(), IsEmpty());
  EXPECT_EQ(Status("alpha").jobs_unknown, 1);
  EXPECT_THAT(Events(batch), IsEmpty());
  AdvanceBy(absl::Minutes(20));
  EXPECT_THAT(Calls(), IsEmpty());
  EXPECT_THAT(Events(batch), ElementsAre("ada work_email=unknown[alpha=unknown/"
                                         "OUTCOME_UNKNOWN]",
                                         "finished 1/1"));
  // Long after, the provider calls: the result supersedes the doubt.
  Push(submit, absl::StrCat("id 7\nphase finished\nitem ", submit.Key(0),
                            " work_email ada@acme.example\n"));
  EXPECT_THAT(Events(batch),
              ElementsAre(testing::_, testing::_,
                          "ada work_email=found:ada@acme.example[alpha=found] "
                          "supersedes 1"));
  EXPECT_EQ(Reload(batch).counters.of(Outcome::kUnknown), 0);
  EXPECT_EQ(Reload(batch).counters.of(Outcome::kFound), 1);
  EXPECT_EQ(Status("alpha").jobs_unknown, 0);
}

TEST_F(EngineTest, AWebhookSettlesARequestInDoubt) {
  Start();
  const Batch batch = SubmitPeople({"ada"});
  Call submit = OnlyCall();
  Answer(submit, Responds(503, "bad gateway"));
  Push(submit, "id 5\nhint");
  std::vector<Call> calls = Calls();
  ASSERT_THAT(calls, SizeIs(1));
  EXPECT_EQ(calls[0].url, "https://alpha.example/jobs/5");
  EXPECT_FALSE(calls[0].paid);
  Answer(calls[0],
         Responds(200, absl::StrCat("phase finished\nitem ", submit.Key(0),
                                    " work_email a@b.example\n")));
  EXPECT_THAT(Events(batch), SizeIs(2));
}

TEST_F(EngineTest, APushBeforeTheReplyIsTakenUpOnce) {
  Start();
  const Batch batch = SubmitPeople({"ada"});
  Call submit = OnlyCall();
  const std::string body =
      absl::StrCat("id 1\nphase finished\nitem ", submit.Key(0),
                   " work_email ada@acme.example\n");
  EXPECT_TRUE(Push(submit, body));
  EXPECT_FALSE(Push(submit, body)) << "the same body again";
  Answer(submit, Responds(200, "job 1"));
  EXPECT_THAT(Events(batch), SizeIs(2));
  EXPECT_EQ(Status("alpha").jobs_in_flight, 0);
}

TEST_F(EngineTest, FetchesAJobWhosePushDoesNotCome) {
  Start();
  const Batch batch = SubmitPeople({"ada"});
  Call submit = OnlyCall();
  Answer(submit, Responds(200, "job 1"));
  AdvanceBy(absl::Minutes(5));
  std::vector<Call> fetches = Calls();
  ASSERT_THAT(fetches, SizeIs(1));
  Answer(fetches[0], Responds(200, "phase running\n"));
  AdvanceBy(absl::Minutes(5));
  fetches = Calls();
  ASSERT_THAT(fetches, SizeIs(1));
  Answer(fetches[0],
         Responds(200, absl::StrCat("phase finished\nitem ", submit.Key(0),
                                    " work_email -\n")));
  Call second = OnlyCall();
  EXPECT_EQ(second.url, "https://beta.example/submit");
}

TEST_F(EngineTest, TakesUpWhereACrashLeftIt) {
  Start();
  const Batch waiting = SubmitPeople({"ada"}, "r1");
  Restart();
  Call submit = OnlyCall();
  EXPECT_EQ(submit.Ref(0), "ada");
  Answer(submit, Responds(200, "job 1"));
  Restart();
  AdvanceBy(absl::Minutes(6));
  std::vector<Call> fetches = Calls();
  ASSERT_THAT(fetches, SizeIs(1));
  EXPECT_EQ(fetches[0].url, "https://alpha.example/jobs/1");
  Answer(fetches[0],
         Responds(200, absl::StrCat("phase finished\nitem ", submit.Key(0),
                                    " work_email a@b.example\n")));
  EXPECT_THAT(Events(waiting), SizeIs(2));
}

TEST_F(EngineTest, ACrashWhileSendingLeavesDoubtNotARepeat) {
  Start();
  const Batch batch = SubmitPeople({"ada"});
  Call submit = OnlyCall();
  Restart();
  AdvanceBy(absl::Hours(1));
  EXPECT_THAT(Calls(), IsEmpty());
  EXPECT_EQ(Status("alpha").jobs_unknown, 1);
  Push(submit, absl::StrCat("id 1\nphase finished\nitem ", submit.Key(0),
                            " work_email ada@acme.example\n"));
  EXPECT_THAT(Events(batch), SizeIs(2));
}

TEST_F(EngineTest, AppliesAPushThatWasKeptBeforeACrash) {
  Start();
  const Batch batch = SubmitPeople({"ada"});
  Call submit = OnlyCall();
  Answer(submit, Responds(200, "job 1"));
  KeepOnly(submit, absl::StrCat("phase finished\nitem ", submit.Key(0),
                                " work_email ada@acme.example\n"));
  Restart();
  EXPECT_THAT(Events(batch), SizeIs(2));
}

TEST_F(EngineTest, SendsABulkAgainWithoutTheContactItNames) {
  Start();
  const Batch batch = SubmitPeople({"a", "b", "c"});
  Call submit = OnlyCall();
  Answer(submit, Responds(400, "reject 1"));
  std::vector<Call> calls = Calls();
  // Beta is asked for the one alpha refused after the linger.
  ASSERT_THAT(calls, SizeIs(1));
  EXPECT_EQ(calls[0].Ref(0), "a");
  EXPECT_EQ(calls[0].Ref(1), "c");
  AdvanceBy(options.linger);
  std::vector<Call> beta = Calls();
  ASSERT_THAT(beta, SizeIs(1));
  EXPECT_EQ(beta[0].Ref(0), "b");
}

TEST_F(EngineTest, ARefusedRequestGoesToTheNextProvider) {
  Start();
  const Batch batch = SubmitPeople({"ada"});
  Call submit = OnlyCall();
  Answer(submit, Responds(402, ""));
  Call second = OnlyCall();
  EXPECT_EQ(second.url, "https://beta.example/submit");
  Answer(second, Responds(400, "reject"));
  EXPECT_THAT(Events(batch),
              ElementsAre("ada work_email=failed[alpha=failed/OUT_OF_CREDITS,"
                          "beta=failed/PROVIDER_REJECTED]",
                          "finished 1/1"));
}

TEST_F(EngineTest, WaitsAsLongAsTheProviderAsks) {
  Start();
  SubmitPeople({"ada"});
  Call submit = OnlyCall();
  Answer(submit, Responds(429, ""));
  AdvanceBy(absl::Seconds(50));
  EXPECT_THAT(Calls(), IsEmpty());
  AdvanceBy(absl::Seconds(20));
  EXPECT_THAT(Calls(), SizeIs(1));
}

TEST_F(EngineTest, FailsWhatAFinishedJobDidNotReturn) {
  Start();
  const Batch batch = SubmitPeople({"a", "b"});
  Call submit = OnlyCall();
  Answer(submit, Responds(200, "job 1"));
  Push(submit, absl::StrCat("phase finished\nitem ", submit.Key(1),
                            " work_email b@acme.example\n"));
  Call second = OnlyCall();
  EXPECT_EQ(second.Ref(0), "a");
  Answer(second, Responds(200, "job 2"));
  Push(second, absl::StrCat("phase credits\n"));
  EXPECT_THAT(Events(batch),
              ElementsAre("b work_email=found:b@acme.example[alpha=found]",
                          "a work_email=failed[alpha=failed/NOT_RETURNED,"
                          "beta=failed/OUT_OF_CREDITS]",
                          "finished 2/2"));
}

TEST_F(EngineTest, IgnoresAnswersThatNameAnotherAttempt) {
  Start();
  const Batch batch = SubmitPeople({"ada"});
  Call submit = OnlyCall();
  Answer(submit, Responds(200, "job 1"));
  Push(submit,
       "phase running\nitem 0123456789abcdef0123.0 work_email x@y.example\n");
  EXPECT_THAT(Events(batch), IsEmpty());
}

TEST_F(EngineTest, AGarbledPushMakesTheJobFetched) {
  Start();
  SubmitPeople({"ada"});
  Call submit = OnlyCall();
  Answer(submit, Responds(200, "job 1"));
  Push(submit, "garbage");
  std::vector<Call> calls = Calls();
  ASSERT_THAT(calls, SizeIs(1));
  EXPECT_EQ(calls[0].url, "https://alpha.example/jobs/1");
}

TEST_F(EngineTest, CancellingStopsWhatWasNotSent) {
  providers[0].second.pacing.max_running_contacts = 1;
  providers[0].second.operations[0].max_contacts = 1;
  Start();
  const Batch batch = SubmitPeople({"a", "b", "c"});
  Call submit = OnlyCall();
  std::promise<absl::StatusOr<Batch>> cancelled;
  engine->CancelBatch("t", batch.id, [&](absl::StatusOr<Batch> result) {
    cancelled.set_value(std::move(result));
  });
  Settle();
  ASSERT_OK_AND_ASSIGN(const Batch after, cancelled.get_future().get());
  EXPECT_EQ(after.state, BatchState::kCancelling);
  EXPECT_EQ(after.counters.of(Outcome::kCancelled), 2);
  Answer(submit, Responds(200, "job 1"));
  Push(submit, absl::StrCat("phase finished\nitem ", submit.Key(0),
                            " work_email a@acme.example\n"));
  AdvanceBy(absl::Minutes(1));
  EXPECT_THAT(Calls(), IsEmpty());
  EXPECT_EQ(Reload(batch).state, BatchState::kCancelled);
  EXPECT_THAT(Events(batch), SizeIs(4));
}

TEST_F(EngineTest, OtherBatchesInTheSameRequestOutliveACancellation) {
  Start();
  const Batch gone = SubmitPeople({"a"}, "r1");
  const Batch stays = SubmitPeople({"b"}, "r2");
  engine->CancelBatch("t", gone.id, [](absl::StatusOr<Batch>) {});
  Settle();
  EXPECT_EQ(Reload(gone).state, BatchState::kCancelled);
  Call submit = OnlyCall();
  ASSERT_THAT(submit.lines, SizeIs(1));
  EXPECT_EQ(submit.Ref(0), "b");
}

TEST_F(EngineTest, ContactsWithoutUsableInputsAreSkippedAtOnce) {
  Start();
  BatchRequest request = {.tenant = "t", .request_id = "r1"};
  CheckedContact person = Person("ada");
  person.contact.company_domain.clear();
  person.contact.linkedin_url = "https://www.linkedin.com/in/ada";
  request.contacts.push_back(person);
  CheckedContact broken = Person("bob");
  broken.violations.push_back({"company_domain", "is no domain"});
  request.contacts.push_back(broken);
  ASSERT_OK_AND_ASSIGN(const CreatedBatch created, Submit(std::move(request)));
  EXPECT_THAT(Events(created.batch),
              ElementsAre("ada work_email=skipped[alpha=skipped/"
                          "INSUFFICIENT_INPUT,beta=skipped/INSUFFICIENT_INPUT]",
                          "bob work_email=invalid[]", "finished 2/2"));
}

TEST_F(EngineTest, RefusesMoreThanItMayHold) {
  options.max_open_contacts = 2;
  Start();
  SubmitPeople({"a", "b"}, "r1");
  BatchRequest request = {.tenant = "t", .request_id = "r2"};
  request.contacts.push_back(Person("c"));
  EXPECT_THAT(Submit(std::move(request)),
              StatusIs(absl::StatusCode::kResourceExhausted));
}

TEST_F(EngineTest, AsksForAContactThatWaitsTwiceInOneEntry) {
  options.waterfalls = {
      {.field = ContactField::kWorkEmail, .accounts = {"alpha", "beta"}},
      {.field = ContactField::kPhone, .accounts = {"beta"}}};
  providers[1].second.pacing.max_running_contacts = 1;
  Start();
  // Beta is busy, so that the phone of `ada` still waits when her e-mail comes.
  BatchRequest busy = {.tenant = "t", .request_id = "r0"};
  busy.contacts.push_back(Person("bob"));
  busy.contacts[0].contact.fields = {ContactField::kPhone};
  ASSERT_THAT(Submit(std::move(busy)), IsOk());
  Call first = OnlyCall();
  Answer(first, Responds(200, "job 1"));
  BatchRequest both = {.tenant = "t", .request_id = "r1"};
  both.contacts.push_back(Person("ada"));
  both.contacts[0].contact.fields.push_back(ContactField::kPhone);
  ASSERT_OK_AND_ASSIGN(const CreatedBatch created, Submit(std::move(both)));
  Call email = OnlyCall();
  Answer(email, Responds(200, "job 2"));
  Push(email,
       absl::StrCat("phase finished\nitem ", email.Key(0), " work_email -\n"));
  Push(first, absl::StrCat("phase finished\nitem ", first.Key(0),
                           " phone +4915112345678\n"));
  Call merged = OnlyCall();
  EXPECT_EQ(merged.url, "https://beta.example/submit");
  ASSERT_THAT(merged.lines, SizeIs(1));
  Answer(merged, Responds(200, "job 3"));
  Push(merged, absl::StrCat("phase finished\nitem ", merged.Key(0),
                            " work_email -\nitem ", merged.Key(0),
                            " phone +4915112345679\n"));
  EXPECT_THAT(
      Events(created.batch),
      ElementsAre("ada work_email=not_found[alpha=not_found,beta=not_found] "
                  "phone=found:+4915112345679[beta=found]",
                  "finished 1/1"));
}

TEST_F(EngineTest, HoldsBackWhileTheProviderIsFull) {
  providers[0].second.pacing.max_running_contacts = 10;
  Start();
  for (int i = 0; i < 20; ++i) {
    SubmitPeople({absl::StrCat("p", i)}, absl::StrCat("r", i));
  }
  std::vector<Call> calls = Calls();
  ASSERT_THAT(calls, SizeIs(1));
  Answer(calls[0], Responds(200, "job 1"));
  EXPECT_THAT(Calls(), IsEmpty());
  Push(calls[0], "phase finished\n");
  AdvanceBy(options.linger);
  std::vector<Call> more = Calls();
  EXPECT_THAT(more, SizeIs(2)) << "alpha's second ten, beta's first";
}

}  // namespace
}  // namespace enrich
