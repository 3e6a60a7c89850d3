#include "engine/planner.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "fakes/text_event_encoder.h"
#include "model/errors.h"
#include "support/status_matchers.h"
#include "unit/engine/engine_parts.h"

namespace enrich {
namespace {

using ::testing::ElementsAre;
using ::testing::IsEmpty;
using ::testing::SizeIs;

constexpr ContactField kEmail = ContactField::kWorkEmail;
constexpr ContactField kPhone = ContactField::kPhone;

const absl::Time kNow = absl::UnixEpoch() + absl::Hours(500'000);

BatchRequest RequestFor(std::vector<Contact> contacts) {
  BatchRequest request = {.tenant = "t",
                          .request_id = "r1",
                          .display_name = "spring",
                          .content_hash = "hash"};
  for (Contact& contact : contacts) {
    request.contacts.push_back({.contact = std::move(contact)});
  }
  return request;
}

std::string ReasonOf(const absl::Status& status) {
  const auto details = DetailsOf(status);
  return details.has_value() ? details->reason : "";
}

TEST(MakePlan, TakesTheConfiguredWaterfalls) {
  BatchRequest request = RequestFor({MakePerson({kEmail})});
  request.min_email_quality = EmailQuality::kDeliverable;
  request.include_raw_items = true;
  request.bypass_cache = true;
  ASSERT_OK_AND_ASSIGN(
      const BatchPlan plan,
      MakePlan(request, AlphaAndBeta(), WaterfallsOf({"beta", "alpha"})));
  EXPECT_THAT(plan.AccountsFor(kEmail), ElementsAre("beta", "alpha"));
  EXPECT_EQ(plan.min_email_quality, EmailQuality::kDeliverable);
  EXPECT_TRUE(plan.include_raw_items);
  EXPECT_TRUE(plan.bypass_cache);
}

TEST(MakePlan, NamedProvidersServeTheFieldsTheyCan) {
  Capabilities phone_only = FakeAdapter::Simple();
  phone_only.operations[0].fields = kPhone;
  const Accounts accounts =
      MakeAccounts({{"alpha", phone_only}, {"beta", FakeAdapter::Simple()}});
  BatchRequest request = RequestFor({MakePerson({kEmail})});
  request.providers = {"alpha", "beta"};
  ASSERT_OK_AND_ASSIGN(const BatchPlan plan, MakePlan(request, accounts, {}));
  EXPECT_THAT(plan.AccountsFor(kPhone), ElementsAre("alpha", "beta"));
  EXPECT_THAT(plan.AccountsFor(kEmail), ElementsAre("beta"));
}

TEST(MakePlan, RefusesAProviderThatDoesNotExist) {
  BatchRequest request = RequestFor({MakePerson({kEmail})});
  request.providers = {"alpha", "nobody"};
  const auto plan = MakePlan(request, AlphaAndBeta(), {});
  EXPECT_THAT(plan, StatusIs(absl::StatusCode::kInvalidArgument));
  EXPECT_EQ(ReasonOf(plan.status()),
            ReasonOf(error::UnknownProvider("nobody")));
}

TEST(MakePlan, RefusesAFieldNobodyLooksUp) {
  BatchRequest request = RequestFor({MakePerson({kEmail, kPhone})});
  const auto plan = MakePlan(request, AlphaAndBeta(),
                             {{.field = kEmail, .accounts = {"alpha"}}});
  EXPECT_THAT(plan, StatusIs(absl::StatusCode::kFailedPrecondition));
  EXPECT_EQ(ReasonOf(plan.status()), ReasonOf(error::NoProvider("phone")));
  // What an invalid contact asks for is never looked up.
  request.contacts[0].violations.push_back({"email", "is no address"});
  EXPECT_THAT(MakePlan(request, AlphaAndBeta(), {}), IsOk());
}

class MakeBatchTest : public ::testing::Test {
 protected:
  NewBatch Make(BatchRequest request) {
    return MakeBatch(std::move(request), plan, accounts, encoder, "b1", kNow);
  }

  Accounts accounts = AlphaAndBeta();
  BatchPlan plan = {.waterfalls = WaterfallsOf({"alpha", "beta"})};
  TextEventEncoder encoder;
};

TEST_F(MakeBatchTest, CarriesTheRequest) {
  const NewBatch batch =
      Make(RequestFor({MakePerson({kEmail}, "a"), MakePerson({kEmail}, "b")}));
  EXPECT_EQ(batch.batch.tenant, "t");
  EXPECT_EQ(batch.batch.id, "b1");
  EXPECT_EQ(batch.batch.request_id, "r1");
  EXPECT_EQ(batch.batch.display_name, "spring");
  EXPECT_EQ(batch.batch.create_time, kNow);
  EXPECT_EQ(batch.batch.counters.contacts, 2);
  EXPECT_EQ(batch.now, kNow);
  EXPECT_EQ(batch.content_hash, "hash");
  ASSERT_THAT(batch.contacts, SizeIs(2));
  EXPECT_EQ(batch.contacts[1].contact_ref, "b");
}

TEST_F(MakeBatchTest, HasOneRowOfWorkPerLane) {
  const NewBatch batch = Make(RequestFor(
      {MakePerson({kEmail}, "a"), MakePerson({kEmail, kPhone}, "b")}));
  ASSERT_THAT(batch.work, SizeIs(1));
  EXPECT_EQ(batch.work[0].lane, (LaneKey{"t", "alpha", "find"}));
  EXPECT_EQ(batch.work[0].enqueue_time, kNow);
  ASSERT_THAT(batch.work[0].items, SizeIs(2));
  EXPECT_EQ(batch.work[0].items[1].contact_key, 1);
  EXPECT_EQ(batch.work[0].items[1].batch_key, 0);
  EXPECT_EQ(batch.work[0].items[1].fields, FieldSet(kEmail) | kPhone);
  EXPECT_THAT(batch.events, IsEmpty());
  EXPECT_THAT(batch.progress, IsEmpty()) << "nothing is known yet";
}

TEST_F(MakeBatchTest, SplitsTheFieldsOfAContactByOperation) {
  accounts = MakeAccounts({{"alpha", OneOperationPerField()}});
  const NewBatch batch = Make(RequestFor({MakePerson({kEmail, kPhone})}));
  ASSERT_THAT(batch.work, SizeIs(2));
  EXPECT_EQ(batch.work[0].lane.operation, "work_email");
  EXPECT_EQ(batch.work[1].lane.operation, "phone");
}

TEST_F(MakeBatchTest, ClosesInvalidContactsAtOnce) {
  BatchRequest request = RequestFor({MakePerson({kEmail}, "ada")});
  request.contacts[0].violations = {{"email", "is no address"},
                                    {"last_name", "is longer than 100 bytes"}};
  const NewBatch batch = Make(std::move(request));
  EXPECT_THAT(batch.work, IsEmpty());
  ASSERT_THAT(batch.events, SizeIs(1));
  EXPECT_EQ(batch.events[0].body, "ada work_email=invalid[]");
  EXPECT_EQ(batch.events[0].delta.contacts_done, 1);
  EXPECT_EQ(batch.events[0].delta.of(Outcome::kInvalidInput), 1);
}

TEST_F(MakeBatchTest, KeepsWhatWasPassedOverWhileTheRestIsOpen) {
  // Phones have no waterfall here: that field ends at once, the other not.
  plan.waterfalls = {{.field = kEmail, .accounts = {"alpha"}}};
  const NewBatch batch = Make(RequestFor(
      {MakePerson({kEmail}, "a"), MakePerson({kEmail, kPhone}, "b")}));
  ASSERT_THAT(batch.progress, SizeIs(1));
  EXPECT_EQ(batch.progress[0].contact_key, 1);
  EXPECT_EQ(batch.progress[0].progress.fields.at(1).outcome, Outcome::kSkipped);
  EXPECT_THAT(batch.events, IsEmpty());
}

TEST(Estimate, AssumesThatEveryProviderIsAskedForEverything) {
  Capabilities dear = FakeAdapter::Simple();
  for (auto& [field, price] : dear.operations[0].prices) price = {2500};
  const Accounts accounts =
      MakeAccounts({{"alpha", FakeAdapter::Simple()}, {"beta", dear}});
  const BatchPlan plan = {.waterfalls = WaterfallsOf({"alpha", "beta"})};
  std::vector<Contact> people(11, MakePerson({kEmail, kPhone}));
  BatchRequest request = RequestFor(std::move(people));
  request.contacts.push_back({.contact = MakePerson({kEmail}),
                              .violations = {{"email", "is no address"}}});
  const EnrichPlan estimate = Estimate(request, plan, accounts);
  ASSERT_THAT(estimate.steps, SizeIs(2));
  EXPECT_EQ(estimate.steps[0].account, "alpha");
  EXPECT_EQ(estimate.steps[0].operation, "find");
  EXPECT_EQ(estimate.steps[0].lookups, 22);
  EXPECT_EQ(estimate.steps[0].requests, 2) << "ten to a request";
  EXPECT_EQ(estimate.steps[0].max_cost, Credits::Whole(22));
  EXPECT_EQ(estimate.steps[1].account, "beta");
  EXPECT_EQ(estimate.steps[1].max_cost, Credits::Whole(55));
  EXPECT_EQ(estimate.max_duration, absl::Minutes(2));
}

// An operation whose bulk results are only pushed.
Accounts WithoutPushAddress(int max_contacts_without_push) {
  Capabilities capabilities = FakeAdapter::Simple();
  capabilities.operations[0].max_contacts_without_push =
      max_contacts_without_push;
  std::vector<Account> accounts;
  accounts.push_back({.name = "alpha",
                      .adapter = std::make_unique<FakeAdapter>(
                          "alpha", std::move(capabilities)),
                      .has_push_address = false});
  return Accounts(std::move(accounts));
}

TEST(Estimate, WithoutAPublicAddressRequestsAreAsSmallAsMustBe) {
  const Accounts accounts = WithoutPushAddress(2);
  const BatchPlan plan = {.waterfalls = WaterfallsOf({"alpha"})};
  const EnrichPlan estimate =
      Estimate(RequestFor({5, MakePerson({kEmail})}), plan, accounts);
  ASSERT_THAT(estimate.steps, SizeIs(1));
  EXPECT_EQ(estimate.steps[0].requests, 3);
}

TEST(Estimate, WhatCouldNotBeDeliveredIsNotAskedFor) {
  const Accounts accounts = WithoutPushAddress(0);
  const BatchPlan plan = {.waterfalls = WaterfallsOf({"alpha"})};
  EXPECT_THAT(
      Estimate(RequestFor({MakePerson({kEmail})}), plan, accounts).steps,
      IsEmpty());
}

TEST(Estimate, IsEmptyWhenNothingIsAsked) {
  const EnrichPlan estimate = Estimate(RequestFor({}), {}, AlphaAndBeta());
  EXPECT_THAT(estimate.steps, IsEmpty());
  EXPECT_EQ(estimate.max_duration, absl::ZeroDuration());
}

// Alpha's credits cost 0.05 each, beta's 0.001; nobody knows gamma's.
Accounts PricedAccounts() {
  std::vector<Account> accounts;
  const std::vector<std::pair<std::string, std::optional<int64_t>>> priced = {
      {"alpha", 50'000}, {"beta", 1'000}, {"gamma", std::nullopt}};
  for (const auto& [name, micros] : priced) {
    accounts.push_back(
        {.name = name,
         .adapter = std::make_unique<FakeAdapter>(name, FakeAdapter::Simple()),
         .micros_per_credit = micros});
  }
  return Accounts(std::move(accounts));
}

TEST(MakePlan, KeepsCeilingsAndThePricesTheyAreReckonedWith) {
  BatchRequest request = RequestFor({MakePerson({kEmail})});
  request.ceilings = {.credits = {{"alpha", Credits{5}}}, .cost_micros = 9};
  ASSERT_OK_AND_ASSIGN(
      const BatchPlan plan,
      MakePlan(request, PricedAccounts(), WaterfallsOf({"alpha", "beta"})));
  EXPECT_EQ(plan.ceilings.credits, request.ceilings.credits);
  EXPECT_EQ(plan.ceilings.cost_micros, 9);
  EXPECT_EQ(
      plan.ceilings.micros_per_credit,
      (std::map<std::string, int64_t>{{"alpha", 50'000}, {"beta", 1'000}}));
}

TEST(MakePlan, RefusesACeilingThatCannotBeHeld) {
  BatchRequest request = RequestFor({MakePerson({kEmail})});
  request.ceilings = {.credits = {{"nobody", Credits{5}}}};
  const auto waterfalls = WaterfallsOf({"alpha", "gamma"});
  absl::Status refused =
      MakePlan(request, PricedAccounts(), waterfalls).status();
  EXPECT_EQ(ReasonOf(refused), "INVALID_REQUEST");
  EXPECT_EQ(DetailsOf(refused)->field_violations[0].first,
            "max_millicredits[\"nobody\"]");
  request.ceilings = {.cost_micros = 9};
  refused = MakePlan(request, PricedAccounts(), waterfalls).status();
  EXPECT_EQ(ReasonOf(refused), "INVALID_REQUEST");
  EXPECT_EQ(DetailsOf(refused)->field_violations[0].first, "max_cost_micros");
  EXPECT_THAT(std::string(refused.message()), testing::HasSubstr("gamma"));
}

TEST(Estimate, IsHeldAgainstTheCeilings) {
  const Accounts accounts = PricedAccounts();
  BatchPlan plan = {.waterfalls = WaterfallsOf({"alpha", "beta"}),
                    .ceilings = {.credits = {{"alpha", Credits::Whole(2)},
                                             {"beta", Credits::Whole(1)}},
                                 .cost_micros = 101'999}};
  const BatchRequest request = RequestFor({2, MakePerson({kEmail})});
  EnrichPlan estimate = Estimate(request, plan, accounts);
  EXPECT_EQ(estimate.max_cost_micros, 102'000);
  EXPECT_THAT(estimate.over_ceiling, ElementsAre("beta", ""));
  plan.ceilings.cost_micros = 102'000;
  EXPECT_THAT(Estimate(request, plan, accounts).over_ceiling,
              ElementsAre("beta"));
  plan.waterfalls = WaterfallsOf({"gamma"});
  plan.ceilings = {};
  EXPECT_EQ(Estimate(request, plan, accounts).max_cost_micros, std::nullopt);
}

TEST(TimeFor, FollowsTheTightestLimit) {
  struct Row {
    int per_second;
    int max_running;
    int64_t contacts;
    absl::Duration time;
  };
  // Ten contacts to a request, a minute to an answer.
  const std::vector<Row> rows = {
      {0, 0, 0, absl::ZeroDuration()},
      {0, 0, 1'000, absl::Minutes(1)},
      {2, 0, 20, absl::Minutes(1)},
      {2, 0, 1'000, absl::Seconds(49) + absl::Minutes(1)},
      {0, 100, 100, absl::Minutes(1)},
      {0, 100, 1'000, absl::Minutes(10)},
      {2, 100, 1'000, absl::Minutes(10)},
  };
  for (const Row& row : rows) {
    Capabilities capabilities = FakeAdapter::Simple();
    capabilities.pacing.submit_limits = {{.requests = row.per_second}};
    capabilities.pacing.max_running_contacts = row.max_running;
    const Accounts accounts = MakeAccounts({{"alpha", capabilities}});
    const Account& account = accounts.all()[0];
    EXPECT_EQ(TimeFor(account, capabilities.operations[0], row.contacts),
              row.time)
        << row.per_second << " " << row.max_running << " " << row.contacts;
  }
}

}  // namespace
}  // namespace enrich
