// The declarative adapter against the native ones: FullEnrich and Enrow as
// provider files (tests/golden/rest) must make of every golden input what the
// native adapters make of it. What differs is listed, with the reason; a case
// that is listed must differ.
//
// Messages are not compared. Nor is how an answer that cannot be read is
// called: the fetch has failed (native), or the job runs on with contract
// drift.

#include <algorithm>
#include <filesystem>
#include <memory>
#include <string>
#include <utility>
#include <variant>
#include <vector>

#include "absl/strings/match.h"
#include "absl/strings/numbers.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_split.h"
#include "adapters/enrow/adapter.h"
#include "adapters/fullenrich/adapter.h"
#include "adapters/rest/adapter.h"
#include "gtest/gtest.h"
#include "support/adapter_dump.h"
#include "support/golden.h"

namespace enrich::rest {
namespace {

// What golden inputs give something else, and why.
struct Difference {
  std::string why;
  std::vector<std::string> inputs;
};

const std::vector<Difference>& KnownDifferences() {
  static const auto* differences = new std::vector<Difference>{
      {"A longer pause is believed: other providers have quotas of a day.",
       {"enrow/submit/rate_limited_retry_after_absurd.in",
        "fullenrich/submit/rate_limited_retry_after_for_ever.http"}},
      {"The pause stands in a sentence, which no reader reads.",
       {"fullenrich/submit/rate_limited.http",
        "fullenrich/fetch/rate_limited.http"}},
      {"`item` cannot see how many contacts were sent.",
       {"enrow/submit/rejected_400_bad_item_of_another_count.in"}},
      {"Expressions do not subtract.",
       {"enrow/fetch/email_bulk_cost_without_final.in"}},
      {"There is one rule to match by: what lacks the reference is drift.",
       {"enrow/fetch/email_bulk_custom_objects.in",
        "enrow/fetch/email_bulk_indexes_out_of_range.in",
        "enrow/fetch/email_bulk_without_custom.in",
        "fullenrich/fetch/finished_items_without_our_key.http"}},
      {"A contact whose miss does not count is named, without an answer.",
       {"enrow/fetch/email_bulk_failed.in"}},
      {"A contact that is still open keeps its job running.",
       {"enrow/fetch/email_bulk_ongoing_items_are_left_out.in"}},
      {"No rule sees that a body is empty.",
       {"enrow/fetch/email_bulk_running_without_body.in"}},
      {"The price is not taken from what was debited.",
       {"enrow/fetch/phone_bulk_legacy_plan.in",
        "enrow/fetch/phone_single_nested_twice.in"}},
      {"An error status has no results.",
       {"fullenrich/fetch/credits_insufficient_402.http",
        "fullenrich/fetch/credits_insufficient_without_data.http"}},
      {"Values are in the order of their grades only.",
       {"fullenrich/fetch/finished_best_value_first.http"}},
      {"Credits may be text.",
       {"fullenrich/fetch/finished_cost_unreadable.http",
        "enrow/balance/text.in", "fullenrich/balance/text.http"}},
      {"A job that has ended without its results is drift.",
       {"fullenrich/fetch/finished_data_null.http",
        "fullenrich/fetch/finished_without_data.http",
        "fullenrich/webhook/batch_finished_without_items.json"}},
      {"Line types are the numbering plan's, not the provider's.",
       {"fullenrich/fetch/finished_phones.http"}},
      {"The file does not compare the titles of two positions.",
       {"fullenrich/fetch/finished_profiles.http"}},
      {"The file reads lists of objects only; a phone may be a number.",
       {"fullenrich/fetch/finished_unreadable_parts.http"}},
      {"A push that says nothing final is no reason to fetch.",
       {"enrow/webhook/email_single_ongoing.in",
        "enrow/webhook/email_single_unknown_word.in"}},
      {"Events that `only` leaves out are ignored.",
       {"enrow/webhook/event_of_another_search.in"}},
      {"A push cannot be matched by position, so the file takes it for a hint.",
       {"enrow/webhook/phone_single_flat.in",
        "enrow/webhook/phone_single_flat_not_found.in",
        "enrow/webhook/phone_single_nested_custom_outside.in",
        "enrow/webhook/phone_single_nested_twice_with_custom.in"}},
  };
  return *differences;
}

// Why this input gives something else; empty when it must not.
std::string KnownReason(const std::string& input) {
  for (const auto& [why, inputs] : KnownDifferences()) {
    if (std::find(inputs.begin(), inputs.end(), input) != inputs.end()) {
      return why;
    }
  }
  return "";
}

// ---- Adapters ---------------------------------------------------------------

AccountConfig ConfigOf(const std::string& provider) {
  return {.name = provider,
          .adapter = provider,
          .api_key = Secret("test-key"),
          .default_country = ""};
}

std::unique_ptr<ProviderAdapter> Native(const std::string& provider) {
  auto adapter = provider == "enrow"
                     ? enrow::CreateAdapter(ConfigOf(provider))
                     : fullenrich::CreateAdapter(ConfigOf(provider));
  EXPECT_TRUE(adapter.ok()) << adapter.status();
  return *std::move(adapter);
}

std::unique_ptr<ProviderAdapter> Declared(const std::string& provider,
                                          const std::string& country = "") {
  AccountConfig config = ConfigOf(provider);
  config.adapter = "rest";
  config.definition_file = absl::StrCat(provider, ".yaml");
  config.definition = ReadGolden(absl::StrCat("rest/", provider, ".yaml"));
  config.default_country = country;
  auto adapter = CreateAdapter(config);
  EXPECT_TRUE(adapter.ok()) << adapter.status();
  return *std::move(adapter);
}

// ---- Inputs -----------------------------------------------------------------

struct GoldenCase {
  std::string provider;
  std::string kind;
  std::string name;

