#include <gmock/gmock.h>

#include <string>
#include <vector>

#include "absl/strings/str_cat.h"
#include "engine/replay_harness.h"

namespace enrich {
namespace {

using ::testing::ElementsAre;
using ::testing::IsEmpty;
using ::testing::SizeIs;

using Outcome = ReplayedBody::Outcome;

class EngineReplayTest : public ReplayHarness {};

TEST_F(EngineReplayTest, CorrectsAResultOfWhichNothingButItsEventIsKept) {
  Start();
  const Batch batch = SubmitPeople({"ada", "bob"});
  const Call call = Accepted();
  Push(call, absl::StrCat(Says(call, "finished", "ada@old.example"), "\n",
                          "item ", call.Key(1), " work_email bob@old.example"));
  ASSERT_THAT(Events(batch), SizeIs(3));

  (*spelling)["ada@old"] = "ada@new";
  EXPECT_THAT(Outcomes(Replay()), ElementsAre(Outcome::kChanged));
  EXPECT_THAT(Events(batch),
              ElementsAre("ada work_email=found:ada@old.example[alpha=found]",
                          "bob work_email=found:bob@old.example[alpha=found]",
                          "finished 2/2",
                          "ada work_email=found:ada@new.example[alpha=found]"
                          " supersedes 1"));
  // Charged once, as it was.
  EXPECT_EQ(Reload(batch).counters.credits.at("alpha"), Credits::Whole(2));

  // A second correction supersedes the first.
  (*spelling)["ada@old"] = "ada@newer";
  EXPECT_THAT(Outcomes(Replay()), ElementsAre(Outcome::kChanged));
  EXPECT_EQ(Events(batch).back(),
            "ada work_email=found:ada@newer.example[alpha=found] supersedes 4");
  ExpectNothingIsAsked();
}

TEST_F(EngineReplayTest, ReplayOfEverythingChangesNothing) {
  Start();
  const Batch batch = SubmitPeople({"ada", "bob"});
  const Call first = Accepted("j1");
  Push(first, Says(first, "running", "-"));
  Push(first, Says(first, "finished", "~bob@acme.example", 1));
  // The first one went on.
  const Call second = Accepted("j2");
  Push(second, Says(second, "finished", "ada@beta.example"));
  const std::vector<std::string> events = Events(batch);
  ASSERT_THAT(events, SizeIs(3));
  const int64_t revision = *store_->LastRevision("t");
  const BatchCounters counters = Reload(batch).counters;
  const std::vector<InboxRow> rows = Inbox();
  const auto versions = [&] {
    std::vector<int64_t> versions;
    for (const InboxRow& row : rows) {
      versions.push_back(store_->ReadChunk(row.chunk_key)->version);
    }
    return versions;
  };
  const std::vector<int64_t> versions_before = versions();

  for (int i = 0; i < 2; ++i) {
    EXPECT_THAT(Outcomes(Replay()),
                ElementsAre(Outcome::kUnchanged, Outcome::kUnchanged,
                            Outcome::kUnchanged));
    Restart();
  }
  EXPECT_EQ(Events(batch), events);
  EXPECT_EQ(*store_->LastRevision("t"), revision);
  EXPECT_EQ(Reload(batch).counters.credits, counters.credits);
  EXPECT_EQ(versions(), versions_before);
  ASSERT_EQ(Inbox().size(), rows.size());
  for (size_t i = 0; i < rows.size(); ++i) {
    EXPECT_EQ(Inbox()[i].state_time, rows[i].state_time);
  }
  ExpectNothingIsAsked();
}

TEST_F(EngineReplayTest, AValueTakenBackIsNotLookedForElsewhere) {
  Start();
  const Batch batch = SubmitPeople({"ada"});
  const Call call = Accepted();
  Push(call, Says(call, "finished", "ada@acme.example"));
  Restart();
  (*spelling)["ada@acme.example"] = "-";
  EXPECT_THAT(Outcomes(Replay()), ElementsAre(Outcome::kChanged));
  EXPECT_EQ(Events(batch).back(),
            "ada work_email=not_found[alpha=not_found] supersedes 1");
  const Batch after = Reload(batch);
  EXPECT_EQ(after.counters.of(enrich::Outcome::kFound), 0);
  EXPECT_EQ(after.counters.of(enrich::Outcome::kNotFound), 1);
  // It was paid for, whatever it was worth.
  EXPECT_EQ(after.counters.credits.at("alpha"), Credits::Whole(1));
  ExpectNothingIsAsked();
}

TEST_F(EngineReplayTest, CorrectsTheSecondOfTwoProviders) {
  Start();
  const Batch batch = SubmitPeople({"ada"});
  const Call first = Accepted("j1");
  Push(first, Says(first, "finished", "-"));
  const Call second = Accepted("j2");
  Push(second, Says(second, "finished", "ada@old.example"));
  ASSERT_THAT(Events(batch), SizeIs(2));
  (*spelling)["ada@old"] = "ada@new";
  EXPECT_THAT(Outcomes(Replay({.account = "beta"})),
              ElementsAre(Outcome::kChanged));
  EXPECT_EQ(Events(batch).back(),
            "ada work_email=found:ada@new.example[alpha=not_found,beta=found]"
            " supersedes 1");
  ExpectNothingIsAsked();
}

TEST_F(EngineReplayTest, ATimeAndAJobNarrowIt) {
  Start();
  SubmitPeople({"ada"}, "r1");
  const Call first = Accepted("j1");
  Push(first, Says(first, "finished", "ada@acme.example"));
  const absl::Time between = clock.Now() + absl::Seconds(30);
  AdvanceBy(absl::Minutes(1));
  SubmitPeople({"bob"}, "r2");
  const Call second = Accepted("j2");
  Push(second, Says(second, "finished", "bob@acme.example"));
  const int64_t bob = Inbox()[1].key;
  for (const InboxFilter& filter :
       {InboxFilter{.provider_job_id = "j2"}, InboxFilter{.since = between},
        InboxFilter{.keys = {bob}}}) {
    const ReplayPage page = Replay(filter);
    ASSERT_THAT(page.bodies, SizeIs(1));
    EXPECT_EQ(page.bodies[0].key, bob);
  }
  EXPECT_THAT(Replay({.until = between}).bodies, SizeIs(1));
}

TEST_F(EngineReplayTest, SaysWhatIsGone) {
  options.park_unknown_after = absl::Hours(1);
  Start();
  SubmitPeople({"ada"});
  Call call = OnlyCall();
  Answer(call, {.maybe_sent = true, .response = HttpResponse{.status = 503}});
  AdvanceBy(absl::Hours(2));
  Push(call, absl::StrCat("v2 ", Says(call, "finished", "ada@acme.example")));
  // The chunk is parked and stays, its batch has ended and goes.
  std::promise<int64_t> deleted;
  store_->DeleteFinishedBefore(clock.Now() + absl::Seconds(1), 10,
                               [&](absl::StatusOr<int64_t> count) {
                                 deleted.set_value(count.value_or(-1));
                               });
  EXPECT_EQ(deleted.get_future().get(), 1);
  (*spelling)["v2 "] = "";
  const int64_t key = Inbox().at(0).key;
  EXPECT_THAT(Outcomes(Replay({.keys = {key, 999'999}})),
              ElementsAre(Outcome::kGone, Outcome::kGone));
  EXPECT_EQ(Inbox()[0].state, InboxState::kQuarantined);
}

TEST_F(EngineReplayTest, ABodyPastItsRetentionIsGone) {
  Start();
  const Batch batch = SubmitPeople({"ada"});
  const Call call = Accepted();
  Push(call, Says(call, "finished", "ada@acme.example"));
  const int64_t key = Inbox()[0].key;
  AdvanceBy(absl::Hours(1));
  DeleteBodies();
  (*spelling)["ada@acme"] = "ada@new";
  EXPECT_THAT(Outcomes(Replay({.keys = {key}})), ElementsAre(Outcome::kGone));
  EXPECT_THAT(Replay({.with_body = true}).bodies, IsEmpty());
  // It is known all the same.
  EXPECT_FALSE(Push(call, Says(call, "finished", "ada@acme.example")));
  EXPECT_THAT(Events(batch), SizeIs(2));
}

TEST_F(EngineReplayTest, RunsABoundedNumberPerCall) {
  Start();
  SubmitPeople({"ada"});
  const Call call = Accepted();
  for (int i = 0; i < 150; ++i) {
    Push(call,
         absl::StrCat(Says(call, "running", "a@x.example"), "\ncursor w", i));
  }
  // More than one call runs.
  const ReplayPage page = Replay();
  EXPECT_THAT(page.bodies, SizeIs(100));
  EXPECT_EQ(page.next_after, page.bodies.back().key);
}

TEST_F(EngineReplayTest, SaysWhyItCannotRun) {
  Start();
  SubmitPeople({"ada"});
  const Call call = Accepted();
  Push(call, Says(call, "finished", "ada@acme.example"));
  absl::Status status;
  const auto replay = [&] {
    engine->ReplayInbox(
        {.tenant = "t"}, 0,
        [&](absl::StatusOr<ReplayPage> page) { status = page.status(); });
    Settle();
  };
  engine->Stop([] {});
  replay();
  EXPECT_THAT(status, StatusIs(absl::StatusCode::kUnavailable));
}

}  // namespace
}  // namespace enrich
