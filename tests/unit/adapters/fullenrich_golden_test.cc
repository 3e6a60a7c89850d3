// FullEnrich's contract as files: every answer it is documented or has been
// seen to give, and what the model makes of it.
//
// tests/golden/fullenrich/<kind>/<case>.http (.json for webhooks) is what comes
// from FullEnrich, <case>.txt what is expected of it. A new capture is a new
// file; ENRICH_UPDATE_GOLDENS=1 writes its expectation.

#include <algorithm>
#include <filesystem>
#include <memory>
#include <string>
#include <vector>

#include "absl/strings/numbers.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_split.h"
#include "absl/strings/strip.h"
#include "adapters/fullenrich/adapter.h"
#include "gtest/gtest.h"
#include "support/adapter_dump.h"
#include "support/golden.h"

namespace enrich::fullenrich {
namespace {

std::unique_ptr<ProviderAdapter> NewAdapter() {
  auto adapter = CreateAdapter(
      {.name = "fe", .adapter = "fullenrich", .api_key = Secret("test-key")});
  EXPECT_TRUE(adapter.ok()) << adapter.status();
  return *std::move(adapter);
}

JobRef Job() {
  return {.operation = "enrich",
          .provider_job_id = "0b9f4a52-6a52-4c5e-9c55-7f3c0f0f7a01",
          .item_count = 3,
          .want_raw = true};
}

// The cases of a kind: names of its files without extension, sorted.
std::vector<std::string> CasesOf(const std::string& kind,
                                 const std::string& extension) {
  std::vector<std::string> cases;
  const std::filesystem::path folder =
      std::filesystem::path(ENRICH_SOURCE_DIR) / "tests/golden/fullenrich" /
      kind;
  for (const auto& entry : std::filesystem::directory_iterator(folder)) {
    if (entry.path().extension() == extension) {
      cases.push_back(entry.path().stem().string());
    }
  }
  std::sort(cases.begin(), cases.end());
  return cases;
}

std::string CaseName(const testing::TestParamInfo<std::string>& info) {
  return info.param;
}

// Reads "HTTP/1.1 200 OK", headers, an empty line and the body.
HttpResponse ReadHttp(const std::string& name) {
  const std::string text = ReadGolden(absl::StrCat("fullenrich/", name));
  const std::pair<std::string, std::string> parts =
      absl::StrSplit(text, absl::MaxSplits("\n\n", 1));
  HttpResponse response{.body = parts.second};
  for (const absl::string_view line : absl::StrSplit(parts.first, '\n')) {
    if (response.status == 0) {
      EXPECT_TRUE(absl::SimpleAtoi(line.substr(9, 3), &response.status));
      continue;
    }
    response.headers.push_back(absl::StrSplit(line, ": "));
  }
  return response;
}

class FullEnrichSubmitGolden : public testing::TestWithParam<std::string> {};

TEST_P(FullEnrichSubmitGolden, IsClassified) {
  const std::string name = absl::StrCat("submit/", GetParam());
  const SubmitReply reply = NewAdapter()->ParseSubmit(
      {.operation = "enrich"}, ReadHttp(absl::StrCat(name, ".http")));
  ExpectGolden(absl::StrCat("fullenrich/", name, ".txt"), Dump(reply));
}

INSTANTIATE_TEST_SUITE_P(Cases, FullEnrichSubmitGolden,
                         testing::ValuesIn(CasesOf("submit", ".http")),
                         CaseName);

class FullEnrichFetchGolden : public testing::TestWithParam<std::string> {};

TEST_P(FullEnrichFetchGolden, IsMapped) {
  const std::string name = absl::StrCat("fetch/", GetParam());
  const FetchReply reply =
      NewAdapter()->ParseFetch(Job(), ReadHttp(absl::StrCat(name, ".http")));
  ExpectGolden(absl::StrCat("fullenrich/", name, ".txt"), Dump(reply));
}

INSTANTIATE_TEST_SUITE_P(Cases, FullEnrichFetchGolden,
                         testing::ValuesIn(CasesOf("fetch", ".http")),
                         CaseName);

class FullEnrichWebhookGolden : public testing::TestWithParam<std::string> {};

TEST_P(FullEnrichWebhookGolden, IsMapped) {
  const std::string name = absl::StrCat("fullenrich/webhook/", GetParam());
  ExpectGolden(absl::StrCat(name, ".txt"),
               Dump(NewAdapter()->ParseWebhook(
                   Job(), ReadGolden(absl::StrCat(name, ".json")))));
}

INSTANTIATE_TEST_SUITE_P(Cases, FullEnrichWebhookGolden,
                         testing::ValuesIn(CasesOf("webhook", ".json")),
                         CaseName);

class FullEnrichBalanceGolden : public testing::TestWithParam<std::string> {};

TEST_P(FullEnrichBalanceGolden, IsRead) {
  const std::string name = absl::StrCat("balance/", GetParam());
  const absl::StatusOr<Credits> balance =
      NewAdapter()->ParseBalance(ReadHttp(absl::StrCat(name, ".http")));
  ExpectGolden(absl::StrCat("fullenrich/", name, ".txt"),
               balance.ok() ? absl::StrCat(balance->milli, " millicredits")
                            : balance.status().ToString());
}

INSTANTIATE_TEST_SUITE_P(Cases, FullEnrichBalanceGolden,
                         testing::ValuesIn(CasesOf("balance", ".http")),
                         CaseName);

// ---- Requests ---------------------------------------------------------------

constexpr absl::string_view kCallback =
    "https://gw.example/v1/webhooks/fullenrich/token";

Contact FullContact() {
  return {.first_name = "Ada",
          .last_name = "Example",
          .company_name = "Acme",
          .company_domain = "acme.example",
          .linkedin_url = "https://www.linkedin.com/in/ada-example"};
}

constexpr FieldSet AllFields() {
  return FieldSet(ContactField::kWorkEmail) | ContactField::kPhone |
         ContactField::kPersonalEmail;
}

TEST(FullEnrichRequestGolden, SubmitsOneContactWithAllItsInputs) {
  const Contact contact = FullContact();
  const SubmitItem item{
      .key = "k3f9q2.0", .contact = &contact, .fields = AllFields()};
  ExpectGolden(
      "fullenrich/request/submit_one.txt",
      Dump(NewAdapter()->BuildSubmit({.operation = "enrich",
                                      .reference = "k3f9q2",
                                      .items = absl::MakeConstSpan(&item, 1),
                                      .callback_url = kCallback})));
}

TEST(FullEnrichRequestGolden, SubmitsAChunkOfMixedInputsAndFields) {
  const std::vector<Contact> contacts = {
      {.full_name = "Ada Maria Example", .company_domain = "acme.example"},
      {.first_name = "Zoë", .last_name = "\"Ex\\ample", .company_name = "Acme"},
      {.linkedin_url = "https://www.linkedin.com/in/ada-example"},
      // Half a name would be refused although the URL suffices.
      {.first_name = "Ada",
       .linkedin_url = "https://www.linkedin.com/in/ada-example-2"},
  };
  const FieldSet fields[] = {
      ContactField::kWorkEmail, ContactField::kPhone,
      ContactField::kPersonalEmail,
      FieldSet(ContactField::kPersonalEmail) | ContactField::kWorkEmail};
  std::vector<SubmitItem> items;
  for (size_t i = 0; i < contacts.size(); ++i) {
    items.push_back({.key = absl::StrCat("k3f9q2.", i),
                     .contact = &contacts[i],
                     .fields = fields[i]});
  }
  ExpectGolden("fullenrich/request/submit_mixed.txt",
               Dump(NewAdapter()->BuildSubmit({.operation = "enrich",
                                               .reference = "k3f9q2",
                                               .items = items,
                                               .callback_url = kCallback})));
}

TEST(FullEnrichRequestGolden, SubmitsWithoutCallbackWhenThereIsNone) {
  const Contact contact = FullContact();
  const SubmitItem item{.key = "k3f9q2.0",
                        .contact = &contact,
                        .fields = ContactField::kWorkEmail};
  ExpectGolden("fullenrich/request/submit_without_callback.txt",
               Dump(NewAdapter()->BuildSubmit(
                   {.operation = "enrich",
                    .reference = "k3f9q2",
                    .items = absl::MakeConstSpan(&item, 1)})));
}

TEST(FullEnrichRequestGolden, FetchesAJobById) {
  ExpectGolden("fullenrich/request/fetch.txt",
               Dump(NewAdapter()->BuildFetch(Job())));
}

TEST(FullEnrichRequestGolden, ReadsTheBalance) {
  ExpectGolden("fullenrich/request/balance.txt",
               Dump(*NewAdapter()->BuildBalance()));
}

}  // namespace
}  // namespace enrich::fullenrich
