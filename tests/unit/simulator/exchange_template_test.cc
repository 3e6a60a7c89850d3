#include "simulator/exchange_template.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "support/status_matchers.h"

namespace enrich::simulator {
namespace {

using ::testing::ElementsAre;
using ::testing::HasSubstr;
using ::testing::Pair;
using ::testing::UnorderedElementsAre;

json::Document Parse(absl::string_view text) {
  absl::StatusOr<json::Document> document = json::Document::Parse(text);
  EXPECT_THAT(document, IsOk()) << text;
  return *std::move(document);
}

// ---- Requests ---------------------------------------------------------------

const std::vector<ContactValues> kAdaAndBob = {
    {{"first_name", "Ada"}, {"company_domain", "a.example"}, {"ref", "fx.0"}},
    {{"first_name", "Bob"}, {"company_domain", "b.example"}, {"ref", "fx.1"}}};

absl::StatusOr<RequestedContacts> LearnAndRead(
    absl::string_view recorded, const std::vector<ContactValues>& contacts,
    absl::string_view actual) {
  RequestTemplate request;
  const absl::Status learnt =
      request.Learn(Parse(recorded).root(), {}, contacts, "callback", "fx");
  if (!learnt.ok()) return learnt;
  return request.Read(Parse(actual).root(), {});
}

TEST(RequestTemplate, ReadsAListOfObjects) {
  const auto read = LearnAndRead(
      R"({"people":[{"n":"Ada","d":"a.example","x":{"id":"fx.0"}},
                    {"n":"Bob","d":"b.example","x":{"id":"fx.1"}}],
          "hook":"callback","name":"fx","types":["email"]})",
      kAdaAndBob,
      R"({"people":[{"n":"Eve","d":"e.example","x":{"id":"r.0"}},
                    {"d":"f.example","x":{"id":"r.1"}},
                    {"n":"Guy","x":{"id":"r.2"}}],
          "hook":"https://here","name":"r","types":["email"]})");
  ASSERT_THAT(read, IsOk());
  EXPECT_EQ(read->callback_url, "https://here");
  EXPECT_EQ(read->reference, "r");
  EXPECT_THAT(
      read->contacts,
      ElementsAre(
          UnorderedElementsAre(Pair("first_name", "Eve"), Pair("ref", "r.0"),
                               Pair("company_domain", "e.example")),
          UnorderedElementsAre(Pair("company_domain", "f.example"),
                               Pair("ref", "r.1")),
          UnorderedElementsAre(Pair("first_name", "Guy"), Pair("ref", "r.2"))));
}

TEST(RequestTemplate, ReadsRowsByPositionAndParallelLists) {
  const char kRecorded[] =
      R"({"data":[["Ada","a.example"],["Bob","b.example"]],
          "custom":{"ids":["fx.0","fx.1"]}})";
  const auto read =
      LearnAndRead(kRecorded, kAdaAndBob,
                   R"({"data":[["Eve",""]],"custom":{"ids":["r.0"]}})");
  ASSERT_THAT(read, IsOk());
  EXPECT_THAT(read->contacts,
              ElementsAre(UnorderedElementsAre(Pair("first_name", "Eve"),
                                               Pair("ref", "r.0"))));
  EXPECT_THAT(LearnAndRead(kRecorded, kAdaAndBob,
                           R"({"data":[["Eve",""]],"custom":{"ids":[]}})"),
              IsOk())
      << "no list is there at all";
  EXPECT_THAT(
      LearnAndRead(kRecorded, kAdaAndBob,
                   R"({"data":[["Eve",""]],"custom":{"ids":["r.0","r.1"]}})")
          .status()
          .message(),
      HasSubstr("is shorter than another"));
}

TEST(RequestTemplate, ReadsTheRootAsAList) {
  const auto read = LearnAndRead(R"([{"n":"Ada"},{"n":"Bob"}])", kAdaAndBob,
                                 R"([{"n":"Eve"}])");
  ASSERT_THAT(read, IsOk());
  EXPECT_THAT(read->contacts,
              ElementsAre(ElementsAre(Pair("first_name", "Eve"))));
}

