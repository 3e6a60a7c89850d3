#include <functional>
#include <memory>
#include <string>
#include <utility>
#include <variant>
#include <vector>

#include "absl/strings/str_cat.h"
#include "adapters/all.h"
#include "adapters/enrow/adapter.h"
#include "base/json.h"
#include "gmock/gmock.h"
#include "gtest/gtest.h"
#include "support/adapter_dump.h"
#include "support/status_matchers.h"

namespace enrich::enrow {
namespace {

using ::testing::HasSubstr;
using ::testing::Not;
using ::testing::SizeIs;
using ::testing::StartsWith;

AccountConfig Config() {
  return {
      .name = "enrow", .adapter = "enrow", .api_key = Secret("current-key")};
}

std::unique_ptr<ProviderAdapter> NewAdapter(
    const AccountConfig& config = Config()) {
  auto adapter = CreateAdapter(config);
  EXPECT_THAT(adapter, IsOk());
  return *std::move(adapter);
}

// ---- Capabilities and configuration -----------------------------------------

TEST(EnrowCapabilities, AreThoseOfTheProvider) {
  const auto adapter = NewAdapter();
  EXPECT_EQ(adapter->name(), "enrow");
  const Capabilities& capabilities = adapter->capabilities();
  ASSERT_THAT(capabilities.operations, SizeIs(2));
  const OperationSpec& email = *capabilities.Find("work_email");
  EXPECT_EQ(email.fields, FieldSet(ContactField::kWorkEmail));
  EXPECT_EQ(email.min_contacts, 1);
  EXPECT_EQ(email.max_contacts, 5000);
  EXPECT_EQ(email.PriceOf(email.fields), Credits::Whole(1));
  const OperationSpec& phone = *capabilities.Find("phone");
  EXPECT_EQ(phone.fields, FieldSet(ContactField::kPhone));
  EXPECT_EQ(phone.min_contacts, 1);
  EXPECT_EQ(phone.max_contacts, 3000);
  EXPECT_EQ(phone.PriceOf(phone.fields), Credits::Whole(40));
  EXPECT_EQ(capabilities.pacing.submit_limits.at(0).requests, 10);
  EXPECT_EQ(capabilities.pacing.submit_limits.at(0).window, absl::Seconds(1));
  EXPECT_FALSE(capabilities.pacing.all_calls_share_rate);
  EXPECT_EQ(capabilities.poll.first_after, absl::Minutes(2));
  EXPECT_EQ(capabilities.poll.interval, absl::Minutes(1));
  EXPECT_TRUE(capabilities.push);
}

TEST(EnrowConfig, OverridesWhatTheAdapterAssumes) {
  AccountConfig config = Config();
  config.base_url = "http://127.0.0.1:8080//";
  config.prices = {{"phone", Credits::Whole(50)}};
  config.max_contacts_per_request = 4000;
  config.max_running_contacts = 10000;
  config.max_concurrent_requests = 2;
  config.poll_first_after = absl::Seconds(5);
  config.poll_interval = absl::Seconds(10);
  const auto adapter = NewAdapter(config);
  const Capabilities& capabilities = adapter->capabilities();
  EXPECT_EQ(capabilities.Find("work_email")->PriceOf(ContactField::kWorkEmail),
            Credits::Whole(1));
  EXPECT_EQ(capabilities.Find("phone")->PriceOf(ContactField::kPhone),
            Credits::Whole(50));
  EXPECT_EQ(capabilities.Find("work_email")->max_contacts, 4000);
  EXPECT_EQ(capabilities.Find("phone")->max_contacts, 3000);
  EXPECT_EQ(capabilities.pacing.max_running_contacts, 10000);
  EXPECT_EQ(capabilities.pacing.max_concurrent_requests, 2);
  EXPECT_EQ(capabilities.poll.first_after, absl::Seconds(5));
  EXPECT_EQ(capabilities.poll.interval, absl::Seconds(10));
  EXPECT_EQ(adapter->BuildBalance()->url, "http://127.0.0.1:8080/account/info");
}

TEST(EnrowConfig, KeepsRequestsWithinWhatMayRun) {
  AccountConfig config = Config();
  config.max_running_contacts = 100;
  const auto adapter = NewAdapter(config);
  EXPECT_EQ(adapter->capabilities().Find("work_email")->max_contacts, 100);
  EXPECT_EQ(adapter->capabilities().Find("phone")->max_contacts, 100);
}

TEST(EnrowConfig, RefusesWhatCannotBeMeant) {
  const std::pair<std::string, std::function<void(AccountConfig&)>> cases[] = {
      {"api_key", [](auto& config) { config.api_key = Secret(""); }},
      {"api_key", [](auto& config) { config.api_key = Secret("a\r\nb: c"); }},
      {"base_url", [](auto& config) { config.base_url = "ftp://a.example"; }},
      {"default_country", [](auto& config) { config.default_country = "FRA"; }},
      {"default_country", [](auto& config) { config.default_country = "1\""; }},
      {"prices.personal_email",
       [](auto& config) {
         config.prices = {{"personal_email", {1}}};
       }},
      {"prices.phone",
       [](auto& config) {
         config.prices = {{"phone", {-1}}};
       }},
      {"max_contacts_per_request",
       [](auto& config) { config.max_contacts_per_request = 0; }},
      {"max_contacts_per_request",
       [](auto& config) { config.max_contacts_per_request = 5001; }},
      {"max_running_contacts",
       [](auto& config) { config.max_running_contacts = -1; }},
      {"max_concurrent_requests",
       [](auto& config) { config.max_concurrent_requests = 0; }},
      {"poll_first_after",
       [](auto& config) { config.poll_first_after = absl::ZeroDuration(); }},
      {"poll_interval",
       [](auto& config) { config.poll_interval = -absl::Seconds(1); }},
  };
  for (const auto& [key, change] : cases) {
    AccountConfig config = Config();
    change(config);
    const auto adapter = CreateAdapter(config);
    EXPECT_THAT(adapter, StatusIs(absl::StatusCode::kInvalidArgument)) << key;
    EXPECT_THAT(std::string(adapter.status().message()), StartsWith(key));
  }
}

TEST(AllAdapters, CreatesEachByName) {
  const AdapterRegistry registry = AllAdapters();
  for (const std::string name : {"enrow", "fullenrich"}) {
    AccountConfig config = Config();
    config.adapter = name;
    ASSERT_OK_AND_ASSIGN(const auto adapter, registry.Create(config));
    EXPECT_EQ(adapter->name(), name);
  }
}

// ---- Inputs -----------------------------------------------------------------

TEST(EnrowAccepts, WhatTheSearchesNeed) {
  constexpr char kUrl[] = "https://www.linkedin.com/in/ada-example";
  const struct {
    Contact contact;
    bool email;
    bool phone;
  } cases[] = {
      {{}, false, false},
      {{.first_name = "Ada", .last_name = "Example"}, false, false},
      {{.company_domain = "acme.example"}, false, false},
      {{.first_name = "Ada", .company_domain = "acme.example"}, false, false},
      {{.first_name = "Ada",
        .last_name = "Example",
        .company_domain = "acme.example"},
       true,
       true},
      {{.first_name = "Ada", .last_name = "Example", .company_name = "Acme"},
       true,
       true},
      {{.full_name = "Ada Example", .company_name = "Acme"}, true, true},
      {{.full_name = "Ada", .company_name = "Acme"}, true, false},
      {{.linkedin_url = kUrl}, false, true},
      {{.full_name = "Ada", .linkedin_url = kUrl}, false, true},
      {{.email = "ada@acme.example"}, false, false},
  };
  const auto adapter = NewAdapter();
  for (const auto& test : cases) {
    const size_t number = static_cast<size_t>(&test - cases);
    EXPECT_EQ(adapter->Accepts(test.contact, ContactField::kWorkEmail),
              test.email)
        << "case " << number;
    EXPECT_EQ(adapter->Accepts(test.contact, ContactField::kPhone), test.phone)
        << "case " << number;
    EXPECT_FALSE(adapter->Accepts(test.contact, ContactField::kPersonalEmail))
        << "case " << number;
  }
}

// ---- Requests ---------------------------------------------------------------

TEST(EnrowSubmit, HoldsAFullBulkRequest) {
  const Contact contact = {.full_name = "Ada Example",
                           .company_domain = "acme.example"};
  std::vector<SubmitItem> items;
  for (int i = 0; i < 5000; ++i) {
    items.push_back({.key = absl::StrCat("k3f9q2.", i), .contact = &contact});
  }
  const HttpRequest request = NewAdapter()->BuildSubmit(
      {.operation = "work_email", .reference = "k3f9q2", .items = items});
  ASSERT_OK_AND_ASSIGN(const json::Document document,
                       json::Document::Parse(request.body));
  EXPECT_EQ(document.root()["searches"].size(), 5000u);
  EXPECT_TRUE(request.paid);
}

TEST(EnrowSubmit, SendsNothingTheSearchDoesNotNeed) {
  const Contact contact = {
      .contact_ref = "row-17",
      .first_name = "Ada",
      .last_name = "Example",
      .company_domain = "acme.example",
      .linkedin_url = "https://www.linkedin.com/in/ada-example",
      .email = "ada@home.example",
      .custom = {{"crm", "4711"}}};
  const SubmitItem item = {.key = "k3f9q2.0", .contact = &contact};
  const auto adapter = NewAdapter();
  const auto body = [&](absl::string_view operation) {
    return adapter
        ->BuildSubmit({.operation = operation,
                       .reference = "k3f9q2",
                       .items = absl::MakeConstSpan(&item, 1)})
        .body;
  };
  for (const absl::string_view operation : {"work_email", "phone"}) {
    for (const char* ours : {"row-17", "home.example", "4711"}) {
      EXPECT_THAT(body(operation), Not(HasSubstr(ours)));
    }
  }
  EXPECT_THAT(body("work_email"), Not(HasSubstr("linkedin")));
}

TEST(EnrowFetch, EscapesAnIdThatIsNoUuid) {
  const HttpRequest request =
      NewAdapter()->BuildFetch({.operation = "phone",
                                .provider_job_id = "a/../b&id=c d#\r\n",
                                .item_count = 2});
  EXPECT_EQ(request.url,
            "https://api.enrow.io/phone/bulk"
            "?id=a%2F..%2Fb%26id%3Dc%20d%23%0D%0A");
  EXPECT_FALSE(request.paid);
}

// ---- Answers ----------------------------------------------------------------

// A status outside the documented ones leaves a paid request in doubt.
TEST(EnrowSubmit, RejectsOnlyWhatTheContractLists) {
  const auto adapter = NewAdapter();
  const std::vector<SubmitItem> items(2);
  for (int status = 100; status < 600; ++status) {
    if (status >= 200 && status <= 299) continue;
    const SubmitReply reply = adapter->ParseSubmit(
        {.operation = "phone", .items = items}, {.status = status});
    const bool listed = status == 401 || status == 402 || status == 404 ||
                        status == 413 || status == 422;
    EXPECT_EQ(std::holds_alternative<Rejected>(reply), listed) << status;
    EXPECT_EQ(std::holds_alternative<RateLimited>(reply), status == 429)
        << status;
    EXPECT_EQ(std::holds_alternative<Indeterminate>(reply),
              !listed && status != 429)
        << status;
  }
}

// Whatever comes, a fetch without a result leaves the job as it is.
TEST(EnrowFetch, NeverEndsAJobByItsStatusAlone) {
  const auto adapter = NewAdapter();
  for (const int item_count : {1, 2}) {
    for (int status = 100; status < 600; ++status) {
      const FetchReply reply = adapter->ParseFetch(
          {.operation = "phone", .item_count = item_count}, {.status = status});
      EXPECT_FALSE(std::holds_alternative<JobUnknown>(reply)) << status;
      const auto* answer = std::get_if<JobAnswer>(&reply);
      EXPECT_EQ(answer != nullptr, status == 202) << status;
      if (answer == nullptr) continue;
      EXPECT_EQ(answer->phase, JobPhase::kRunning) << status;
    }
  }
}

TEST(EnrowAnswers, SurviveTruncationAnywhere) {
  const std::string bodies[] = {
      R"({"general":{"id":"a","status":"completed"},"stats":{"credits_cost":)"
      R"({"initial":2,"refunded":1,"final":1}},"results":[{"index":"0",)"
      R"("qualification":"valid","email":"ada@acme.example"}]})",
      R"({"event":"single_phone_search_finished","id":"a","result":{"id":"b",)"
      R"("result":{"number":"+12025550123","qualification":"found"}}})"};
  const auto adapter = NewAdapter();
  for (const std::string& body : bodies) {
    for (size_t size = 0; size < body.size(); ++size) {
      const std::string part = body.substr(0, size);
      const FetchReply reply =
          adapter->ParseFetch({.operation = "work_email", .item_count = 2},
                              {.status = 200, .body = part});
      EXPECT_TRUE(std::holds_alternative<FetchFailed>(reply)) << part;
      EXPECT_THAT(
          adapter->ParseWebhook({.operation = "phone", .item_count = 1}, part),
          StatusIs(absl::StatusCode::kInvalidArgument));
    }
  }
}

// A push is not signed: alone it must neither end a job nor place a result by
// its position.
TEST(EnrowWebhook, LeavesTheEndOfAJobToAFetch) {
  const auto answer = NewAdapter()->ParseWebhook(
      {.operation = "work_email", .item_count = 1},
      R"({"event":"single_search_finished","id":"a","result":{)"
      R"("qualification":"invalid","email":null,"custom":"k3f9q2.0"}})");
  ASSERT_THAT(answer, IsOk());
  ASSERT_TRUE(answer->answer.has_value());
  EXPECT_EQ(answer->answer->phase, JobPhase::kRunning);
  ASSERT_THAT(answer->answer->items, SizeIs(1));
  EXPECT_FALSE(answer->answer->items[0].index.has_value());
}

TEST(EnrowWebhook, NeedsNoSignature) {
  EXPECT_TRUE(NewAdapter()->VerifyWebhook({.method = "POST", .body = "{}"},
                                          absl::UnixEpoch()));
}

}  // namespace
}  // namespace enrich::enrow
