// What a provider file makes of a job's answers: what is missing or unknown is
// drift, and never a miss.

#include <memory>
#include <string>
#include <variant>

#include "absl/strings/str_cat.h"
#include "adapters/rest/job_ids.h"
#include "gmock/gmock.h"
#include "gtest/gtest.h"
#include "support/rest_adapter.h"

namespace enrich::rest {
namespace {

using ::testing::AllOf;
using ::testing::ElementsAre;
using ::testing::HasSubstr;
using ::testing::IsEmpty;
using ::testing::Not;
using ::testing::SizeIs;

JobRef Job(std::string cursor = "", int items = 2) {
  return {.operation = "find",
          .provider_job_id = "job/1",
          .item_count = items,
          .cursor = std::move(cursor)};
}

FetchReply Fetch(const ProviderAdapter& adapter, std::string body,
                 const JobRef& job = Job(), int status = 200) {
  return adapter.ParseFetch(job, {.status = status, .body = std::move(body)});
}

JobAnswer Answer(const FetchReply& reply) {
  const auto* answer = std::get_if<JobAnswer>(&reply);
  EXPECT_NE(answer, nullptr) << "alternative " << reply.index();
  return answer == nullptr ? JobAnswer() : *answer;
}

FetchFailed Failed(const FetchReply& reply) {
  const auto* failed = std::get_if<FetchFailed>(&reply);
  EXPECT_NE(failed, nullptr) << "alternative " << reply.index();
  return failed == nullptr ? FetchFailed() : *failed;
}

// A job in `status` whose contact r.0 was missed, and r.1 as stated.
std::string Body(absl::string_view status, absl::string_view second = "miss") {
  return absl::StrCat(R"({"status":")", status,
                      R"(","people":[{"ref":"r.0","e":"miss","p":"none"},)",
                      R"({"ref":"r.1","e":")", second,
                      R"(","p":"none","emails":"a@b.example"}]})");
}

// ---- The state of a job -----------------------------------------------------

TEST(RestFetch, MapsJobStates) {
  struct Case {
    std::string word;
    JobPhase phase;
    // Of the two contacts, those that are answered.
    size_t answers;
  };
  const Case kCases[] = {{"queued", JobPhase::kRunning, 0},
                         {"done", JobPhase::kFinished, 2},
                         {"dead", JobPhase::kFailed, 1},
                         {"stopped", JobPhase::kCancelled, 1},
                         {"broke", JobPhase::kOutOfCredits, 1}};
  const auto adapter = RestAdapter();
  for (const auto& [word, phase, answers] : kCases) {
    SCOPED_TRACE(word);
    const JobAnswer answer = Answer(Fetch(*adapter, Body(word, "hit")));
    EXPECT_EQ(answer.phase, phase);
    EXPECT_THAT(answer.drift, IsEmpty());
    size_t fields = 0;
    for (const ItemAnswer& item : answer.items) fields += item.fields.size();
    EXPECT_EQ(fields, answers);
  }
}

TEST(RestFetch, LetsAJobInAnUnknownStateRunOn) {
  const auto adapter = RestAdapter();
  for (const std::string& body :
       {Body("paused"), std::string("{}"), std::string("[]"),
        std::string(R"({"status":7,"people":[]})")}) {
    const JobAnswer answer = Answer(Fetch(*adapter, body));
    EXPECT_EQ(answer.phase, JobPhase::kRunning);
    EXPECT_THAT(answer.items, IsEmpty());
    EXPECT_THAT(answer.drift,
                ElementsAre(AllOf(HasSubstr("find: poll.state"),
                                  HasSubstr("lookup('job', status)"),
                                  Not(HasSubstr("paused")))));
  }
}

TEST(RestFetch, FailsWithoutTheResultsOfAFinishedJob) {
  const auto adapter = RestAdapter();
  for (const std::string people : {"null", "{}", "\"x\"", "7"}) {
    const FetchFailed failed = Failed(Fetch(
        *adapter, absl::StrCat(R"({"status":"done","people":)", people, "}")));
    EXPECT_EQ(failed.reason, FailureReason::kProviderUnavailable);
    EXPECT_THAT(failed.drift,
                ElementsAre(HasSubstr("find: poll.results: \"people\"")));
  }
  EXPECT_THAT(Failed(Fetch(*adapter, "<html>")).drift,
              ElementsAre(HasSubstr("malformed JSON")));
  EXPECT_THAT(Failed(Fetch(*adapter, "")).drift, SizeIs(1));
}

