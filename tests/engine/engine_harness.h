#ifndef ENRICH_TESTS_ENGINE_ENGINE_HARNESS_H_
#define ENRICH_TESTS_ENGINE_ENGINE_HARNESS_H_

#include <gtest/gtest.h>

#include <future>
#include <map>
#include <memory>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "absl/strings/str_split.h"
#include "base/crypto.h"
#include "base/mutex.h"
#include "engine/engine.h"
#include "fakes/failing_store.h"
#include "fakes/fake_adapter.h"
#include "fakes/fake_http_client.h"
#include "fakes/text_event_encoder.h"
#include "model/event_frame.h"
#include "store/sqlite/sqlite_store.h"
#include "support/fake_clock.h"
#include "support/manual_executor.h"
#include "support/seeded_random.h"
#include "support/status_matchers.h"
#include "support/temp_dir.h"

namespace enrich {

// An engine on a real SQLite store, with time, randomness and the providers in
// the hands of the test. `Restart` is what a crash leaves: the process's memory
// is gone, the file stays.
class EngineHarness : public ::testing::Test {
 protected:
  // A request to a provider, waiting for its answer.
  struct Call {
    std::string url = {};
    std::string callback = {};
    // "key contact_ref fields" per contact of a submission.
    std::vector<std::vector<std::string>> lines = {};
    bool paid = false;
    bool raw = false;
    std::string token = {};
    absl::Duration timeout = {};
    HttpCallback done = {};

    std::string Key(size_t line) const { return lines.at(line)[0]; }
    std::string Ref(size_t line) const { return lines.at(line)[1]; }
  };

  // Set before Start.
  EngineOptions options = {};
  std::vector<std::pair<std::string, Capabilities>> providers = {
      {"alpha", FakeAdapter::Simple()}, {"beta", FakeAdapter::Simple()}};
  std::map<std::string, FakeAdapter::Traits> traits = {};
  std::map<std::string, DoubtOptions> doubt = {};
  std::map<std::string, int64_t> micros_per_credit = {};

  EngineHarness() {
    options.public_url = "https://hooks.example";
    encoder.readable = true;
    for (const ContactField field : kAllContactFields) {
      options.waterfalls.push_back(
          {.field = field, .accounts = {"alpha", "beta"}});
    }
  }

  ~EngineHarness() override { Stop(); }

  void Start() {
    auto store = OpenSqliteStore(
        {.path = dir.File("test.db")},
        {.encode_batch_finished =
             [this](const Batch& batch) {
               return encoder.EncodeBatchFinished(batch);
             },
         .on_commit = [](std::vector<LogSegmentPtr>) {},
         .on_fatal =
             [](const absl::Status& status) { FAIL() << "fatal: " << status; }},
        random);
    ASSERT_THAT(store, IsOk());
    store_ = std::make_unique<FailingStore>(*std::move(store));
    store_->apply_error = apply_error_at_start;
    executor = std::make_unique<ManualExecutor>(clock);
    EngineOptions copy = {
        .waterfalls = options.waterfalls,
        .public_url = options.public_url,
        .linger = options.linger,
        .request_timeout = options.request_timeout,
        .give_up_sending_after = options.give_up_sending_after,
        .park_unknown_after = options.park_unknown_after,
        .max_pages_in_a_row = options.max_pages_in_a_row,
        .breaker_failures = options.breaker_failures,
        .breaker_pause = options.breaker_pause,
        .max_open_contacts = options.max_open_contacts,
        .max_open_contacts_per_tenant = options.max_open_contacts_per_tenant,
        .answer_lifetimes = options.answer_lifetimes};
    for (const auto& [name, capabilities] : providers) {
      copy.accounts.push_back({.name = name,
                               .adapter = std::make_unique<FakeAdapter>(
                                   name, capabilities, traits[name]),
                               .doubt = doubt[name]});
      if (const auto price = micros_per_credit.find(name);
          price != micros_per_credit.end()) {
        copy.accounts.back().micros_per_credit = price->second;
      }
    }
    engine = NewEngine(std::move(copy),
                       {.clock = clock,
                        .random = random,
                        .http = http,
                        .store = *store_,
                        .executor = *executor,
                        .encoder = encoder,
                        .on_fatal = [this](const absl::Status& status) {
                          EXPECT_TRUE(expect_fatal) << status;
                          fatal.push_back(status);
                        }});
    ASSERT_THAT(engine->Start(), IsOk());
    Settle();
  }

  void Stop() {
    if (executor != nullptr) executor->Shutdown();
    store_.reset();
    engine.reset();
  }

