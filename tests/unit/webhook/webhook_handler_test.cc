#include "webhook/webhook_handler.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <future>
#include <map>
#include <memory>
#include <optional>
#include <string>
#include <thread>
#include <utility>
#include <vector>

#include "absl/strings/escaping.h"
#include "absl/strings/str_cat.h"
#include "base/crypto.h"
#include "fakes/delegating_store.h"
#include "fakes/fake_engine.h"
#include "support/fake_clock.h"
#include "support/raw_http.h"
#include "support/status_matchers.h"

namespace enrich {
namespace {

using testing::_;
using testing::AllOf;
using testing::ElementsAre;
using testing::Field;
using testing::IsEmpty;
using testing::Pair;
using testing::SizeIs;

constexpr char kToken[] = "AAAAAAAAAABBBBBBBBBBCCCCCCCCCCDDDDDDDDDD_-9";
constexpr char kOtherToken[] = "ZZZZZZZZZZBBBBBBBBBBCCCCCCCCCCDDDDDDDDDD_-9";
// Ends the URL that is registered with the account.
constexpr char kRegisteredToken[] =
    "RRRRRRRRRRBBBBBBBBBBCCCCCCCCCCDDDDDDDDDD_-9";
constexpr char kBody[] = R"({"id":"job-1"})";

// Verifies a push by the header "Signed: yes".
class SigningAdapter final : public ProviderAdapter {
 public:
  absl::string_view name() const override { return "acme"; }
  const Capabilities& capabilities() const override { return capabilities_; }
  bool Accepts(const Contact&, ContactField) const override { return false; }
  HttpRequest BuildSubmit(const SubmitRequest&) const override { return {}; }
  SubmitReply ParseSubmit(const SubmitRequest&,
                          const HttpResponse&) const override {
    return Indeterminate{};
  }
  bool CanFetch(const JobRef&) const override { return true; }
  HttpRequest BuildFetch(const JobRef&) const override { return {}; }
  FetchReply ParseFetch(const JobRef&, const HttpResponse&) const override {
    return FetchFailed{};
  }
  bool VerifyWebhook(const HttpRequest& request, absl::Time) const override {
    return FindHeader(request.headers, "Signed") == "yes";
  }
  std::string JobOfPush(const HttpRequest& request) const override {
    return std::string(FindHeader(request.headers, "Job"));
  }
  absl::StatusOr<WebhookAnswer> ParseWebhook(const JobRef&,
                                             absl::string_view) const override {
    return WebhookAnswer{};
  }
  std::optional<HttpRequest> BuildBalance() const override { return {}; }
  absl::StatusOr<Credits> ParseBalance(const HttpResponse&) const override {
    return Credits{};
  }

 private:
  const Capabilities capabilities_ = {};
};

// The methods of a store that the handler needs.
class InboxStore final : public DelegatingStore {
 public:
  InboxStore() {
    attempts[Sha256(kToken)] = {
        .attempt_key = 7, .chunk_key = 8, .account = "acme-main"};
  }

  // Set before other threads use it.
  std::map<std::string, AttemptRef> attempts = {};
  absl::Status find_status = absl::OkStatus();

  absl::StatusOr<AttemptRef> FindAttemptByJob(absl::string_view account,
                                              absl::string_view job) override {
    if (!find_status.ok()) return find_status;
    if (account != "acme-main" || job != "job-1") {
      return absl::NotFoundError("no attempt");
    }
    return attempts.at(Sha256(kToken));
  }
  absl::StatusOr<AttemptRef> FindAttempt(
      absl::string_view token_hash) override {
    if (!find_status.ok()) return find_status;
    const auto it = attempts.find(std::string(token_hash));
    if (it == attempts.end()) return absl::NotFoundError("no attempt");
    return it->second;
  }
};

// Runs tasks when the test says so, on its thread.
class ManualPool final : public ThreadPool {
 public:
  void Post(Task task) override { tasks_.push_back(std::move(task)); }
  void RunAll() {
    std::vector<Task> tasks;
    tasks.swap(tasks_);
    for (Task& task : tasks) task();
  }

