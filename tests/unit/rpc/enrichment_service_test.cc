#include "rpc/enrichment_service.h"

#include <gmock/gmock.h>
#include <google/protobuf/text_format.h>
#include <gtest/gtest.h>

#include <future>

#include "absl/strings/str_cat.h"
#include "grpcpp/generic/generic_stub.h"
#include "grpcpp/support/byte_buffer.h"
#include "model/errors.h"
#include "rpc/proto_event_encoder.h"
#include "unit/rpc/grpc_errors.h"
#include "unit/rpc/service_harness.h"

namespace enrich {
namespace {

using ::testing::ElementsAre;
using ::testing::IsEmpty;
using ::testing::SizeIs;

v1::EnrichBatchRequest ValidRequest() {
  v1::EnrichBatchRequest request;
  EXPECT_TRUE(google::protobuf::TextFormat::ParseFromString(
      R"pb(
        request_id: "req-1"
        fields: CONTACT_FIELD_WORK_EMAIL
        contacts {
          contact_ref: "c1"
          full_name: "Ada Example"
          company_domain: "acme.com"
        }
      )pb",
      &request));
  return request;
}

class EnrichmentServiceTest : public ::testing::Test {
 protected:
  grpc::Status EnrichBatch(const v1::EnrichBatchRequest& request,
                           v1::EnrichBatchResponse* response) {
    return harness_.stub->EnrichBatch(harness_.Context().get(), request,
                                      response);
  }
  grpc::Status EnrichBatch(const v1::EnrichBatchRequest& request) {
    v1::EnrichBatchResponse response;
    return EnrichBatch(request, &response);
  }
  v1::ListBatchesResponse ListBatches(int page_size, const std::string& token) {
    v1::ListBatchesRequest request;
    request.set_page_size(page_size);
    request.set_page_token(token);
    v1::ListBatchesResponse response;
    status_ = harness_.stub->ListBatches(harness_.Context().get(), request,
                                         &response);
    return response;
  }
  v1::ListResultsResponse ListResults(const std::string& batch_id,
                                      int page_size, const std::string& token) {
    v1::ListResultsRequest request;
    request.set_batch_id(batch_id);
    request.set_page_size(page_size);
    request.set_page_token(token);
    v1::ListResultsResponse response;
    status_ = harness_.stub->ListResults(harness_.Context().get(), request,
                                         &response);
    return response;
  }
  // Sends bytes that no stub would.
  grpc::Status CallRaw(const std::string& method, const std::string& bytes) {
    grpc::GenericStub stub(harness_.channel);
    const grpc::Slice slice(bytes);
    const grpc::ByteBuffer request(&slice, 1);
    grpc::ByteBuffer response;
    std::promise<grpc::Status> done;
    const auto context = harness_.Context();
    stub.UnaryCall(
        context.get(), "/enrich.v1.EnrichmentService/" + method,
        grpc::StubOptions(), &request, &response,
        [&done](grpc::Status status) { done.set_value(std::move(status)); });
    return done.get_future().get();
  }

