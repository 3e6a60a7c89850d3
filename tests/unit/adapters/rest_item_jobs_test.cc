// Providers that give each contact a job of its own.

#include <memory>
#include <string>
#include <variant>
#include <vector>

#include "absl/strings/str_cat.h"
#include "gmock/gmock.h"
#include "gtest/gtest.h"
#include "support/rest_adapter.h"

namespace enrich::rest {
namespace {

using ::testing::ElementsAre;
using ::testing::IsEmpty;
using ::testing::SizeIs;

constexpr std::pair<absl::string_view, absl::string_view> kPerItem = {
    "job: \"= id\"",
    R"(job_per_item: {items: "= @", id: "= id", refused: "= error"}
    webhook: {trust: payload, job: "= job", results: "= [@]"})"};
constexpr std::pair<absl::string_view, absl::string_view> kOne = {
    "results: \"= people\"", "results: \"= [@]\""};
constexpr std::pair<absl::string_view, absl::string_view> kErrors = {"tests:",
                                                                     R"(errors:
  - {http: 401, class: BAD_CREDENTIALS}
  - {http: 404, class: JOB_UNKNOWN, on: poll}
  - {http: 410, class: NOT_FOUND}
tests:)"};

std::unique_ptr<ProviderAdapter> PerItemAdapter() {
  return RestAdapter(
      {kPerItem,
       kOne,
       kErrors,
       {"match: {ref: \"= ref\"}", "match: {item_job: \"= job\"}"}});
}

SubmitReply Submit(const ProviderAdapter& adapter, std::string body) {
  const std::vector<SubmitItem> items = {
      {.key = "r.0"}, {.key = "r.1"}, {.key = "r.2"}};
  return adapter.ParseSubmit(
      {.operation = "find", .reference = "r", .items = items},
      {.status = 200, .body = std::move(body)});
}

JobRef Job(std::string id, std::string cursor = "") {
  return {.operation = "find",
          .provider_job_id = std::move(id),
          .item_count = 3,
          .cursor = std::move(cursor)};
}

JobAnswer Fetch(const ProviderAdapter& adapter, const JobRef& job,
                std::string body, int status = 200) {
  const FetchReply reply =
      adapter.ParseFetch(job, {.status = status, .body = std::move(body)});
  EXPECT_TRUE(std::holds_alternative<JobAnswer>(reply)) << reply.index();
  return std::get<JobAnswer>(reply);
}

std::string Hit(absl::string_view id) {
  return absl::StrCat(
      R"({"job":")", id,
      R"(","status":"done","e":"hit","p":"none","emails":"a@b.example"})");
}

TEST(RestItemJobs, AreKeptAsOneIdOfTheJob) {
  const auto adapter = PerItemAdapter();
  const SubmitReply reply = Submit(
      *adapter, R"([{"id":"a"},{"error":"bad url"},{"id":9007199254740993}])");
  ASSERT_TRUE(std::holds_alternative<Accepted>(reply));
  EXPECT_EQ(std::get<Accepted>(reply).provider_job_id,
            "r.;0:a,1:!,2:9007199254740993");
}

TEST(RestItemJobs, AreInDoubtWhenTheyCannotBeToldApart) {
  const auto adapter = PerItemAdapter();
  for (const std::string body :
       {R"([{"id":"a"},{"id":"b"}])", R"({"id":"a"})", R"([{},{},{}])",
        R"([{"error":1},{"error":1},{}])", ""}) {
    const SubmitReply reply = Submit(*adapter, body);
    ASSERT_TRUE(std::holds_alternative<Indeterminate>(reply)) << body;
    EXPECT_FALSE(std::get<Indeterminate>(reply).drift.empty()) << body;
  }
}

TEST(RestItemJobs, EndAtOnceWhenAllWereRefused) {
  const auto adapter = PerItemAdapter();
  const SubmitReply reply =
      Submit(*adapter, R"([{"error":1},{"error":1},{"error":1}])");
  ASSERT_TRUE(std::holds_alternative<JobAnswer>(reply));
  const auto& answer = std::get<JobAnswer>(reply);
  EXPECT_EQ(answer.phase, JobPhase::kFinished);
  ASSERT_THAT(answer.items, SizeIs(3));
  EXPECT_EQ(answer.items[2].key, "r.2");
  EXPECT_EQ(answer.items[2].fields[0].reason, FailureReason::kProviderRejected);
}

TEST(RestItemJobs, AreReadInTurn) {
  const auto adapter = PerItemAdapter();
  const std::string id = "r.;0:a,1:!,2:c%2F";
  EXPECT_TRUE(adapter->CanFetch(Job(id)));
  EXPECT_EQ(adapter->BuildFetch(Job(id)).url,
            "https://api.acme.example/v1/find/a");
  const JobAnswer first = Fetch(*adapter, Job(id), Hit("a"));
  EXPECT_EQ(first.phase, JobPhase::kRunning);
  // Who was refused has failed, once.
  ASSERT_THAT(first.items, SizeIs(2));
  EXPECT_EQ(first.items[0].key, "r.0");
  EXPECT_EQ(first.items[1].key, "r.1");
  EXPECT_EQ(first.items[1].fields[0].outcome, Outcome::kFailed);
  ASSERT_NE(first.cursor, "");
  EXPECT_EQ(adapter->BuildFetch(Job(id, first.cursor)).url,
            "https://api.acme.example/v1/find/c%2F");
  const JobAnswer last = Fetch(*adapter, Job(id, first.cursor), Hit("c/"));
  EXPECT_EQ(last.phase, JobPhase::kFinished);
  EXPECT_EQ(last.cursor, "");
  ASSERT_THAT(last.items, SizeIs(1));
  EXPECT_EQ(last.items[0].key, "r.2");
}

