#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <string>
#include <vector>

#include "absl/strings/str_cat.h"
#include "absl/strings/str_join.h"
#include "absl/strings/str_replace.h"
#include "adapters/rest/load.h"
#include "adapters/rest/load_limits.h"
#include "unit/adapters/rest_load_support.h"

namespace enrich::rest {
namespace {

using ::testing::Contains;
using ::testing::ElementsAre;
using ::testing::HasSubstr;
using ::testing::IsEmpty;
using ::testing::Not;
using ::testing::SizeIs;

AccountConfig Account() { return FixtureAccount(kGood); }

std::shared_ptr<const Plan> PlanOf(absl::string_view text) {
  LoadResult result = Load(text, FixtureAccount(text));
  EXPECT_THAT(FormatMistakes("file", result.mistakes), "");
  return std::move(result.plan);
}

std::string Replaced(absl::string_view from, absl::string_view to) {
  std::string text = absl::StrReplaceAll(kGood, {{from, to}});
  EXPECT_NE(text, kGood) << from;
  return text;
}

TEST_P(WrongFiles, AreRefusedWithLinePathAndReason) {
  const WrongFile& wrong = GetParam();
  const std::string text = Replaced(wrong.from, wrong.to);
  EXPECT_EQ(absl::StrJoin(MistakesOf(text, Account()), "\n"), wrong.mistakes);
}

// ---- What is good -----------------------------------------------------------

TEST(RestLoad, DerivesWhatTheProviderCanDo) {
  const auto plan = PlanOf(kGood);
  ASSERT_NE(plan, nullptr);
  EXPECT_EQ(plan->id, "acme");
  EXPECT_EQ(plan->base_url, "https://api.acme.example/v1");
  EXPECT_THAT(plan->tests, ElementsAre("fixtures/acme/work_email.yaml"));
  const Capabilities& capabilities = plan->capabilities;
  EXPECT_TRUE(capabilities.push);
  EXPECT_EQ(capabilities.poll.first_after, absl::Minutes(5));
  EXPECT_EQ(capabilities.typical_latency, absl::Seconds(60));
  ASSERT_THAT(capabilities.pacing.submit_limits, SizeIs(2));
  EXPECT_EQ(capabilities.pacing.submit_limits[1].requests, 500);
  EXPECT_EQ(capabilities.pacing.submit_limits[1].window, absl::Hours(1));
  ASSERT_THAT(capabilities.operations, SizeIs(2));
  const OperationSpec& work_email = capabilities.operations[0];
  EXPECT_EQ(work_email.name, "work_email");
  EXPECT_EQ(work_email.fields, FieldSet(ContactField::kWorkEmail));
  EXPECT_EQ(work_email.min_contacts, 1);
  EXPECT_EQ(work_email.max_contacts, 100);
  EXPECT_EQ(work_email.max_contacts_without_push, std::nullopt);
  EXPECT_EQ(work_email.PriceOf(ContactField::kWorkEmail), Credits::Whole(1));
  EXPECT_THAT(work_email.inputs,
              ElementsAre("linkedin_url",
                          "first_name, last_name, company_domain or "
                          "company_name"));
  const OperationSpec& phone = capabilities.operations[1];
  EXPECT_EQ(phone.max_contacts, 1);
  EXPECT_THAT(phone.inputs, ElementsAre("linkedin_url"));
}

TEST(RestLoad, ARequestOfOneContactHasItsOwnWays) {
  const auto plan = PlanOf(kGood);
  ASSERT_NE(plan, nullptr);
  const OperationPlan& operation = plan->Find("work_email");
  EXPECT_EQ(&operation.VariantFor(1), &*operation.single);
  EXPECT_EQ(&operation.VariantFor(2), &operation.many);
  // What it does not say of its own is that of many.
  EXPECT_TRUE(operation.single->webhook.has_value());
  EXPECT_TRUE(operation.single->poll.has_value());
  EXPECT_TRUE(operation.many.submit.sends_callback);
  EXPECT_FALSE(operation.single->submit.sends_callback);
}

TEST(RestLoad, WithoutAPublicAddressOnlyWhatCanBeFetchedIsSent) {
  const auto plan =
      PlanOf(Replaced("      job: \"= id\"\n    submit_single",
                      "      job: \"= id\"\n      callback: required\n    "
                      "submit_single"));
  ASSERT_NE(plan, nullptr);
  EXPECT_EQ(plan->capabilities.operations[0].max_contacts_without_push, 1);
}

TEST(RestLoad, FillsInSecretsAndHidesWhatHoldsThem) {
  const auto plan = PlanOf(kGood);
  ASSERT_NE(plan, nullptr);
  const RequestPlan& request = plan->Find("phone").many.submit.request;
  ASSERT_THAT(request.headers, SizeIs(2));
  EXPECT_EQ(request.headers[0].first, "User-Agent");
  EXPECT_FALSE(request.headers[0].second.secret);
  EXPECT_EQ(request.headers[1].first, "X-API-KEY");
  EXPECT_TRUE(request.headers[1].second.secret);
  EXPECT_EQ(std::get<std::string>(request.headers[1].second.parts[0]),
            "api_key");
  EXPECT_THAT(plan->redact,
              ElementsAre("header:X-API-KEY", "query:url", "body:/people"));
}

TEST(RestLoad, EncodesWhatItPutsIntoAUrl) {
  AccountConfig account = Account();
  account.secrets["api_secret"] = Secret("a/b c");
  const LoadResult result =
      Load(Replaced("get: /phone", "get: /{secret.api_secret}/phone"), account);
  ASSERT_NE(result.plan, nullptr);
  const Template& url = result.plan->Find("phone").many.submit.request.url;
  EXPECT_EQ(absl::StrCat(std::get<std::string>(url.parts[0]),
                         std::get<std::string>(url.parts[1])),
            "https://api.acme.example/v1/a%2Fb%20c/phone");
}

TEST(RestLoad, KeepsTheTypesThatLiteralsHave) {
  const auto plan = PlanOf(Replaced(
      "body: {id: \"= item.ref\"}",
      "body: {id: \"= item.ref\", n: 1.50, t: \"1.50\", no: no, z: null}"));
  ASSERT_NE(plan, nullptr);
  std::vector<std::string> literals;
  for (const BodyNode::Member& member :
       plan->Find("work_email").single->submit.request.body->members) {
    literals.push_back(member.value.literal);
  }
  EXPECT_THAT(literals, ElementsAre("", "1.50", "\"1.50\"", "\"no\"", "null"));
}

// ---- Accounts ---------------------------------------------------------------

TEST(RestLoad, TheAccountsValuesGoOverTheFiles) {
  AccountConfig account = Account();
  account.base_url = "http://127.0.0.1:8090/acme/";
  account.prices["phone"] = Credits::Whole(7);
  account.max_contacts_per_request = 50;
  account.poll_interval = absl::Seconds(2);
  const LoadResult result = Load(kGood, account);
  ASSERT_NE(result.plan, nullptr) << FormatMistakes("file", result.mistakes);
  EXPECT_EQ(result.plan->base_url, "http://127.0.0.1:8090/acme");
  const Capabilities& capabilities = result.plan->capabilities;
  EXPECT_EQ(capabilities.operations[0].max_contacts, 50);
  EXPECT_EQ(capabilities.operations[1].PriceOf(ContactField::kPhone),
            Credits::Whole(7));
  // What is found costs that, too.
  EXPECT_EQ(result.plan->operations[1].result.fields.at(0).price,
            Credits::Whole(7));
  EXPECT_EQ(capabilities.poll.interval, absl::Seconds(2));
}

TEST(RestLoad, NamesWhatAnAccountLacksOrHasTooMuch) {
  AccountConfig account = Account();
  account.api_key = Secret();
  account.secrets = {{"other", Secret("x")}};
  account.max_contacts_per_request = 1;
  EXPECT_THAT(
      MistakesOf(kGood, account),
      ElementsAre("0 api_key: is required by the provider's file",
                  "0 secrets.api_secret: is required by the provider's file",
                  "0 secrets.other: is no secret that the provider's file "
                  "names"));
  account = Account();
  account.prices["personal_email"] = Credits::Whole(1);
  EXPECT_THAT(MistakesOf(kGood, account),
              ElementsAre("0 prices.personal_email: rest has no such field"));
  account = Account();
  account.base_url = "127.0.0.1:8090";
  EXPECT_THAT(MistakesOf(kGood, account),
              ElementsAre("0 base_url: must be such as "
                          "https://api.example.com/v1"));
}

TEST(RestLoad, NeverRepeatsASecret) {
  AccountConfig account = Account();
  account.api_key = Secret("value\r\nX: y");
  const std::vector<std::string> mistakes = MistakesOf(kGood, account);
  EXPECT_THAT(mistakes, Contains("0 api_key: must be text without line ends"));
  EXPECT_THAT(mistakes, Not(Contains(HasSubstr("value"))));
}

TEST(RestLoad, OlderKeysStillSign) {
  AccountConfig account = Account();
  account.previous_api_keys = {Secret("older")};
  const LoadResult result =
      Load(Replaced("{hmac: sha256, secret: api_secret, over: [raw_body], "
                    "signature: header:X-Sign}",
                    "{equals: \"{secret.api_secret}/{secret.api_key}\", "
                    "at: header:X-Sign}"),
           account);
  ASSERT_NE(result.plan, nullptr) << FormatMistakes("file", result.mistakes);
  const auto& verify = result.plan->Find("work_email").many.webhook->verify;
  ASSERT_TRUE(verify.has_value());
  ASSERT_THAT(verify->values, SizeIs(2));
  EXPECT_EQ(verify->values[0].Reveal(), "api_secret/api_key");
  EXPECT_EQ(verify->values[1].Reveal(), "api_secret/older");
  EXPECT_FALSE(verify->covers_body());
}

// ---- Hostile texts ----------------------------------------------------------

TEST(RestLoad, RefusesTextsThatAreTooLargeOrTooDeep) {
  EXPECT_THAT(MistakesOf(std::string(300 << 10, ' '), Account()),
              ElementsAre("0 : must have at most 256 KiB"));
  EXPECT_THAT(MistakesOf(std::string(100, '['), Account()), Not(IsEmpty()));
  EXPECT_THAT(MistakesOf(std::string(200'000, '['), Account()), Not(IsEmpty()));
  EXPECT_THAT(MistakesOf(absl::StrCat("id: ", std::string(41, '['),
                                      std::string(41, ']')),
                         Account()),
              Contains(HasSubstr("lists and mappings may be 40 deep")));
}

TEST(RestLoad, RefusesMappingsThatAreTooLong) {
  std::string text(kGood);
  absl::StrAppend(&text, "more: {");
  for (int i = 0; i <= 1000; ++i) absl::StrAppend(&text, "K", i, ": a, ");
  absl::StrAppend(&text, "}\n");
  EXPECT_THAT(MistakesOf(text, Account()),
              Contains(HasSubstr("a mapping has at most 1000 keys")));
}

TEST(RestLoad, RefusesWhatIsNoText) {
  EXPECT_THAT(MistakesOf("spec: 1\nid: \xff\n", Account()),
              ElementsAre("2 : is not valid UTF-8"));
  EXPECT_THAT(MistakesOf("", Account()), ElementsAre("0 : is empty"));
  EXPECT_THAT(MistakesOf("- a\n", Account()),
              ElementsAre(HasSubstr("1 : must be a mapping with spec")));
  EXPECT_THAT(MistakesOf("a: *b\n", Account()), Not(IsEmpty()));
  EXPECT_THAT(MistakesOf("{a: 1}: b\n", Account()),
              Contains(HasSubstr("a key must be a text")));
}

TEST(RestLoad, ListsAtMostAHundredMistakes) {
  std::string text(kGood);
  for (int i = 0; i < 500; ++i) absl::StrAppend(&text, "key", i, ": 1\n");
  EXPECT_THAT(MistakesOf(text, Account()), SizeIs(100));
}

TEST(RestLoad, FormatsMistakesAsCompilersDo) {
  EXPECT_EQ(FormatMistakes("acme.yaml",
                           {{3, "id", "is required"}, {0, "", "is empty"}}),
            "acme.yaml:3: id: is required\nacme.yaml: is empty\n");
}

// ---- Rates ------------------------------------------------------------------

TEST(RestLoad, ReadsRates) {
  const auto rate = ParseRate("20/2s");
  ASSERT_TRUE(rate.has_value());
  EXPECT_EQ(rate->requests, 20);
  EXPECT_EQ(rate->window, absl::Seconds(2));
  EXPECT_EQ(ParseRate("1000/d")->window, absl::Hours(24));
  EXPECT_EQ(ParseRate("60/m")->window, absl::Minutes(1));
  for (const char* wrong : {"", "/", "10", "10/", "/s", "0/s", "-1/s", "10/0s",
                            "10/w", "10/s2", "ten/s", "10/9999999999s"}) {
    EXPECT_EQ(ParseRate(wrong), std::nullopt) << wrong;
  }
}

}  // namespace
}  // namespace enrich::rest