 private:
  std::vector<Task> tasks_;
};

class WebhookHandlerTest : public testing::Test {
 protected:
  WebhookHandlerTest() {
    engine_.adapters = {{"acme-main", &adapter_}};
    NewHandler({});
  }
  // The handler waits for what is under way.
  ~WebhookHandlerTest() override {
    pool_.RunAll();
    engine_.KeepPushes();
  }

  void NewHandler(const WebhookLimits& limits) {
    handler_ = std::make_unique<WebhookHandler>(
        engine_, store_, pool_, clock_,
        std::vector<RegisteredCallback>{
            {.token_hash = Sha256(kRegisteredToken), .account = "acme-main"}},
        limits);
    http_ = handler_->handler();
  }

  static HttpRequest Push(absl::string_view body = kBody,
                          absl::string_view token = kToken) {
    return {.method = "POST",
            .url = absl::StrCat("/v1/webhooks/acme/", token),
            .headers = {{"Signed", "yes"}},
            .body = std::string(body)};
  }

  // Sends a request; its answer, once there is one, is the last of answers_.
  void Send(HttpRequest request) {
    http_.on_request(std::move(request), [this](HttpResponse response) {
      answers_.push_back(std::move(response));
    });
  }
  // The answer to a request once the pool and the engine have done their part.
  HttpResponse Answer(HttpRequest request) {
    Send(std::move(request));
    pool_.RunAll();
    engine_.KeepPushes();
    return answers_.empty() ? HttpResponse() : answers_.back();
  }
  std::vector<int> statuses() const {
    std::vector<int> statuses;
    for (const HttpResponse& answer : answers_) {
      statuses.push_back(answer.status);
    }
    return statuses;
  }