  // A crash and a new start. Exchanges under way are lost.
  void Restart() {
    Stop();
    http.Take();
    Start();
  }

  // Lets everything happen that can without time passing.
  void Settle() {
    do {
      // Writes are applied in order: when this one is back, all before are. It
      // goes to the store below, which does not fail.
      std::promise<void> flushed;
      store_->inner().Apply(
          {}, [&](absl::StatusOr<Written>) { flushed.set_value(); });
      flushed.get_future().wait();
    } while (executor->RunDue() > 0);
  }
  void AdvanceBy(absl::Duration by) {
    // In steps, so that what a commit posts is run on the way.
    for (int i = 0; i < 10; ++i) {
      executor->AdvanceBy(by / 10);
      Settle();
    }
  }

  // Another one for each reference.
  static CheckedContact Person(const std::string& ref) {
    return Twin(ref, ref);
  }
  // The person that Person(`of`) is, under another reference.
  static CheckedContact Twin(const std::string& ref, const std::string& of) {
    return {.contact = {.contact_ref = ref,
                        .first_name = "Ada",
                        .last_name = of,
                        .company_domain = "acme.example",
                        .fields = {ContactField::kWorkEmail}}};
  }

  // Submits and waits for the acknowledgement.
  absl::StatusOr<CreatedBatch> Submit(BatchRequest request) {
    std::promise<absl::StatusOr<CreatedBatch>> created;
    engine->SubmitBatch(std::move(request),
                        [&](absl::StatusOr<CreatedBatch> result) {
                          created.set_value(std::move(result));
                        });
    auto result = created.get_future().get();
    Settle();
    return result;
  }
  Batch SubmitPeople(std::vector<std::string> refs,
                     const std::string& request_id = "r1") {
    BatchRequest request = {.tenant = "t",
                            .request_id = request_id,
                            .content_hash = Sha256(request_id)};
    for (const std::string& ref : refs) {
      request.contacts.push_back(Person(ref));
    }
    const auto created = Submit(std::move(request));
    EXPECT_THAT(created, IsOk());
    return created.ok() ? created->batch : Batch{};
  }

  // The requests that wait for an answer.
  std::vector<Call> Calls() {
    Settle();
    std::vector<Call> calls;
    for (FakeHttpClient::Exchange& exchange : http.Take()) {
      Call call = {
          .url = exchange.request.url,
          .callback =
              std::string(FindHeader(exchange.request.headers, "callback")),
          .paid = exchange.request.paid,
          .raw = FindHeader(exchange.request.headers, "raw") == "yes",
          .token = std::string(FindHeader(exchange.request.headers, "token")),
          .timeout = exchange.timeout,
          .done = std::move(exchange.done)};
      for (const absl::string_view line :
           absl::StrSplit(exchange.request.body, '\n', absl::SkipEmpty())) {
        call.lines.push_back(absl::StrSplit(line, ' '));
      }
      calls.push_back(std::move(call));
    }
    return calls;
  }
  // The one request that waits for an answer, after the linger.
  Call OnlyCall() {
    AdvanceBy(options.linger);
    std::vector<Call> calls = Calls();
    EXPECT_EQ(calls.size(), 1u);
    return calls.empty() ? Call{} : std::move(calls[0]);
  }
  void Answer(Call& call, HttpOutcome outcome) {
    call.done(std::move(outcome));
    Settle();
  }

  std::optional<AttemptRef> AttemptOf(const Call& call) {
    const std::vector<std::string> parts = absl::StrSplit(call.callback, '/');
    auto attempt = store_->FindAttempt(Sha256(parts.back()));
    EXPECT_THAT(attempt, IsOk());
    if (!attempt.ok()) return std::nullopt;
    return *std::move(attempt);
  }
  NewInboxEvent EventOf(const AttemptRef& attempt, const std::string& body) {
    return {.attempt_key = attempt.attempt_key,
            .receive_time = clock.Now(),
            .body = body,
            .body_hash = Sha256(body)};
  }

