// What the gateway's ledger says, and the simulator's.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "absl/strings/str_cat.h"
#include "integration/gateway_fixture.h"

namespace enrich {
namespace {

using ::testing::HasSubstr;

class MoneyTest : public GatewayFixture {
 protected:
  static std::vector<v1::Contact> People(int count, const std::string& prefix,
                                         const std::string& last_name) {
    std::vector<v1::Contact> people;
    for (int i = 0; i < count; ++i) {
      people.push_back(Person(absl::StrCat(prefix, i), last_name));
    }
    return people;
  }
  v1::Funds FundsOf(const std::string& provider) {
    v1::Provider read;
    EXPECT_TRUE(client().GetProvider(provider, read).ok());
    EXPECT_EQ(read.job_drift_millicredits(), 0) << read.last_money_drift();
    EXPECT_EQ(read.price_drift_millicredits(), 0) << read.last_money_drift();
    const v1::Funds& funds = read.funds();
    EXPECT_EQ(funds.authorised_millicredits(),
              funds.reserved_millicredits() + funds.spent_millicredits() +
                  funds.released_millicredits() + funds.exposed_millicredits());
    return funds;
  }
  void ExpectAgreement(const std::string& provider) {
    const v1::Funds funds = FundsOf(provider);
    EXPECT_EQ(static_cast<double>(funds.spent_millicredits()) / 1000,
              Amount(provider, "credits_charged"))
        << provider;
    EXPECT_EQ(funds.reserved_millicredits(), 0) << provider;
    EXPECT_EQ(funds.exposed_millicredits(), 0) << provider;
  }
};

TEST_F(MoneyTest, TheLedgerAgreesWithTheProviders) {
  Start();
  const std::vector<v1::ContactField> both = {v1::CONTACT_FIELD_WORK_EMAIL,
                                              v1::CONTACT_FIELD_PHONE};
  Run(BatchOf(People(12, "a", "Found"), both));
  Run(BatchOf(People(7, "b", "Notfound"), both));
  Run(BatchOf(People(5, "c", "Onlyfullenrich")));
  ExpectAgreement("enrow");
  ExpectAgreement("fullenrich");
  EXPECT_GT(FundsOf("enrow").released_millicredits(), 0);
}

TEST_F(MoneyTest, ACeilingHoldsAgainstTheProviders) {
  knobs.work_email = "enrow, fullenrich";
  Start();
  v1::EnrichBatchRequest request = BatchOf(People(20, "a", "Found"));
  (*request.mutable_max_millicredits())["enrow"] = 6000;
  const std::vector<v1::ResultEvent> events =
      Collect(Submit(request).batch_id());
  EXPECT_EQ(Amount("enrow", "credits_charged"), 6);
  EXPECT_EQ(Amount("fullenrich", "credits_charged"), 14);
  ExpectAgreement("enrow");
  ExpectAgreement("fullenrich");
  const v1::BatchProgress& progress =
      events.back().batch_finished().batch().progress();
  EXPECT_EQ(progress.found(), 20);
  EXPECT_EQ(progress.funds().at("enrow").spent_millicredits(), 6000);
  EXPECT_EQ(progress.funds().at("enrow").reserved_millicredits(), 0);
}

TEST_F(MoneyTest, ACeilingHoldsAcrossARestart) {
  knobs.work_email = "enrow";
  knobs.max_contacts_per_request = 3;
  knobs.max_running_contacts = 3;
  // The restart may come between a request and its reply or its push.
  knobs.park_unknown_after = absl::Seconds(1);
  knobs.poll_first_after = absl::Seconds(1);
  Start();
  v1::EnrichBatchRequest request = BatchOf(People(20, "a", "Found"));
  (*request.mutable_max_millicredits())["enrow"] = 7000;
  const v1::Batch batch = Submit(request);
  ASSERT_TRUE(WaitForTotal("enrow", "submissions", 1));
  StopGateway();
  StartGateway();
  Collect(batch.batch_id());
  EXPECT_LE(Amount("enrow", "credits_charged"), 7);
  const v1::Funds funds = FundsOf("enrow");
  EXPECT_LE(funds.spent_millicredits() + funds.exposed_millicredits(), 7000);
  EXPECT_GE(funds.spent_millicredits() + funds.exposed_millicredits(), 5000);
}

TEST_F(MoneyTest, PrometheusIsToldOfIt) {
  Start();
  Run(BatchOf(People(2, "a", "Found")));
  const std::string metrics = Metrics();
  EXPECT_THAT(metrics,
              HasSubstr("enrichment_provider_spent_credits_total{provider="
                        "\"enrow\",tenant=\"default\"} 2"));
  EXPECT_THAT(metrics, HasSubstr("\nenrichment_contacts_open 0\n"));
  EXPECT_THAT(metrics, HasSubstr("\nenrichment_ledger_errors_total 0\n"));
}

}  // namespace
}  // namespace enrich
