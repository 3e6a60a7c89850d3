#include "http/http_client.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <atomic>
#include <cstdlib>
#include <future>
#include <memory>
#include <ostream>
#include <string>
#include <utility>
#include <vector>

#include "absl/strings/str_cat.h"
#include "base/mutex.h"
#include "support/http_exchange.h"
#include "support/raw_http.h"
#include "support/status_matchers.h"

namespace enrich {
namespace {

using testing::AnyOf;
using testing::ElementsAre;
using testing::EndsWith;
using testing::HasSubstr;
using testing::IsEmpty;
using testing::Not;
using testing::Pair;
using testing::StartsWith;

constexpr char kOk[] = "HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nok";
constexpr absl::Duration kShort = absl::Milliseconds(200);

HttpClientOptions LocalOptions() {
  return {.allow_plain_http = true, .allow_private_addresses = true};
}

std::unique_ptr<HttpClient> NewClient(
    const HttpClientOptions& options = LocalOptions()) {
  absl::StatusOr<std::unique_ptr<HttpClient>> client =
      NewCurlHttpClient(options);
  EXPECT_THAT(client, IsOk());
  return *std::move(client);
}

// Keeps the messages a server read.
class Ledger {
 public:
  // Reads a message and keeps it; false when the peer closed instead.
  bool Read(RawSocket& peer) {
    RawMessage message = peer.ReadMessage();
    if (message.head.empty()) return false;
    MutexLock lock(&mu_);
    messages_.push_back(std::move(message));
    return true;
  }
  std::vector<std::string> bodies() const {
    MutexLock lock(&mu_);
    std::vector<std::string> bodies;
    for (const RawMessage& message : messages_) bodies.push_back(message.body);
    return bodies;
  }
  RawMessage message(size_t index) const {
    MutexLock lock(&mu_);
    return messages_.at(index);
  }