  // A webhook for the attempt that `call` was. Whether it is new.
  bool Push(const Call& call, const std::string& body) {
    return PushAll(call, {body}) == 1;
  }
  // Several that come while nothing else happens. Returns how many are kept and
  // were not before.
  int PushAll(const Call& call, const std::vector<std::string>& bodies) {
    const std::optional<AttemptRef> attempt = AttemptOf(call);
    if (!attempt.has_value()) return 0;
    // One may be answered after this has returned.
    const auto added = std::make_shared<int>(0);
    for (const std::string& body : bodies) {
      NewInboxEvent push = EventOf(*attempt, body);
      const bool repeated =
          *store_->HasInboxBody(push.attempt_key, push.body_hash);
      engine->TakePush(*attempt, std::move(push),
                       [added, repeated](const absl::Status& kept) {
                         if (kept.ok() && !repeated) ++*added;
                       });
    }
    Settle();
    return *added;
  }
  // A push that an older version kept, and did not look at before it ended.
  void KeepOnly(const Call& call, const std::string& body) {
    const std::optional<AttemptRef> attempt = AttemptOf(call);
    if (!attempt.has_value()) return;
    std::promise<absl::StatusOr<Written>> kept;
    store_->Apply({.now = clock.Now(),
                   .inbox = {{.added = std::make_shared<const NewInboxEvent>(
                                  EventOf(*attempt, body)),
                              .state = InboxState::kPending}}},
                  [&](absl::StatusOr<Written> written) {
                    kept.set_value(std::move(written));
                  });
    EXPECT_THAT(kept.get_future().get(), IsOk());
  }

  // The tenant's jobs in doubt, newest first.
  std::vector<Chunk> JobsInDoubt() {
    const auto jobs = store_->ListJobs({.tenant = "t"}, 0, 100);
    EXPECT_THAT(jobs, IsOk());
    return jobs.ok() ? *jobs : std::vector<Chunk>{};
  }
  static JobOrder OrderFor(const Chunk& job) {
    return {.tenant = "t",
            .chunk_key = job.key,
            .job_id = "job",
            .actor = "ada",
            .note = "asked the provider"};
  }
  absl::StatusOr<DecidedJob> Approve(const JobOrder& order, Credits most) {
    std::optional<absl::StatusOr<DecidedJob>> outcome;
    engine->ApproveResend(order, most, [&](absl::StatusOr<DecidedJob> decided) {
      outcome = std::move(decided);
    });
    Settle();
    return outcome.value_or(absl::UnknownError("no answer"));
  }
  absl::StatusOr<DecidedJob> Abandon(const JobOrder& order) {
    std::optional<absl::StatusOr<DecidedJob>> outcome;
    engine->AbandonJob(order, [&](absl::StatusOr<DecidedJob> decided) {
      outcome = std::move(decided);
    });
    Settle();
    return outcome.value_or(absl::UnknownError("no answer"));
  }

  // The batch's events as text, in order; checks the sequence.
  std::vector<std::string> Events(const Batch& batch) {
    std::vector<std::string> texts;
    const auto segments = store_->ReadBatchLog(batch.key, 0, 1 << 20);
    EXPECT_THAT(segments, IsOk());
    if (!segments.ok()) return {};
    for (const LogSegmentPtr& segment : *segments) {
      absl::string_view frames = segment->frames;
      while (const auto frame = NextEventFrame(frames)) {
        texts.push_back(TextOf(*frame));
        EXPECT_EQ(frame->position.sequence, static_cast<int64_t>(texts.size()));
      }
    }
    return texts;
  }
  Batch Reload(const Batch& batch) {
    const auto read = store_->ReadBatch(batch.tenant, batch.id);
    EXPECT_THAT(read, IsOk());
    return read.ok() ? *read : Batch{};
  }
  EngineTotals Totals() {
    EngineTotals totals;
    engine->ReadTotals([&](EngineTotals read) { totals = read; });
    Settle();
    return totals;
  }
  AccountStatus Status(const std::string& account) {
    AccountStatus found;
    engine->ReadAccounts([&](std::vector<AccountStatus> all) {
      for (AccountStatus& status : all) {
        if (status.name == account) found = std::move(status);
      }
    });
    Settle();
    return found;
  }

  TempDir dir;
  FakeClock clock;
  SeededRandom random;
  FakeHttpClient http;
  TextEventEncoder encoder;
  std::unique_ptr<FailingStore> store_;
  // What the engine could not go on after, and whether the test is about that.
  std::vector<absl::Status> fatal;
  bool expect_fatal = false;
  // What changes fail with from the start on.
  absl::Status apply_error_at_start = absl::OkStatus();
  std::unique_ptr<ManualExecutor> executor;
  std::unique_ptr<Engine> engine;

 private:
  // The body follows the two positions.
  static std::string TextOf(const EventFrame& frame) {
    std::string position;
    AppendEventFrame(position, frame.position, "");
    // An entry without a body: its tag and length are two bytes.
    return TextEventEncoder::LineOf(frame.message.substr(position.size() - 2));
  }
};

}  // namespace enrich

#endif  // ENRICH_TESTS_ENGINE_ENGINE_HARNESS_H_