TEST(RestFetch, EndsEarlyWithoutResults) {
  EXPECT_EQ(Answer(Fetch(*RestAdapter(), R"({"status":"broke"})")).phase,
            JobPhase::kOutOfCredits);
}

TEST(RestFetch, EndsEarlyWithAListThatStopsSomewhere) {
  const auto adapter =
      RestAdapter({{"match: {ref: \"= ref\"}", "match: {position: true}"}});
  for (const std::string people :
       {"[]", R"([{"e":"hit","p":"none","emails":"a@b.example"}])"}) {
    SCOPED_TRACE(people);
    const JobAnswer answer = Answer(Fetch(
        *adapter, absl::StrCat(R"({"status":"broke","people":)", people, "}")));
    EXPECT_EQ(answer.phase, JobPhase::kOutOfCredits);
    EXPECT_THAT(answer.items, IsEmpty());
    EXPECT_THAT(answer.drift, IsEmpty());
  }
}

TEST(RestFetch, RefusesMoreElementsThanAJobHasContacts) {
  std::string people;
  for (int i = 0; i < 11; ++i) {
    absl::StrAppend(&people, i ? "," : "", R"({"ref":"r.0","e":"miss"})");
  }
  EXPECT_THAT(Failed(Fetch(*RestAdapter(),
                           absl::StrCat(R"({"status":"done","people":[)",
                                        people, "]}")))
                  .drift,
              ElementsAre(HasSubstr("more elements")));
}

TEST(RestFetch, KeepsAFinishedJobRunningWhileAContactIsOpen) {
  const auto adapter = RestAdapter();
  JobAnswer answer = Answer(Fetch(*adapter, Body("done", "wait")));
  EXPECT_EQ(answer.phase, JobPhase::kRunning);
  EXPECT_THAT(answer.items, SizeIs(1));
  EXPECT_THAT(answer.drift, IsEmpty());
  answer = Answer(Fetch(*adapter, Body("done", "odd word")));
  EXPECT_EQ(answer.phase, JobPhase::kRunning);
  EXPECT_THAT(answer.items, SizeIs(1));
  EXPECT_THAT(answer.drift,
              ElementsAre(AllOf(HasSubstr("poll.results[1].work_email"),
                                Not(HasSubstr("odd word")))));
}

TEST(RestFetch, EndsByItsContactsWhereNothingElseTells) {
  const auto adapter =
      RestAdapter({{"      state: \"= lookup('job', status)\"\n", ""}});
  EXPECT_EQ(Answer(Fetch(*adapter, Body("", "hit"))).phase,
            JobPhase::kFinished);
  EXPECT_EQ(Answer(Fetch(*adapter, Body("", "wait"))).phase,
            JobPhase::kRunning);
  // One of three is missing; a contact that is listed twice is one.
  EXPECT_EQ(Answer(Fetch(*adapter, Body("", "hit"), Job("", 3))).phase,
            JobPhase::kRunning);
  EXPECT_EQ(
      Answer(
          Fetch(
              *adapter,
              R"({"people":[{"ref":"r.0","e":"miss","p":"none"},{"ref":"r.0","e":"none","p":"miss"}]})"))
          .phase,
      JobPhase::kRunning);
}

TEST(RestFetch, ReadsCostOfJobsThatHaveEnded) {
  const auto adapter = RestAdapter(
      {{"results: \"= people\"\n    result:",
        "results: \"= people\"\n      results_while_running: true\n      cost: "
        "\"= cost\"\n    result:"}});
  EXPECT_EQ(
      Answer(Fetch(*adapter, R"({"status":"done","people":[],"cost":"4.25"})"))
          .cost,
      Credits{4250});
  const JobAnswer running = Answer(Fetch(
      *adapter,
      R"({"status":"queued","people":[{"ref":"r.0","e":"miss","p":"none"}],"cost":4})"));
  EXPECT_EQ(running.cost, std::nullopt);
  EXPECT_THAT(running.items, SizeIs(1));
  // None is there yet.
  EXPECT_THAT(Answer(Fetch(*adapter, R"({"status":"queued"})")).drift,
              IsEmpty());
}

