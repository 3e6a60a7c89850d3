#include "simulator/pronto_request.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <string>
#include <vector>

#include "unit/simulator/pronto_fixture.h"

namespace enrich::simulator {
namespace {

using ::testing::HasSubstr;

using ProntoRequestTest = ProntoFixture;

TEST_F(ProntoRequestTest, RefusesBatchesTheRealOneRefuses) {
  Start();
  const std::string ada = Contact("Ada", "Found");
  const auto second = [&](absl::string_view members, absl::string_view type) {
    return Batch({ada, absl::StrCat("{", members, "}")}, type);
  };
  const std::string name = R"("firstname":"A","lastname":"B")";
  struct {
    std::string body;
    int status;
    absl::string_view error;
  } const cases[] = {
      {"{nonsense", 400, "Bad Request"},
      {"[]", 400, "Bad Request"},
      {"{}", 422, "enrichment_type must be an array"},
      {R"({"enrichment_type":["email"]})", 422, "at least 2 contacts"},
      {Batch({ada}, R"("email")"), 422, "at least 2 contacts"},
      {Batch(std::vector<std::string>(101, ada), R"("email")"), 422,
       "at most 100 contacts"},
      {Batch({ada, ada}, ""), 422, "enrichment_type must be an array"},
      {Batch({ada, ada}, R"("email","phone")"), 422, "exactly one type"},
      {Batch({ada, ada}, R"("mobile")"), 422, "must be email, phone or"},
      {Batch({ada, ada}, R"("email")", R"(,"webhook_url":"ftp://x")"), 422,
       "webhook_url"},
      {Batch({ada, ada}, R"("email")", R"(,"webhook_url":7)"), 422,
       "webhook_url"},
      {Batch({ada, ada}, R"("phone")", R"(,"phone_country_codes":"FR")"), 422,
       "phone_country_codes"},
      {Batch({ada, ada}, R"("phone")", R"(,"phone_country_codes":["FRA"])"),
       422, "phone_country_codes"},
      {Batch({ada, ada}, R"("phone")", R"(,"phone_country_codes":["F1"])"), 422,
       "phone_country_codes"},
      {second(R"("lastname":"B","domain":"a.example")", R"("email")"), 422,
       "contacts[1]: firstname is required"},
      {second(R"("firstname":"A","domain":"a.example")", R"("email")"), 422,
       "contacts[1]: lastname is required"},
      {second(name, R"("email")"), 422,
       "contacts[1]: domain or company_name is required"},
      {second(name + R"(,"domain":"a.example")", R"("phone")"), 422,
       "contacts[1]: linkedin_url is required"},
      {second(name + R"(,"domain":"a.example")", R"("personal_email")"), 422,
       "contacts[1]: linkedin_url is required"},
      {second(name + R"(,"linkedin_url":"https://a.example/x")", R"("phone")"),
       422, "contacts[1]: linkedin_url is not valid"},
      {second(name + R"(,"domain":"a.example","custom":"k")", R"("email")"),
       422, "contacts[1]: custom must be an object"},
      {Batch({ada, "7"}, R"("email")"), 422, "firstname is required"},
  };
  for (const auto& c : cases) {
    const HttpResponse answer = Pronto("POST", kBulk, c.body);
    EXPECT_EQ(answer.status, c.status) << c.body;
    EXPECT_THAT(At(answer, {"error"}), HasSubstr(std::string(c.error)));
  }
  EXPECT_EQ(Total("pronto", "submissions"), std::size(cases));
  EXPECT_EQ(Total("pronto", "accepted"), 0);
  EXPECT_EQ(Total("pronto", "balance"), 100000);
}

TEST_F(ProntoRequestTest, RefusesSinglesTheRealOneRefuses) {
  Start();
  const auto error = [&](const std::string& body) {
    const HttpResponse answer = Pronto("POST", kSingle, body);
    EXPECT_EQ(answer.status, 422) << body;
    return At(answer, {"error"});
  };
  const std::string name = R"("firstname":"A","lastname":"B")";
  EXPECT_EQ(error(Single(R"("firstname":"A")", R"("email")")),
            "lastname is required");
  EXPECT_EQ(error(Single(name, R"("email")")),
            "domain or company_name is required for email");
  EXPECT_EQ(
      error(Single(name + R"(,"company_name":"C")", R"("email","phone")")),
      "linkedin_url is required for phone and personal_email");
  EXPECT_EQ(error(Single(name, "")),
            "enrichment_type must be an array of at least one type");
  EXPECT_EQ(Pronto("POST", kSingle, "{nonsense").status, 400);
}

TEST_F(ProntoRequestTest, RefusesKeys) {
  Start();
  for (const absl::string_view key : {"", "other"}) {
    const HttpResponse get = Pronto("GET", "/credits", "", key);
    EXPECT_EQ(get.status, 401);
    EXPECT_EQ(get.body, R"({"error":"Unauthorized"})");
    EXPECT_EQ(Pronto("POST", kBulk, "{}", key).status, 401);
  }
}

TEST_F(ProntoRequestTest, RefusesPersonalEmailsWithoutConsent) {
  options_.pronto.no_consent = true;
  Start();
  const std::vector<std::string> contacts = {Contact("Ada", "Found"),
                                             Contact("Bo", "Found")};
  const HttpResponse refused =
      Pronto("POST", kBulk, Batch(contacts, R"("personal_email")"));
  EXPECT_EQ(refused.status, 422);
  EXPECT_EQ(
      refused.body,
      R"({"error":"You can't use the personal email enrichment feature without consenting with our terms of use"})");
  EXPECT_EQ(Pronto("POST", kSingle,
                   Single(Members("Ada", "Found"), R"("personal_email")"))
                .status,
            422);
  EXPECT_EQ(Pronto("POST", kBulk, Batch(contacts, R"("phone")")).status, 202);
}

}  // namespace
}  // namespace enrich::simulator
