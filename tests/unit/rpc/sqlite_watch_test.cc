#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <future>

#include "absl/strings/str_cat.h"
#include "rpc/proto_event_encoder.h"
#include "rpc/tokens.h"
#include "store/sqlite/sqlite_store.h"
#include "support/status_matchers.h"
#include "support/temp_dir.h"
#include "unit/rpc/service_harness.h"

namespace enrich {
namespace {

constexpr int kContacts = 40;

// The services over the embedded store: what one side writes, the other reads.
class SqliteWatchTest : public ::testing::Test {
 protected:
  void SetUp() override {
    ASSERT_OK_AND_ASSIGN(
        store_,
        OpenSqliteStore({.path = dir_.File("enrich.db")},
                        {.encode_batch_finished =
                             [this](const Batch& batch) {
                               return encoder_.EncodeBatchFinished(batch);
                             },
                         .on_commit =
                             [this](const std::vector<LogSegmentPtr>& s) {
                               feed_.Publish(s);
                             }},
                        random_));
    service_ = std::make_unique<EnrichmentService>(
        EnrichmentServiceOptions(),
        EnrichmentServiceDeps{.authenticator = authenticator_,
                              .calls = calls_,
                              .engine = engine_,
                              .store = *store_,
                              .feed = feed_,
                              .random = random_,
                              .executor = *executor_,
                              .pool = *pool_});
    jobs_ = std::make_unique<JobService>(
        JobServiceDeps{.authenticator = authenticator_,
                       .calls = calls_,
                       .engine = engine_,
                       .store = *store_,
                       .executor = *executor_,
                       .pool = *pool_});
    ASSERT_OK_AND_ASSIGN(
        server_, GrpcServer::Start(
                     {}, *service_, providers_,
                     {{jobs_.get(), v1::JobService::service_full_name()}}));
    stub_ = v1::EnrichmentService::NewStub(server_->InProcessChannel());
  }
  void TearDown() override {
    server_->Shutdown(absl::Now());
    executor_->Shutdown();
    pool_.reset();
  }

  // A batch whose results are all known as it is accepted: it ends at once.
  Batch AddFinishedBatch(const std::string& id) {
    NewBatch batch{
        .now = absl::FromUnixSeconds(1'790'000'060),
        .batch = {.tenant = "default",
                  .id = id,
                  .request_id = id,
                  .create_time = absl::FromUnixSeconds(1'790'000'000)},
        .content_hash = std::string(32, 'h')};
    for (int i = 0; i < kContacts; ++i) {
      batch.contacts.push_back({.contact_ref = absl::StrCat("c", i)});
      NewEvent event{.body = encoder_.EncodeContactResult(
                         id, batch.now, i, batch.contacts.back(), {}, 0)};
      event.delta.contacts_done = 1;
      batch.events.push_back(std::move(event));
    }
    std::promise<absl::StatusOr<CreatedBatch>> done;
    store_->CreateBatch(std::move(batch), [&](auto created) {
      done.set_value(std::move(created));
    });
    const absl::StatusOr<CreatedBatch> created = done.get_future().get();
    EXPECT_THAT(created, IsOk());
    return created.ok() ? created->batch : Batch();
  }

  // Reads a stream to its end, or to the end of history.
  std::vector<v1::ResultEvent> Read(const v1::WatchResultsRequest& request,
                                    std::string* token) {
    const auto context = ServiceHarness::Context("");
    const auto reader = stub_->WatchResults(context.get(), request);
    std::vector<v1::ResultEvent> events;
    v1::WatchResultsResponse message;
    while (reader->Read(&message)) {
      events.insert(events.end(), message.events().begin(),
                    message.events().end());
      *token = message.resume_token();
      if (message.has_live()) return events;
    }
    EXPECT_TRUE(reader->Finish().ok());
    return events;
  }

  TempDir dir_;
  SeededRandom random_;
  ProtoEventEncoder encoder_;
  FakeEngine engine_;
  ResultFeed feed_;
  const Authenticator authenticator_{{}};
  CallLimit calls_{1000};
  std::unique_ptr<Store> store_;
  std::unique_ptr<Executor> executor_ = NewThreadExecutor("rpc");
  std::unique_ptr<ThreadPool> pool_ = NewThreadPool("reads", 2);
  std::unique_ptr<EnrichmentService> service_;
  ProviderService providers_{authenticator_, calls_, engine_, *executor_};
  std::unique_ptr<JobService> jobs_;
  std::unique_ptr<GrpcServer> server_;
  std::unique_ptr<v1::EnrichmentService::Stub> stub_;
};

TEST_F(SqliteWatchTest, ABatchIsStreamedWholeToItsTerminalEvent) {
  AddFinishedBatch("b1");
  AddFinishedBatch("b2");
  std::string token;
  const auto events = Read(FromOldest("b2"), &token);
  ASSERT_EQ(events.size(), kContacts + 1u);
  for (size_t i = 0; i < events.size(); ++i) {
    EXPECT_EQ(events[i].sequence(), static_cast<int64_t>(i) + 1);
    EXPECT_EQ(events[i].batch_id(), "b2");
  }
  EXPECT_TRUE(events.back().has_batch_finished());
  EXPECT_EQ(events.back().batch_finished().batch().progress().contacts_done(),
            kContacts);
}

TEST_F(SqliteWatchTest, ATenantStreamResumesAnywhere) {
  AddFinishedBatch("b1");
  AddFinishedBatch("b2");
  std::string token;
  const auto all = Read(FromOldest(), &token);
  ASSERT_EQ(all.size(), 2 * (kContacts + 1u));
  const TokenCodec tokens(TokenKind::kResume, store_->store_id(), "default");
  for (size_t i = 0; i < all.size(); ++i) {
    const auto rest = Read(From(tokens.Encode(all[i].revision())), &token);
    ASSERT_EQ(rest.size(), all.size() - i - 1);
    if (!rest.empty()) {
      EXPECT_EQ(rest[0].SerializeAsString(), all[i + 1].SerializeAsString());
    }
  }
}

TEST_F(SqliteWatchTest, PagesAreTheStream) {
  AddFinishedBatch("b1");
  v1::ListResultsRequest request;
  request.set_batch_id("b1");
  request.set_page_size(7);
  int64_t expected = 0;
  do {
    v1::ListResultsResponse page;
    ASSERT_TRUE(
        stub_->ListResults(ServiceHarness::Context("").get(), request, &page)
            .ok());
    for (const v1::ResultEvent& event : page.events()) {
      EXPECT_EQ(event.sequence(), ++expected);
    }
    request.set_page_token(page.next_page_token());
  } while (!request.page_token().empty());
  EXPECT_EQ(expected, kContacts + 1);
}

}  // namespace
}  // namespace enrich