  FakeClock clock_;
  SigningAdapter adapter_;
  FakeEngine engine_;
  InboxStore store_;
  std::vector<HttpResponse> answers_;
  ManualPool pool_;
  std::unique_ptr<WebhookHandler> handler_;
  HttpHandler http_;
};

TEST_F(WebhookHandlerTest, AnswersOnlyOnceThePushIsCommitted) {
  Send(Push());
  EXPECT_THAT(answers_, IsEmpty());
  pool_.RunAll();
  EXPECT_THAT(answers_, IsEmpty());
  EXPECT_THAT(engine_.pushes(),
              ElementsAre(Pair(
                  8, AllOf(Field(&NewInboxEvent::attempt_key, 7),
                           Field(&NewInboxEvent::receive_time, clock_.Now()),
                           Field(&NewInboxEvent::body, std::string(kBody)),
                           Field(&NewInboxEvent::body_hash, Sha256(kBody))))));

  engine_.KeepPushes();
  ASSERT_THAT(statuses(), ElementsAre(200));
  EXPECT_EQ(answers_[0].body, R"({"status":"ok"})");
  EXPECT_EQ(FindHeader(answers_[0].headers, "Content-Type"),
            "application/json");
}

TEST_F(WebhookHandlerTest, LooksUpAnAttemptOnce) {
  EXPECT_EQ(Answer(Push()).status, 200);
  store_.find_status = absl::UnavailableError("locked");
  Send(Push("[2]"));
  engine_.KeepPushes();
  EXPECT_THAT(statuses(), ElementsAre(200, 200)) << "without the pool";
  HttpRequest forged = Push("[3]");
  forged.headers.clear();
  EXPECT_EQ(Answer(std::move(forged)).status, 404);
  HttpRequest of_another = Push("[4]");
  of_another.url = absl::StrCat("/v1/webhooks/other/", kToken);
  EXPECT_EQ(Answer(std::move(of_another)).status, 404);
  EXPECT_THAT(engine_.pushes(), SizeIs(2));
}

TEST_F(WebhookHandlerTest, ChecksALargeBodyOnThePool) {
  EXPECT_EQ(Answer(Push()).status, 200);
  Send(Push(absl::StrCat("[\"", std::string(100'000, 'x'), "\"]")));
  engine_.KeepPushes();
  EXPECT_THAT(engine_.pushes(), SizeIs(1));
  pool_.RunAll();
  engine_.KeepPushes();
  EXPECT_THAT(statuses(), ElementsAre(200, 200));
}

TEST_F(WebhookHandlerTest, AnswersAPushWhoseJobWasDeletedLikeAnUnknownToken) {
  Send(Push());
  pool_.RunAll();
  engine_.KeepPushes(absl::NotFoundError("it was deleted"));
  EXPECT_THAT(statuses(), ElementsAre(404));
}

TEST_F(WebhookHandlerTest, FindsTheJobOfAPushToARegisteredUrl) {
  const auto push = [](absl::string_view job) {
    HttpRequest request = Push(kBody, kRegisteredToken);
    request.headers.emplace_back("Job", job);
    return request;
  };
  EXPECT_EQ(Answer(push("job-1")).status, 200);
  EXPECT_THAT(engine_.pushes(), ElementsAre(Pair(8, _)));
  // Of others who work with the account.
  EXPECT_EQ(Answer(push("job-2")).status, 200);
  EXPECT_EQ(Answer(push("")).status, 200);
  EXPECT_THAT(engine_.pushes(), SizeIs(1));

  HttpRequest unsigned_push = push("job-1");
  unsigned_push.headers.erase(unsigned_push.headers.begin());
  EXPECT_EQ(Answer(std::move(unsigned_push)).status, 404);
  HttpRequest of_another = push("job-1");
  of_another.url = absl::StrCat("/v1/webhooks/other/", kRegisteredToken);
  EXPECT_EQ(Answer(std::move(of_another)).status, 404);
  HttpRequest blank = push("job-1");
  blank.body = " ";
  EXPECT_EQ(Answer(std::move(blank)).status, 400);
  store_.find_status = absl::UnavailableError("the disk is slow");
  EXPECT_EQ(Answer(push("job-1")).status, 503);
  EXPECT_THAT(engine_.pushes(), SizeIs(1));
}

TEST_F(WebhookHandlerTest, TakesParametersBehindTheToken) {
  HttpRequest request = Push();
  absl::StrAppend(&request.url, "?attempt=1");
  EXPECT_EQ(Answer(std::move(request)).status, 200);
}

TEST_F(WebhookHandlerTest, AnswersAllThatIsUnknownAlike) {
  const std::string good = absl::StrCat("/v1/webhooks/acme/", kToken);
  const struct {
    const char* name;
    std::string method;
    std::string url;
  } kCases[] = {
      {"root", "POST", "/"},
      {"nothing", "POST", ""},
      {"no provider", "POST", absl::StrCat("/v1/webhooks/", kToken)},
      {"empty provider", "POST", absl::StrCat("/v1/webhooks//", kToken)},
      {"no token", "POST", "/v1/webhooks/acme/"},
      {"short token", "POST", good.substr(0, good.size() - 1)},
      {"long token", "POST", good + "A"},
      {"odd token", "POST", good.substr(0, good.size() - 1) + "%"},
      {"longer path", "POST", good + "/"},
      {"other version", "POST", absl::StrCat("/v2/webhooks/acme/", kToken)},
      {"other case", "POST", absl::StrCat("/V1/webhooks/acme/", kToken)},
      {"absolute", "POST", "http://h" + good},
      {"GET", "GET", good},
      {"PUT", "PUT", good},
      {"HEAD", "HEAD", good},
      {"unknown token", "POST",
       absl::StrCat("/v1/webhooks/acme/", kOtherToken)},
      {"other provider", "POST", absl::StrCat("/v1/webhooks/other/", kToken)},
  };
  for (const auto& test : kCases) {
    HttpRequest request = Push();
    request.method = test.method;
    request.url = test.url;
    const HttpResponse answer = Answer(std::move(request));
    EXPECT_EQ(answer.status, 404) << test.name;
    EXPECT_EQ(answer.body, "") << test.name;
    EXPECT_THAT(answer.headers, IsEmpty()) << test.name;
  }
  EXPECT_THAT(engine_.pushes(), IsEmpty());
  EXPECT_THAT(engine_.refused(), IsEmpty());
}

TEST_F(WebhookHandlerTest, AnswersAnAccountThatIsGoneLikeAnUnknownToken) {
  engine_.adapters.clear();
  EXPECT_EQ(Answer(Push()).status, 404);
  EXPECT_THAT(engine_.refused(), IsEmpty());
}

TEST_F(WebhookHandlerTest, ReportsAForgedPushWithAGoodToken) {
  HttpRequest request = Push();
  request.headers.clear();
  const HttpResponse answer = Answer(std::move(request));
  EXPECT_EQ(answer.status, 404);
  EXPECT_EQ(answer.body, "");
  EXPECT_THAT(engine_.refused(),
              ElementsAre(AllOf(
                  Field(&AttemptRef::attempt_key, 7),
                  Field(&AttemptRef::account, std::string("acme-main")))));
  EXPECT_THAT(engine_.pushes(), IsEmpty());
}

TEST_F(WebhookHandlerTest, KeepsABodyThatIsNoJsonButAsksForABetterOne) {
  for (const char* body : {"{", "a=b&c=d", "<x/>", "{]", "\"a\""}) {
    EXPECT_EQ(Answer(Push(body)).status, 400) << body;
  }
  EXPECT_THAT(engine_.pushes(), SizeIs(5));
  EXPECT_THAT(engine_.refused(), IsEmpty());
  EXPECT_EQ(Answer(Push(" [1] \n")).status, 200);
}

TEST_F(WebhookHandlerTest, DoesNotUnpackABody) {
  // kBody, by gzip.
  const std::string packed = absl::HexStringToBytes(
      "1f8b0800000000000203ab56ca4c51b252caca4fd23554aa"
      "05009479bd720e000000");
  HttpRequest push = Push(packed);
  push.headers.emplace_back("Content-Encoding", "gzip");
  EXPECT_EQ(Answer(push).status, 400);
  EXPECT_THAT(engine_.pushes(),
              ElementsAre(Pair(
                  8, AllOf(Field(&NewInboxEvent::body, packed),
                           Field(&NewInboxEvent::body_hash, Sha256(packed))))));
}

TEST_F(WebhookHandlerTest, ReportsABodyThatIsBlank) {
  for (const char* body : {"", "  "}) {
    EXPECT_EQ(Answer(Push(body)).status, 400) << body;
  }
  EXPECT_THAT(engine_.refused(), SizeIs(2));
  EXPECT_THAT(engine_.pushes(), IsEmpty());
}

TEST_F(WebhookHandlerTest, ReportsAPushOverTheServersLimit) {
  http_.on_oversize("POST", absl::StrCat("/v1/webhooks/acme/", kOtherToken));
  http_.on_oversize("POST", absl::StrCat("/v1/webhooks/other/", kToken));
  http_.on_oversize("PUT", absl::StrCat("/v1/webhooks/acme/", kToken));
  http_.on_oversize("POST", "/");
  pool_.RunAll();
  EXPECT_THAT(engine_.refused(), IsEmpty());
  http_.on_oversize("POST", absl::StrCat("/v1/webhooks/acme/", kToken));
  pool_.RunAll();
  EXPECT_THAT(engine_.refused(),
              ElementsAre(Field(&AttemptRef::attempt_key, 7)));
}

TEST_F(WebhookHandlerTest, AsksToTryAgainWhenTheStoreCannotLookUp) {
  store_.find_status = absl::UnavailableError("locked");
  EXPECT_EQ(Answer(Push()).status, 503);
  EXPECT_THAT(engine_.refused(), IsEmpty());
}

TEST_F(WebhookHandlerTest, AsksToTryAgainWhenTheStoreCannotKeep) {
  for (const absl::Status& status : {absl::ResourceExhaustedError("disk full"),
                                     absl::UnavailableError("closing")}) {
    Send(Push());
    pool_.RunAll();
    engine_.KeepPushes(status);
    EXPECT_EQ(answers_.back().status, 503);
  }
  EXPECT_EQ(Answer(Push()).status, 200);
}

TEST_F(WebhookHandlerTest, HoldsABoundedNumberOfPushes) {
  NewHandler({.max_pending = 2});
  for (const char* body : {"{}", "[]", "[1]"}) Send(Push(body));
  EXPECT_THAT(statuses(), ElementsAre(503));
  pool_.RunAll();
  // Until the commit they count.
  Send(Push("[2]"));
  EXPECT_THAT(statuses(), ElementsAre(503, 503));
  engine_.KeepPushes();
  EXPECT_THAT(statuses(), ElementsAre(503, 503, 200, 200));
  EXPECT_EQ(Answer(Push("[3]")).status, 200);
}

TEST_F(WebhookHandlerTest, HoldsABoundedNumberOfBytes) {
  NewHandler({.max_pending_bytes = 8});
  Send(Push("[12345]"));
  Send(Push("[]"));
  EXPECT_THAT(statuses(), ElementsAre(503));
  pool_.RunAll();
  engine_.KeepPushes();
  EXPECT_THAT(statuses(), ElementsAre(503, 200));
  EXPECT_EQ(Answer(Push("[123456]")).status, 200);
  EXPECT_EQ(Answer(Push("[1234567]")).status, 503);
}

TEST_F(WebhookHandlerTest, RefusesPushesAfterStopButEndsThoseUnderWay) {
  Send(Push());
  handler_->Stop();
  Send(Push("{}"));
  EXPECT_THAT(statuses(), ElementsAre(503));
  pool_.RunAll();
  engine_.KeepPushes();
  EXPECT_THAT(statuses(), ElementsAre(503, 200));
}

TEST_F(WebhookHandlerTest, WaitsForPushesUnderWayBeforeItGoes) {
  Send(Push());
  pool_.RunAll();
  std::future<void> gone =
      std::async(std::launch::async, [this] { handler_.reset(); });
  engine_.KeepPushes();
  gone.get();
  EXPECT_THAT(statuses(), ElementsAre(200));
  EXPECT_THAT(engine_.pushes(), SizeIs(1));
}

TEST(WebhookHandler, ForgetsPushesWhoseEngineIsDestroyed) {
  FakeClock clock;
  SigningAdapter adapter;
  auto engine = std::make_unique<FakeEngine>();
  engine->adapters = {{"acme-main", &adapter}};
  InboxStore store;
  ManualPool pool;
  bool answered = false;
  {
    WebhookHandler handler(*engine, store, pool, clock);
    handler.handler().on_request(
        {.method = "POST",
         .url = absl::StrCat("/v1/webhooks/acme/", kToken),
         .headers = {{"Signed", "yes"}},
         .body = "{}"},
        [&answered](const HttpResponse&) { answered = true; });
    pool.RunAll();
    EXPECT_THAT(engine->pushes(), SizeIs(1));
    engine.reset();
  }
  EXPECT_FALSE(answered);
}

TEST(WebhookHandler, ForgetsPushesWhosePoolIsDestroyed) {
  FakeClock clock;
  SigningAdapter adapter;
  FakeEngine engine;
  InboxStore store;
  auto pool = std::make_unique<ManualPool>();
  bool answered = false;
  {
    WebhookHandler handler(engine, store, *pool, clock);
    handler.handler().on_request(
        {.method = "POST", .url = absl::StrCat("/v1/webhooks/acme/", kToken)},
        [&answered](HttpResponse) { answered = true; });
    pool.reset();
  }
  EXPECT_FALSE(answered);
}

// Over sockets and threads as in production.
TEST(WebhookHandler, ServesPushesOverHttp) {
  FakeClock clock;
  SigningAdapter adapter;
  FakeEngine engine;
  engine.adapters = {{"acme-main", &adapter}};
  InboxStore store;
  const std::unique_ptr<ThreadPool> pool = NewThreadPool("test", 4);
  WebhookHandler handler(engine, store, *pool, clock);
  ASSERT_OK_AND_ASSIGN(
      const std::unique_ptr<HttpServer> server,
      NewHttpServer({.max_body_bytes = 1000}, handler.handler()));
  const auto post = [&](absl::string_view body) {
    RawSocket client = RawSocket::Connect(server->port());
    client.Send(absl::StrCat("POST /v1/webhooks/acme/", kToken,
                             " HTTP/1.1\r\nHost: a\r\nSigned: yes\r\n"
                             "Content-Length: ",
                             body.size(), "\r\n\r\n", body));
    return client;
  };

  std::vector<RawSocket> clients;
  for (int i = 0; i < 50; ++i)
    clients.push_back(post(absl::StrCat("[", i, "]")));
  while (engine.pushes().size() < clients.size()) std::this_thread::yield();
  engine.KeepPushes();
  for (RawSocket& client : clients) {
    EXPECT_EQ(client.ReadMessage().body, R"({"status":"ok"})");
  }
  EXPECT_EQ(post(std::string(1001, ' ')).ReadMessage().status(), 413);
  while (engine.refused().empty()) std::this_thread::yield();
  EXPECT_THAT(engine.pushes(), SizeIs(50));
}

}  // namespace
}  // namespace enrich