  std::string path() const {
    return absl::StrCat(provider, "/", kind, "/", name);
  }
};

void PrintTo(const GoldenCase& c, std::ostream* out) { *out << c.path(); }

std::vector<GoldenCase> CasesOf(const std::string& kind) {
  std::vector<GoldenCase> cases;
  for (const std::string provider : {"fullenrich", "enrow"}) {
    const std::string folder =
        absl::StrCat(ENRICH_SOURCE_DIR, "/tests/golden/", provider, "/", kind);
    for (const auto& entry : std::filesystem::directory_iterator(folder)) {
      if (entry.path().extension() == ".txt") continue;
      cases.push_back({provider, kind, entry.path().filename().string()});
    }
  }
  std::sort(cases.begin(), cases.end(),
            [](const auto& a, const auto& b) { return a.path() < b.path(); });
  return cases;
}

std::string CaseName(const testing::TestParamInfo<GoldenCase>& info) {
  const std::string& file = info.param.name;
  return absl::StrCat(info.param.provider, "_", file.substr(0, file.find('.')));
}

struct Input {
  JobRef job = {.operation = "enrich",
                .provider_job_id = "0b9f4a52-6a52-4c5e-9c55-7f3c0f0f7a01",
                .item_count = 3,
                .want_raw = true};
  HttpResponse response = {};
};

// "job <operation> <contacts> [<debited>]"
void ReadJob(absl::string_view line, JobRef& job) {
  const std::vector<std::string> words = absl::StrSplit(line, ' ');
  ASSERT_GE(words.size(), 3u) << line;
  job.operation = words[1];
  job.provider_job_id = "6f0c1f0e-3d5b-4a5c-9a56-0f8f5f1b7c01";
  ASSERT_TRUE(absl::SimpleAtoi(words[2], &job.item_count)) << line;
  int64_t debited = 0;
  if (words.size() > 3 && absl::SimpleAtoi(words[3], &debited)) {
    job.debited = Credits::Whole(debited);
  }
}

// A body, or a head and a body after an empty line.
Input ReadInput(const GoldenCase& c) {
  Input input;
  const std::string text = ReadGolden(c.path());
  if (absl::EndsWith(c.name, ".json")) {
    input.response.body = text;
    return input;
  }
  const std::pair<std::string, std::string> parts =
      absl::StrSplit(text, absl::MaxSplits("\n\n", 1));
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

// ---- Comparing --------------------------------------------------------------

constexpr absl::string_view kUnreadable = "UNREADABLE\n";

std::string WithoutMessage(absl::string_view text) {
  return absl::StrCat(text.substr(0, text.find(" message=\"")), "\n");
}

bool SaysNothing(const JobAnswer& answer) {
  return answer.phase == JobPhase::kRunning && answer.items.empty() &&
         !answer.drift.empty();
}

// Names contacts by position, however the answer does.
JobAnswer ByPosition(JobAnswer answer) {
  for (ItemAnswer& item : answer.items) {
    const std::string key = std::exchange(item.key, "");
    int index = 0;
    if (!item.index.has_value() &&
        absl::SimpleAtoi(key.substr(key.rfind('.') + 1), &index)) {
      item.index = index;
    }
  }
  return answer;
}

std::string Compared(const FetchReply& reply) {
  if (const auto* answer = std::get_if<JobAnswer>(&reply)) {
    return SaysNothing(*answer) ? std::string(kUnreadable)
                                : Dump(FetchReply(ByPosition(*answer)));
  }
  const auto* failed = std::get_if<FetchFailed>(&reply);
  if (failed != nullptr && absl::StartsWith(failed->message, "HTTP 2") &&
      failed->reason == FailureReason::kProviderUnavailable) {
    return std::string(kUnreadable);
  }
  return WithoutMessage(Dump(reply));
}

std::string Compared(const SubmitReply& reply) {
  return WithoutMessage(Dump(reply));
}

// What cannot be read is fetched, as what the provider wants to be fetched.
std::string Compared(absl::StatusOr<WebhookAnswer> webhook) {
  if (!webhook.ok()) return "TO BE FETCHED\n";
  if (webhook->answer.has_value()) {
    webhook->answer = ByPosition(*std::move(webhook->answer));
  }
  const bool empty =
      !webhook->answer.has_value() || SaysNothing(*webhook->answer);
  return webhook->fetch && empty ? "TO BE FETCHED\n" : Dump(webhook);
}

void ExpectAlike(const GoldenCase& c, const std::string& native,
                 const std::string& declared) {
  const std::string why = KnownReason(c.path());
  if (why.empty()) {
    EXPECT_EQ(native, declared);
  } else {
    EXPECT_NE(native, declared) << "no longer differs: " << why;
  }
}

// ---- Answers ----------------------------------------------------------------

class RestGolden : public testing::TestWithParam<GoldenCase> {
 protected:
  const std::unique_ptr<ProviderAdapter> native_ = Native(GetParam().provider);
  const std::unique_ptr<ProviderAdapter> declared_ =
      Declared(GetParam().provider);
  const Input input_ = ReadInput(GetParam());
};

class RestSubmitGolden : public RestGolden {};

TEST_P(RestSubmitGolden, IsClassifiedAsByTheNativeAdapter) {
  const std::vector<SubmitItem> items(
      static_cast<size_t>(input_.job.item_count));
  const SubmitRequest request = {.operation = input_.job.operation,
                                 .items = items};
  ExpectAlike(GetParam(),
              Compared(native_->ParseSubmit(request, input_.response)),
              Compared(declared_->ParseSubmit(request, input_.response)));
}

INSTANTIATE_TEST_SUITE_P(Cases, RestSubmitGolden,
                         testing::ValuesIn(CasesOf("submit")), CaseName);

class RestFetchGolden : public RestGolden {};

TEST_P(RestFetchGolden, IsMappedAsByTheNativeAdapter) {
  ExpectAlike(GetParam(),
              Compared(native_->ParseFetch(input_.job, input_.response)),
              Compared(declared_->ParseFetch(input_.job, input_.response)));
}

INSTANTIATE_TEST_SUITE_P(Cases, RestFetchGolden,
                         testing::ValuesIn(CasesOf("fetch")), CaseName);

class RestWebhookGolden : public RestGolden {};

TEST_P(RestWebhookGolden, IsMappedAsByTheNativeAdapter) {
  const std::string& body = input_.response.body;
  ExpectAlike(GetParam(), Compared(native_->ParseWebhook(input_.job, body)),
              Compared(declared_->ParseWebhook(input_.job, body)));
}

INSTANTIATE_TEST_SUITE_P(Cases, RestWebhookGolden,
                         testing::ValuesIn(CasesOf("webhook")), CaseName);

class RestBalanceGolden : public RestGolden {};

TEST_P(RestBalanceGolden, IsReadAsByTheNativeAdapter) {
  const auto text = [](const absl::StatusOr<Credits>& balance) {
    return balance.ok() ? absl::StrCat(balance->milli)
                        : absl::StatusCodeToString(balance.status().code());
  };
  ExpectAlike(GetParam(), text(native_->ParseBalance(input_.response)),
              text(declared_->ParseBalance(input_.response)));
}

INSTANTIATE_TEST_SUITE_P(Cases, RestBalanceGolden,
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
  std::string provider;
  std::string operation;
  // Of Contacts().
  std::vector<size_t> contacts;
  std::string callback = "https://gw.example/v1/webhooks/provider/token";
};

void PrintTo(const RequestCase& c, std::ostream* out) { *out << c.name; }

class RestRequestGolden : public testing::TestWithParam<RequestCase> {};

TEST_P(RestRequestGolden, IsWhatTheNativeAdapterSends) {
  const RequestCase& c = GetParam();
  const auto native = Native(c.provider);
  const auto declared = Declared(c.provider);
  const FieldSet fields = native->capabilities().Find(c.operation)->fields;
  std::vector<SubmitItem> items;
  for (const size_t i : c.contacts) {
    items.push_back({.key = absl::StrCat("k3f9q2.", items.size()),
                     .contact = &Contacts()[i],
                     .fields = fields});
  }
  const SubmitRequest request = {.operation = c.operation,
                                 .reference = "k3f9q2",
                                 .items = items,
                                 .callback_url = c.callback};
  EXPECT_EQ(Dump(native->BuildSubmit(request)),
            Dump(declared->BuildSubmit(request)));
  const JobRef job = {.operation = c.operation,
                      .provider_job_id = "6f0c/1f0e",
                      .item_count = static_cast<int>(items.size())};
  EXPECT_EQ(Dump(native->BuildFetch(job)), Dump(declared->BuildFetch(job)));
  EXPECT_EQ(Dump(*native->BuildBalance()), Dump(*declared->BuildBalance()));
}

INSTANTIATE_TEST_SUITE_P(
    Cases, RestRequestGolden,
    testing::Values(
        RequestCase{"fullenrich", "fullenrich", "enrich", {0, 1, 2, 3}},
        RequestCase{"fullenrich_one", "fullenrich", "enrich", {0}, ""},
        RequestCase{"email_single", "enrow", "work_email", {0}},
        RequestCase{"email_single_no_callback", "enrow", "work_email", {1}, ""},
        RequestCase{"email_bulk", "enrow", "work_email", {0, 1, 2}},
        RequestCase{"phone_single", "enrow", "phone", {0}},
        RequestCase{"phone_single_by_name", "enrow", "phone", {1}},
        RequestCase{"phone_single_half_a_name", "enrow", "phone", {3}},
        RequestCase{"phone_bulk", "enrow", "phone", {0, 1, 2, 3}}),
    [](const auto& info) { return info.param.name; });

// ---- The rest ---------------------------------------------------------------

TEST(RestGoldenCapabilities, AreThoseOfTheNativeAdapter) {
  for (const std::string provider : {"fullenrich", "enrow"}) {
    const auto native = Native(provider);
    const auto declared = Declared(provider);
    EXPECT_EQ(native->name(), declared->name());
    for (const OperationSpec& spec : native->capabilities().operations) {
      const OperationSpec* own = declared->capabilities().Find(spec.name);
      ASSERT_NE(own, nullptr) << spec.name;
      EXPECT_EQ(own->fields, spec.fields);
      EXPECT_EQ(own->prices, spec.prices);
      EXPECT_EQ(own->max_contacts, spec.max_contacts);
    }
  }
}

TEST(RestGoldenAccepts, WhatTheNativeAdapterDoes) {
  std::vector<Contact> contacts = Contacts();
  contacts.push_back({.first_name = "Ada", .company_name = "Acme"});
  contacts.push_back({.full_name = "Ada", .company_name = "Acme"});
  contacts.push_back({.full_name = "Ada E"});
  contacts.push_back({.email = "ada@acme.example"});
  contacts.push_back({});
  for (const std::string provider : {"fullenrich", "enrow"}) {
    const auto native = Native(provider);
    const auto declared = Declared(provider);
    FieldSet fields;
    for (const OperationSpec& spec : native->capabilities().operations) {
      fields |= spec.fields;
    }
    for (size_t i = 0; i < contacts.size(); ++i) {
      for (const ContactField field : kAllContactFields) {
        // Nobody asks for a field that no operation has.
        if (!fields.Has(field)) continue;
        EXPECT_EQ(native->Accepts(contacts[i], field),
                  declared->Accepts(contacts[i], field))
            << provider << " " << i << " " << FieldName(field);
      }
    }
  }
}

}  // namespace
}  // namespace enrich::rest
