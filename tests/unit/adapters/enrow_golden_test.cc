// Enrow's contract as files: every answer and every push it is documented to
// give, in all generations of its documentation, and what the model makes of
// it.
//
// tests/golden/enrow/<kind>/<case>.in is what comes from Enrow, <case>.txt what
// is expected of it. The first line of the input names the job, "job phone 2
// 80" for two phone searches that debited 80 credits; the rest is an HTTP
// answer or, after an empty line, the body of a push. A new capture is a new
// file; ENRICH_UPDATE_GOLDENS=1 writes its expectation.

#include <algorithm>
#include <filesystem>
#include <memory>
#include <string>
#include <utility>
#include <vector>

#include "absl/strings/match.h"
#include "absl/strings/numbers.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_split.h"
#include "adapters/enrow/adapter.h"
#include "gtest/gtest.h"
#include "support/adapter_dump.h"
#include "support/golden.h"

namespace enrich::enrow {
namespace {

std::unique_ptr<ProviderAdapter> NewAdapter(absl::string_view country = "") {
  auto adapter = CreateAdapter({.name = "enrow",
                                .adapter = "enrow",
                                .api_key = Secret("test-key"),
                                .default_country = std::string(country)});
  EXPECT_TRUE(adapter.ok()) << adapter.status();
  return *std::move(adapter);
}

// ---- Input ------------------------------------------------------------------

struct Input {
  JobRef job = {.provider_job_id = "6f0c1f0e-3d5b-4a5c-9a56-0f8f5f1b7c01",
                .want_raw = true};
  HttpResponse response = {};
};

// "job <operation> <contacts> [<debited>]"
void ReadJob(absl::string_view line, JobRef& job) {
  const std::vector<std::string> words = absl::StrSplit(line, ' ');
  ASSERT_GE(words.size(), 3u) << line;
  job.operation = words[1];
  ASSERT_TRUE(absl::SimpleAtoi(words[2], &job.item_count)) << line;
  int64_t debited = 0;
  if (words.size() > 3 && absl::SimpleAtoi(words[3], &debited)) {
    job.debited = Credits::Whole(debited);
  }
}

Input ReadInput(const std::string& name) {
  const std::string text = ReadGolden(absl::StrCat("enrow/", name, ".in"));
  const std::pair<std::string, std::string> parts =
      absl::StrSplit(text, absl::MaxSplits("\n\n", 1));
  Input input;
  input.response.body = parts.second;
  for (const absl::string_view line : absl::StrSplit(parts.first, '\n')) {
    if (absl::StartsWith(line, "job ")) {
      ReadJob(line, input.job);
    } else if (absl::StartsWith(line, "HTTP/")) {
      EXPECT_TRUE(absl::SimpleAtoi(line.substr(9, 3), &input.response.status));
    } else {
      input.response.headers.push_back(absl::StrSplit(line, ": "));
    }
  }
  return input;
}

// The cases of a kind: names of its files without extension, sorted.
std::vector<std::string> CasesOf(absl::string_view kind) {
  const std::string folder =
      absl::StrCat(ENRICH_SOURCE_DIR, "/tests/golden/enrow/", kind);
  std::vector<std::string> cases;
  for (const auto& entry : std::filesystem::directory_iterator(folder)) {
    if (entry.path().extension() == ".in") {
      cases.push_back(entry.path().stem().string());
    }
  }
  std::sort(cases.begin(), cases.end());
  return cases;
}

std::string CaseName(const testing::TestParamInfo<std::string>& info) {
  return info.param;
}

// ---- Answers ----------------------------------------------------------------

class EnrowSubmitGolden : public testing::TestWithParam<std::string> {};

TEST_P(EnrowSubmitGolden, IsClassified) {
  const std::string name = absl::StrCat("submit/", GetParam());
  const Input input = ReadInput(name);
  const std::vector<SubmitItem> items(
      static_cast<size_t>(input.job.item_count));
  const SubmitReply reply = NewAdapter()->ParseSubmit(
      {.operation = input.job.operation, .items = items}, input.response);
  ExpectGolden(absl::StrCat("enrow/", name, ".txt"), Dump(reply));
}

INSTANTIATE_TEST_SUITE_P(Cases, EnrowSubmitGolden,
                         testing::ValuesIn(CasesOf("submit")), CaseName);

class EnrowFetchGolden : public testing::TestWithParam<std::string> {};

TEST_P(EnrowFetchGolden, IsMapped) {
  const std::string name = absl::StrCat("fetch/", GetParam());
  const Input input = ReadInput(name);
  ExpectGolden(absl::StrCat("enrow/", name, ".txt"),
               Dump(NewAdapter()->ParseFetch(input.job, input.response)));
}

INSTANTIATE_TEST_SUITE_P(Cases, EnrowFetchGolden,
                         testing::ValuesIn(CasesOf("fetch")), CaseName);

class EnrowWebhookGolden : public testing::TestWithParam<std::string> {};

TEST_P(EnrowWebhookGolden, IsMapped) {
  const std::string name = absl::StrCat("webhook/", GetParam());
  const Input input = ReadInput(name);
  ExpectGolden(
      absl::StrCat("enrow/", name, ".txt"),
      Dump(NewAdapter()->ParseWebhook(input.job, input.response.body)));
}

INSTANTIATE_TEST_SUITE_P(Cases, EnrowWebhookGolden,
                         testing::ValuesIn(CasesOf("webhook")), CaseName);

class EnrowBalanceGolden : public testing::TestWithParam<std::string> {};

TEST_P(EnrowBalanceGolden, IsRead) {
  const std::string name = absl::StrCat("balance/", GetParam());
  const absl::StatusOr<Credits> balance =
      NewAdapter()->ParseBalance(ReadInput(name).response);
  ExpectGolden(absl::StrCat("enrow/", name, ".txt"),
               balance.ok() ? absl::StrCat(balance->milli, " millicredits")
                            : balance.status().ToString());
}

INSTANTIATE_TEST_SUITE_P(Cases, EnrowBalanceGolden,
                         testing::ValuesIn(CasesOf("balance")), CaseName);

// ---- Requests ---------------------------------------------------------------

const std::vector<Contact>& Contacts() {
  static const auto* contacts = new std::vector<Contact>{
      {.first_name = "Ada",
       .last_name = "Example",
       .company_name = "Acme",
       .company_domain = "acme.example",
       .linkedin_url = "https://www.linkedin.com/in/ada-example"},
      {.full_name = "Grace Maria Sample", .company_domain = "sample.example"},
      {.first_name = "Zoë", .last_name = "\"Ex\\ample", .company_name = "Acme"},
      // Half a name would be refused although the URL suffices.
      {.first_name = "Ada",
       .company_name = "Acme",
       .linkedin_url = "https://www.linkedin.com/in/ada-example-2"},
  };
  return *contacts;
}

struct RequestCase {
  std::string name;
  std::string operation;
  // Of Contacts().
  std::vector<size_t> contacts;
  std::string callback = "https://gw.example/v1/webhooks/enrow/token";
  std::string country = "";
};

class EnrowRequestGolden : public testing::TestWithParam<RequestCase> {};

TEST_P(EnrowRequestGolden, IsWritten) {
  std::vector<SubmitItem> items;
  for (const size_t i : GetParam().contacts) {
    items.push_back({.key = absl::StrCat("k3f9q2.", items.size()),
                     .contact = &Contacts()[i]});
  }
  const HttpRequest request =
      NewAdapter(GetParam().country)
          ->BuildSubmit({.operation = GetParam().operation,
                         .reference = "k3f9q2",
                         .items = items,
                         .callback_url = GetParam().callback});
  ExpectGolden(absl::StrCat("enrow/request/", GetParam().name, ".txt"),
               Dump(request));
}

INSTANTIATE_TEST_SUITE_P(
    Cases, EnrowRequestGolden,
    testing::Values(
        RequestCase{"email_single", "work_email", {0}},
        RequestCase{"email_single_without_callback", "work_email", {1}, ""},
        RequestCase{"email_bulk", "work_email", {0, 1, 2}},
        RequestCase{"email_bulk_without_callback", "work_email", {0, 1}, ""},
        RequestCase{.name = "email_bulk_in_a_country",
                    .operation = "work_email",
                    .contacts = {1, 2},
                    .country = "fr"},
        RequestCase{.name = "email_single_by_domain_needs_no_country",
                    .operation = "work_email",
                    .contacts = {1},
                    .country = "FR"},
        RequestCase{"phone_single", "phone", {0}},
        RequestCase{"phone_single_by_name", "phone", {1}},
        RequestCase{"phone_bulk", "phone", {0, 1, 2, 3}}),
    [](const auto& info) { return info.param.name; });

struct FetchCase {
  std::string name;
  std::string operation;
  int item_count;
};

class EnrowFetchRequestGolden : public testing::TestWithParam<FetchCase> {};

TEST_P(EnrowFetchRequestGolden, IsWritten) {
  ExpectGolden(
      absl::StrCat("enrow/request/", GetParam().name, ".txt"),
      Dump(NewAdapter()->BuildFetch({.operation = GetParam().operation,
                                     .provider_job_id = "6f0c1f0e-3d5b",
                                     .item_count = GetParam().item_count})));
}

INSTANTIATE_TEST_SUITE_P(
    Cases, EnrowFetchRequestGolden,
    testing::Values(FetchCase{"fetch_email_single", "work_email", 1},
                    FetchCase{"fetch_email_bulk", "work_email", 2},
                    FetchCase{"fetch_phone_single", "phone", 1},
                    FetchCase{"fetch_phone_bulk", "phone", 3000}),
    [](const auto& info) { return info.param.name; });

TEST(EnrowBalanceRequestGolden, IsWritten) {
  ExpectGolden("enrow/request/balance.txt",
               Dump(*NewAdapter()->BuildBalance()));
}

}  // namespace
}  // namespace enrich::enrow
