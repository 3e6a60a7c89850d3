#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <string>
#include <vector>

#include "absl/strings/str_cat.h"
#include "engine_harness.h"
#include "store/sqlite/connection.h"

namespace enrich {
namespace {

using ::testing::ElementsAre;
using ::testing::IsEmpty;
using ::testing::Pair;
using ::testing::SizeIs;

// Lookups of the same person, which must not be bought twice.
class EngineDuplicatesTest : public EngineHarness {
 protected:
  // A batch of contacts, given as references of which all but the digits at the
  // end names the person: "ada", "ada1" and "ada2" are one.
  BatchRequest RequestFor(const std::vector<std::string>& refs,
                          const std::string& tenant = "t") {
    const std::string id = absl::StrCat("r", ++requests_);
    BatchRequest request = {
        .tenant = tenant, .request_id = id, .content_hash = Sha256(id)};
    for (const std::string& ref : refs) {
      request.contacts.push_back(
          Twin(ref, ref.substr(0, ref.find_first_of("0123456789"))));
    }
    return request;
  }
  Batch SubmitAll(BatchRequest request) {
    const auto created = Submit(std::move(request));
    EXPECT_THAT(created, IsOk());
    return created.ok() ? created->batch : Batch{};
  }
  Batch SubmitTwins(const std::vector<std::string>& refs) {
    return SubmitAll(RequestFor(refs));
  }

  // Ends the job of `call`: every contact in it gets `value`.
  void Finish(Call& call, const std::string& value) {
    Answer(call, Responds(200, ResultsOf(call, value)));
    AdvanceBy(options.linger);
  }
  static std::string ResultsOf(const Call& call, const std::string& value) {
    std::string results = "phase finished\n";
    for (size_t i = 0; i < call.lines.size(); ++i) {
      absl::StrAppend(&results, "item ", call.Key(i), " work_email ", value,
                      "\n");
    }
    return results;
  }
  // A batch whose one lookup got `value` from alpha, and nothing from beta.
  Batch Buy(const std::string& ref, const std::string& value) {
    const Batch batch = SubmitTwins({ref});
    Call call = OnlyCall();
    Finish(call, value);
    for (Call& second : Calls()) Finish(second, "-");
    return batch;
  }

