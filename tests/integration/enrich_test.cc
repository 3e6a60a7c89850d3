#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "absl/strings/str_cat.h"
#include "integration/gateway_fixture.h"
#include "unit/rpc/grpc_errors.h"

namespace enrich {
namespace {

using ::testing::ElementsAre;
using ::testing::HasSubstr;
using ::testing::IsEmpty;
using ::testing::Pair;
using ::testing::SizeIs;
using ::testing::UnorderedElementsAre;

using EnrichGateway = GatewayFixture;

const std::vector<v1::ContactField> kEmailAndPhone = {
    v1::CONTACT_FIELD_WORK_EMAIL, v1::CONTACT_FIELD_PHONE};

TEST_F(EnrichGateway, AsksOneProviderAfterTheOther) {
  Start();
  v1::Contact nameless = Person("nameless", "");
  nameless.clear_first_name();
  EXPECT_THAT(
      Run(BatchOf({Person("everywhere", "Found"), Person("first", "Onlyenrow"),
                   Person("second", "Onlyfullenrich"),
                   Person("nobody", "Notfound"), nameless},
                  kEmailAndPhone)),
      UnorderedElementsAre(
          Pair("everywhere",
               "work_email=found[enrow=found] phone=found[fullenrich=found]"),
          Pair("first",
               "work_email=found[enrow=found] "
               "phone=found[fullenrich=not_found,enrow=found]"),
          Pair("second",
               "work_email=found[enrow=not_found,fullenrich=found] "
               "phone=found[fullenrich=found]"),
          Pair("nobody",
               "work_email=not_found[enrow=not_found,fullenrich=not_found] "
               "phone=not_found[fullenrich=not_found,enrow=not_found]"),
          Pair("nameless",
               "work_email=invalid_input[] phone=invalid_input[]")));
}

TEST_F(EnrichGateway, GivesValuesTheirPriceAndWhatTheCallerSent) {
  Start();
  v1::Contact contact = Person("vera", "Found");
  (*contact.mutable_custom())["crm_id"] = "4711";
  v1::EnrichBatchRequest request = BatchOf({contact}, kEmailAndPhone);
  request.set_include_raw_items(true);
  request.set_display_name("spring");
  const std::vector<v1::ResultEvent> events =
      Collect(Submit(request).batch_id());
  ASSERT_THAT(events, SizeIs(2));
  const v1::ContactResult& result = events[0].contact_result();
  ASSERT_THAT(result.fields(), SizeIs(2));
  ASSERT_THAT(result.fields(0).emails(), SizeIs(1));
  EXPECT_THAT(result.fields(0).emails(0).address(), HasSubstr("@vera.example"));
  EXPECT_EQ(result.fields(0).emails(0).quality(),
            v1::EMAIL_QUALITY_DELIVERABLE);
  EXPECT_EQ(result.fields(0).attempts(0).millicredits(), 1000);
  ASSERT_FALSE(result.fields(1).phones().empty());
  EXPECT_THAT(result.fields(1).phones(0).e164(), HasSubstr("+"));
  EXPECT_EQ(result.custom().at("crm_id"), "4711");
  EXPECT_THAT(result.raw_items(), SizeIs(2));

  const v1::Batch& batch = events[1].batch_finished().batch();
  EXPECT_EQ(batch.display_name(), "spring");
  EXPECT_EQ(batch.state(), v1::BATCH_STATE_FINISHED);
  EXPECT_EQ(batch.progress().found(), 2);
  EXPECT_EQ(batch.progress().millicredits().at("enrow"), 1000);
  EXPECT_EQ(batch.progress().millicredits().at("fullenrich"), 10000);
  EXPECT_EQ(Total("enrow", "credits_charged"), 1);
  EXPECT_EQ(Total("fullenrich", "credits_charged"), 10);
}

TEST_F(EnrichGateway, GoesOnPastAQualityThatDoesNotSuffice) {
  knobs.work_email = "fullenrich, enrow";
  Start();
  v1::EnrichBatchRequest request = BatchOf({Person("vera", "Catchall")});
  request.set_min_email_quality(v1::EMAIL_QUALITY_DELIVERABLE);
  const std::vector<v1::ResultEvent> events =
      Collect(Submit(request).batch_id());
  EXPECT_THAT(Summaries(events),
              ElementsAre(Pair(
                  "vera", "work_email=found[fullenrich=found,enrow=found]")));
  const v1::FieldResult& field = events[0].contact_result().fields(0);
  EXPECT_EQ(field.provider(), "enrow");
  ASSERT_FALSE(field.emails().empty());
  EXPECT_EQ(field.emails(0).quality(), v1::EMAIL_QUALITY_DELIVERABLE);
}

TEST_F(EnrichGateway, ListsAValueThatDoesNotSufficeAllTheSame) {
  knobs.work_email = "fullenrich";
  Start();
  v1::EnrichBatchRequest request = BatchOf({Person("vera", "Catchall")});
  request.set_min_email_quality(v1::EMAIL_QUALITY_DELIVERABLE);
  const std::vector<v1::ResultEvent> events =
      Collect(Submit(request).batch_id());
  const v1::FieldResult& field = events[0].contact_result().fields(0);
  EXPECT_EQ(field.outcome(), v1::LOOKUP_OUTCOME_NOT_FOUND);
  ASSERT_THAT(field.emails(), SizeIs(1));
  EXPECT_EQ(field.emails(0).quality(), v1::EMAIL_QUALITY_CATCH_ALL);
}

TEST_F(EnrichGateway, DoesNotBuyTwiceForTheSameRequestId) {
  Start();
  const v1::EnrichBatchRequest request = BatchOf({Person("vera", "Found")});
  const v1::Batch first = Submit(request);
  EXPECT_EQ(Submit(request).batch_id(), first.batch_id());
  Collect(first.batch_id());
  EXPECT_EQ(Submit(request).batch_id(), first.batch_id());
  std::vector<v1::Batch> batches;
  EXPECT_TRUE(client().ListBatches(1, batches).ok());
  EXPECT_THAT(batches, SizeIs(1));
  EXPECT_EQ(Total("enrow", "submissions"), 1);

  v1::EnrichBatchRequest other = BatchOf({Person("nora", "Found")});
  other.set_request_id(request.request_id());
  v1::EnrichBatchResponse response;
  const grpc::Status status = client().EnrichBatch(other, response);
  EXPECT_EQ(status.error_code(), grpc::StatusCode::ALREADY_EXISTS);
  EXPECT_EQ(ReasonOf(status), "REQUEST_ID_REUSED");
}

TEST_F(EnrichGateway, ValidatesWithoutStoringOrSpending) {
  Start();
  v1::EnrichBatchRequest request =
      BatchOf({Person("vera", "Found"), Person("nora", "Found")});
  request.set_validate_only(true);
  v1::EnrichBatchResponse response;
  EXPECT_TRUE(client().EnrichBatch(request, response).ok());
  EXPECT_FALSE(response.has_batch());
  ASSERT_THAT(response.plan().steps(), SizeIs(2));
  EXPECT_EQ(response.plan().steps(0).provider(), "enrow");
  EXPECT_EQ(response.plan().steps(0).lookups(), 2);
  EXPECT_EQ(response.plan().steps(0).max_millicredits(), 2000);
  EXPECT_EQ(response.plan().steps(1).provider(), "fullenrich");
  std::vector<v1::Batch> batches;
  EXPECT_TRUE(client().ListBatches(10, batches).ok());
  EXPECT_THAT(batches, IsEmpty());
  EXPECT_EQ(Total("enrow", "submissions"), 0);
}

TEST_F(EnrichGateway, SaysWhatIsWrongWithACall) {
  knobs.more = "limits:\n  max_contacts_per_batch: 3\n";
  Start();
  const auto refusal = [&](const v1::EnrichBatchRequest& request) {
    v1::EnrichBatchResponse response;
    return client().EnrichBatch(request, response);
  };
  v1::EnrichBatchRequest request = BatchOf({Person("a", "Found")});
  request.clear_request_id();
  grpc::Status status = refusal(request);
  EXPECT_EQ(status.error_code(), grpc::StatusCode::INVALID_ARGUMENT);
  EXPECT_EQ(ReasonOf(status), "INVALID_REQUEST");
  EXPECT_THAT(ViolatedFields(status), ElementsAre("request_id"));

  status = refusal(BatchOf({}));
  EXPECT_EQ(status.error_code(), grpc::StatusCode::INVALID_ARGUMENT);
  EXPECT_EQ(ReasonOf(status), "BATCH_EMPTY");

  const v1::Contact vera = Person("a", "Found");
  EXPECT_EQ(ReasonOf(refusal(BatchOf({vera, vera}))), "DUPLICATE_CONTACT_REF");
  EXPECT_EQ(ReasonOf(refusal(BatchOf(std::vector<v1::Contact>(4, vera)))),
            "BATCH_TOO_LARGE");

  status = refusal(BatchOf({vera}, {v1::CONTACT_FIELD_PERSONAL_EMAIL}));
  EXPECT_EQ(status.error_code(), grpc::StatusCode::FAILED_PRECONDITION);
  EXPECT_EQ(ReasonOf(status), "NO_PROVIDER");

  v1::Batch batch;
  status = client().GetBatch("no-such-batch", batch);
  EXPECT_EQ(status.error_code(), grpc::StatusCode::NOT_FOUND);
  EXPECT_EQ(ReasonOf(status), "BATCH_NOT_FOUND");
  status = client().Watch(WatchAfter("", "not-a-token"))->Finish();
  EXPECT_EQ(status.error_code(), grpc::StatusCode::INVALID_ARGUMENT);
  EXPECT_EQ(ReasonOf(status), "INVALID_RESUME_TOKEN");
  EXPECT_EQ(Total("enrow", "submissions"), 0);
}

TEST_F(EnrichGateway, TakesNoMoreThanItMayHold) {
  simulator_options.latency = absl::Seconds(30);
  knobs.more = "limits:\n  max_open_contacts: 1\n";
  Start();
  Submit(BatchOf({Person("a", "Found")}));
  ASSERT_TRUE(WaitForTotal("enrow", "accepted", 1));
  v1::EnrichBatchResponse response;
  const grpc::Status status =
      client().EnrichBatch(BatchOf({Person("b", "Found")}), response);
  EXPECT_EQ(status.error_code(), grpc::StatusCode::RESOURCE_EXHAUSTED);
  EXPECT_EQ(ReasonOf(status), "TOO_MANY_OPEN_CONTACTS");
  EXPECT_TRUE(DetailOf<google::rpc::RetryInfo>(status).has_value());
}

TEST_F(EnrichGateway, KeepsTenantsApart) {
  knobs.more =
      "auth:\n  tokens:\n"
      "    - {tenant: acme, token: env:acme}\n"
      "    - {tenant: globex, token: env:globex}\n";
  Start();
  const v1::EnrichBatchRequest request = BatchOf({Person("vera", "Found")});
  v1::EnrichBatchResponse response;
  grpc::Status status = client().EnrichBatch(request, response);
  EXPECT_EQ(status.error_code(), grpc::StatusCode::UNAUTHENTICATED);
  EXPECT_EQ(ReasonOf(status), "CREDENTIAL_MISSING");
  status = Connect("wrong")->EnrichBatch(request, response);
  EXPECT_EQ(ReasonOf(status), "CREDENTIAL_INVALID");

  const auto acme = Connect("acme-key");
  ASSERT_TRUE(acme->EnrichBatch(request, response).ok());
  v1::Batch batch;
  EXPECT_TRUE(acme->GetBatch(response.batch().batch_id(), batch).ok());
  status = Connect("globex-key")->GetBatch(response.batch().batch_id(), batch);
  EXPECT_EQ(ReasonOf(status), "BATCH_NOT_FOUND");
}

TEST_F(EnrichGateway, CancelsWhatWasNotSent) {
  simulator_options.latency = absl::Milliseconds(300);
  knobs.max_running_contacts = 1;
  knobs.work_email = "fullenrich";
  Start();
  const v1::Batch batch = Submit(BatchOf(
      {Person("a", "Found"), Person("b", "Found"), Person("c", "Found")}));
  ASSERT_TRUE(WaitForTotal("fullenrich", "accepted", 1));
  v1::Batch after;
  ASSERT_TRUE(client().CancelBatch(batch.batch_id(), after).ok());
  EXPECT_EQ(after.state(), v1::BATCH_STATE_CANCELLING);
  const std::vector<v1::ResultEvent> events = Collect(batch.batch_id());
  const v1::Batch& end = events.back().batch_finished().batch();
  EXPECT_EQ(end.state(), v1::BATCH_STATE_CANCELLED);
  EXPECT_EQ(end.progress().found(), 1) << "it was paid for";
  EXPECT_EQ(end.progress().cancelled(), 2);
  EXPECT_EQ(Total("fullenrich", "accepted"), 1);
  ASSERT_TRUE(client().CancelBatch(batch.batch_id(), after).ok());
  EXPECT_EQ(after.state(), v1::BATCH_STATE_CANCELLED);
}

TEST_F(EnrichGateway, StreamsAllBatchesOfTheCallerInOrder) {
  Start();
  const auto watcher = client().Watch(WatchFromOldest(""));
  for (const std::string ref : {"a", "b", "c"}) {
    Submit(BatchOf({Person(ref, "Found")}));
  }
  ASSERT_TRUE(watcher->ReadUntil(
      [](const Watcher& seen) { return seen.events.size() == 6; }));
  int64_t revision = 0;
  for (const v1::ResultEvent& event : watcher->events) {
    EXPECT_GT(event.revision(), revision);
    revision = event.revision();
  }
}

TEST_F(EnrichGateway, TellsHowAProviderFares) {
  simulator_options.latency = absl::Milliseconds(300);
  Start();
  const v1::Batch batch =
      Submit(BatchOf({Person("a", "Found"), Person("b", "Found")}));
  ASSERT_TRUE(WaitForTotal("enrow", "accepted", 1));
  v1::Provider provider;
  ASSERT_TRUE(client().GetProvider("enrow", provider).ok());
  EXPECT_EQ(provider.adapter(), "enrow");
  EXPECT_EQ(provider.delivery(), v1::DELIVERY_MODE_PUSH);
  EXPECT_EQ(provider.breaker(), v1::BREAKER_STATE_CLOSED);
  EXPECT_THAT(provider.operations(), SizeIs(2));
  EXPECT_EQ(provider.jobs_in_flight(), 1);
  EXPECT_EQ(provider.contacts_in_flight(), 2);
  Collect(batch.batch_id());
  ASSERT_TRUE(client().GetProvider("enrow", provider).ok());
  EXPECT_EQ(provider.jobs_in_flight(), 0);
  EXPECT_EQ(provider.contacts_in_flight(), 0);
  EXPECT_EQ(ReasonOf(client().GetProvider("nobody", provider)),
            "PROVIDER_NOT_FOUND");
}

}  // namespace
}  // namespace enrich
