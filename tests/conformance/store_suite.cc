#include "conformance/store_suite.h"

#include "absl/strings/str_cat.h"
#include "base/crypto.h"
#include "base/status_macros.h"
#include "model/event_frame.h"
#include "store/sqlite/sqlite_store.h"
#include "support/seeded_random.h"
#include "support/temp_dir.h"

namespace enrich {
namespace {

class SqliteBackend final : public StoreBackend {
 public:
  absl::StatusOr<std::unique_ptr<Store>> Open(StoreHooks hooks) override {
    return OpenSqliteStore({.path = dir_.File("enrich.db")}, std::move(hooks),
                           random_);
  }

 private:
  TempDir dir_;
  SeededRandom random_;
};

// The suite keeps its text in ResultEvent.batch_id, behind a mark that does not
// occur in it.
constexpr char kTextTag = 3 << 3 | 2;
constexpr char kMark = '#';

std::string TextOf(absl::string_view message) {
  return std::string(message.substr(message.rfind(kMark) + 1));
}

}  // namespace

std::vector<StoreEngine> StoreEngines() {
  return {{.name = "Sqlite",
           .new_backend = [] { return std::make_unique<SqliteBackend>(); }}};
}

absl::StatusOr<CreatedBatch> Create(Store& store, NewBatch batch) {
  return Await<CreatedBatch>([&](StoreCallback<CreatedBatch> done) {
    store.CreateBatch(std::move(batch), std::move(done));
  });
}

absl::StatusOr<Written> Apply(Store& store, Write write) {
  return Await<Written>([&](StoreCallback<Written> done) {
    store.Apply(std::move(write), std::move(done));
  });
}

absl::StatusOr<std::optional<InboxEvent>> AppendInbox(Store& store,
                                                      NewInboxEvent event) {
  event.body_hash = Sha256(event.body);
  ASSIGN_OR_RETURN(const bool repeated,
                   store.HasInboxBody(event.attempt_key, event.body_hash));
  RETURN_IF_ERROR(
      Apply(store,
            {.now = event.receive_time,
             .inbox = {{.added = std::make_shared<const NewInboxEvent>(event),
                        .state = InboxState::kPending}}})
          .status());
  if (repeated) return std::nullopt;
  ASSIGN_OR_RETURN(std::vector<InboxEvent> pending, store.ReadUnappliedInbox());
  for (InboxEvent& kept : pending) {
    if (kept.attempt_key == event.attempt_key && kept.body == event.body) {
      return std::move(kept);
    }
  }
  return absl::InternalError("it was not kept");
}

absl::StatusOr<int64_t> DeleteFinishedBefore(Store& store, absl::Time before,
                                             int max_batches) {
  return Await<int64_t>([&](StoreCallback<int64_t> done) {
    store.DeleteFinishedBefore(before, max_batches, std::move(done));
  });
}

absl::Time At(int64_t seconds) {
  return absl::FromUnixSeconds(1'790'000'000 + seconds);
}

std::string EventBody(absl::string_view text) {
  std::string body = {kTextTag, static_cast<char>(text.size() + 1), kMark};
  absl::StrAppend(&body, text);
  return body;
}

NewBatch MakeBatch(absl::string_view name, int contacts) {
  NewBatch batch = {.now = At(1)};
  batch.batch.tenant = "acme";
  batch.batch.id = absl::StrCat("id-", name);
  batch.batch.request_id = absl::StrCat("request-", name);
  batch.batch.display_name = absl::StrCat("Batch ", name);
  batch.batch.create_time = At(0);
  batch.content_hash = Sha256(name);
  batch.plan.waterfalls = {
      {.field = ContactField::kWorkEmail, .accounts = {"one", "two"}}};
  for (int i = 0; i < contacts; ++i) {
    batch.contacts.push_back({.contact_ref = absl::StrCat("ref-", i),
                              .full_name = absl::StrCat("Person ", i),
                              .company_domain = "acme.example",
                              .fields = {ContactField::kWorkEmail}});
  }
  return batch;
}

NewEvent ClosingEvent(int64_t batch_key, absl::string_view text) {
  NewEvent event = {.batch_key = batch_key, .body = EventBody(text)};
  event.delta.contacts_done = 1;
  event.delta.of(Outcome::kFound) = 1;
  event.delta.credits["one"] = Credits{250};
  return event;
}

Chunk MakeChunk(const CreatedBatch& created, absl::string_view token_hash) {
  Chunk chunk = {.lane = {created.batch.tenant, "one", "work_email"},
                 .state = ChunkState::kSending,
                 .attempt_count = 1,
                 .due = At(60),
                 .create_time = At(2)};
  for (int64_t i = 0; i < created.batch.counters.contacts; ++i) {
    chunk.items.push_back({.contact_key = created.batch.first_contact_key + i,
                           .batch_key = created.batch.key,
                           .fields = ContactField::kWorkEmail});
  }
  chunk.answered.resize(chunk.items.size());
  chunk.settled.resize(chunk.items.size());
  chunk.attempt.reference = absl::StrCat("reference-", token_hash);
  chunk.attempt.token_hash = std::string(token_hash);
  chunk.attempt.start_time = At(3);
  chunk.attempt.max_cost = Credits::Whole(2);
  return chunk;
}

std::vector<ReadEvent> EventsOf(const std::vector<LogSegmentPtr>& segments) {
  std::vector<ReadEvent> events;
  for (const LogSegmentPtr& segment : segments) {
    absl::string_view frames = segment->frames;
    while (const std::optional<EventFrame> frame = NextEventFrame(frames)) {
      events.push_back({.revision = frame->position.revision,
                        .sequence = frame->position.sequence,
                        .text = TextOf(frame->message)});
    }
    EXPECT_TRUE(frames.empty());
  }
  return events;
}

std::vector<std::string> TextsOf(const std::vector<LogSegmentPtr>& segments) {
  std::vector<std::string> texts;
  for (ReadEvent& event : EventsOf(segments)) texts.push_back(event.text);
  return texts;
}

void StoreTest::SetUp() {
  backend = GetParam().new_backend();
  Reopen();
}

void StoreTest::Reopen() {
  store.reset();
  ASSERT_OK_AND_ASSIGN(store, backend->Open(Hooks()));
}

StoreHooks StoreTest::Hooks() {
  return {.encode_batch_finished =
              [](const Batch& batch) {
                return EventBody(absl::StrCat(
                    "end ", batch.id, " ", static_cast<int>(batch.state), " ",
                    batch.counters.contacts_done, " ", batch.last_sequence));
              },
          .on_commit =
              [this](std::vector<LogSegmentPtr> segments) {
                commits.Add(std::move(segments));
              },
          .on_fatal =
              [](const absl::Status& status) {
                ADD_FAILURE() << "fatal: " << status;
              }};
}

}  // namespace enrich