 private:
  mutable Mutex mu_;
  std::vector<RawMessage> messages_ ABSL_GUARDED_BY(mu_);
};

// Serves every request of a connection with the same bytes.
RawServer::Serve Always(Ledger& ledger, std::string answer) {
  return [&ledger, answer](RawSocket& peer) {
    while (ledger.Read(peer)) peer.Send(answer);
  };
}

// ---- Requests and responses -------------------------------------------------

TEST(HttpClient, SendsARequestAndReturnsTheResponse) {
  Ledger ledger;
  RawServer server(Always(ledger,
                          "HTTP/1.1 201 Created\r\nX-One: 1\r\nX-Two:  b c \r\n"
                          "Content-Length: 5\r\n\r\nhello"));
  const HttpOutcome outcome =
      Exchange(*NewClient(), {.method = "POST",
                              .url = server.Url("/a?b=c"),
                              .headers = {{"Content-Type", "application/json"},
                                          {"X-Api-Key", "key"},
                                          {"X-Empty", ""}},
                              .body = "{}"});

  ASSERT_THAT(outcome.transport, IsOk());
  EXPECT_TRUE(outcome.maybe_sent);
  EXPECT_EQ(outcome.response->status, 201);
  EXPECT_THAT(outcome.response->headers,
              ElementsAre(Pair("X-One", "1"), Pair("X-Two", "b c"),
                          Pair("Content-Length", "5")));
  EXPECT_EQ(outcome.response->body, "hello");
  const RawMessage request = ledger.message(0);
  EXPECT_THAT(request.head, StartsWith("POST /a?b=c HTTP/1.1\r\n"));
  EXPECT_THAT(request.head, HasSubstr("Content-Type: application/json\r\n"));
  EXPECT_THAT(request.head, HasSubstr("X-Api-Key: key\r\n"));
  EXPECT_THAT(request.head, HasSubstr("X-Empty:\r\n"));
  EXPECT_EQ(request.body, "{}");
}

TEST(HttpClient, AddsNoHeadersThatChangeTheExchange) {
  Ledger ledger;
  RawServer server(Always(ledger, kOk));
  // Long enough for libcurl to want a "100 Continue" first.
  const std::string body(2 << 20, 'x');
  const HttpOutcome outcome = Exchange(
      *NewClient(), {.method = "POST", .url = server.Url(), .body = body});

  ASSERT_THAT(outcome.transport, IsOk());
  const RawMessage request = ledger.message(0);
  EXPECT_THAT(request.head, Not(HasSubstr("Expect")));
  EXPECT_THAT(request.head, Not(HasSubstr("Content-Type")));
  EXPECT_THAT(request.head, Not(HasSubstr("Accept-Encoding")));
  EXPECT_THAT(request.head, Not(HasSubstr("Upgrade")));
  EXPECT_TRUE(request.body == body);
}

TEST(HttpClient, SendsAnyMethod) {
  const struct {
    std::string method;
    std::string body;
    std::string answer;
  } kCases[] = {{"GET", "", kOk},
                {"HEAD", "", "HTTP/1.1 200 OK\r\nContent-Length: 99\r\n\r\n"},
                {"PUT", "b", kOk},
                {"PATCH", "b", kOk},
                {"DELETE", "", kOk},
                {"POST", "", kOk},
                {"GET", "b", kOk}};
  for (const auto& test : kCases) {
    Ledger ledger;
    RawServer server(Always(ledger, test.answer));
    const HttpOutcome outcome = Exchange(
        *NewClient(),
        {.method = test.method, .url = server.Url("/x"), .body = test.body});
    EXPECT_THAT(outcome.transport, IsOk()) << test.method;
    const RawMessage request = ledger.message(0);
    EXPECT_THAT(request.head, StartsWith(test.method + " /x HTTP/1.1\r\n"));
    EXPECT_EQ(request.body, test.body);
  }
}

TEST(HttpClient, AssemblesAChunkedResponse) {
  Ledger ledger;
  RawServer server(
      Always(ledger,
             "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n"
             "3\r\nabc\r\n2\r\nde\r\n0\r\nX-Trailer: t\r\n\r\n"));
  const HttpOutcome outcome = Exchange(*NewClient(), {.url = server.Url()});
  ASSERT_THAT(outcome.transport, IsOk());
  EXPECT_EQ(outcome.response->body, "abcde");
  EXPECT_EQ(FindHeader(outcome.response->headers, "X-Trailer"), "");
}

TEST(HttpClient, ReportsOnlyTheFinalResponse) {
  Ledger ledger;
  RawServer server(Always(ledger, absl::StrCat("HTTP/1.1 103 Early Hints\r\n"
                                               "X-Interim: 1\r\n\r\n",
                                               kOk)));
  const HttpOutcome outcome = Exchange(*NewClient(), {.url = server.Url()});
  ASSERT_THAT(outcome.transport, IsOk());
  EXPECT_EQ(outcome.response->status, 200);
  EXPECT_EQ(FindHeader(outcome.response->headers, "X-Interim"), "");
}

TEST(HttpClient, TreatsAnErrorStatusAsAResponse) {
  Ledger ledger;
  RawServer server(
      Always(ledger, "HTTP/1.1 503 Busy\r\nContent-Length: 4\r\n\r\nbusy"));
  const HttpOutcome outcome = Exchange(*NewClient(), {.url = server.Url()});
  ASSERT_THAT(outcome.transport, IsOk());
  EXPECT_EQ(outcome.response->status, 503);
  EXPECT_EQ(outcome.response->body, "busy");
}

TEST(HttpClient, DoesNotFollowRedirects) {
  Ledger elsewhere_ledger;
  RawServer elsewhere(Always(elsewhere_ledger, kOk));
  for (const int status : {301, 302, 303, 307, 308}) {
    Ledger ledger;
    RawServer server(
        Always(ledger, absl::StrCat("HTTP/1.1 ", status,
                                    " Moved\r\nContent-Length: 0\r\nLocation: ",
                                    elsewhere.Url(), "\r\n\r\n")));
    const HttpOutcome outcome = Exchange(
        *NewClient(), {.method = "POST", .url = server.Url(), .body = "b"});
    ASSERT_THAT(outcome.transport, IsOk());
    EXPECT_EQ(outcome.response->status, status);
    EXPECT_THAT(ledger.bodies(), ElementsAre("b"));
  }
  EXPECT_EQ(elsewhere.connections(), 0u);
}

TEST(HttpClient, IgnoresAProxyInTheEnvironment) {
  Ledger proxy_ledger;
  RawServer proxy(Always(proxy_ledger, kOk));
  setenv("http_proxy", proxy.Url().c_str(), 1);
  setenv("ALL_PROXY", proxy.Url().c_str(), 1);
  Ledger ledger;
  RawServer server(Always(ledger, kOk));
  const HttpOutcome outcome = Exchange(*NewClient(), {.url = server.Url()});
  unsetenv("http_proxy");
  unsetenv("ALL_PROXY");
  EXPECT_THAT(outcome.transport, IsOk());
  EXPECT_EQ(proxy.connections(), 0u);
}

// ---- Paid requests ----------------------------------------------------------

// Answers the first request of a connection, reads the second and closes: what
// makes libcurl send the second again on a connection of its own accord.
RawServer::Serve AnswersOnceThenReadsAndCloses(Ledger& ledger) {
  return [&ledger](RawSocket& peer) {
    if (!ledger.Read(peer)) return;
    peer.Send(kOk);
    ledger.Read(peer);
  };
}

TEST(HttpClient, SendsAPaidRequestExactlyOnce) {
  Ledger ledger;
  RawServer server(AnswersOnceThenReadsAndCloses(ledger));
  const std::unique_ptr<HttpClient> client = NewClient();
  // Leaves a connection that the next request could reuse.
  ASSERT_THAT(Exchange(*client, {.url = server.Url()}).transport, IsOk());
  for (const char* body : {"paid-1", "paid-2"}) {
    const HttpOutcome outcome = Exchange(
        *client,
        {.method = "POST", .url = server.Url(), .body = body, .paid = true});
    EXPECT_THAT(outcome.transport, IsOk());
  }
  EXPECT_THAT(ledger.bodies(), ElementsAre("", "paid-1", "paid-2"));
  EXPECT_EQ(server.connections(), 3u);
}

TEST(HttpClient, DoesNotRepeatAPaidRequestThatWasReadAndDropped) {
  Ledger ledger;
  RawServer server([&ledger](RawSocket& peer) { ledger.Read(peer); });
  const HttpOutcome outcome = Exchange(
      *NewClient(),
      {.method = "POST", .url = server.Url(), .body = "paid", .paid = true});
  EXPECT_THAT(outcome.transport, StatusIs(absl::StatusCode::kUnavailable));
  EXPECT_TRUE(outcome.maybe_sent);
  EXPECT_THAT(ledger.bodies(), ElementsAre("paid"));
}

TEST(HttpClient, SendsAnyPostExactlyOnce) {
  Ledger ledger;
  RawServer server(AnswersOnceThenReadsAndCloses(ledger));
  const std::unique_ptr<HttpClient> client = NewClient();
  ASSERT_THAT(Exchange(*client, {.url = server.Url()}).transport, IsOk());
  Exchange(*client,
           {.method = "POST", .url = server.Url(), .body = "not marked"});
  EXPECT_THAT(ledger.bodies(), ElementsAre("", "not marked"));
}

TEST(HttpClient, LeavesNoPaidConnectionForOthers) {
  Ledger ledger;
  RawServer server(Always(ledger, kOk));
  const std::unique_ptr<HttpClient> client = NewClient();
  for (const bool paid : {true, false, false, true}) {
    ASSERT_THAT(
        Exchange(*client, {.url = server.Url(), .paid = paid}).transport,
        IsOk());
  }
  // The two unpaid ones share a connection.
  EXPECT_EQ(server.connections(), 3u);
}

// ---- Failures: was it sent? -------------------------------------------------

struct FailureCase {
  const char* name;
  RawServer::Serve serve;
  absl::StatusCode code;
  bool maybe_sent;
  int status;
  const char* scheme = "http";
};

void PrintTo(const FailureCase& test, std::ostream* out) { *out << test.name; }

class HttpClientFailure : public testing::TestWithParam<FailureCase> {};

TEST_P(HttpClientFailure, SaysWhetherTheRequestMayHaveBeenSent) {
  const FailureCase& test = GetParam();
  RawServer server(test.serve);
  const HttpOutcome outcome = Exchange(
      *NewClient(),
      {.method = "POST",
       .url = absl::StrCat(test.scheme, "://127.0.0.1:", server.port(), "/"),
       .body = "paid",
       .paid = true},
      test.code == absl::StatusCode::kDeadlineExceeded ? kShort
                                                       : absl::Seconds(10));
  EXPECT_THAT(outcome.transport, StatusIs(test.code));
  EXPECT_EQ(outcome.maybe_sent, test.maybe_sent);
  EXPECT_EQ(outcome.response.has_value() ? outcome.response->status : 0,
            test.status);
}

void ReadThenReset(RawSocket& peer) {
  peer.ReadMessage();
  peer.Reset();
}

RawServer::Serve ReadThenSend(std::string answer) {
  return [answer](RawSocket& peer) {
    peer.ReadMessage();
    peer.Send(answer);
  };
}

INSTANTIATE_TEST_SUITE_P(
    Outcomes, HttpClientFailure,
    testing::ValuesIn(std::vector<FailureCase>{
        {"TlsHang", [](RawSocket& peer) { peer.WaitForClose(); },
         absl::StatusCode::kDeadlineExceeded, false, 0, "https"},
        {"TlsGarbage", [](RawSocket& peer) { peer.Send("what?\r\n"); },
         absl::StatusCode::kUnavailable, false, 0, "https"},
        {"TlsClose", [](RawSocket&) {}, absl::StatusCode::kUnavailable, false,
         0, "https"},
        {"HttpHang", [](RawSocket& peer) { peer.WaitForClose(); },
         absl::StatusCode::kDeadlineExceeded, true, 0},
        {"ResetAfterRead", ReadThenReset, absl::StatusCode::kUnavailable, true,
         0},
        {"CloseAfterRead", ReadThenSend(""), absl::StatusCode::kUnavailable,
         true, 0},
        {"TruncatedHead", ReadThenSend("HTTP/1.1 200 OK\r\nContent-"),
         absl::StatusCode::kUnavailable, true, 200},
        {"TruncatedBody",
         ReadThenSend("HTTP/1.1 200 OK\r\nContent-Length: 9\r\n\r\nabc"),
         absl::StatusCode::kUnavailable, true, 200},
        {"TruncatedChunks",
         ReadThenSend("HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n"
                      "9\r\nabc"),
         absl::StatusCode::kUnavailable, true, 200},
        {"BodyHang",
         [](RawSocket& peer) {
           peer.ReadMessage();
           peer.Send("HTTP/1.1 200 OK\r\nContent-Length: 9\r\n\r\nabc");
           peer.WaitForClose();
         },
         absl::StatusCode::kDeadlineExceeded, true, 200},
        {"NoHttp", ReadThenSend("what?\r\n\r\n"),
         absl::StatusCode::kUnavailable, true, 0},
    }),
    [](const auto& info) { return info.param.name; });

TEST(HttpClient, MayHaveSentWhatWasClosedUnread) {
  // Whether the request leaves before the close arrives is a race; what must
  // not happen is an OK or a wait.
  RawServer server([](RawSocket&) {});
  const HttpOutcome outcome = Exchange(
      *NewClient(), {.method = "POST", .url = server.Url(), .body = "b"});
  EXPECT_THAT(outcome.transport, StatusIs(absl::StatusCode::kUnavailable));
  EXPECT_FALSE(outcome.response.has_value());
}

TEST(HttpClient, ProvablySendsNothingWhenRefused) {
  int port = 0;
  {
    port = RawServer([](RawSocket&) {}).port();
  }
  const HttpOutcome outcome = Exchange(
      *NewClient(),
      {.method = "POST", .url = absl::StrCat("http://127.0.0.1:", port)});
  EXPECT_THAT(outcome.transport, StatusIs(absl::StatusCode::kUnavailable));
  EXPECT_FALSE(outcome.maybe_sent);
  EXPECT_FALSE(outcome.response.has_value());
}

TEST(HttpClient, ProvablySendsNothingWithoutAnAddress) {
  const HttpOutcome outcome = Exchange(
      *NewClient(), {.url = "http://no-such-host.invalid/"}, absl::Seconds(2));
  // Depending on whether there is a name server to say no.
  EXPECT_THAT(outcome.transport,
              AnyOf(StatusIs(absl::StatusCode::kUnavailable),
                    StatusIs(absl::StatusCode::kDeadlineExceeded)));
  EXPECT_FALSE(outcome.maybe_sent);
}

// ---- Limits -----------------------------------------------------------------

TEST(HttpClient, CutsOffAResponseOverTheLimit) {
  HttpClientOptions options = LocalOptions();
  options.max_response_bytes = 1000;
  Ledger ledger;
  for (const size_t size : {1000u, 1001u}) {
    RawServer server(
        Always(ledger, absl::StrCat("HTTP/1.1 200 OK\r\nContent-Length: ", size,
                                    "\r\n\r\n", std::string(size, 'x'))));
    const HttpOutcome outcome =
        Exchange(*NewClient(options), {.url = server.Url()});
    EXPECT_THAT(outcome.transport,
                StatusIs(size == 1000 ? absl::StatusCode::kOk
                                      : absl::StatusCode::kResourceExhausted));
    EXPECT_TRUE(outcome.maybe_sent);
  }
}

TEST(HttpClient, CutsOffEndlessResponseHeaders) {
  RawServer server([](RawSocket& peer) {
    peer.ReadMessage();
    peer.Send("HTTP/1.1 200 OK\r\n");
    while (peer.Send("X-Filler: " + std::string(1000, 'x') + "\r\n")) {
    }
  });
  const HttpOutcome outcome = Exchange(*NewClient(), {.url = server.Url()});
  EXPECT_THAT(outcome.transport,
              StatusIs(absl::StatusCode::kResourceExhausted));
}

TEST(HttpClient, KeepsToTheLimitOfTransfersAndToTheirOrder) {
  HttpClientOptions options = LocalOptions();
  options.max_transfers = 1;
  const std::unique_ptr<HttpClient> client = NewClient(options);
  std::promise<void> go;
  std::shared_future<void> gone = go.get_future().share();
  Ledger ledger;
  RawServer server([&](RawSocket& peer) {
    while (ledger.Read(peer)) {
      gone.wait();
      peer.Send(kOk);
    }
  });
  std::vector<PendingOutcome> pending;
  for (const char* body : {"1", "2", "3"}) {
    pending.emplace_back(
        *client,
        HttpRequest{.method = "POST", .url = server.Url(), .body = body});
  }
  PendingOutcome late(*client, {.url = server.Url()}, kShort);
  const HttpOutcome expired = late.Wait();
  EXPECT_THAT(expired.transport, StatusIs(absl::StatusCode::kDeadlineExceeded));
  EXPECT_FALSE(expired.maybe_sent);
  EXPECT_THAT(ledger.bodies(), ElementsAre("1"));
  go.set_value();
  for (PendingOutcome& outcome : pending) {
    EXPECT_THAT(outcome.Wait().transport, IsOk());
  }
  EXPECT_THAT(ledger.bodies(), ElementsAre("1", "2", "3"));
}

// ---- Requests that must not be sent -----------------------------------------

TEST(HttpClient, RefusesWhatWouldChangeTheRequest) {
  Ledger ledger;
  RawServer server(Always(ledger, kOk));
  const std::string url = server.Url();
  const std::pair<const char*, HttpRequest> kCases[] = {
      {"new line", {.url = url, .headers = {{"X", "a\r\nY: b"}}}},
      {"bare LF", {.url = url, .headers = {{"X", "a\nY: b"}}}},
      {"bare CR", {.url = url, .headers = {{"X", "a\rY: b"}}}},
      {"NUL", {.url = url, .headers = {{"X", std::string("a\0b", 3)}}}},
      {"colon in name", {.url = url, .headers = {{"X: a\r\nY", "b"}}}},
      {"no name", {.url = url, .headers = {{"", "b"}}}},
      {"length", {.url = url, .headers = {{"content-length", "0"}}}},
      {"encoding", {.url = url, .headers = {{"Transfer-Encoding", "chunked"}}}},
      {"method", {.method = "GET / HTTP/1.1\r\nX:", .url = url}},
      {"no method", {.method = "", .url = url}},
      {"URL with new line", {.url = url + "\r\nX: y"}},
      {"URL with space", {.url = url + "a b"}},
      {"URL with NUL", {.url = url + std::string("\0", 1)}},
      {"user in URL",
       {.url = absl::StrCat("http://user:pw@127.0.0.1:", server.port())}},
      {"no host", {.url = "http://"}},
      {"no scheme", {.url = "127.0.0.1"}},
      {"file", {.url = "file:///etc/hostname"}},
      {"gopher", {.url = "gopher://127.0.0.1/"}},
  };
  const std::unique_ptr<HttpClient> client = NewClient();
  for (const auto& [name, request] : kCases) {
    const HttpOutcome outcome = Exchange(*client, request);
    EXPECT_THAT(outcome.transport, StatusIs(absl::StatusCode::kInvalidArgument))
        << name;
    EXPECT_FALSE(outcome.maybe_sent) << name;
  }
  EXPECT_EQ(server.connections(), 0u);
}

TEST(HttpClient, RefusesPlainHttpUnlessAllowed) {
  HttpClientOptions options = LocalOptions();
  options.allow_plain_http = false;
  RawServer server([](RawSocket&) {});
  for (const char* scheme : {"http", "HTTP"}) {
    const HttpOutcome outcome =
        Exchange(*NewClient(options),
                 {.url = absl::StrCat(scheme, "://127.0.0.1:", server.port())});
    EXPECT_THAT(outcome.transport,
                StatusIs(absl::StatusCode::kInvalidArgument));
    EXPECT_FALSE(outcome.maybe_sent);
  }
  EXPECT_EQ(server.connections(), 0u);
}

TEST(HttpClient, RefusesPrivateAddressesHoweverTheyAreSpelt) {
  HttpClientOptions options = LocalOptions();
  options.allow_private_addresses = false;
  const std::unique_ptr<HttpClient> client = NewClient(options);
  RawServer server([](RawSocket&) {});
  for (const char* host :
       {"127.0.0.1", "localhost", "0x7f000001", "2130706433", "0177.0.0.1",
        "127.1", "0", "[::1]", "[::ffff:127.0.0.1]", "10.0.0.1",
        "169.254.169.254", "[fd00:ec2::254]"}) {
    const HttpOutcome outcome = Exchange(
        *client,
        {.url = absl::StrCat("http://", host, ":", server.port(), "/")});
    EXPECT_THAT(outcome.transport,
                StatusIs(absl::StatusCode::kPermissionDenied))
        << host;
    EXPECT_FALSE(outcome.maybe_sent) << host;
  }
  EXPECT_EQ(server.connections(), 0u);
}

TEST(HttpClient, NeedsTheCertificatesItIsGiven) {
  HttpClientOptions options = LocalOptions();
  options.ca_file = "no-such-file.pem";
  EXPECT_THAT(NewCurlHttpClient(options),
              StatusIs(absl::StatusCode::kInvalidArgument));
}

// ---- Life and death ---------------------------------------------------------

TEST(HttpClient, EndsWhatIsUnderWayWhenDestroyed) {
  HttpClientOptions options = LocalOptions();
  options.max_transfers = 1;
  std::promise<void> received;
  RawServer server([&received](RawSocket& peer) {
    peer.ReadMessage();
    received.set_value();
    peer.WaitForClose();
  });
  std::unique_ptr<HttpClient> client = NewClient(options);
  PendingOutcome running(*client, {.url = server.Url()});
  PendingOutcome waiting(*client, {.url = server.Url()});
  received.get_future().wait();
  client.reset();

  const HttpOutcome ran = running.Wait();
  EXPECT_THAT(ran.transport, StatusIs(absl::StatusCode::kUnavailable));
  EXPECT_TRUE(ran.maybe_sent);
  const HttpOutcome waited = waiting.Wait();
  EXPECT_THAT(waited.transport, StatusIs(absl::StatusCode::kUnavailable));
  EXPECT_FALSE(waited.maybe_sent);
}

TEST(HttpClient, LetsACallbackSendAgain) {
  Ledger ledger;
  RawServer server(Always(ledger, kOk));
  const std::unique_ptr<HttpClient> client = NewClient();
  std::promise<HttpOutcome> second;
  client->Send({.url = server.Url()}, absl::Seconds(10), [&](HttpOutcome) {
    client->Send({.url = server.Url()}, absl::Seconds(10),
                 [&second](HttpOutcome outcome) { second.set_value(outcome); });
  });
  EXPECT_THAT(second.get_future().get().transport, IsOk());
}

TEST(HttpClient, CallsBackOnceForEachOfManyRequests) {
  constexpr int kRequests = 300;
  Ledger ledger;
  RawServer server(Always(ledger, kOk));
  HttpClientOptions options = LocalOptions();
  options.max_transfers = 16;
  std::atomic<int> ok = 0;
  std::atomic<int> calls = 0;
  std::promise<void> all;
  const std::unique_ptr<HttpClient> client = NewClient(options);
  for (int i = 0; i < kRequests; ++i) {
    client->Send({.method = "POST",
                  .url = server.Url(),
                  .body = absl::StrCat(i),
                  .paid = i % 2 == 0},
                 absl::Seconds(30), [&](HttpOutcome outcome) {
                   if (outcome.transport.ok()) ++ok;
                   if (++calls == kRequests) all.set_value();
                 });
  }
  EXPECT_EQ(all.get_future().wait_for(std::chrono::seconds(30)),
            std::future_status::ready);
  EXPECT_EQ(ok, kRequests);
  EXPECT_EQ(ledger.bodies().size(), static_cast<size_t>(kRequests));
}

}  // namespace
}  // namespace enrich