TEST(RestFetch, FailsWhenReadingExhaustsTheBudget) {
  const auto adapter =
      RestAdapter({{"results: \"= people\"",
                    "results: \"= (x[*].[$.x[*].[$.x[*].[$.x[*].a]]] || `[]`) "
                    "&& people\""}});
  std::string body = R"({"status":"done","people":[],"x":[)";
  for (int i = 0; i < 200; ++i) absl::StrAppend(&body, i ? "," : "", "{}");
  EXPECT_THAT(Failed(Fetch(*adapter, absl::StrCat(body, "]}"))).drift,
              testing::Contains(HasSubstr("budget")));
}

// ---- Errors -----------------------------------------------------------------

TEST(RestFetch, MapsErrorClasses) {
  const auto adapter = RestAdapter({{"tests:", R"(errors:
  - {http: 401, class: BAD_CREDENTIALS}
  - {http: 402, class: OUT_OF_CREDITS}
  - {http: 403, class: REFUSED}
  - {http: 404, class: JOB_UNKNOWN, on: poll}
  - {http: 409, class: RUNNING, on: poll}
  - {http: 202, class: CALL_AGAIN, retry_after: 5s}
  - {http: 410, class: NOT_FOUND}
  - {http: 429, class: RATE_LIMITED}
  - {http: 5xx, class: UNAVAILABLE}
tests:)"}});
  const auto at = [&](int status, int items = 2) {
    return Fetch(*adapter, "", Job("", items), status);
  };
  EXPECT_EQ(Failed(at(401)).reason, FailureReason::kProviderAuth);
  EXPECT_EQ(Failed(at(402)).reason, FailureReason::kOutOfCredits);
  EXPECT_EQ(Failed(at(403)).reason, FailureReason::kProviderRejected);
  EXPECT_EQ(Failed(at(500)).reason, FailureReason::kProviderUnavailable);
  EXPECT_EQ(Failed(at(418)).reason, FailureReason::kProviderUnavailable);
  EXPECT_TRUE(std::holds_alternative<JobUnknown>(at(404)));
  EXPECT_TRUE(std::holds_alternative<RateLimited>(at(429)));
  EXPECT_EQ(Answer(at(409)).phase, JobPhase::kRunning);
  EXPECT_EQ(Answer(at(202)).phase, JobPhase::kRunning);
  // A miss of one contact; of two it does not say whose.
  const JobAnswer miss = Answer(at(410, 1));
  EXPECT_EQ(miss.phase, JobPhase::kFinished);
  ASSERT_THAT(miss.items, SizeIs(1));
  EXPECT_EQ(miss.items[0].index, 0);
  EXPECT_EQ(miss.items[0].fields[1].outcome, Outcome::kNotFound);
  EXPECT_EQ(Failed(at(410)).reason, FailureReason::kProviderRejected);
}

// ---- In several parts -------------------------------------------------------

constexpr std::pair<absl::string_view, absl::string_view> kThen = {
    "      results: \"= people\"\n    result:",
    R"(      cost: "= cost"
      then:
        post: /find/{job}/download
        query: {page: "= cursor"}
        body: {count: "= count"}
        results: "= people"
        next: "= next"
    result:)"};

TEST(RestFetch, ReadsTheResultsByASecondRequest) {
  const auto adapter = RestAdapter({kThen});
  EXPECT_EQ(adapter->BuildFetch(Job()).url,
            "https://api.acme.example/v1/find/job%2F1");
  EXPECT_EQ(Answer(Fetch(*adapter, R"({"status":"queued"})")).cursor, "");
  const JobAnswer ended =
      Answer(Fetch(*adapter, R"({"status":"done","cost":3})"));
  EXPECT_EQ(ended.phase, JobPhase::kRunning);
  EXPECT_EQ(ended.cost, Credits::Whole(3));
  ASSERT_NE(ended.cursor, "");
  const HttpRequest then = adapter->BuildFetch(Job(ended.cursor));
  EXPECT_EQ(then.method, "POST");
  EXPECT_EQ(then.url, "https://api.acme.example/v1/find/job%2F1/download");
  EXPECT_EQ(then.body, R"({"count":2})");
  const JobAnswer results =
      Answer(Fetch(*adapter, Body("whatever"), Job(ended.cursor)));
  EXPECT_EQ(results.phase, JobPhase::kFinished);
  EXPECT_THAT(results.items, SizeIs(2));
  EXPECT_THAT(Failed(Fetch(*adapter, "{}", Job(ended.cursor))).drift,
              ElementsAre(HasSubstr("poll.then.results")));
}

TEST(RestFetch, CarriesAnEarlyEndToTheSecondRequest) {
  const auto adapter = RestAdapter({kThen});
  const JobAnswer ended = Answer(Fetch(*adapter, R"({"status":"broke"})"));
  ASSERT_NE(ended.cursor, "");
  EXPECT_EQ(Answer(Fetch(*adapter, R"({})", Job(ended.cursor))).phase,
            JobPhase::kOutOfCredits);
}

TEST(RestFetch, ReadsPageAfterPage) {
  const auto adapter = RestAdapter({kThen});
  std::string cursor = Answer(Fetch(*adapter, R"({"status":"done"})")).cursor;
  const JobAnswer first = Answer(Fetch(
      *adapter,
      R"({"people":[{"ref":"r.0","e":"wait","p":"none"}],"next":"a b&c"})",
      Job(cursor)));
  EXPECT_EQ(first.phase, JobPhase::kRunning);
  ASSERT_NE(first.cursor, "");
  EXPECT_EQ(adapter->BuildFetch(Job(first.cursor)).url,
            "https://api.acme.example/v1/find/job%2F1/download?page=a%20b%26c");
  // What the first page left open keeps the job running.
  const JobAnswer last = Answer(
      Fetch(*adapter, R"({"people":[{"ref":"r.1","e":"miss","p":"none"}]})",
            Job(first.cursor)));
  EXPECT_EQ(last.phase, JobPhase::kRunning);
  EXPECT_EQ(last.cursor, "");
}

TEST(RestFetch, EndsPagingThatLeadsNowhere) {
  const auto adapter = RestAdapter({kThen});
  const std::string cursor =
      Answer(Fetch(*adapter, R"({"status":"done"})")).cursor;
  const JobAnswer empty =
      Answer(Fetch(*adapter, R"({"people":[],"next":"again"})", Job(cursor)));
  EXPECT_EQ(empty.cursor, "");
  EXPECT_EQ(empty.phase, JobPhase::kRunning);
  EXPECT_THAT(empty.drift, SizeIs(1));
  // For ever the same page: no job has so many contacts.
  std::string at = cursor;
  int pages = 0;
  while (true) {
    const FetchReply reply = Fetch(
        *adapter,
        R"({"people":[{"ref":"r.0","e":"miss","p":"none"}],"next":"again"})",
        Job(at));
    if (std::holds_alternative<FetchFailed>(reply)) break;
    at = Answer(reply).cursor;
    ASSERT_LT(++pages, 20);
  }
  EXPECT_EQ(pages, 10);
}

TEST(RestFetch, CountsPositionsOverPages) {
  const auto adapter = RestAdapter(
      {kThen, {"match: {ref: \"= ref\"}", "match: {position: true}"}});
  const std::string cursor =
      Answer(Fetch(*adapter, R"({"status":"done"})")).cursor;
  const std::string page = R"({"people":[{"e":"miss","p":"none"}],"next":)";
  const JobAnswer first =
      Answer(Fetch(*adapter, absl::StrCat(page, "7}"), Job(cursor)));
  EXPECT_EQ(first.items.at(0).index, 0);
  const JobAnswer second =
      Answer(Fetch(*adapter, absl::StrCat(page, "null}"), Job(first.cursor)));
  EXPECT_EQ(second.items.at(0).index, 1);
  EXPECT_EQ(second.phase, JobPhase::kFinished);
  // One is missing: who is who is not known.
  EXPECT_THAT(
      Failed(Fetch(*adapter, absl::StrCat(page, "null}"), Job(cursor))).drift,
      ElementsAre(HasSubstr("one element for each contact")));
}

TEST(RestFetch, BelievesAnEarlyEndWithoutTheElementsToCount) {
  const auto adapter =
      RestAdapter({{"match: {ref: \"= ref\"}", "match: {position: true}"}});
  const JobAnswer answer =
      Answer(Fetch(*adapter, R"({"status":"broke","people":[{"e":"hit"}]})"));
  EXPECT_EQ(answer.phase, JobPhase::kOutOfCredits);
  EXPECT_THAT(answer.items, IsEmpty());
}

}  // namespace
}  // namespace enrich::rest