 private:
  int requests_ = 0;
};

TEST_F(EngineDuplicatesTest, AsksOnceForAPersonWhoStandsTwiceInABatch) {
  Start();
  const Batch batch = SubmitTwins({"ada", "bob", "ada1"});
  Call call = OnlyCall();
  ASSERT_THAT(call.lines, SizeIs(2));
  EXPECT_EQ(call.Ref(0), "ada");
  EXPECT_EQ(call.Ref(1), "bob");
  EXPECT_EQ(Status("alpha").lookups_waiting, 1);
  Finish(call, "x@acme.example");
  EXPECT_THAT(Calls(), IsEmpty());
  EXPECT_THAT(
      Events(batch),
      ElementsAre("ada work_email=found:x@acme.example[alpha=found]",
                  "bob work_email=found:x@acme.example[alpha=found]",
                  "ada1 work_email=found:x@acme.example[alpha=found/cached]",
                  "finished 3/3"));
  const BatchCounters counters = Reload(batch).counters;
  EXPECT_EQ(counters.credits.at("alpha"), Credits::Whole(2));
  EXPECT_EQ(counters.saved.at("alpha"), Credits::Whole(1));
  EXPECT_THAT(Status("alpha").saved, ElementsAre(Pair("t", Credits::Whole(1))));
}

TEST_F(EngineDuplicatesTest, WhatIsSavedIsCountedOncePerCommitSinceTheStart) {
  Start();
  EXPECT_THAT(Status("alpha").saved, IsEmpty());
  Buy("ada", "a@acme.example");
  EXPECT_THAT(Status("alpha").saved, ElementsAre(Pair("t", Credits())))
      << "told before there is any";
  store_->apply_error = absl::UnavailableError("away");
  const Batch batch = SubmitTwins({"ada1", "ada2"});
  AdvanceBy(absl::Minutes(5));
  EXPECT_THAT(Events(batch), IsEmpty());
  EXPECT_THAT(Status("alpha").saved, ElementsAre(Pair("t", Credits())));
  store_->apply_error = absl::OkStatus();
  AdvanceBy(absl::Minutes(1));
  EXPECT_EQ(Reload(batch).counters.saved.at("alpha"), Credits::Whole(2));
  EXPECT_THAT(Status("alpha").saved, ElementsAre(Pair("t", Credits::Whole(2))));
  Restart();
  EXPECT_THAT(Status("alpha").saved, ElementsAre(Pair("t", Credits())));
}

TEST_F(EngineDuplicatesTest, WhatARepeatedRequestNeedNotAskIsSavedToo) {
  Start();
  // While alpha cannot be reached, beta answers the same for another batch.
  SubmitTwins({"ada"});
  Call lost = OnlyCall();
  Answer(lost, Refused());
  BatchRequest request = RequestFor({"ada1"});
  request.providers = {"beta"};
  SubmitAll(std::move(request));
  Call beta = OnlyCall();
  EXPECT_EQ(beta.url, "https://beta.example/submit");
  Finish(beta, "a@acme.example");
  AdvanceBy(absl::Minutes(1));
  EXPECT_THAT(Calls(), IsEmpty());
  EXPECT_THAT(Status("beta").saved, ElementsAre(Pair("t", Credits::Whole(1))));
  EXPECT_EQ(Status("alpha").saved["t"], Credits());
}

TEST_F(EngineDuplicatesTest, ALookupWaitsForTheSameOneOfAnotherBatch) {
  Start();
  const Batch first = SubmitTwins({"ada"});
  Call call = OnlyCall();
  const Batch second = SubmitTwins({"ada1", "bob"});
  Call other = OnlyCall();
  ASSERT_THAT(other.lines, SizeIs(1));
  EXPECT_EQ(other.Ref(0), "bob");
  Finish(other, "b@acme.example");
  EXPECT_THAT(Events(second), SizeIs(1));
  Finish(call, "a@acme.example");
  EXPECT_THAT(Calls(), IsEmpty());
  EXPECT_THAT(
      Events(second),
      ElementsAre("bob work_email=found:b@acme.example[alpha=found]",
                  "ada1 work_email=found:a@acme.example[alpha=found/cached]",
                  "finished 2/2"));
}

TEST_F(EngineDuplicatesTest, AWaitingLookupTakesOverThatThereIsNothing) {
  Start();
  const Batch batch = SubmitTwins({"ada", "ada1"});
  Call alpha = OnlyCall();
  Finish(alpha, "-");
  // Both go on to beta, where one waits again.
  Call beta = OnlyCall();
  EXPECT_EQ(beta.url, "https://beta.example/submit");
  ASSERT_THAT(beta.lines, SizeIs(1));
  Finish(beta, "-");
  EXPECT_THAT(
      Events(batch),
      ElementsAre("ada work_email=not_found[alpha=not_found,beta=not_found]",
                  "ada1 work_email=not_found"
                  "[alpha=not_found/cached,beta=not_found/cached]",
                  "finished 2/2"));
  EXPECT_THAT(Reload(batch).counters.saved, IsEmpty());
}

TEST_F(EngineDuplicatesTest, AWaitingLookupIsSentWhenTheFirstOneFailed) {
  Start();
  SubmitTwins({"ada", "ada1"});
  Call first = OnlyCall();
  Finish(first, "!");
  std::vector<std::string> urls;
  for (Call& call : Calls()) {
    urls.push_back(absl::StrCat(call.url, " ", call.Ref(0)));
  }
  EXPECT_THAT(urls,
              testing::UnorderedElementsAre("https://alpha.example/submit ada1",
                                            "https://beta.example/submit ada"));
}

TEST_F(EngineDuplicatesTest, AWaitingLookupIsSentWhenTheFirstOneIsCancelled) {
  Start();
  const Batch first = SubmitTwins({"ada"});
  Call call = OnlyCall();
  const Batch second = SubmitTwins({"ada1"});
  AdvanceBy(options.linger);
  EXPECT_THAT(Calls(), IsEmpty());
  // Alpha puts the first off, and is not asked again.
  Answer(call, Responds(429, ""));
  engine->CancelBatch("t", first.id, [](absl::StatusOr<Batch>) {});
  AdvanceBy(absl::Minutes(2));
  Call again = OnlyCall();
  ASSERT_THAT(again.lines, SizeIs(1));
  EXPECT_EQ(again.Ref(0), "ada1");
}

TEST_F(EngineDuplicatesTest, AWaitingLookupCanBeCancelled) {
  Start();
  SubmitTwins({"ada"});
  Call call = OnlyCall();
  const Batch second = SubmitTwins({"ada1"});
  AdvanceBy(options.linger);
  EXPECT_EQ(Status("alpha").lookups_waiting, 1);
  engine->CancelBatch("t", second.id, [](absl::StatusOr<Batch>) {});
  Settle();
  EXPECT_EQ(Status("alpha").lookups_waiting, 0);
  EXPECT_THAT(Events(second),
              ElementsAre("ada1 work_email=cancelled[]", "finished 1/1"));
}

TEST_F(EngineDuplicatesTest, ALookupInDoubtIsNotBoughtForAnother) {
  options.park_unknown_after = absl::Hours(1);
  Start();
  SubmitTwins({"ada"});
  Call call = OnlyCall();
  const Batch waiting = SubmitTwins({"ada1"});
  Answer(call, TimesOut());
  AdvanceBy(absl::Minutes(30));
  const Batch late = SubmitTwins({"ada2"});
  AdvanceBy(absl::Minutes(1));
  EXPECT_THAT(Calls(), IsEmpty());
  EXPECT_THAT(Events(waiting), IsEmpty());
  // Parked: who waited ends in the same doubt, and so does who comes later.
  AdvanceBy(absl::Hours(1));
  const Batch later = SubmitTwins({"ada3"});
  AdvanceBy(absl::Minutes(1));
  EXPECT_THAT(Calls(), IsEmpty());
  for (const Batch& batch : {waiting, late, later}) {
    EXPECT_THAT(
        Events(batch),
        ElementsAre(testing::HasSubstr("work_email=unknown[alpha=unknown/"
                                       "OUTCOME_UNKNOWN]"),
                    "finished 1/1"));
  }
  // Evidence ends it.
  Push(call, absl::StrCat("id 7\n", ResultsOf(call, "a@acme.example")));
  const Batch last = SubmitTwins({"ada4"});
  AdvanceBy(options.linger);
  EXPECT_THAT(
      Events(last),
      ElementsAre("ada4 work_email=found:a@acme.example[alpha=found/cached]",
                  "finished 1/1"));
}

TEST_F(EngineDuplicatesTest, ALookupInDoubtIsBoughtAgainForWhoAsksForThat) {
  options.park_unknown_after = absl::Hours(1);
  Start();
  SubmitTwins({"ada"});
  Call lost = OnlyCall();
  Answer(lost, TimesOut());
  AdvanceBy(absl::Minutes(1));
  BatchRequest request = RequestFor({"ada1", "ada2"});
  request.bypass_cache = true;
  SubmitAll(std::move(request));
  AdvanceBy(absl::Minutes(50));
  EXPECT_THAT(Calls(), IsEmpty()) << "not while evidence may come";
  AdvanceBy(absl::Minutes(20));
  Call again = OnlyCall();
  ASSERT_THAT(again.lines, SizeIs(1));
  // In doubt too: its twin was accepted before that, and is not sent.
  Answer(again, TimesOut());
  AdvanceBy(absl::Hours(3));
  EXPECT_THAT(Calls(), IsEmpty());
}

TEST_F(EngineDuplicatesTest, DuplicatesWaitAgainAfterARestart) {
  Start();
  const Batch batch = SubmitTwins({"ada", "ada1"});
  Call call = OnlyCall();
  Answer(call, Responds(200, "job 1"));
  Restart();
  AdvanceBy(options.linger);
  EXPECT_THAT(Calls(), IsEmpty());
  Push(call, ResultsOf(call, "a@acme.example"));
  AdvanceBy(options.linger);
  EXPECT_THAT(Calls(), IsEmpty());
  EXPECT_THAT(Events(batch), SizeIs(3));
}

TEST_F(EngineDuplicatesTest, AChunkThatAnOlderVersionSentIsWaitedForToo) {
  Start();
  SubmitTwins({"ada"});
  Call call = OnlyCall();
  Answer(call, Responds(200, "job 1"));
  Stop();
  {
    const auto db =
        Connection::Open(dir.File("test.db"), SQLITE_OPEN_READWRITE);
    ASSERT_THAT(db, IsOk());
    ASSERT_THAT((*db)->Execute("UPDATE chunks SET identities = x''"), IsOk());
  }
  Start();
  const Batch batch = SubmitTwins({"ada1"});
  AdvanceBy(options.linger);
  EXPECT_THAT(Calls(), IsEmpty());
  Push(call, ResultsOf(call, "a@acme.example"));
  AdvanceBy(options.linger);
  EXPECT_THAT(Events(batch), SizeIs(2));
}

TEST_F(EngineDuplicatesTest, AnAnswerIsGoodForItsLifetime) {
  options.answer_lifetimes = {.found = absl::Hours(10),
                              .not_found = absl::Hours(2)};
  Start();
  Buy("ada", "a@acme.example");
  Buy("bob", "-");
  AdvanceBy(absl::Hours(1));
  const Batch again = SubmitTwins({"ada1", "bob1"});
  AdvanceBy(2 * options.linger);
  EXPECT_THAT(Calls(), IsEmpty());
  EXPECT_THAT(
      Events(again),
      ElementsAre("ada1 work_email=found:a@acme.example[alpha=found/cached]",
                  "bob1 work_email=not_found"
                  "[alpha=not_found/cached,beta=not_found/cached]",
                  "finished 2/2"));
  AdvanceBy(absl::Hours(2));
  SubmitTwins({"ada2", "bob2"});
  Call bob = OnlyCall();
  ASSERT_THAT(bob.lines, SizeIs(1));
  EXPECT_EQ(bob.Ref(0), "bob2");
  AdvanceBy(absl::Hours(8));
  SubmitTwins({"ada3"});
  EXPECT_THAT(OnlyCall().Ref(0), "ada3");
}

TEST_F(EngineDuplicatesTest, AnotherTenantBuysItsOwn) {
  Start();
  Buy("ada", "a@acme.example");
  SubmitAll(RequestFor({"ada1"}, "other"));
  EXPECT_EQ(OnlyCall().Ref(0), "ada1");
}

TEST_F(EngineDuplicatesTest, OtherInputsAreAnotherLookup) {
  Start();
  Buy("ada", "a@acme.example");
  BatchRequest request = RequestFor({"ada1"});
  request.contacts[0].contact.linkedin_url = "https://www.linkedin.com/in/ada";
  SubmitAll(std::move(request));
  EXPECT_EQ(OnlyCall().Ref(0), "ada1");
}

TEST_F(EngineDuplicatesTest, AnotherFieldIsAnotherLookup) {
  Start();
  Buy("ada", "a@acme.example");
  BatchRequest request = RequestFor({"ada1"});
  request.contacts[0].contact.fields = {ContactField::kWorkEmail,
                                        ContactField::kPhone};
  SubmitAll(std::move(request));
  Call call = OnlyCall();
  ASSERT_THAT(call.lines, SizeIs(1));
  EXPECT_EQ(call.lines[0][2],
            absl::StrCat(FieldSet(ContactField::kPhone).bits()));
}

TEST_F(EngineDuplicatesTest, ABatchMayBuyAnew) {
  Start();
  Buy("ada", "a@acme.example");
  AdvanceBy(absl::Minutes(1));
  BatchRequest request = RequestFor({"ada1", "ada2"});
  request.bypass_cache = true;
  const Batch batch = SubmitAll(std::move(request));
  Call call = OnlyCall();
  ASSERT_THAT(call.lines, SizeIs(1)) << "once is enough, all the same";
  Finish(call, "b@acme.example");
  EXPECT_THAT(
      Events(batch),
      ElementsAre("ada1 work_email=found:b@acme.example[alpha=found]",
                  "ada2 work_email=found:b@acme.example[alpha=found/cached]",
                  "finished 2/2"));
}

TEST_F(EngineDuplicatesTest, ABatchThatBuysAnewWaitsForWhatIsInFlight) {
  Start();
  SubmitTwins({"ada"});
  Call first = OnlyCall();
  AdvanceBy(absl::Minutes(1));
  BatchRequest request = RequestFor({"ada1"});
  request.bypass_cache = true;
  SubmitAll(std::move(request));
  AdvanceBy(options.linger);
  EXPECT_THAT(Calls(), IsEmpty());
  Finish(first, "a@acme.example");
  EXPECT_EQ(OnlyCall().Ref(0), "ada1");
}

TEST_F(EngineDuplicatesTest, WithoutACacheOnlyWhoWaitsSharesAnAnswer) {
  options.answer_lifetimes = {.found = absl::ZeroDuration(),
                              .not_found = absl::ZeroDuration()};
  Start();
  const Batch batch = SubmitTwins({"ada", "ada1"});
  Call call = OnlyCall();
  Finish(call, "a@acme.example");
  EXPECT_THAT(Events(batch), SizeIs(3));
  AdvanceBy(absl::Minutes(1));
  SubmitTwins({"ada2"});
  EXPECT_EQ(OnlyCall().Ref(0), "ada2");
}

TEST_F(EngineDuplicatesTest, AValueThatIsNotGoodEnoughLeadsOn) {
  Start();
  Buy("ada", "~a@acme.example");
  BatchRequest request = RequestFor({"ada1"});
  request.min_email_quality = EmailQuality::kDeliverable;
  const Batch batch = SubmitAll(std::move(request));
  AdvanceBy(options.linger);
  Call beta = OnlyCall();
  EXPECT_EQ(beta.url, "https://beta.example/submit");
  Finish(beta, "-");
  EXPECT_THAT(Events(batch),
              ElementsAre("ada1 work_email=not_found:~a@acme.example"
                          "[alpha=found/cached,beta=not_found]",
                          "finished 1/1"));
}

TEST_F(EngineDuplicatesTest, AnyAccountOfTheWaterfallMayHaveTheAnswer) {
  Start();
  BatchRequest request = RequestFor({"ada"});
  request.providers = {"beta"};
  SubmitAll(std::move(request));
  Call beta = OnlyCall();
  Finish(beta, "a@acme.example");
  const Batch batch = SubmitTwins({"ada1"});
  AdvanceBy(options.linger);
  EXPECT_THAT(Calls(), IsEmpty());
  EXPECT_THAT(
      Events(batch),
      ElementsAre("ada1 work_email=found:a@acme.example[beta=found/cached]",
                  "finished 1/1"));
  EXPECT_THAT(Status("beta").saved, ElementsAre(Pair("t", Credits::Whole(1))));
  EXPECT_THAT(Status("alpha").saved, IsEmpty());
}

TEST_F(EngineDuplicatesTest, ALateAnswerTakesThePlaceOfAnOlderOne) {
  options.answer_lifetimes.found = absl::ZeroDuration();
  Start();
  SubmitTwins({"ada"});
  Call first = OnlyCall();
  Answer(first, Responds(200, "job 1"));
  // Alpha is given up, beta has nothing; then alpha has.
  AdvanceBy(absl::Hours(11));
  for (Call& call : Calls()) {
    Answer(call,
           call.paid ? Responds(200, ResultsOf(call, "-")) : Responds(404, ""));
  }
  options.answer_lifetimes.found = absl::Hours(100);
  Restart();
  Push(first, ResultsOf(first, "a@acme.example"));
  const Batch batch = SubmitTwins({"ada1"});
  AdvanceBy(options.linger);
  EXPECT_THAT(
      Events(batch),
      ElementsAre("ada1 work_email=found:a@acme.example[alpha=found/cached]",
                  "finished 1/1"));
}

TEST_F(EngineDuplicatesTest, AnswersFromTheCacheCostNoPlaceInTheRate) {
  for (auto& [name, capabilities] : providers) {
    capabilities.operations[0].max_contacts = 1;
    capabilities.pacing.submit_limits = {
        {.requests = 3, .window = absl::Hours(1)}};
  }
  Start();
  Buy("ada", "a@acme.example");
  std::vector<std::string> twins;
  for (int i = 1; i <= 20; ++i) twins.push_back(absl::StrCat("ada", i));
  const Batch batch = SubmitTwins(twins);
  EXPECT_EQ(Reload(batch).state, BatchState::kFinished);
  EXPECT_EQ(Status("alpha").requests_available, 2);
}

TEST_F(EngineDuplicatesTest, AnswersFromTheCacheOutliveTheProvider) {
  Start();
  Buy("ada", "a@acme.example");
  options.waterfalls.clear();
  for (const ContactField field : kAllContactFields) {
    options.waterfalls.push_back({.field = field, .accounts = {"alpha"}});
  }
  Restart();
  // Alpha goes down.
  SubmitTwins({"bob", "cy", "dan", "eve", "fay"});
  for (int i = 0; i < 100; ++i) {
    AdvanceBy(absl::Seconds(15));
    for (Call& call : Calls()) Answer(call, Refused());
    if (Status("alpha").breaker == BreakerState::kOpen) break;
  }
  const Batch batch = SubmitTwins({"ada1"});
  for (int i = 0; i < 100; ++i) {
    AdvanceBy(absl::Seconds(15));
    for (Call& call : Calls()) Answer(call, Refused());
  }
  EXPECT_THAT(
      Events(batch),
      ElementsAre("ada1 work_email=found:a@acme.example[alpha=found/cached]",
                  "finished 1/1"));
  EXPECT_THAT(Status("alpha").saved, ElementsAre(Pair("t", Credits::Whole(1))));
}

}  // namespace
}  // namespace enrich
