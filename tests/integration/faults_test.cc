#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "absl/strings/str_cat.h"
#include "absl/strings/str_replace.h"
#include "integration/gateway_fixture.h"

namespace enrich {
namespace {

using ::testing::ElementsAre;
using ::testing::Pair;
using ::testing::SizeIs;

const std::vector<v1::ContactField> kEmailAndPhone = {
    v1::CONTACT_FIELD_WORK_EMAIL, v1::CONTACT_FIELD_PHONE};
constexpr char kFoundAtOnce[] =
    "work_email=found[enrow=found] phone=found[fullenrich=found]";

class Faults : public GatewayFixture {
 protected:
  void StartWithFaults(const std::string& rules) {
    simulator_options.faults = rules;
    Start();
  }
};

// ---- Webhooks ---------------------------------------------------------------

TEST_F(Faults, LostPushesAreFetched) {
  knobs.poll_first_after = absl::Seconds(1);
  StartWithFaults(R"([{"endpoint":"webhook","action":"lost"}])");
  EXPECT_THAT(Run(BatchOf({Person("vera", "Found")}, kEmailAndPhone)),
              ElementsAre(Pair("vera", kFoundAtOnce)));
  EXPECT_GE(Total("enrow", "fetches"), 1);
  EXPECT_GE(Total("fullenrich", "fetches"), 1);
}

TEST_F(Faults, WithoutPushesAllIsFetched) {
  knobs.pushes = false;
  knobs.poll_first_after = absl::Seconds(1);
  Start();
  EXPECT_THAT(Run(BatchOf({Person("vera", "Found"), Person("nora", "Notfound")},
                          kEmailAndPhone)),
              SizeIs(2));
  EXPECT_EQ(Total("enrow", "webhooks_delivered"), 0);
}

// An action, and whether the pushes alone bring the results.
struct PushFault {
  const char* action;
  bool gets_through;
};
class PushFaults : public Faults,
                   public ::testing::WithParamInterface<PushFault> {};

TEST_P(PushFaults, ChangeNoResult) {
  if (!GetParam().gets_through) {
    knobs.poll_first_after = absl::Seconds(1);
  }
  StartWithFaults(absl::StrCat(R"([{"endpoint":"webhook","delay_ms":100,)",
                               R"("action":")", GetParam().action, R"("}])"));
  const v1::Batch batch =
      Submit(BatchOf({Person("vera", "Found"), Person("nora", "Onlyfullenrich"),
                      Person("otto", "Notfound")},
                     kEmailAndPhone));
  const std::vector<v1::ResultEvent> events = Collect(batch.batch_id());
  EXPECT_THAT(events, SizeIs(4));
  EXPECT_EQ(Summaries(events).at("vera"), kFoundAtOnce);
  EXPECT_EQ(Summaries(events).at("nora"),
            "work_email=found[enrow=not_found,fullenrich=found] "
            "phone=found[fullenrich=found]");
}

INSTANTIATE_TEST_SUITE_P(All, PushFaults,
                         ::testing::Values(PushFault{"duplicate", true},
                                           PushFault{"reorder", true},
                                           PushFault{"late", true},
                                           PushFault{"forge", false},
                                           PushFault{"malformed", false}),
                         [](const auto& info) { return info.param.action; });

TEST_F(Faults, RepeatedPushesAddNothing) {
  StartWithFaults(R"([{"endpoint":"webhook","action":"duplicate"}])");
  const v1::Batch batch =
      Submit(BatchOf({Person("vera", "Found")}, kEmailAndPhone));
  const size_t count = Collect(batch.batch_id()).size();
  // FullEnrich tells of the contact and of the job.
  ASSERT_TRUE(WaitForTotal("fullenrich", "webhooks_delivered", 4));
  ASSERT_TRUE(WaitForTotal("enrow", "webhooks_delivered", 2));
  EXPECT_THAT(List(batch.batch_id()), SizeIs(count));
}

// ---- Submissions ------------------------------------------------------------

// Actions that leave it open whether a job was started, when one was.
class DoubtfulSubmits : public Faults,
                        public ::testing::WithParamInterface<const char*> {};

TEST_P(DoubtfulSubmits, AreSettledByThePushAndNeverRepeated) {
  knobs.request_timeout = absl::Seconds(1);
  const std::string rule =
      R"({"provider":"$P","endpoint":"submit","when":"after","count":1,)"
      R"("action":"$A"})";
  // Pushes come after the end of the wait.
  StartWithFaults(absl::StrCat(
      R"([{"endpoint":"webhook","action":"late","delay_ms":1200},)",
      absl::StrReplaceAll(rule, {{"$P", "enrow"}, {"$A", GetParam()}}), ",",
      absl::StrReplaceAll(rule, {{"$P", "fullenrich"}, {"$A", GetParam()}}),
      "]"));
  EXPECT_THAT(Run(BatchOf({Person("vera", "Found")}, kEmailAndPhone)),
              ElementsAre(Pair("vera", kFoundAtOnce)));
  EXPECT_EQ(Total("enrow", "submissions"), 1);
  EXPECT_EQ(Total("fullenrich", "submissions"), 1);
}

INSTANTIATE_TEST_SUITE_P(All, DoubtfulSubmits,
                         ::testing::Values("http_500", "http_503", "reset",
                                           "hang", "malformed"),
                         [](const auto& info) { return info.param; });

TEST_F(Faults, DoubtThatNothingSettlesIsReportedAsDoubt) {
  knobs.park_unknown_after = absl::Seconds(1);
  StartWithFaults(R"([{"endpoint":"submit","action":"reset"}])");
  EXPECT_THAT(
      Run(BatchOf({Person("vera", "Found")})),
      ElementsAre(
          Pair("vera", "work_email=unknown[enrow=unknown/OUTCOME_UNKNOWN]")));
  EXPECT_EQ(Total("enrow", "submissions"), 1);
  EXPECT_EQ(Total("fullenrich", "submissions"), 0) << "it could be paid twice";
}

TEST_F(Faults, AResultAfterTheDoubtCorrectsIt) {
  knobs.park_unknown_after = absl::Seconds(1);
  StartWithFaults(R"([
      {"endpoint":"submit","action":"http_500","when":"after"},
      {"endpoint":"webhook","action":"late","delay_ms":1500}])");
  const v1::Batch batch = Submit(BatchOf({Person("vera", "Found")}));
  const std::vector<v1::ResultEvent> finished = Collect(batch.batch_id());
  ASSERT_THAT(finished, SizeIs(2));
  const std::vector<v1::ResultEvent> corrected =
      WaitForEvents(batch.batch_id(), 3);
  ASSERT_THAT(corrected, SizeIs(3));
  EXPECT_EQ(corrected[2].supersedes(), 1);
  EXPECT_EQ(Summary(corrected[2].contact_result()),
            "work_email=found[enrow=found]");
  v1::Batch after;
  ASSERT_TRUE(client().GetBatch(batch.batch_id(), after).ok());
  EXPECT_EQ(after.progress().unknown(), 0);
  EXPECT_EQ(after.progress().found(), 1);
}

TEST_F(Faults, WaitsAndSendsAgainWhenLimited) {
  StartWithFaults(
      R"([{"provider":"enrow","endpoint":"submit","action":"http_429",
           "count":1}])");
  EXPECT_THAT(Run(BatchOf({Person("vera", "Found")})),
              ElementsAre(Pair("vera", "work_email=found[enrow=found]")));
  EXPECT_EQ(Total("enrow", "submissions"), 2);
  EXPECT_EQ(Total("enrow", "accepted"), 1);
}

