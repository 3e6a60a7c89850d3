#include "rpc/provider_service.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "fakes/fake_adapter.h"
#include "unit/rpc/grpc_errors.h"
#include "unit/rpc/service_harness.h"

namespace enrich {
namespace {

using ::testing::ElementsAre;

class ProviderServiceTest : public ::testing::Test {
 protected:
  ProviderServiceTest() {
    Capabilities polled = FakeAdapter::Simple();
    polled.push = false;
    polled_ = std::make_unique<FakeAdapter>("quiet", polled);
    harness_.engine.accounts = {
        {.name = "main",
         .adapter = &pushed_,
         .breaker = BreakerState::kOpen,
         .last_error = "HTTP 503",
         .last_error_time = absl::FromUnixSeconds(1'790'000'000),
         .requests_available = 2.5,
         .jobs_in_flight = 1,
         .contacts_in_flight = 2,
         .lookups_waiting = 3,
         .jobs_unknown = 4,
         .jobs_parked = 3,
         .exposed = Credits{4'500},
         .doubt_pause_until = absl::FromUnixSeconds(1'790'000'300),
         .suspected_double_spends = 1,
         .balance = Credits{12'500},
         .balance_time = absl::FromUnixSeconds(1'790'000'100),
         .contract_drift_count = 5,
         .last_contract_drift = "an unknown status",
         .last_contract_drift_time = absl::FromUnixSeconds(1'790'000'200),
         .webhooks_quarantined = 6,
         .funds = {{"acme",
                    {.authorised = Credits{10},
                     .reserved = Credits{1},
                     .spent = Credits{2},
                     .released = Credits{3},
                     .exposed = Credits{4}}},
                   {"other",
                    {.authorised = Credits{90}, .spent = Credits{90}}}},
         .money_drift = {.jobs = Credits{-5},
                         .over_price = Credits{6},
                         .balance = Credits{7},
                         .last = "the balance fell",
                         .last_time = absl::FromUnixSeconds(1'790'000'300)}},
        {.name = "spare", .adapter = polled_.get()}};
  }

  grpc::Status Get(const std::string& name, v1::Provider* provider) {
    v1::GetProviderRequest request;
    request.set_provider(name);
    v1::GetProviderResponse response;
    const grpc::Status status = harness_.provider_stub->GetProvider(
        harness_.Context().get(), request, &response);
    *provider = response.provider();
    return status;
  }

  FakeAdapter pushed_{"loud", FakeAdapter::Simple()};
  std::unique_ptr<FakeAdapter> polled_;
  ServiceHarness harness_;
};

TEST_F(ProviderServiceTest, TellsAllOfAnAccount) {
  v1::Provider provider;
  ASSERT_TRUE(Get("main", &provider).ok());
  EXPECT_EQ(provider.provider(), "main");
  EXPECT_EQ(provider.adapter(), "loud");
  ASSERT_EQ(provider.operations_size(), 1);
  const v1::ProviderOperation& operation = provider.operations(0);
  EXPECT_EQ(operation.operation(), "find");
  EXPECT_THAT(operation.fields(),
              ElementsAre(v1::CONTACT_FIELD_WORK_EMAIL, v1::CONTACT_FIELD_PHONE,
                          v1::CONTACT_FIELD_PERSONAL_EMAIL,
                          v1::CONTACT_FIELD_EMAIL_VERIFICATION));
  EXPECT_THAT(operation.millicredits(), ElementsAre(1000, 1000, 1000, 1000));
  EXPECT_EQ(operation.min_contacts(), 1);
  EXPECT_EQ(operation.max_contacts(), 10);
  EXPECT_EQ(provider.delivery(), v1::DELIVERY_MODE_PUSH);
  EXPECT_EQ(provider.breaker(), v1::BREAKER_STATE_OPEN);
  EXPECT_EQ(provider.last_error(), "HTTP 503");
  EXPECT_EQ(provider.last_error_time().seconds(), 1'790'000'000);
  EXPECT_EQ(provider.requests_available(), 2.5);
  EXPECT_EQ(provider.jobs_in_flight(), 1);
  EXPECT_EQ(provider.contacts_in_flight(), 2);
  EXPECT_EQ(provider.lookups_waiting(), 3);
  EXPECT_EQ(provider.jobs_unknown(), 4);
  EXPECT_EQ(provider.jobs_parked(), 3);
  EXPECT_EQ(provider.exposed_millicredits(), 4'500);
  EXPECT_EQ(provider.doubt_pause_until().seconds(), 1'790'000'300);
  EXPECT_EQ(provider.suspected_double_spends(), 1);
  EXPECT_EQ(provider.webhooks_quarantined(), 6);
  EXPECT_EQ(provider.balance_millicredits(), 12'500);
  EXPECT_EQ(provider.balance_time().seconds(), 1'790'000'100);
  EXPECT_EQ(provider.contract_drift_count(), 5);
  EXPECT_EQ(provider.last_contract_drift(), "an unknown status");
  EXPECT_EQ(provider.last_contract_drift_time().seconds(), 1'790'000'200);
}

TEST_F(ProviderServiceTest, TellsTheMoneyOfAllAndOfTheCaller) {
  v1::Provider provider;
  ASSERT_TRUE(Get("main", &provider).ok());
  EXPECT_EQ(provider.funds().authorised_millicredits(), 100);
  EXPECT_EQ(provider.funds().spent_millicredits(), 92);
  const v1::Funds& own = provider.caller_funds();
  EXPECT_EQ(own.authorised_millicredits(), 10);
  EXPECT_EQ(own.reserved_millicredits(), 1);
  EXPECT_EQ(own.spent_millicredits(), 2);
  EXPECT_EQ(own.released_millicredits(), 3);
  EXPECT_EQ(own.exposed_millicredits(), 4);
  EXPECT_EQ(provider.job_drift_millicredits(), -5);
  EXPECT_EQ(provider.price_drift_millicredits(), 6);
  EXPECT_EQ(provider.balance_drift_millicredits(), 7);
  EXPECT_EQ(provider.last_money_drift(), "the balance fell");
  EXPECT_EQ(provider.last_money_drift_time().seconds(), 1'790'000'300);
}

TEST_F(ProviderServiceTest, WhatIsNotKnownIsAbsent) {
  v1::Provider provider;
  ASSERT_TRUE(Get("spare", &provider).ok());
  EXPECT_EQ(provider.delivery(), v1::DELIVERY_MODE_POLL);
  EXPECT_EQ(provider.breaker(), v1::BREAKER_STATE_CLOSED);
  EXPECT_FALSE(provider.has_last_error_time());
  EXPECT_FALSE(provider.has_balance_time());
  EXPECT_FALSE(provider.has_doubt_pause_until());
  EXPECT_FALSE(provider.has_last_contract_drift_time());
  EXPECT_FALSE(provider.has_caller_funds());
  EXPECT_FALSE(provider.has_last_money_drift_time());
}

TEST_F(ProviderServiceTest, ListsAccountsInConfigurationOrder) {
  v1::ListProvidersResponse response;
  ASSERT_TRUE(harness_.provider_stub
                  ->ListProviders(harness_.Context().get(), {}, &response)
                  .ok());
  ASSERT_EQ(response.providers_size(), 2);
  EXPECT_EQ(response.providers(0).provider(), "main");
  EXPECT_EQ(response.providers(1).provider(), "spare");
}

TEST_F(ProviderServiceTest, SaysWhichProviderThereIsNot) {
  v1::Provider provider;
  const grpc::Status unknown = Get("nobody", &provider);
  EXPECT_EQ(unknown.error_code(), grpc::StatusCode::NOT_FOUND);
  EXPECT_EQ(ReasonOf(unknown), "PROVIDER_NOT_FOUND");
  EXPECT_THAT(ViolatedFields(Get("", &provider)), ElementsAre("provider"));
}

TEST_F(ProviderServiceTest, EveryMethodAsksWhoCalls) {
  v1::ListProvidersResponse list;
  v1::GetProviderResponse get;
  EXPECT_EQ(ReasonOf(harness_.provider_stub->ListProviders(
                harness_.Context("").get(), {}, &list)),
            "CREDENTIAL_MISSING");
  EXPECT_EQ(ReasonOf(harness_.provider_stub->GetProvider(
                harness_.Context("guess").get(), {}, &get)),
            "CREDENTIAL_INVALID");
}

}  // namespace
}  // namespace enrich
