#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <thread>

#include "absl/strings/str_cat.h"
#include "model/errors.h"
#include "rpc/proto_event_encoder.h"
#include "rpc/tokens.h"
#include "unit/rpc/grpc_errors.h"
#include "unit/rpc/service_harness.h"

namespace enrich {
namespace {

using ::testing::ElementsAre;
using ::testing::HasSubstr;
using ::testing::IsEmpty;
using ::testing::SizeIs;

std::string Result(const std::string& ref, size_t bytes = 0) {
  return ProtoEventEncoder().EncodeContactResult(
      "", absl::UnixEpoch(), 0, {.contact_ref = ref},
      {.raw_items = {{"enrow", std::string(bytes, 'r')}}}, 0);
}

std::vector<std::string> Results(int count, size_t bytes = 0) {
  std::vector<std::string> bodies;
  for (int i = 0; i < count; ++i) {
    bodies.push_back(Result(absl::StrCat("c", i), bytes));
  }
  return bodies;
}

std::vector<int64_t> Count(int64_t first, int64_t last) {
  std::vector<int64_t> numbers;
  for (int64_t i = first; i <= last; ++i) numbers.push_back(i);
  return numbers;
}

void FinishBatch(ServiceHarness& harness, const std::string& id) {
  harness.store.Finish(id);
  harness.store.Append(id, {ProtoEventEncoder().EncodeBatchFinished(
                               {.id = id, .state = BatchState::kFinished})});
}

TEST(WatchResults, ReplaysMarksTheEndOfHistoryAndGoesLive) {
  ServiceHarness harness;
  harness.store.AddBatch("acme", "b1");
  harness.store.Append("b1", Results(3));
  Watch watch(harness, FromOldest());
  watch.ReadHistory();
  EXPECT_THAT(watch.revisions(), ElementsAre(1, 2, 3));
  harness.store.Append("b1", Results(2));
  watch.ReadEvents(5);
  EXPECT_THAT(watch.revisions(), ElementsAre(1, 2, 3, 4, 5));
  EXPECT_EQ(watch.events[4].sequence(), 5);
  EXPECT_EQ(watch.events[4].contact_result().contact_ref(), "c1");
}

TEST(WatchResults, AnEmptyHistoryEndsAtOnce) {
  ServiceHarness harness;
  Watch watch(harness, FromOldest());
  EXPECT_TRUE(watch.Next().has_live());
  EXPECT_THAT(watch.events, IsEmpty());
  EXPECT_FALSE(watch.token.empty());
}

TEST(WatchResults, FromNowSkipsHistory) {
  ServiceHarness harness;
  harness.store.AddBatch("acme", "b1");
  harness.store.Append("b1", Results(3));
  Watch watch(harness, FromNow());
  watch.ReadHistory();
  EXPECT_THAT(watch.events, IsEmpty());
  harness.store.Append("b1", Results(1));
  watch.ReadEvents(1);
  EXPECT_THAT(watch.revisions(), ElementsAre(4));
}

TEST(WatchResults, TheMarkComesOnce) {
  ServiceHarness harness;
  harness.store.AddBatch("acme", "b1");
  Watch watch(harness, FromOldest());
  watch.ReadHistory();
  for (int i = 0; i < 20; ++i) {
    harness.store.Append("b1", Results(1));
    EXPECT_FALSE(watch.Next().has_live());
  }
}

TEST(WatchResults, ResumingAnywhereEqualsAnUninterruptedRead) {
  ServiceHarness harness;
  harness.store.AddBatch("acme", "b1");
  harness.store.AddBatch("acme", "b2");
  // Commits of many sizes, so that tokens point into segments too.
  for (int i = 0; i < 24; ++i) {
    harness.store.Append(i % 3 == 0 ? "b1" : "b2", Results(1 + i % 7, 20));
  }
  Watch whole(harness, FromOldest());
  whole.ReadHistory();
  const TokenCodec tokens(TokenKind::kResume, harness.store.store_id(), "acme");
  for (size_t i = 0; i <= whole.events.size(); ++i) {
    Watch rest(harness, From(tokens.Encode(static_cast<int64_t>(i))));
    rest.ReadHistory();
    ASSERT_EQ(rest.events.size(), whole.events.size() - i);
    for (size_t j = 0; j < rest.events.size(); ++j) {
      ASSERT_EQ(rest.events[j].SerializeAsString(),
                whole.events[i + j].SerializeAsString());
    }
  }
}

TEST(WatchResults, EveryMessagesTokenResumesAfterIt) {
  ServiceHarness harness;
  harness.store.AddBatch("acme", "b1");
  harness.store.Append("b1", Results(3000));
  Watch watch(harness, FromOldest());
  while (watch.events.size() < 3000) {
    watch.Next();
    Watch rest(harness, From(watch.token));
    rest.ReadHistory();
    ASSERT_EQ(watch.events.size() + rest.events.size(), 3000u);
  }
}

TEST(WatchResults, ABatchStreamEndsWithItsTerminalEvent) {
  ServiceHarness harness;
  harness.store.AddBatch("acme", "b1");
  harness.store.AddBatch("acme", "b2");
  harness.store.Append("b1", Results(2));
  Watch watch(harness, FromOldest("b1"));
  watch.ReadHistory();
  harness.store.Append("b2", Results(3));
  harness.store.Append("b1", Results(1));
  FinishBatch(harness, "b1");
  EXPECT_TRUE(watch.Finish().ok());
  ASSERT_THAT(watch.events, SizeIs(4));
  for (size_t i = 0; i < 4; ++i) {
    EXPECT_EQ(watch.events[i].sequence(), static_cast<int64_t>(i) + 1);
    EXPECT_EQ(watch.events[i].has_batch_finished(), i == 3);
  }
}

TEST(WatchResults, AFinishedBatchIsReplayedWithItsLateCorrections) {
  ServiceHarness harness;
  harness.store.AddBatch("acme", "b1");
  harness.store.Append("b1", Results(2));
  FinishBatch(harness, "b1");
  harness.store.Append("b1", Results(1));
  Watch watch(harness, FromOldest("b1"));
  EXPECT_TRUE(watch.Finish().ok());
  EXPECT_THAT(watch.revisions(), ElementsAre(1, 2, 3, 4));
  EXPECT_TRUE(watch.events[2].has_batch_finished());
}

TEST(WatchResults, ResumingAfterTheTerminalEventEndsAtOnce) {
  ServiceHarness harness;
  harness.store.AddBatch("acme", "b1");
  FinishBatch(harness, "b1");
  Watch watch(harness, FromOldest("b1"));
  ASSERT_TRUE(watch.Finish().ok());
  Watch again(harness, From(watch.token, "b1"));
  EXPECT_TRUE(again.Finish().ok());
  EXPECT_THAT(again.events, IsEmpty());
}

TEST(WatchResults, ATenantStreamOutlivesItsBatches) {
  ServiceHarness harness;
  harness.store.AddBatch("acme", "b1");
  Watch watch(harness, FromOldest());
  watch.ReadHistory();
  FinishBatch(harness, "b1");
  watch.ReadEvents(1);
  harness.store.AddBatch("acme", "b2");
  harness.store.Append("b2", Results(1));
  watch.ReadEvents(2);
  EXPECT_FALSE(watch.done());
}

TEST(WatchResults, TenantsSeeTheirOwn) {
  ServiceHarness harness;
  harness.store.AddBatch("acme", "b1");
  harness.store.AddBatch("globex", "b2");
  Watch acme(harness, FromOldest());
  Watch globex(harness, FromOldest(), "globex-token");
  acme.ReadHistory();
  globex.ReadHistory();
  harness.store.Append("b1", {Result("of-acme")});
  harness.store.Append("b2", {Result("of-globex")});
  acme.ReadEvents(1);
  globex.ReadEvents(1);
  EXPECT_EQ(acme.events[0].contact_result().contact_ref(), "of-acme");
  EXPECT_EQ(globex.events[0].contact_result().contact_ref(), "of-globex");
}

TEST(WatchResults, AReaderThatLagsFallsBackToTheLogAndMissesNothing) {
  EnrichmentServiceOptions options = QuickOptions();
  options.watch.max_buffer_bytes = 4096;
  ServiceHarness harness(options);
  harness.store.AddBatch("acme", "b1");
  Watch watch(harness, FromOldest());
  watch.ReadHistory();
  const int reads = harness.store.log_reads();
  // Far more than the buffer and the transport's windows hold.
  for (int i = 0; i < 400; ++i) {
    harness.store.Append("b1", Results(10, 1000));
  }
  watch.ReadEvents(4000);
  EXPECT_EQ(watch.revisions(), Count(1, 4000));
  EXPECT_GT(harness.store.log_reads(), reads);
}

TEST(WatchResults, ConcurrentCommitsReachEveryReaderInOrder) {
  ServiceHarness harness;
  harness.store.AddBatch("acme", "b1");
  harness.store.AddBatch("acme", "b2");
  std::vector<std::unique_ptr<Watch>> watches;
  for (int i = 0; i < 4; ++i) {
    watches.push_back(std::make_unique<Watch>(harness, FromOldest()));
  }
  std::vector<std::thread> writers;
  for (const char* batch : {"b1", "b2"}) {
    writers.emplace_back([&harness, batch] {
      for (int i = 0; i < 200; ++i) {
        harness.store.Append(batch, Results(1 + i % 5));
      }
    });
  }
  for (std::thread& writer : writers) writer.join();
  for (const auto& watch : watches) {
    watch->ReadEvents(1200);
    EXPECT_EQ(watch->revisions(), Count(1, 1200));
  }
}

TEST(WatchResults, RefusesARequestWithoutAPosition) {
  ServiceHarness harness;
  const grpc::Status status =
      Watch(harness, v1::WatchResultsRequest()).Finish();
  EXPECT_EQ(status.error_code(), grpc::StatusCode::INVALID_ARGUMENT);
  EXPECT_EQ(ReasonOf(status), "INVALID_REQUEST");
  EXPECT_THAT(ViolatedFields(status), ElementsAre("position"));
}

TEST(WatchResults, SaysWhatIsWrongWithAToken) {
  ServiceHarness harness;
  const auto encode = [](const char* store, const char* tenant) {
    return TokenCodec(TokenKind::kResume, store, tenant).Encode(1);
  };
  const struct {
    std::string token;
    const char* word;
  } kCases[] = {
      {"nonsense", "malformed"},
      {encode("store-2", "acme"), "another store"},
      {encode("store-1", "globex"), "another tenant"},
      {encode("store-1", "acme"), "ahead of the log"},
  };
  for (const auto& c : kCases) {
    const grpc::Status status = Watch(harness, From(c.token)).Finish();
    EXPECT_EQ(status.error_code(), grpc::StatusCode::INVALID_ARGUMENT);
    EXPECT_EQ(ReasonOf(status), "INVALID_RESUME_TOKEN");
    EXPECT_THAT(status.error_message(), HasSubstr(c.word));
  }
}

TEST(WatchResults, ABatchOfNobodyAndOneOfAnotherTenantLookTheSame) {
  ServiceHarness harness;
  harness.store.AddBatch("globex", "b1");
  for (const char* id : {"b1", "no-such-batch"}) {
    const grpc::Status status = Watch(harness, FromOldest(id)).Finish();
    EXPECT_EQ(status.error_code(), grpc::StatusCode::NOT_FOUND);
    EXPECT_EQ(ReasonOf(status), "BATCH_NOT_FOUND");
  }
}

TEST(WatchResults, RefusesStrangers) {
  ServiceHarness harness;
  EXPECT_EQ(ReasonOf(Watch(harness, FromOldest(), "").Finish()),
            "CREDENTIAL_MISSING");
  EXPECT_EQ(ReasonOf(Watch(harness, FromOldest(), "guess").Finish()),
            "CREDENTIAL_INVALID");
}

TEST(WatchResults, SaysWhenHistoryIsGoneAndWhereItBegins) {
  ServiceHarness harness;
  harness.store.AddBatch("acme", "b1");
  harness.store.AddBatch("acme", "b2");
  harness.store.Append("b1", Results(3));
  harness.store.Append("b2", Results(2));
  const TokenCodec tokens(TokenKind::kResume, harness.store.store_id(), "acme");
  harness.store.Delete("b1");

  const grpc::Status status = Watch(harness, From(tokens.Encode(2))).Finish();
  EXPECT_EQ(status.error_code(), grpc::StatusCode::OUT_OF_RANGE);
  EXPECT_EQ(ReasonOf(status), "HISTORY_GONE");
  Watch oldest(harness, From(MetadataOf(status, "oldest_resume_token")));
  oldest.ReadHistory();
  EXPECT_THAT(oldest.revisions(), ElementsAre(4, 5));

  Watch at_the_edge(harness, From(tokens.Encode(3)));
  at_the_edge.ReadHistory();
  EXPECT_THAT(at_the_edge.revisions(), ElementsAre(4, 5));
}

TEST(WatchResults, FromTheOldestIsFromTheOldestThatIsKept) {
  ServiceHarness harness;
  harness.store.AddBatch("acme", "b1");
  harness.store.AddBatch("acme", "b2");
  harness.store.Append("b1", Results(3));
  harness.store.Append("b2", Results(2));
  harness.store.Delete("b1");
  Watch watch(harness, FromOldest());
  watch.ReadHistory();
  EXPECT_THAT(watch.revisions(), ElementsAre(4, 5));
}

TEST(WatchResults, ABatchThatIsKeptIsWhole) {
  ServiceHarness harness;
  harness.store.AddBatch("acme", "b1");
  harness.store.AddBatch("acme", "b2");
  harness.store.Append("b2", Results(1));
  harness.store.Append("b1", Results(1));
  FinishBatch(harness, "b2");
  harness.store.Delete("b1");
  const TokenCodec tokens(TokenKind::kResume, harness.store.store_id(), "acme");
  Watch watch(harness, From(tokens.Encode(1), "b2"));
  EXPECT_TRUE(watch.Finish().ok());
  EXPECT_THAT(watch.revisions(), ElementsAre(3));
}

TEST(WatchResults, ASilentTenantStreamBeats) {
  EnrichmentServiceOptions options = QuickOptions();
  options.watch.heartbeat = absl::Milliseconds(10);
  ServiceHarness harness(options);
  Watch watch(harness, FromOldest());
  watch.ReadHistory();
  for (int i = 0; i < 3; ++i) {
    const v1::WatchResultsResponse message = watch.Next();
    EXPECT_TRUE(message.has_heartbeat());
    EXPECT_FALSE(message.heartbeat().has_progress());
    EXPECT_FALSE(message.resume_token().empty());
  }
}

TEST(WatchResults, TheHeartbeatOfABatchTellsItsProgress) {
  EnrichmentServiceOptions options = QuickOptions();
  options.watch.heartbeat = absl::Milliseconds(10);
  ServiceHarness harness(options);
  harness.engine.time_left = absl::Seconds(90);
  harness.store.AddBatch("acme", "b1");
  Watch watch(harness, FromOldest("b1"));
  watch.ReadHistory();
  const v1::WatchResultsResponse message = watch.Next();
  ASSERT_TRUE(message.heartbeat().has_progress());
  EXPECT_EQ(message.heartbeat().progress().time_left().seconds(), 90);
}

TEST(WatchResults, DrainingHandsStreamsOverAndRefusesNewOnes) {
  ServiceHarness harness;
  harness.store.AddBatch("acme", "b1");
  harness.store.Append("b1", Results(3));
  Watch watch(harness, FromOldest());
  watch.ReadHistory();
  harness.server->Drain();
  const v1::WatchResultsResponse message = watch.Next();
  EXPECT_THAT(message.handover().reason(), HasSubstr("shutting down"));
  EXPECT_FALSE(message.resume_token().empty());
  EXPECT_TRUE(watch.Finish().ok());
  const grpc::Status refused = Watch(harness, From(watch.token)).Finish();
  EXPECT_EQ(refused.error_code(), grpc::StatusCode::UNAVAILABLE);
  EXPECT_EQ(ReasonOf(refused), "SHUTTING_DOWN");
}

TEST(WatchResults, AnOldStreamIsHandedOverAndResumesWithoutAGap) {
  EnrichmentServiceOptions options = QuickOptions();
  options.watch.max_age = absl::Milliseconds(20);
  ServiceHarness harness(options);
  harness.store.AddBatch("acme", "b1");
  std::thread writer([&] {
    for (int i = 0; i < 300; ++i) harness.store.Append("b1", Results(3));
  });
  std::vector<int64_t> seen;
  v1::WatchResultsRequest request = FromOldest();
  while (seen.size() < 900) {
    Watch watch(harness, request);
    bool handed_over = false;
    while (!watch.done()) handed_over |= watch.Next().has_handover();
    ASSERT_TRUE(handed_over);
    ASSERT_TRUE(watch.Finish().ok());
    for (const int64_t revision : watch.revisions()) seen.push_back(revision);
    request = From(watch.token);
  }
  writer.join();
  EXPECT_EQ(seen, Count(1, 900));
}

TEST(WatchResults, CapsTheStreamsOfATenant) {
  EnrichmentServiceOptions options = QuickOptions();
  options.watch.max_streams_per_tenant = 2;
  ServiceHarness harness(options);
  Watch one(harness, FromOldest());
  Watch two(harness, FromOldest());
  one.ReadHistory();
  two.ReadHistory();
  const grpc::Status status = Watch(harness, FromOldest()).Finish();
  EXPECT_EQ(status.error_code(), grpc::StatusCode::RESOURCE_EXHAUSTED);
  EXPECT_EQ(ReasonOf(status), "TOO_MANY_STREAMS");
  Watch other(harness, FromOldest(), "globex-token");
  EXPECT_TRUE(other.Next().has_live());
  // A caller that leaves makes room.
  one.Cancel();
  EXPECT_TRUE(Eventually(
      [&] { return Watch(harness, FromOldest()).Next().has_live(); }));
}

TEST(WatchResults, AReaderThatTakesNothingIsCutOff) {
  EnrichmentServiceOptions options = QuickOptions();
  options.watch.max_streams_per_tenant = 1;
  options.watch.write_stall = absl::Milliseconds(50);
  ServiceHarness harness(options);
  harness.store.AddBatch("acme", "b1");
  for (int i = 0; i < 100; ++i) {
    harness.store.Append("b1", Results(10, 10'000));
  }
  Watch stalled(harness, FromOldest());
  stalled.Next();
  // Its place is free once it was cut off.
  ASSERT_TRUE(Eventually([&] {
    Watch next(harness, FromNow());
    return next.Next().has_live();
  }));
  const grpc::Status status = stalled.Finish();
  EXPECT_EQ(status.error_code(), grpc::StatusCode::ABORTED);
  EXPECT_LT(stalled.events.size(), 1000u);
  // It goes on where it was, though a busy machine may stall it once more.
  std::vector<int64_t> seen = stalled.revisions();
  std::string token = stalled.token;
  while (seen.size() < 1000) {
    Watch resumed(harness, From(token));
    resumed.ReadEvents(1000 - seen.size());
    for (const int64_t revision : resumed.revisions()) seen.push_back(revision);
    if (!resumed.token.empty()) token = resumed.token;
  }
  EXPECT_EQ(seen, Count(1, 1000));
}

TEST(WatchResults, AStoreThatFailsEndsTheStreamWorthARetry) {
  ServiceHarness harness;
  harness.store.FailLogReadsWith(absl::UnavailableError("busy"));
  const grpc::Status log = Watch(harness, FromOldest()).Finish();
  EXPECT_EQ(log.error_code(), grpc::StatusCode::UNAVAILABLE);
  EXPECT_EQ(ReasonOf(log), "STORE_UNAVAILABLE");
  harness.store.FailWith(absl::UnavailableError("busy"));
  for (const auto& request : {FromOldest(), FromNow(), FromOldest("b1")}) {
    EXPECT_EQ(ReasonOf(Watch(harness, request).Finish()), "STORE_UNAVAILABLE");
  }
}

TEST(WatchResults, ADamagedLogIsNoEndOfStream) {
  ServiceHarness harness;
  harness.store.AddBatch("acme", "b1");
  harness.store.Append("b1", Results(1));
  harness.store.AppendDamaged("b1");
  const TokenCodec tokens(TokenKind::kResume, harness.store.store_id(), "acme");
  const grpc::Status status = Watch(harness, From(tokens.Encode(1))).Finish();
  EXPECT_EQ(status.error_code(), grpc::StatusCode::INTERNAL);
}

TEST(WatchResults, ManyStreamsMayComeAndGo) {
  ServiceHarness harness;
  harness.store.AddBatch("acme", "b1");
  std::vector<std::thread> clients;
  for (int i = 0; i < 4; ++i) {
    clients.emplace_back([&harness] {
      for (int j = 0; j < 25; ++j) {
        Watch watch(harness, FromOldest());
        watch.Next();
        watch.Cancel();
      }
    });
  }
  for (int i = 0; i < 100; ++i) harness.store.Append("b1", Results(2));
  for (std::thread& client : clients) client.join();
}

}  // namespace
}  // namespace enrich
