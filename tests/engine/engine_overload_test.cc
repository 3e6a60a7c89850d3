#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <iterator>
#include <map>
#include <utility>
#include <vector>

#include "absl/strings/str_cat.h"
#include "engine_harness.h"

namespace enrich {
namespace {

using ::testing::SizeIs;

// What keeps an account usable for all when there is more work than it takes.
class EngineOverloadTest : public EngineHarness {
 protected:
  EngineOverloadTest() {
    for (Waterfall& waterfall : options.waterfalls) {
      waterfall.accounts = {"alpha"};
    }
  }

  Capabilities& alpha() { return providers[0].second; }

  // A contact's phone is asked for in a request of its own.
  void AskForPhonesOneByOne() {
    OperationSpec single = alpha().operations[0];
    single.name = "single";
    single.fields = ContactField::kPhone;
    single.max_contacts = 1;
    alpha().operations[0].fields = ContactField::kWorkEmail;
    alpha().operations.push_back(single);
    alpha().pacing.max_concurrent_requests = 100;
  }

  // Contacts that are called TENANT-NAME-NUMBER.
  Batch SubmitAs(const std::string& tenant, const std::string& name, int count,
                 const std::vector<ContactField>& fields) {
    BatchRequest request = {
        .tenant = tenant, .request_id = name, .content_hash = Sha256(name)};
    for (int i = 0; i < count; ++i) {
      CheckedContact person = Person(absl::StrCat(tenant, "-", name, "-", i));
      person.contact.fields = fields;
      request.contacts.push_back(std::move(person));
    }
    const auto created = Submit(std::move(request));
    EXPECT_THAT(created, IsOk());
    return created.ok() ? created->batch : Batch{};
  }

  // Has everything that is asked end without an answer, and what follows it,
  // this many times. Returns the contacts that were asked about, by tenant.
  std::map<std::string, int> WorkOff(int rounds) {
    std::map<std::string, int> contacts;
    for (int i = 0; i < rounds; ++i) {
      AdvanceBy(options.linger);
      for (Call& call : Calls()) {
        for (size_t line = 0; line < call.lines.size(); ++line) {
          ++contacts[call.Ref(line).substr(0, 1)];
        }
        Answer(call, Responds(200, absl::StrCat("job ", ++jobs_)));
        Push(call, "phase finished\n");
      }
    }
    return contacts;
  }

