// What a provider file sends.

#include <memory>
#include <string>
#include <vector>

#include "absl/strings/str_cat.h"
#include "gmock/gmock.h"
#include "gtest/gtest.h"
#include "support/rest_adapter.h"
#include "support/status_matchers.h"

namespace enrich::rest {
namespace {

const Contact& Ada() {
  static const auto* contact =
      new Contact{.first_name = "Ada",
                  .last_name = "Example",
                  .company_name = "Acme & Co",
                  .linkedin_url = "https://www.linkedin.com/in/ada-example"};
  return *contact;
}

HttpRequest Build(const ProviderAdapter& adapter,
                  const Contact& contact = Ada(),
                  std::string callback = "https://gw.example/hook") {
  const std::vector<SubmitItem> items = {
      {.key = "r.0",
       .contact = &contact,
       .fields = FieldSet(ContactField::kWorkEmail) | ContactField::kPhone}};
  return adapter.BuildSubmit({.operation = "find",
                              .reference = "r",
                              .items = items,
                              .callback_url = callback});
}

constexpr absl::string_view kBody =
    "body: {people: \"= items[*].{ref: ref, url: linkedin_url}\", hook: \"= "
    "callback_url\"}";

// A file with this instead of the body of a submission. It matches by an input,
// so that nothing need be echoed.
std::unique_ptr<ProviderAdapter> WithSubmit(absl::string_view submit) {
  return RestAdapter(
      {{kBody, submit},
       {"match: {ref: \"= ref\"}", "match: {linkedin_url: \"= url\"}"}});
}

// ---- Bodies -----------------------------------------------------------------

TEST(RestRequest, IsPaidAndSaysWhatItIs) {
  const HttpRequest request = Build(*RestAdapter());
  EXPECT_TRUE(request.paid);
  EXPECT_EQ(request.method, "POST");
  EXPECT_EQ(request.url, "https://api.acme.example/v1/find");
  EXPECT_EQ(FindHeader(request.headers, "X-Key"), "api_key");
  EXPECT_EQ(FindHeader(request.headers, "Content-Type"), "application/json");
  EXPECT_EQ(FindHeader(request.headers, "Accept"), "application/json");
  EXPECT_EQ(
      request.body,
      R"({"people":[{"ref":"r.0","url":"https://www.linkedin.com/in/ada-example"}],"hook":"https://gw.example/hook"})");
}

TEST(RestRequest, LeavesEmptyMembersOut) {
  EXPECT_EQ(Build(*WithSubmit(R"(body:
        a: "= callback_url"
        b: ""
        c: "= `[]`"
        e: "= `false`"
        f: [1, "2", "= callback_url"]
        g: {h: "= item.email", i: true})"),
                  Ada(), "")
                .body,
            R"({"b":"","e":false,"f":[1,"2",null],"g":{"i":true}})");
}

TEST(RestRequest, ShowsWhatIsKnownOfAContact) {
  const auto adapter = WithSubmit("body: \"= [items[*], account, reference]\"");
  EXPECT_EQ(Build(*adapter, {.full_name = "Grace Maria Sample",
                             .company_domain = "sample.example",
                             .email = "g@sample.example"})
                .body,
            R"([[{"ref":"r.0","first_name":"Grace","last_name":"Maria Sample",)"
            R"("full_name":"Grace Maria Sample","company_name":null,)"
            R"("company_domain":"sample.example","linkedin_url":null,)"
            R"("linkedin_slug":null,"email":"g@sample.example",)"
            R"("fields":["work_email","phone"]}],)"
            R"({"name":"acme-main","country":"FR"},"r"])");
  const std::string ada = Build(*adapter).body;
  EXPECT_THAT(ada, testing::HasSubstr(R"("full_name":"Ada Example")"));
  EXPECT_THAT(ada, testing::HasSubstr(R"("linkedin_slug":"ada-example")"));
  // Half a name is not a full one.
  EXPECT_THAT(Build(*adapter, {.first_name = "Ada"}).body,
              testing::HasSubstr(R"("full_name":null)"));
}

TEST(RestRequest, WritesForms) {
  const HttpRequest request = Build(*WithSubmit(R"(body_format: form
      body:
        name: "= item.full_name"
        tags: "= ['a b', 'c']"
        size: 5
        none: "= item.email"
        company: "= item.company_name")"));
  EXPECT_EQ(
      request.body,
      "name=Ada%20Example&tags=a%20b&tags=c&size=5&company=Acme%20%26%20Co");
  EXPECT_EQ(FindHeader(request.headers, "Content-Type"),
            "application/x-www-form-urlencoded");
}

TEST(RestRequest, PutsCredentialsWhereTheFileSays) {
  const HttpRequest request = Build(*RestAdapter(
      {{"auth: {headers: {X-Key: \"{secret.api_key}\"}}",
        "auth: {body: {key: \"{secret.api_key}\"}, query: {token: "
        "\"t={secret.api_key}\"}, basic: {user: \"\", password: "
        "\"{secret.api_key}\"}}"},
       {"get: /find/{job}", "post: /status\n      body: {id: \"= job\"}"}}));
  EXPECT_EQ(request.url, "https://api.acme.example/v1/find?token=t%3Dapi_key");
  EXPECT_THAT(request.body, testing::HasSubstr(R"("key":"api_key")"));
  // ":api_key"
  EXPECT_EQ(FindHeader(request.headers, "Authorization"), "Basic OmFwaV9rZXk=");
}

// ---- Queries and headers ----------------------------------------------------

TEST(RestRequest, EncodesTheQuery) {
  const auto adapter = WithSubmit(
      R"(query: {company: "= item.company_name", fields: "= item.fields", mail: "= item.email", hook: "{callback_url}", n: 5}
      headers: {X-Hook: "{callback_url}", Accept: text/json})");
  EXPECT_EQ(Build(*adapter).url,
            "https://api.acme.example/v1/find?company=Acme%20%26%20Co&fields="
            "work_email&fields=phone&hook=https%3A%2F%2Fgw.example%2Fhook&n=5");
  const HttpRequest without = Build(*adapter, Ada(), "");
  EXPECT_EQ(without.url,
            "https://api.acme.example/v1/find?company=Acme%20%26%20Co&fields="
            "work_email&fields=phone&n=5");
  EXPECT_EQ(FindHeader(without.headers, "X-Hook"), "");
  EXPECT_EQ(FindHeader(without.headers, "Accept"), "text/json");
  EXPECT_EQ(without.body, "");
}

TEST(RestRequest, DoesNotLetAnIdLeadElsewhere) {
  const auto adapter = RestAdapter(
      {{"get: /find/{job}",
        "get: /find/{job}\n      headers: {X-Job: \"{job}\"}\n      query: "
        "{id: \"{job}\"}"}});
  const HttpRequest request =
      adapter->BuildFetch({.operation = "find",
                           .provider_job_id = "../a?b=c\r\nX-Other: 1",
                           .item_count = 2});
  EXPECT_FALSE(request.paid);
  EXPECT_EQ(request.url,
            "https://api.acme.example/v1/find/"
            "..%2Fa%3Fb%3Dc%0D%0AX-Other%3A%201"
            "?id=..%2Fa%3Fb%3Dc%0D%0AX-Other%3A%201");
  EXPECT_EQ(FindHeader(request.headers, "X-Job"), "../a?b=cX-Other: 1");
}

TEST(RestRequest, IsNotSentWhenItCouldNotBeWritten) {
  const auto adapter = WithSubmit(
      "body: {all: \"= items[*].[$.items[*].[$.items[*].[$.items[*].ref]]]\"}");
  std::vector<SubmitItem> items(
      200, {.key = "r.0", .contact = &Ada(), .fields = ContactField::kPhone});
  const HttpRequest request = adapter->BuildSubmit(
      {.operation = "find", .reference = "r", .items = items});
  EXPECT_EQ(request.url, "");
}

// ---- What is accepted -------------------------------------------------------

TEST(RestAccepts, WhatTheInputsOfTheFieldSay) {
  const auto adapter = RestAdapter(
      {{"requires: [linkedin_url]",
        "requires: [linkedin_url, \"first_name, last_name, company_domain or "
        "company_name\"]"},
       {"phone: {price: 10}", "phone: {price: 10, requires: [email]}"}});
  const Contact by_name = {.full_name = "Ada E", .company_name = "Acme"};
  EXPECT_TRUE(adapter->Accepts(Ada(), ContactField::kWorkEmail));
  EXPECT_TRUE(adapter->Accepts(by_name, ContactField::kWorkEmail));
  EXPECT_FALSE(adapter->Accepts({.full_name = "Ada", .company_name = "Acme"},
                                ContactField::kWorkEmail));
  EXPECT_FALSE(adapter->Accepts(by_name, ContactField::kPhone));
  EXPECT_TRUE(adapter->Accepts({.email = "a@b.example"}, ContactField::kPhone));
  EXPECT_FALSE(adapter->Accepts(Ada(), ContactField::kPersonalEmail));
}

// ---- Balance and tokens -----------------------------------------------------

TEST(RestBalance, IsReadAsTheFileSays) {
  const auto adapter = RestAdapter(
      {{"tests:", "balance: {get: /credits, value: \"= data.left\"}\ntests:"}});
  EXPECT_EQ(adapter->BuildBalance()->url,
            "https://api.acme.example/v1/credits");
  const auto read = [&](int status, std::string body) {
    return adapter->ParseBalance({.status = status, .body = std::move(body)});
  };
  EXPECT_EQ(*read(200, R"({"data":{"left":"12.5"}})"), Credits{12500});
  EXPECT_THAT(read(200, "{}"), StatusIs(absl::StatusCode::kUnavailable));
  EXPECT_THAT(read(200, "no"), StatusIs(absl::StatusCode::kUnavailable));
  EXPECT_THAT(read(500, ""), StatusIs(absl::StatusCode::kUnavailable));
  EXPECT_THAT(read(401, ""), StatusIs(absl::StatusCode::kFailedPrecondition));
  EXPECT_FALSE(RestAdapter()->BuildBalance().has_value());
}

TEST(RestToken, IsAskedForReadAndSent) {
  const auto adapter = RestAdapter(
      {{"auth: {headers: {X-Key: \"{secret.api_key}\"}}",
        "auth: {oauth2: {url: \"https://auth.acme.example/token\", form: "
        "{grant_type: client_credentials, client_secret: "
        "\"{secret.api_key}\"}, token: \"= access_token\", lifetime: \"= "
        "expires_in\"}}"}});
  const HttpRequest request = *adapter->BuildToken();
  EXPECT_EQ(request.method, "POST");
  EXPECT_EQ(request.url, "https://auth.acme.example/token");
  EXPECT_EQ(request.body,
            "grant_type=client_credentials&client_secret=api_key");
  ASSERT_OK_AND_ASSIGN(
      const AccessToken token,
      adapter->ParseToken(
          {.status = 200, .body = R"({"access_token":"t1","expires_in":60})"}));
  EXPECT_EQ(token.token.Reveal(), "t1");
  EXPECT_EQ(token.lifetime, absl::Minutes(1));
  HttpRequest fetch = adapter->BuildFetch(
      {.operation = "find", .provider_job_id = "1", .item_count = 2});
  EXPECT_EQ(FindHeader(fetch.headers, "Authorization"), "");
  adapter->Authorize(token.token, fetch);
  EXPECT_EQ(FindHeader(fetch.headers, "Authorization"), "Bearer t1");
  for (const std::string body :
       {"{}", R"({"access_token":""})", R"({"access_token":"a\r\nb"})", "no"}) {
    EXPECT_THAT(adapter->ParseToken({.status = 200, .body = body}),
                StatusIs(absl::StatusCode::kUnavailable));
  }
  EXPECT_THAT(adapter->ParseToken({.status = 401}),
              StatusIs(absl::StatusCode::kFailedPrecondition));
  EXPECT_FALSE(RestAdapter()->BuildToken().has_value());
}

}  // namespace
}  // namespace enrich::rest