TEST_F(Faults, SendsAgainWhatCannotHaveArrived) {
  ReserveSimulatorPort();
  StartGateway();
  const v1::Batch batch = Submit(BatchOf({Person("vera", "Found")}));
  v1::Provider enrow;
  const absl::Time deadline = absl::Now() + absl::Seconds(20);
  while (enrow.last_error().empty() && absl::Now() < deadline) {
    ASSERT_TRUE(client().GetProvider("enrow", enrow).ok());
  }
  StartSimulator();
  EXPECT_THAT(Summaries(Collect(batch.batch_id())),
              ElementsAre(Pair("vera", "work_email=found[enrow=found]")));
}

TEST_F(Faults, AnOutageIsAFailureNotANotFound) {
  knobs.give_up_sending_after = absl::Milliseconds(500);
  ReserveSimulatorPort();
  StartGateway();
  const v1::Batch batch = Submit(BatchOf({Person("vera", "Found")}));
  EXPECT_THAT(Summaries(Collect(batch.batch_id())),
              ElementsAre(Pair("vera",
                               "work_email=failed[enrow=failed/"
                               "PROVIDER_UNAVAILABLE,fullenrich=failed/"
                               "PROVIDER_UNAVAILABLE]")));
}

TEST_F(Faults, GoesOnWhenAnAccountIsOutOfCredits) {
  simulator_options.enrow.balance = Credits{};
  simulator_options.fullenrich.balance = Credits::Whole(1);
  Start();
  EXPECT_THAT(
      Run(BatchOf({Person("vera", "Found")})),
      ElementsAre(Pair(
          "vera",
          "work_email=found[enrow=failed/OUT_OF_CREDITS,fullenrich=found]")));
  EXPECT_THAT(Run(BatchOf({Person("nora", "Found")})),
              ElementsAre(Pair("nora",
                               "work_email=failed[enrow=failed/OUT_OF_CREDITS,"
                               "fullenrich=failed/OUT_OF_CREDITS]")));
}

TEST_F(Faults, GoesOnWhenAKeyIsRefused) {
  simulator_options.enrow.api_keys = {"another-key"};
  Start();
  EXPECT_THAT(
      Run(BatchOf({Person("vera", "Found")})),
      ElementsAre(Pair(
          "vera",
          "work_email=found[enrow=failed/PROVIDER_AUTH,fullenrich=found]")));
}

TEST_F(Faults, GoesOnWhenAJobFails) {
  StartWithFaults(
      R"([{"provider":"enrow","endpoint":"submit","action":"job_failed"}])");
  const std::string summary =
      "work_email=found[enrow=failed/JOB_FAILED,fullenrich=found]";
  EXPECT_THAT(Run(BatchOf({Person("vera", "Found"), Person("nora", "Found")})),
              ElementsAre(Pair("nora", summary), Pair("vera", summary)));
}

TEST_F(Faults, FetchesAgainAfterABrokenFetch) {
  knobs.poll_first_after = absl::Seconds(1);
  StartWithFaults(R"([
      {"endpoint":"webhook","action":"lost"},
      {"endpoint":"fetch","action":"http_500","count":1},
      {"endpoint":"fetch","action":"reset","count":1},
      {"endpoint":"fetch","action":"malformed","count":1}])");
  EXPECT_THAT(Run(BatchOf({Person("vera", "Found")})),
              ElementsAre(Pair("vera", "work_email=found[enrow=found]")));
  EXPECT_EQ(Total("enrow", "fetches"), 2) << "and two that never got there";
}

}  // namespace
}  // namespace enrich