  ServiceHarness harness_;
  grpc::Status status_;
};

TEST_F(EnrichmentServiceTest, HandsACheckedBatchToTheEngine) {
  harness_.engine.batch = {.id = "batch-7",
                           .request_id = "req-1",
                           .create_time = absl::FromUnixSeconds(1'790'000'000)};
  harness_.engine.batch.counters.contacts = 1;
  harness_.engine.time_left = absl::Minutes(2);
  v1::EnrichBatchResponse response;
  ASSERT_TRUE(EnrichBatch(ValidRequest(), &response).ok());
  EXPECT_EQ(response.batch().batch_id(), "batch-7");
  EXPECT_EQ(response.batch().state(), v1::BATCH_STATE_RUNNING);
  EXPECT_EQ(response.batch().create_time().seconds(), 1'790'000'000);
  EXPECT_EQ(response.batch().progress().contacts(), 1);
  EXPECT_EQ(response.batch().progress().time_left().seconds(), 120);
  EXPECT_FALSE(response.has_plan());
  const auto submitted = harness_.engine.submitted();
  ASSERT_THAT(submitted, SizeIs(1));
  EXPECT_EQ(submitted[0].tenant, "acme");
  EXPECT_EQ(submitted[0].contacts[0].contact.full_name, "Ada Example");
}

TEST_F(EnrichmentServiceTest, ListsWhatIsWrongWithSingleContacts) {
  v1::EnrichBatchRequest request = ValidRequest();
  request.add_contacts()->set_contact_ref("c2");
  v1::EnrichBatchResponse response;
  ASSERT_TRUE(EnrichBatch(request, &response).ok());
  ASSERT_EQ(response.violations_size(), 1);
  EXPECT_EQ(response.violations(0).contact_index(), 1);
  EXPECT_EQ(response.violations(0).field(), "linkedin_url");
  EXPECT_NE(response.violations(0).description(), "");
}

TEST_F(EnrichmentServiceTest, ARehearsalPlansAndSubmitsNothing) {
  harness_.engine.plan = {.steps = {{.account = "enrow",
                                     .operation = "work_email",
                                     .lookups = 1,
                                     .requests = 1,
                                     .max_cost = Credits::Whole(1)}},
                          .max_duration = absl::Minutes(3),
                          .max_cost_micros = 59'000,
                          .over_ceiling = {"enrow", ""}};
  v1::EnrichBatchRequest request = ValidRequest();
  request.set_validate_only(true);
  v1::EnrichBatchResponse response;
  ASSERT_TRUE(EnrichBatch(request, &response).ok());
  EXPECT_FALSE(response.has_batch());
  ASSERT_EQ(response.plan().steps_size(), 1);
  EXPECT_EQ(response.plan().steps(0).provider(), "enrow");
  EXPECT_EQ(response.plan().steps(0).max_millicredits(), 1000);
  EXPECT_EQ(response.plan().max_duration().seconds(), 180);
  EXPECT_EQ(response.plan().max_cost_micros(), 59'000);
  EXPECT_THAT(response.plan().over_ceilings(),
              ElementsAre("enrow", "max_cost_micros"));
  EXPECT_THAT(harness_.engine.submitted(), IsEmpty());
  EXPECT_THAT(harness_.engine.planned(), SizeIs(1));
}

TEST_F(EnrichmentServiceTest, PassesOnWhatTheEngineRefuses) {
  const struct {
    absl::Status status;
    grpc::StatusCode code;
    const char* reason;
  } kCases[] = {
      {error::RequestIdReused("req-1"), grpc::StatusCode::ALREADY_EXISTS,
       "REQUEST_ID_REUSED"},
      {error::NoProvider("phone"), grpc::StatusCode::FAILED_PRECONDITION,
       "NO_PROVIDER"},
      {error::TooManyOpenContacts(5, 5, absl::Seconds(9)),
       grpc::StatusCode::RESOURCE_EXHAUSTED, "TOO_MANY_OPEN_CONTACTS"},
      {error::ShuttingDown(), grpc::StatusCode::UNAVAILABLE, "SHUTTING_DOWN"},
      {absl::UnavailableError("busy"), grpc::StatusCode::UNAVAILABLE,
       "STORE_UNAVAILABLE"},
  };
  for (const auto& c : kCases) {
    harness_.engine.status = c.status;
    for (const bool validate_only : {false, true}) {
      v1::EnrichBatchRequest request = ValidRequest();
      request.set_validate_only(validate_only);
      const grpc::Status status = EnrichBatch(request);
      EXPECT_EQ(status.error_code(), c.code);
      EXPECT_EQ(ReasonOf(status), c.reason);
    }
  }
}

TEST_F(EnrichmentServiceTest, BadInputReachesTheCallerWithItsPath) {
  v1::EnrichBatchRequest empty = ValidRequest();
  empty.clear_contacts();
  EXPECT_EQ(ReasonOf(EnrichBatch(empty)), "BATCH_EMPTY");

  v1::EnrichBatchRequest large = ValidRequest();
  for (int i = 0; i < 5; ++i) {
    *large.add_contacts() = large.contacts(0);
    large.mutable_contacts(i + 1)->set_contact_ref(absl::StrCat("more", i));
  }
  EXPECT_EQ(ReasonOf(EnrichBatch(large)), "BATCH_TOO_LARGE");

  v1::EnrichBatchRequest twice = ValidRequest();
  *twice.add_contacts() = twice.contacts(0);
  EXPECT_EQ(ReasonOf(EnrichBatch(twice)), "DUPLICATE_CONTACT_REF");

  v1::EnrichBatchRequest field = ValidRequest();
  field.add_fields(static_cast<v1::ContactField>(42));
  const grpc::Status status = EnrichBatch(field);
  EXPECT_EQ(status.error_code(), grpc::StatusCode::INVALID_ARGUMENT);
  EXPECT_EQ(ReasonOf(status), "INVALID_REQUEST");
  EXPECT_THAT(ViolatedFields(status), ElementsAre("fields[1]"));
  EXPECT_THAT(harness_.engine.submitted(), IsEmpty());
}

TEST_F(EnrichmentServiceTest, BytesThatCannotBeReadAreTheCallersMistake) {
  for (const char* method : {"EnrichBatch", "GetBatch", "ListBatches",
                             "ListResults", "CancelBatch"}) {
    const grpc::Status status = CallRaw(method, "\xff\xff\xff");
    EXPECT_EQ(status.error_code(), grpc::StatusCode::INVALID_ARGUMENT);
    EXPECT_EQ(ReasonOf(status), "MALFORMED_MESSAGE") << method;
  }
  // batch_id = "\xC3(", which is not UTF-8.
  const grpc::Status status = CallRaw("GetBatch", "\x0a\x02\xC3(");
  EXPECT_EQ(ReasonOf(status), "MALFORMED_MESSAGE");
  EXPECT_EQ(MetadataOf(status, "field_path"), "batch_id");
}

TEST_F(EnrichmentServiceTest, AMessageOverTheLimitIsRefused) {
  v1::EnrichBatchRequest request = ValidRequest();
  request.set_display_name(std::string(5 * 1024 * 1024, 'n'));
  EXPECT_EQ(EnrichBatch(request).error_code(),
            grpc::StatusCode::RESOURCE_EXHAUSTED);
}

TEST_F(EnrichmentServiceTest, ACompressedMessageIsNotUnpacked) {
  v1::EnrichBatchRequest request = ValidRequest();
  // Worth compressing, or the client would not.
  request.set_display_name(std::string(1024 * 1024, 'n'));
  for (const auto algorithm : {GRPC_COMPRESS_GZIP, GRPC_COMPRESS_DEFLATE}) {
    const auto context = ServiceHarness::Context();
    context->set_compression_algorithm(algorithm);
    v1::EnrichBatchResponse response;
    EXPECT_EQ(harness_.stub->EnrichBatch(context.get(), request, &response)
                  .error_code(),
              grpc::StatusCode::UNIMPLEMENTED);
  }
  EXPECT_THAT(harness_.engine.submitted(), IsEmpty());
}

TEST_F(EnrichmentServiceTest, EveryMethodAsksWhoCalls) {
  for (const std::string token : {"", "guess"}) {
    const std::string reason =
        token.empty() ? "CREDENTIAL_MISSING" : "CREDENTIAL_INVALID";
    const auto expect = [&](const grpc::Status& status) {
      EXPECT_EQ(status.error_code(), grpc::StatusCode::UNAUTHENTICATED);
      EXPECT_EQ(ReasonOf(status), reason);
    };
    v1::EnrichBatchResponse enrich;
    expect(harness_.stub->EnrichBatch(harness_.Context(token).get(),
                                      ValidRequest(), &enrich));
    v1::GetBatchResponse get;
    expect(harness_.stub->GetBatch(harness_.Context(token).get(), {}, &get));
    v1::ListBatchesResponse batches;
    expect(harness_.stub->ListBatches(harness_.Context(token).get(), {},
                                      &batches));
    v1::ListResultsResponse results;
    expect(harness_.stub->ListResults(harness_.Context(token).get(), {},
                                      &results));
    v1::CancelBatchResponse cancel;
    expect(
        harness_.stub->CancelBatch(harness_.Context(token).get(), {}, &cancel));
  }
  EXPECT_THAT(harness_.engine.submitted(), IsEmpty());
}

TEST_F(EnrichmentServiceTest, GetsABatch) {
  harness_.store.AddBatch("acme", "b1");
  v1::GetBatchRequest request;
  request.set_batch_id("b1");
  v1::GetBatchResponse response;
  ASSERT_TRUE(
      harness_.stub->GetBatch(harness_.Context().get(), request, &response)
          .ok());
  EXPECT_EQ(response.batch().batch_id(), "b1");
  EXPECT_EQ(response.batch().request_id(), "request-b1");
}

TEST_F(EnrichmentServiceTest, ABatchOfAnotherTenantDoesNotExist) {
  harness_.store.AddBatch("globex", "b1");
  v1::GetBatchRequest get;
  get.set_batch_id("b1");
  v1::GetBatchResponse response;
  EXPECT_EQ(ReasonOf(harness_.stub->GetBatch(harness_.Context().get(), get,
                                             &response)),
            "BATCH_NOT_FOUND");
  ListResults("b1", 0, "");
  EXPECT_EQ(ReasonOf(status_), "BATCH_NOT_FOUND");
  EXPECT_THAT(ListBatches(0, "").batches(), IsEmpty());
}

TEST_F(EnrichmentServiceTest, MethodsOnABatchNeedItsId) {
  v1::GetBatchResponse get;
  v1::CancelBatchResponse cancel;
  ListResults("", 0, "");
  for (const grpc::Status& status :
       {harness_.stub->GetBatch(harness_.Context().get(), {}, &get),
        harness_.stub->CancelBatch(harness_.Context().get(), {}, &cancel),
        status_}) {
    EXPECT_EQ(ReasonOf(status), "INVALID_REQUEST");
    EXPECT_THAT(ViolatedFields(status), ElementsAre("batch_id"));
  }
}

TEST_F(EnrichmentServiceTest, ListsBatchesNewestFirstByPage) {
  for (int i = 1; i <= 5; ++i) {
    harness_.store.AddBatch("acme", absl::StrCat("b", i));
  }
  std::vector<std::string> ids;
  std::string token;
  int pages = 0;
  do {
    const v1::ListBatchesResponse page = ListBatches(2, token);
    ASSERT_TRUE(status_.ok()) << status_.error_message();
    for (const v1::Batch& batch : page.batches()) {
      ids.push_back(batch.batch_id());
    }
    token = page.next_page_token();
    ++pages;
  } while (!token.empty());
  EXPECT_THAT(ids, ElementsAre("b5", "b4", "b3", "b2", "b1"));
  EXPECT_EQ(pages, 3);
}

TEST_F(EnrichmentServiceTest, APageThatFitsExactlyIsTheLast) {
  harness_.store.AddBatch("acme", "b1");
  harness_.store.AddBatch("acme", "b2");
  EXPECT_EQ(ListBatches(2, "").next_page_token(), "");
}

TEST_F(EnrichmentServiceTest, ListsResultsByPage) {
  harness_.store.AddBatch("acme", "b1");
  harness_.store.AddBatch("acme", "b2");
  const std::string body = ProtoEventEncoder().EncodeContactResult(
      "b1", absl::UnixEpoch(), 0, {.contact_ref = "c"}, {}, 0);
  for (int i = 0; i < 3; ++i) {
    harness_.store.Append("b1", {body, body, body});
    harness_.store.Append("b2", {body});
  }
  std::vector<int64_t> sequences;
  std::string token;
  do {
    const v1::ListResultsResponse page = ListResults("b1", 2, token);
    ASSERT_TRUE(status_.ok()) << status_.error_message();
    for (const v1::ResultEvent& event : page.events()) {
      sequences.push_back(event.sequence());
    }
    token = page.next_page_token();
  } while (!token.empty());
  EXPECT_THAT(sequences, ElementsAre(1, 2, 3, 4, 5, 6, 7, 8, 9));
}

TEST_F(EnrichmentServiceTest, APageOfLargeResultsIsCutShort) {
  harness_.store.AddBatch("acme", "b1");
  const std::string body = ProtoEventEncoder().EncodeContactResult(
      "b1", absl::UnixEpoch(), 0, {.contact_ref = "c"},
      {.raw_items = {{"enrow", std::string(100'000, 'r')}}}, 0);
  harness_.store.Append("b1", std::vector<std::string>(30, body));
  const v1::ListResultsResponse page = ListResults("b1", 100, "");
  ASSERT_TRUE(status_.ok()) << status_.error_message();
  EXPECT_LT(page.events_size(), 30);
  EXPECT_GT(page.events_size(), 1);
  EXPECT_NE(page.next_page_token(), "");
}

TEST_F(EnrichmentServiceTest, AnEmptyBatchHasOneEmptyPage) {
  harness_.store.AddBatch("acme", "b1");
  const v1::ListResultsResponse page = ListResults("b1", 0, "");
  EXPECT_TRUE(status_.ok());
  EXPECT_THAT(page.events(), IsEmpty());
  EXPECT_EQ(page.next_page_token(), "");
}

TEST_F(EnrichmentServiceTest, RefusesBadPages) {
  harness_.store.AddBatch("acme", "b1");
  harness_.store.AddBatch("acme", "b2");
  for (const int size : {-1, 1001}) {
    ListBatches(size, "");
    EXPECT_THAT(ViolatedFields(status_), ElementsAre("page_size"));
    ListResults("b1", size, "");
    EXPECT_THAT(ViolatedFields(status_), ElementsAre("page_size"));
  }
  const std::string of_batches = ListBatches(1, "").next_page_token();
  ASSERT_FALSE(of_batches.empty());
  ListBatches(1, "nonsense");
  EXPECT_EQ(ReasonOf(status_), "INVALID_PAGE_TOKEN");
  ListResults("b1", 1, of_batches);
  EXPECT_EQ(ReasonOf(status_), "INVALID_PAGE_TOKEN");
}

TEST_F(EnrichmentServiceTest, CancelsThroughTheEngine) {
  harness_.engine.batch = {.id = "b1", .state = BatchState::kCancelling};
  v1::CancelBatchRequest request;
  request.set_batch_id("b1");
  v1::CancelBatchResponse response;
  ASSERT_TRUE(
      harness_.stub->CancelBatch(harness_.Context().get(), request, &response)
          .ok());
  EXPECT_EQ(response.batch().state(), v1::BATCH_STATE_CANCELLING);
  EXPECT_THAT(harness_.engine.cancelled(), ElementsAre("acme/b1"));
  harness_.engine.status = error::BatchNotFound("b1");
  EXPECT_EQ(ReasonOf(harness_.stub->CancelBatch(harness_.Context().get(),
                                                request, &response)),
            "BATCH_NOT_FOUND");
}

TEST_F(EnrichmentServiceTest, ACallThatNobodyAnswersIsNotLeftHanging) {
  harness_.engine.drop_submissions = true;
  const grpc::Status status = EnrichBatch(ValidRequest());
  EXPECT_EQ(status.error_code(), grpc::StatusCode::UNAVAILABLE);
  EXPECT_EQ(ReasonOf(status), "SHUTTING_DOWN");
}

TEST_F(EnrichmentServiceTest, AStoreThatFailsIsWorthARetry) {
  harness_.store.FailWith(absl::UnavailableError("busy"));
  ListBatches(0, "");
  EXPECT_EQ(status_.error_code(), grpc::StatusCode::UNAVAILABLE);
  EXPECT_EQ(ReasonOf(status_), "STORE_UNAVAILABLE");
}

}  // namespace
}  // namespace enrich