TEST(RequestTemplate, ReadsAContactInTheQuery) {
  RequestTemplate request;
  ASSERT_THAT(request.Learn(json::Value(), ParseParameters("n=Ada&max=20"),
                            {kAdaAndBob[0]}, "callback", "fx"),
              IsOk());
  const auto read =
      request.Read(json::Value(), ParseParameters("n=Eve%20Ann&max=20"));
  ASSERT_THAT(read, IsOk());
  EXPECT_THAT(read->contacts,
              ElementsAre(ElementsAre(Pair("first_name", "Eve Ann"))));
}

TEST(RequestTemplate, RefusesContactsWithoutAList) {
  EXPECT_THAT(
      LearnAndRead(R"({"first":"Ada","second":"Bob"})", kAdaAndBob, "{}")
          .status()
          .message(),
      HasSubstr("no list"));
}

// ---- Answers ----------------------------------------------------------------

Replacements Whole(std::map<std::string, std::string> whole) {
  return {.whole = std::move(whole)};
}

// Eve gets what was said of Bob, and Guy what was said of Ada.
const std::vector<PlayedContact> kEveAndGuy = {
    {.original = 1,
     .replacements =
         Whole({{"fx.1", "r.0"}, {"b@x.example", "eve@x.example"}})},
    {.original = 0,
     .replacements =
         Whole({{"fx.0", "r.1"}, {"a@x.example", "guy@x.example"}})}};
const std::vector<std::set<std::string>> kRefs = {{"fx.0"}, {"fx.1"}};

std::string Played(absl::string_view recorded, bool positional = false) {
  return AnswerTemplate::Learn(recorded, kRefs, positional)
      .Render(kEveAndGuy, Whole({{"job1", "job2"}}));
}

TEST(AnswerTemplate, FillsAListByReference) {
  EXPECT_EQ(Played(R"({"id":"job1","data":[{"e":"b@x.example","ids":["fx.1"]},
                                     {"e":"a@x.example","ids":["fx.0"]}]})"),
            R"({"id":"job2","data":[{"e":"eve@x.example","ids":["r.0"]},)"
            R"({"e":"guy@x.example","ids":["r.1"]}]})");
}

TEST(AnswerTemplate, FillsSeveralListsWithWhoIsInThem) {
  EXPECT_EQ(Played(R"({"matched":[{"id":"fx.0"}],"missed":["fx.1"],"bad":[]})"),
            R"({"matched":[{"id":"r.1"}],"missed":["r.0"],"bad":[]})");
}

TEST(AnswerTemplate, FillsAnObjectByItsKeys) {
  EXPECT_EQ(Played(R"({"fx.0":{"e":"a@x.example"},"fx.1":null})"),
            R"({"r.0":null,"r.1":{"e":"guy@x.example"}})");
}

TEST(AnswerTemplate, FillsListsByPosition) {
  EXPECT_EQ(Played(R"({"rows":[{"e":"a@x.example","more":[1,2]},null]})", true),
            R"({"rows":[null,{"e":"guy@x.example","more":[1,2]}]})");
}

TEST(AnswerTemplate, FindsTheListInsideAnEvent) {
  EXPECT_EQ(Played(R"([{"data":[{"id":"fx.0"},{"id":"fx.1"}]}])"),
            R"([{"data":[{"id":"r.0"},{"id":"r.1"}]}])");
}

TEST(AnswerTemplate, ReplacesNumbersPartsAndAmounts) {
  const AnswerTemplate answer = AnswerTemplate::Learn(
      R"({"id":7729515760484695123,"url":"/jobs/7729515760484695123",)"
      R"("cost":"2.0","count":2})",
      {{"fx.0"}}, false);
  Replacements common = Whole({{"7729515760484695123", "123"}});
  common.parts = {{"7729515760484695123", "123"}};
  common.amount_keys = {"cost"};
  common.amount = "2";
  common.new_amount = "0.5";
  EXPECT_EQ(answer.Render({}, common),
            R"({"id":123,"url":"/jobs/123","cost":"0.5","count":2})");
}

TEST(AnswerTemplate, LeavesWhatIsNoJson) {
  EXPECT_EQ(Played("<html>fx.0</html>"), "<html>fx.0</html>");
}

}  // namespace
}  // namespace enrich::simulator
