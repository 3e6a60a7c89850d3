#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <algorithm>
#include <cmath>
#include <filesystem>
#include <fstream>
#include <regex>
#include <set>
#include <sstream>

#include "absl/strings/ascii.h"
#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "adapters/rest/load.h"
#include "integration/gateway_fixture.h"

// Every provider file of the catalogue through a whole gateway, the simulator
// playing it by its fixtures. A new file is tested by being there.
namespace enrich {
namespace {

using ::testing::AnyOf;
using ::testing::Ge;
using ::testing::StartsWith;

std::string ReadFile(const std::string& path) {
  const std::ifstream in(path);
  std::stringstream text;
  text << in.rdbuf();
  return text.str();
}

std::vector<std::string> CatalogueFiles() {
  std::vector<std::string> files;
  for (const auto& entry : std::filesystem::directory_iterator(
           absl::StrCat(ENRICH_SOURCE_DIR, "/deploy/providers"))) {
    if (entry.path().extension() == ".yaml") {
      files.push_back(entry.path().string());
    }
  }
  std::sort(files.begin(), files.end());
  return files;
}

// The file with short waits, so that a test can sit them out.
std::string Hurried(std::string text) {
  text =
      std::regex_replace(text, std::regex("retry_after: [0-9]+(ms|s|m|h)\\b"),
                         "retry_after: 100ms");
  text = std::regex_replace(text, std::regex("\n +pause_after_429:[^\n]*"), "");
  const std::string pause = "\n  pause_after_429: 100ms\n";
  return absl::StrContains(text, "\nlimits:\n")
             ? std::regex_replace(text, std::regex("\nlimits:\n"),
                                  absl::StrCat("\nlimits:", pause))
             : absl::StrCat(text, "\nlimits:", pause);
}

// Those whose answers come later.
std::vector<std::string> FilesWithJobs() {
  std::vector<std::string> files = CatalogueFiles();
  std::erase_if(files, [](const std::string& file) {
    const std::string text = ReadFile(file);
    const rest::LoadResult loaded =
        rest::Load(text, rest::FixtureAccount(text));
    return loaded.plan != nullptr &&
           std::none_of(loaded.plan->operations.begin(),
                        loaded.plan->operations.end(),
                        [](const rest::OperationPlan& operation) {
                          return operation.VariantFor(1).submit.has_job();
                        });
  });
  return files;
}

v1::Contact Somebody(const std::string& first, const std::string& last) {
  const std::string name =
      absl::AsciiStrToLower(absl::StrCat(first, "-", last));
  v1::Contact contact;
  contact.set_contact_ref(first);
  contact.set_first_name(first);
  contact.set_last_name(last);
  contact.set_company_name(absl::StrCat(first, " Works"));
  contact.set_company_domain(
      absl::StrCat(absl::AsciiStrToLower(first), ".example"));
  contact.set_linkedin_url(absl::StrCat("https://www.linkedin.com/in/", name));
  contact.set_email(absl::StrCat(name, "@mail.example"));
  return contact;
}

class Catalogue : public GatewayFixture,
                  public ::testing::WithParamInterface<std::string> {
 protected:
  Catalogue() {
    const std::string definition = Hurried(ReadFile(GetParam()));
    const rest::LoadResult loaded =
        rest::Load(definition, rest::FixtureAccount(definition));
    EXPECT_EQ(rest::FormatMistakes(GetParam(), loaded.mistakes), "");
    plan_ = loaded.plan;
    knobs.played = {{.id = plan_->id, .definition = definition}};
    simulator_options.provider_files.emplace_back(GetParam());
  }

  const std::string& id() const { return plan_->id; }

  // A request for everything that the file looks up.
  v1::EnrichBatchRequest Everything(const std::vector<v1::Contact>& contacts) {
    std::set<int> fields;
    for (const OperationSpec& operation : plan_->capabilities.operations) {
      for (const auto& [field, price] : operation.prices) {
        fields.insert(static_cast<int>(field));
      }
    }
    std::vector<v1::ContactField> wanted;
    for (const int field : fields) {
      wanted.push_back(static_cast<v1::ContactField>(field));
    }
    v1::EnrichBatchRequest request = BatchOf(contacts, wanted);
    request.add_providers(id());
    return request;
  }

  // Whether all that several contacts were asked about can be read.
  bool CanReadBatches() const {
    return std::all_of(plan_->operations.begin(), plan_->operations.end(),
                       [](const rest::OperationPlan& operation) {
                         return !operation.many.submit.has_job() ||
                                operation.many.poll.has_value();
                       });
  }
  // Whether a contact of several fields may cost less than they do, which only
  // the provider's own total tells.
  bool SharesCosts() const {
    return std::any_of(plan_->operations.begin(), plan_->operations.end(),
                       [](const rest::OperationPlan& operation) {
                         return operation.result.fields.size() > 1 &&
                                operation.many.submit.cost.has_value();
                       });
  }

  int64_t Drifts() {
    v1::Provider provider;
    EXPECT_TRUE(client().GetProvider(id(), provider).ok());
    return provider.contract_drift_count();
  }

  // Every contact was found by the provider, or not, and what was found is its
  // own. Whether it suffices is another matter.
  void ExpectOwnOutcomes(const std::vector<v1::ResultEvent>& events) {
    std::set<std::string> phones;
    for (const v1::ResultEvent& event : events) {
      if (!event.has_contact_result()) continue;
      const v1::ContactResult& result = event.contact_result();
      SCOPED_TRACE(Summary(result));
      for (const v1::FieldResult& field : result.fields()) {
        ExpectOwnOutcome(result.contact_ref(), field);
        for (const v1::PhoneValue& phone : field.phones()) {
          EXPECT_TRUE(phones.insert(phone.e164()).second) << phone.e164();
        }
      }
    }
    ASSERT_FALSE(events.empty());
    const v1::Batch& batch = events.back().batch_finished().batch();
    const int64_t counted = batch.progress().millicredits().at(id());
    const int64_t charged = std::lround(Amount(id(), "credits_charged") * 1000);
    EXPECT_GE(counted, charged);
    if (!SharesCosts()) {
      EXPECT_EQ(counted, charged);
    }
  }

  static void ExpectOwnOutcome(const std::string& ref,
                               const v1::FieldResult& field) {
    ASSERT_EQ(field.attempts_size(), 1);
    const v1::LookupOutcome outcome = field.attempts(0).outcome();
    if (ref == "Ada") {
      EXPECT_EQ(outcome, v1::LOOKUP_OUTCOME_FOUND);
    }
    EXPECT_THAT(outcome,
                AnyOf(v1::LOOKUP_OUTCOME_FOUND, v1::LOOKUP_OUTCOME_NOT_FOUND));
    for (const v1::EmailValue& email : field.emails()) {
      EXPECT_THAT(email.address(), StartsWith(absl::AsciiStrToLower(ref)));
    }
  }

  // No contact has an outcome that a provider could have given.
  void ExpectNoOutcome(const std::vector<v1::ResultEvent>& events,
                       absl::string_view reason) {
    for (const v1::ResultEvent& event : events) {
      if (!event.has_contact_result()) continue;
      for (const v1::FieldResult& field : event.contact_result().fields()) {
        EXPECT_THAT(field.outcome(), AnyOf(v1::LOOKUP_OUTCOME_FAILED,
                                           v1::LOOKUP_OUTCOME_UNKNOWN))
            << Summary(event.contact_result());
        ASSERT_EQ(field.attempts_size(), 1);
        if (!reason.empty()) {
          EXPECT_EQ(field.attempts(0).error().reason(), reason);
        }
      }
    }
  }

  std::shared_ptr<const rest::Plan> plan_;
  const v1::Contact ada_ = Somebody("Ada", "Found");
  const v1::Contact bea_ = Somebody("Bea", "Notfound");
  const v1::Contact cleo_ = Somebody("Cleo", "Sample");
};

TEST_P(Catalogue, GivesEveryContactItsOwnOutcome) {
  Start();
  ExpectOwnOutcomes(
      Collect(Submit(Everything({ada_, bea_, cleo_})).batch_id()));
}

TEST_P(Catalogue, WaitsWhenLimitedAndPaysOnce) {
  simulator_options.faults =
      R"([{"endpoint":"submit","action":"http_429","count":1}])";
  Start();
  ExpectOwnOutcomes(Collect(Submit(Everything({ada_})).batch_id()));
  EXPECT_EQ(Total(id(), "submissions"), Total(id(), "accepted") + 1);
}

TEST_P(Catalogue, ARefusedKeyIsAFailure) {
  const AccountConfig account =
      rest::FixtureAccount(knobs.played[0].definition);
  auto& secrets = simulator_options.provider_files[0].secrets;
  for (const auto& [name, value] : account.secrets) secrets[name] = "another";
  if (!account.api_key.empty()) secrets["api_key"] = "another";
  // Without a token nothing is ever sent.
  knobs.give_up_sending_after = absl::Seconds(1);
  Start();
  ExpectNoOutcome(Collect(Submit(Everything({ada_})).batch_id()),
                  plan_->token.has_value() ? "" : "PROVIDER_AUTH");
  EXPECT_EQ(Total(id(), "accepted"), 0);
}

TEST_P(Catalogue, DriftOfASubmissionIsNoAnswer) {
  knobs.park_unknown_after = absl::Seconds(1);
  simulator_options.faults = R"([{"endpoint":"submit","action":"drift"},
                                 {"endpoint":"webhook","action":"lost"}])";
  Start();
  ExpectNoOutcome(Collect(Submit(Everything({ada_})).batch_id()), "");
  EXPECT_THAT(Drifts(), Ge(1));
}

class CatalogueOfJobs : public Catalogue {};

TEST_P(CatalogueOfJobs, LostPushesAreFetchedAndAgainAfterADrift) {
  knobs.poll_first_after = absl::Seconds(1);
  simulator_options.faults =
      R"([{"endpoint":"fetch","action":"drift","count":1},
          {"endpoint":"webhook","action":"lost"}])";
  Start();
  ExpectOwnOutcomes(Collect(
      Submit(Everything(CanReadBatches() ? std::vector{ada_, bea_, cleo_}
                                         : std::vector{ada_}))
          .batch_id()));
  EXPECT_THAT(Drifts(), Ge(1));
}

std::string NameOf(const ::testing::TestParamInfo<std::string>& info) {
  return std::filesystem::path(info.param).stem().string();
}
INSTANTIATE_TEST_SUITE_P(All, Catalogue, ::testing::ValuesIn(CatalogueFiles()),
                         NameOf);
INSTANTIATE_TEST_SUITE_P(All, CatalogueOfJobs,
                         ::testing::ValuesIn(FilesWithJobs()), NameOf);

}  // namespace
}  // namespace enrich