 private:
  int jobs_ = 0;
};

TEST_F(EngineOverloadTest, ATenantOfLargeRequestsGetsNoMoreThanOneOfSmallOnes) {
  AskForPhonesOneByOne();
  alpha().pacing.max_running_contacts = 10;
  Start();
  SubmitAs("t", "large", 100, {ContactField::kWorkEmail});
  for (int i = 0; i < 100; ++i) {
    SubmitAs("u", absl::StrCat("small", i), 1, {ContactField::kPhone});
  }
  auto contacts = WorkOff(10);
  // A large one takes what room there is once that is half of what it wants.
  EXPECT_NEAR(contacts["t"], contacts["u"], 10);
  EXPECT_GE(contacts["t"] + contacts["u"], 90);
}

TEST_F(EngineOverloadTest, OthersWaitForARequestThatHasNoRoomOnlyForAWhile) {
  AskForPhonesOneByOne();
  alpha().pacing.max_running_contacts = 10;
  Start();
  for (int i = 0; i < 6; ++i) {
    SubmitAs("u", absl::StrCat("small", i), 1, {ContactField::kPhone});
  }
  AdvanceBy(options.linger);
  std::vector<Call> calls = Calls();
  ASSERT_THAT(calls, SizeIs(6));
  for (size_t i = 0; i < calls.size(); ++i) {
    Answer(calls[i], Responds(200, absl::StrCat("job ", i)));
  }
  SubmitAs("t", "large", 20, {ContactField::kWorkEmail});
  SubmitAs("u", "last", 1, {ContactField::kPhone});
  AdvanceBy(options.linger);
  EXPECT_THAT(Calls(), SizeIs(0)) << "it is the turn of the large one";
  AdvanceBy(alpha().typical_latency);
  EXPECT_THAT(Calls(), SizeIs(1)) << "which has waited for long enough";
}

TEST_F(EngineOverloadTest, ALargeRequestIsWaitedForEveryOtherWhile) {
  AskForPhonesOneByOne();
  alpha().pacing.max_running_contacts = 10;
  Start();
  for (int i = 0; i < 100; ++i) {
    SubmitAs("u", absl::StrCat("small", i), 1, {ContactField::kPhone});
  }
  AdvanceBy(options.linger);
  std::vector<Call> running = Calls();
  ASSERT_THAT(running, SizeIs(10));
  SubmitAs("t", "large", 20, {ContactField::kWorkEmail});
  // Has the oldest one end; returns how many are sent for it.
  const auto end_one = [&] {
    Call call = std::move(running.front());
    running.erase(running.begin());
    Answer(call, Responds(200, absl::StrCat("job of ", call.Ref(0))));
    Push(call, "phase finished\n");
    std::vector<Call> sent = Calls();
    std::move(sent.begin(), sent.end(), std::back_inserter(running));
    return sent.size();
  };
  AdvanceBy(options.linger);
  EXPECT_EQ(end_one(), 0) << "the large one waits for room";
  AdvanceBy(alpha().typical_latency);
  EXPECT_EQ(end_one(), 2) << "the others' turn";
  AdvanceBy(alpha().typical_latency);
  EXPECT_EQ(end_one(), 0) << "it waits for room again";
}

TEST_F(EngineOverloadTest, WhoAsksForMoreFieldsHasFewerContacts) {
  alpha().pacing.max_running_contacts = 10;
  Start();
  SubmitAs("t", "both", 110, {ContactField::kWorkEmail, ContactField::kPhone});
  SubmitAs("u", "one", 110, {ContactField::kWorkEmail});
  auto contacts = WorkOff(15);
  EXPECT_EQ(contacts["t"], 50);
  EXPECT_EQ(contacts["u"], 100);
}

TEST_F(EngineOverloadTest, RequestsThatFailAreNotAllRepeatedAtOnce) {
  alpha().operations[0].max_contacts = 1;
  alpha().pacing.max_concurrent_requests = 1000;
  options.breaker_failures = 1000;
  Start();
  SubmitAs("t", "r1", 40, {ContactField::kWorkEmail});
  std::vector<Call> calls = Calls();
  ASSERT_THAT(calls, SizeIs(40));
  for (Call& call : calls) Answer(call, Refused());
  AdvanceBy(absl::Seconds(1));
  EXPECT_THAT(Calls(), SizeIs(10));
  AdvanceBy(absl::Milliseconds(5500));
  EXPECT_THAT(Calls(), SizeIs(5)) << "one a second";
  // What is asked for the first time does not wait for them.
  SubmitAs("t", "r2", 5, {ContactField::kWorkEmail});
  EXPECT_THAT(Calls(), SizeIs(6)) << "and lets a fifth be repeated";
}

TEST_F(EngineOverloadTest, ARefusalHalvesTheRateForSomeMinutes) {
  alpha().operations[0].max_contacts = 1;
  alpha().pacing.submit_limits = {{.requests = 4, .window = absl::Minutes(1)}};
  Start();
  SubmitAs("t", "r1", 8, {ContactField::kWorkEmail});
  std::vector<Call> calls = Calls();
  ASSERT_THAT(calls, SizeIs(4));
  EXPECT_EQ(Status("alpha").rate_share, 1);
  Answer(calls[0], Responds(429, ""));
  EXPECT_EQ(Status("alpha").rate_share, 0.5);
  AdvanceBy(absl::Minutes(1));
  EXPECT_THAT(Calls(), SizeIs(2));
}

TEST_F(EngineOverloadTest, TheTimeLeftIsThatOfTheBatch) {
  alpha().pacing.max_running_contacts = 10;
  Start();
  const Batch large = SubmitAs("t", "large", 100, {ContactField::kWorkEmail});
  clock.Advance(absl::Milliseconds(1));
  const Batch small = SubmitAs("u", "small", 1, {ContactField::kWorkEmail});
  EXPECT_EQ(engine->TimeLeft(small), absl::ZeroDuration()) << "not known yet";
  AdvanceBy(absl::Seconds(2));
  // Ten run, ninety wait, and each minute ten of all end.
  // Some seconds of them are over.
  const auto minutes_left = [&](const Batch& batch) {
    return absl::Ceil(engine->TimeLeft(batch), absl::Minutes(1));
  };
  EXPECT_EQ(minutes_left(large), absl::Minutes(11));
  EXPECT_EQ(minutes_left(small), absl::Minutes(2));
  WorkOff(20);
  AdvanceBy(absl::Seconds(2));
  EXPECT_EQ(engine->TimeLeft(Reload(small)), absl::ZeroDuration());
}

}  // namespace
}  // namespace enrich
