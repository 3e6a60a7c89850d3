#include <functional>
#include <memory>
#include <string>
#include <utility>
#include <variant>
#include <vector>

#include "absl/strings/str_cat.h"
#include "adapters/fullenrich/adapter.h"
#include "base/json.h"
#include "gmock/gmock.h"
#include "gtest/gtest.h"
#include "support/status_matchers.h"

namespace enrich::fullenrich {
namespace {

using ::testing::HasSubstr;
using ::testing::Not;
using ::testing::SizeIs;
using ::testing::StartsWith;

AccountConfig Config() {
  return {
      .name = "fe", .adapter = "fullenrich", .api_key = Secret("current-key")};
}

std::unique_ptr<ProviderAdapter> NewAdapter(
    const AccountConfig& config = Config()) {
  auto adapter = CreateAdapter(config);
  EXPECT_THAT(adapter, IsOk());
  return *std::move(adapter);
}

// ---- Capabilities and configuration -----------------------------------------

TEST(FullEnrichCapabilities, AreThoseOfTheProvider) {
  const auto adapter = NewAdapter();
  EXPECT_EQ(adapter->name(), "fullenrich");
  const Capabilities& capabilities = adapter->capabilities();
  ASSERT_THAT(capabilities.operations, SizeIs(1));
  const OperationSpec& enrich = capabilities.operations[0];
  EXPECT_EQ(enrich.name, "enrich");
  EXPECT_EQ(enrich.min_contacts, 1);
  EXPECT_EQ(enrich.max_contacts, 100);
  EXPECT_EQ(enrich.PriceOf(ContactField::kWorkEmail), Credits::Whole(1));
  EXPECT_EQ(enrich.PriceOf(ContactField::kPhone), Credits::Whole(10));
  EXPECT_EQ(enrich.PriceOf(ContactField::kPersonalEmail), Credits::Whole(3));
  EXPECT_EQ(enrich.PriceOf(enrich.fields), Credits::Whole(14));
  EXPECT_EQ(capabilities.pacing.submit_limits.at(0).requests, 60);
  EXPECT_EQ(capabilities.pacing.submit_limits.at(0).window, absl::Minutes(1));
  EXPECT_TRUE(capabilities.pacing.all_calls_share_rate);
  EXPECT_EQ(capabilities.pacing.max_running_contacts, 100);
  EXPECT_EQ(capabilities.pacing.rate_limit_pause, absl::Minutes(1));
  EXPECT_EQ(capabilities.poll.first_after, absl::Minutes(3));
  EXPECT_EQ(capabilities.poll.interval, absl::Minutes(5));
  EXPECT_EQ(capabilities.typical_latency, absl::Seconds(56));
  EXPECT_TRUE(capabilities.push);
}

TEST(FullEnrichConfig, OverridesWhatTheAdapterAssumes) {
  AccountConfig config = Config();
  config.base_url = "http://127.0.0.1:8080/api/v2//";
  config.prices = {{"phone", Credits::Whole(8)}, {"work_email", {500}}};
  config.max_contacts_per_request = 20;
  config.max_running_contacts = 500;
  config.max_concurrent_requests = 2;
  config.poll_first_after = absl::Seconds(5);
  config.poll_interval = absl::Seconds(10);
  const auto adapter = NewAdapter(config);
  const Capabilities& capabilities = adapter->capabilities();
  const OperationSpec& enrich = capabilities.operations[0];
  EXPECT_EQ(enrich.PriceOf(ContactField::kPhone), Credits::Whole(8));
  EXPECT_EQ(enrich.PriceOf(ContactField::kWorkEmail), Credits{500});
  EXPECT_EQ(enrich.PriceOf(ContactField::kPersonalEmail), Credits::Whole(3));
  EXPECT_EQ(enrich.max_contacts, 20);
  EXPECT_EQ(capabilities.pacing.max_running_contacts, 500);
  EXPECT_EQ(capabilities.pacing.max_concurrent_requests, 2);
  EXPECT_EQ(capabilities.poll.first_after, absl::Seconds(5));
  EXPECT_EQ(capabilities.poll.interval, absl::Seconds(10));
  EXPECT_EQ(adapter->BuildBalance()->url,
            "http://127.0.0.1:8080/api/v2/account/credits");
}

TEST(FullEnrichConfig, KeepsRequestsWithinWhatMayRunAtOnce) {
  AccountConfig config = Config();
  config.max_running_contacts = 30;
  EXPECT_EQ(NewAdapter(config)->capabilities().operations[0].max_contacts, 30);
}

TEST(FullEnrichConfig, TakesZeroRunningContactsForNoLimit) {
  AccountConfig config = Config();
  config.max_running_contacts = 0;
  const auto adapter = NewAdapter(config);
  EXPECT_EQ(adapter->capabilities().pacing.max_running_contacts, 0);
  EXPECT_EQ(adapter->capabilities().operations[0].max_contacts, 100);
}

TEST(FullEnrichConfig, IsRefusedByNameOfTheKeyAtFault) {
  const std::pair<std::string, std::function<void(AccountConfig&)>> kCases[] = {
      {"api_key", [](auto& c) { c.api_key = Secret(); }},
      {"api_key", [](auto& c) { c.api_key = Secret("key\r\nX-Other: 1"); }},
      {"api_key", [](auto& c) { c.api_key = Secret("a key"); }},
      {"base_url", [](auto& c) { c.base_url = "app.fullenrich.com"; }},
      {"base_url", [](auto& c) { c.base_url = "ftp://app.fullenrich.com"; }},
      {"prices.fax",
       [](auto& c) {
         c.prices = {{"fax", Credits::Whole(1)}};
       }},
      {"prices.phone",
       [](auto& c) {
         c.prices = {{"phone", {-1}}};
       }},
      {"max_contacts_per_request",
       [](auto& c) { c.max_contacts_per_request = 0; }},
      {"max_contacts_per_request",
       [](auto& c) { c.max_contacts_per_request = 101; }},
      {"max_running_contacts", [](auto& c) { c.max_running_contacts = -1; }},
      {"max_concurrent_requests",
       [](auto& c) { c.max_concurrent_requests = 0; }},
      {"poll_first_after",
       [](auto& c) { c.poll_first_after = absl::ZeroDuration(); }},
      {"poll_interval", [](auto& c) { c.poll_interval = -absl::Seconds(1); }},
  };
  for (const auto& [key, spoil] : kCases) {
    SCOPED_TRACE(key);
    AccountConfig config = Config();
    spoil(config);
    const auto adapter = CreateAdapter(config);
    EXPECT_THAT(adapter, StatusIs(absl::StatusCode::kInvalidArgument));
    EXPECT_THAT(std::string(adapter.status().message()),
                StartsWith(absl::StrCat(key, ":")));
    EXPECT_THAT(std::string(adapter.status().message()),
                Not(HasSubstr("X-Other")));
  }
}

// ---- Accepts ----------------------------------------------------------------

TEST(FullEnrichAccepts, AContactThatCanBeIdentified) {
  struct Case {
    std::string what;
    Contact contact;
    bool accepted;
  };
  const Case kCases[] = {
      {"LinkedIn URL alone", {.linkedin_url = "https://l/in/ada"}, true},
      {"names and domain",
       {.first_name = "Ada", .last_name = "E", .company_domain = "a.example"},
       true},
      {"names and company",
       {.first_name = "Ada", .last_name = "E", .company_name = "Acme"},
       true},
      {"full name that splits",
       {.full_name = "Ada E", .company_name = "Acme"},
       true},
      {"full name of one word",
       {.full_name = "Ada", .company_name = "Acme"},
       false},
      {"first name only", {.first_name = "Ada", .company_name = "Acme"}, false},
      {"last name only", {.last_name = "E", .company_name = "Acme"}, false},
      {"no company", {.first_name = "Ada", .last_name = "E"}, false},
      {"company only", {.company_domain = "a.example"}, false},
      {"e-mail only", {.email = "ada@a.example"}, false},
      {"nothing", {}, false},
  };
  const auto adapter = NewAdapter();
  for (const Case& c : kCases) {
    for (const ContactField field : kAllContactFields) {
      EXPECT_EQ(adapter->Accepts(c.contact, field), c.accepted) << c.what;
    }
  }
}

// ---- Requests ---------------------------------------------------------------

TEST(FullEnrichRequests, CarryTheCurrentKey) {
  AccountConfig config = Config();
  config.previous_api_keys = {Secret("older-key")};
  const auto adapter = NewAdapter(config);
  for (const HttpRequest& request :
       {adapter->BuildSubmit({.operation = "enrich", .reference = "k"}),
        adapter->BuildFetch({.provider_job_id = "id"}),
        *adapter->BuildBalance()}) {
    EXPECT_EQ(FindHeader(request.headers, "Authorization"),
              "Bearer current-key");
  }
}

TEST(FullEnrichBuildSubmit, IsMarkedAsPaidAndNothingElseIs) {
  const auto adapter = NewAdapter();
  const Contact contact{.linkedin_url = "https://www.linkedin.com/in/ada"};
  const SubmitItem item{
      .key = "k.0", .contact = &contact, .fields = ContactField::kPhone};
  EXPECT_TRUE(adapter
                  ->BuildSubmit({.operation = "enrich",
                                 .reference = "k",
                                 .items = absl::MakeConstSpan(&item, 1)})
                  .paid);
  EXPECT_FALSE(adapter->BuildFetch({.provider_job_id = "id"}).paid);
  EXPECT_FALSE(adapter->BuildBalance()->paid);
}

TEST(FullEnrichBuildSubmit, IsTheSameForTheSameContacts) {
  const auto adapter = NewAdapter();
  const Contact contact{.first_name = "Ada",
                        .last_name = "Example",
                        .company_domain = "acme.example",
                        .custom = {{"row", "1"}}};
  const SubmitItem item{
      .key = "k.0", .contact = &contact, .fields = ContactField::kPhone};
  const SubmitRequest request{.operation = "enrich",
                              .reference = "k",
                              .items = absl::MakeConstSpan(&item, 1)};
  EXPECT_EQ(adapter->BuildSubmit(request).body,
            adapter->BuildSubmit(request).body);
}

TEST(FullEnrichBuildSubmit, KeepsTheCallersOwnDataHere) {
  const Contact contact{.contact_ref = "my-ref",
                        .linkedin_url = "https://www.linkedin.com/in/ada",
                        .email = "ada@mail.example",
                        .custom = {{"secret-key", "secret-value"}}};
  const SubmitItem item{
      .key = "k.0", .contact = &contact, .fields = ContactField::kPhone};
  const std::string body =
      NewAdapter()
          ->BuildSubmit({.operation = "enrich",
                         .reference = "k",
                         .items = absl::MakeConstSpan(&item, 1)})
          .body;
  EXPECT_THAT(body, Not(HasSubstr("my-ref")));
  EXPECT_THAT(body, Not(HasSubstr("secret")));
  EXPECT_THAT(body, Not(HasSubstr("mail.example")));
}

TEST(FullEnrichBuildSubmit, SendsAHundredContactsEachWithItsKey) {
  std::vector<Contact> contacts(100);
  std::vector<SubmitItem> items;
  for (size_t i = 0; i < contacts.size(); ++i) {
    contacts[i].linkedin_url =
        absl::StrCat("https://www.linkedin.com/in/person-", i);
    items.push_back({.key = absl::StrCat("k.", i),
                     .contact = &contacts[i],
                     .fields = ContactField::kWorkEmail});
  }
  const HttpRequest request = NewAdapter()->BuildSubmit(
      {.operation = "enrich", .reference = "k", .items = items});
  ASSERT_OK_AND_ASSIGN(const json::Document body,
                       json::Document::Parse(request.body));
  ASSERT_EQ(body.root()["data"].size(), 100u);
  size_t i = 0;
  for (const json::Value contact : body.root()["data"]) {
    EXPECT_EQ(contact["custom"]["eg"].AsString(), absl::StrCat("k.", i++));
    EXPECT_EQ(contact["custom"].size(), 1u);
  }
}

TEST(FullEnrichBuildFetch, DoesNotLetAnIdLeadElsewhere) {
  EXPECT_EQ(NewAdapter()->BuildFetch({.provider_job_id = "../a?b=c#d e"}).url,
            "https://app.fullenrich.com/api/v2/contact/enrich/bulk/"
            "..%2Fa%3Fb%3Dc%23d%20e");
}

// ---- Answers ----------------------------------------------------------------

TEST(FullEnrichParseSubmit, NeverTakesADoubtfulAnswerForARejection) {
  const auto adapter = NewAdapter();
  for (int status = 100; status < 600; ++status) {
    const SubmitReply reply =
        adapter->ParseSubmit({.operation = "enrich"}, {.status = status});
    const bool may_be_sent_again = std::holds_alternative<Rejected>(reply) ||
                                   std::holds_alternative<RateLimited>(reply);
    const bool listed = status == 401 || status == 402 || status == 404 ||
                        status == 413 || status == 429;
    EXPECT_EQ(may_be_sent_again, listed) << status;
    EXPECT_EQ(std::holds_alternative<Indeterminate>(reply), !listed) << status;
  }
}

TEST(FullEnrichParseSubmit, DoesNotRepeatWhatTheProviderQuotes) {
  const SubmitReply reply = NewAdapter()->ParseSubmit(
      {.operation = "enrich"},
      {.status = 400,
       .body = R"({"code":"error.enrichment.linkedin_url.invalid",)"
               R"("message":"https://www.linkedin.com/in/ada is invalid"})"});
  ASSERT_TRUE(std::holds_alternative<Rejected>(reply));
  EXPECT_EQ(std::get<Rejected>(reply).message,
            "HTTP 400 error.enrichment.linkedin_url.invalid");
}

std::string ResultWith(absl::string_view status, absl::string_view info) {
  return absl::StrCat(R"({"id":"j","status":")", status,
                      R"(","cost":{"credits":1},"data":[{"custom":)"
                      R"({"eg":"k.0"},"contact_info":)",
                      info, "}]}");
}

JobAnswer Fetched(const ProviderAdapter& adapter, std::string body,
                  bool want_raw = false) {
  FetchReply reply = adapter.ParseFetch(
      {.want_raw = want_raw}, {.status = 200, .body = std::move(body)});
  EXPECT_TRUE(std::holds_alternative<JobAnswer>(reply));
  return std::get<JobAnswer>(std::move(reply));
}

TEST(FullEnrichParseFetch, ReadsNotFoundOutOfAFinishedJobOnly) {
  const auto adapter = NewAdapter();
  for (const absl::string_view status :
       {"CREATED", "IN_PROGRESS", "CANCELED", "CREDITS_INSUFFICIENT",
        "RATE_LIMIT", "UNKNOWN", "NEW_WORD", ""}) {
    SCOPED_TRACE(std::string(status));
    for (const ItemAnswer& item :
         Fetched(*adapter, ResultWith(status, "{}")).items) {
      EXPECT_THAT(item.fields, SizeIs(0));
    }
  }
  const JobAnswer finished = Fetched(*adapter, ResultWith("FINISHED", "{}"));
  ASSERT_THAT(finished.items, SizeIs(1));
  ASSERT_THAT(finished.items[0].fields, SizeIs(3));
  for (const FieldAnswer& field : finished.items[0].fields) {
    EXPECT_EQ(field.outcome, Outcome::kNotFound);
    EXPECT_EQ(field.credits, Credits());
  }
}

TEST(FullEnrichParseFetch, ChargesByTheAccountsPrices) {
  AccountConfig config = Config();
  config.prices = {{"phone", Credits::Whole(7)}};
  const JobAnswer answer =
      Fetched(*NewAdapter(config),
              ResultWith("FINISHED", R"({"phones":[{"number":"+61491570156"},)"
                                     R"({"number":"+61491570157"}]})"));
  ASSERT_THAT(answer.items, SizeIs(1));
  for (const FieldAnswer& field : answer.items[0].fields) {
    EXPECT_EQ(field.credits, field.field == ContactField::kPhone
                                 ? Credits::Whole(7)
                                 : Credits());
  }
}

TEST(FullEnrichParseFetch, KeepsTheItemAsReceivedForThoseWhoAsk) {
  const std::string item =
      R"({"custom":{"eg":"k.0"},"contact_info":{},"anything":[1,2.50,null]})";
  const std::string body =
      absl::StrCat(R"({"status":"FINISHED","data":[)", item, "]}");
  for (const bool want_raw : {false, true}) {
    const JobAnswer answer = Fetched(*NewAdapter(), body, want_raw);
    ASSERT_THAT(answer.items, SizeIs(1));
    EXPECT_EQ(answer.items[0].raw, want_raw ? item : "");
  }
}

TEST(FullEnrichParseFetch, BoundsTheValuesOfOneField) {
  std::string emails;
  for (int i = 0; i < 10000; ++i) {
    absl::StrAppend(&emails, i == 0 ? "" : ",", R"({"email":"a)", i,
                    R"(@acme.example","status":"DELIVERABLE"})");
  }
  const JobAnswer answer = Fetched(
      *NewAdapter(), ResultWith("FINISHED", absl::StrCat(R"({"work_emails":[)",
                                                         emails, "]}")));
  ASSERT_THAT(answer.items, SizeIs(1));
  EXPECT_THAT(answer.items[0].fields[0].emails, SizeIs(32));
}

TEST(FullEnrichParseFetch, RefusesMoreItemsThanAJobCanHave) {
  const auto adapter = NewAdapter();
  const auto fetch = [&](int items) {
    std::string data = "0";
    for (int i = 1; i < items; ++i) data += ",0";
    return adapter->ParseFetch(
        {},
        {.status = 200,
         .body = absl::StrCat(R"({"status":"FINISHED","data":[)", data, "]}")});
  };
  EXPECT_TRUE(std::holds_alternative<JobAnswer>(fetch(100)));
  EXPECT_TRUE(std::holds_alternative<FetchFailed>(fetch(101)));
}

}  // namespace
}  // namespace enrich::fullenrich