TEST(RestItemJobs, KeepTheJobRunningWhileOneIsOpen) {
  const auto adapter = PerItemAdapter();
  const std::string id = "r.;0:a,1:b";
  struct Case {
    std::string body;
    int status;
  };
  const Case kOpen[] = {{R"({"status":"queued"})", 200},
                        {R"({"status":"odd"})", 200},
                        {R"({"job":"x","status":"done","e":"hit"})", 200},
                        {"not json", 200},
                        {"", 404},
                        {"", 503}};
  for (const auto& [body, status] : kOpen) {
    SCOPED_TRACE(absl::StrCat(status, " ", body));
    const JobAnswer first = Fetch(*adapter, Job(id), body, status);
    EXPECT_THAT(first.items, IsEmpty());
    ASSERT_NE(first.cursor, "");
    const JobAnswer last = Fetch(*adapter, Job(id, first.cursor), Hit("b"));
    EXPECT_EQ(last.phase, JobPhase::kRunning);
    EXPECT_THAT(last.items, SizeIs(1));
    EXPECT_EQ(last.cursor, "");
  }
}

TEST(RestItemJobs, StopWhenTheAccountIsRefused) {
  const auto adapter = PerItemAdapter();
  const FetchReply reply =
      adapter->ParseFetch(Job("r.;0:a,1:b"), {.status = 401});
  ASSERT_TRUE(std::holds_alternative<FetchFailed>(reply));
  EXPECT_EQ(std::get<FetchFailed>(reply).reason, FailureReason::kProviderAuth);
}

TEST(RestItemJobs, FailTheContactWhoseJobEndedEarly) {
  const auto adapter = PerItemAdapter();
  const JobAnswer answer =
      Fetch(*adapter, Job("r.;0:a"),
            R"({"job":"a","status":"broke","e":"miss","p":"none"})");
  EXPECT_EQ(answer.phase, JobPhase::kFinished);
  EXPECT_EQ(answer.items.back().key, "r.0");
  EXPECT_EQ(answer.items.back().fields[0].reason, FailureReason::kOutOfCredits);
}

TEST(RestItemJobs, TakeAMissForTheirContactsAnswer) {
  const JobAnswer answer = Fetch(*PerItemAdapter(), Job("r.;0:a"), "", 410);
  ASSERT_THAT(answer.items, SizeIs(1));
  EXPECT_EQ(answer.items[0].key, "r.0");
  EXPECT_EQ(answer.items[0].fields[0].outcome, Outcome::kNotFound);
  EXPECT_EQ(answer.phase, JobPhase::kFinished);
}

TEST(RestItemJobs, AreNeverAllReadWhileOneHasNoName) {
  const JobAnswer answer = Fetch(*PerItemAdapter(), Job("r.;0:a,1:"), Hit("a"));
  EXPECT_EQ(answer.phase, JobPhase::kRunning);
  EXPECT_EQ(answer.cursor, "");
}

TEST(RestItemJobs, CannotBeFetchedWithoutIds) {
  const auto adapter = PerItemAdapter();
  for (const std::string id : {"", "r.;0:!,1:", "unreadable"}) {
    EXPECT_FALSE(adapter->CanFetch(Job(id))) << id;
  }
}

TEST(RestItemJobs, AreNamedByPushes) {
  const auto adapter = PerItemAdapter();
  const JobRef job = Job("r.;0:a,1:!,2:c");
  const auto ours = adapter->ParseWebhook(job, Hit("c"));
  ASSERT_TRUE(ours.ok());
  EXPECT_EQ(ours->provider_job_id, "");
  ASSERT_TRUE(ours->answer.has_value());
  ASSERT_THAT(ours->answer->items, SizeIs(2));
  EXPECT_EQ(ours->answer->items[0].key, "r.2");
  EXPECT_EQ(ours->answer->items[1].key, "r.1");
  const auto foreign = adapter->ParseWebhook(job, Hit("x"));
  ASSERT_TRUE(foreign.ok());
  EXPECT_FALSE(foreign->answer.has_value());
  EXPECT_FALSE(foreign->fetch);
}

// ---- All in one request -----------------------------------------------------

TEST(RestItemJobs, CanBeReadTogether) {
  const auto adapter = RestAdapter(
      {kPerItem,
       {"get: /find/{job}", "get: /status?ids={jobs}"},
       {"      state: \"= lookup('job', status)\"\n", ""},
       {"match: {ref: \"= ref\"}", "match: {item_job: \"= job\"}"}});
  const std::string id = "r.;0:a,1:!,2:c%2F";
  EXPECT_EQ(adapter->BuildFetch(Job(id)).url,
            "https://api.acme.example/v1/status?ids=a,c%2F");
  JobAnswer answer =
      Fetch(*adapter, Job(id),
            absl::StrCat(R"({"people":[)", Hit("c/"), ",", Hit("a"), "]}"));
  EXPECT_THAT(answer.items, SizeIs(3));
  EXPECT_EQ(answer.phase, JobPhase::kFinished);
  answer =
      Fetch(*adapter, Job(id), absl::StrCat(R"({"people":[)", Hit("c/"), "]}"));
  EXPECT_EQ(answer.phase, JobPhase::kRunning);
}

}  // namespace
}  // namespace enrich::rest
