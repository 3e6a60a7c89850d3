#include "http/http_server.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <chrono>
#include <future>
#include <memory>
#include <string>
#include <thread>
#include <utility>
#include <vector>

#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "base/mutex.h"
#include "support/raw_http.h"
#include "support/status_matchers.h"

namespace enrich {
namespace {

using testing::ElementsAre;
using testing::HasSubstr;
using testing::IsEmpty;
using testing::Not;
using testing::Pair;
using testing::StartsWith;

// Time limits that a test never meets, except those it sets itself.
HttpServerOptions PatientOptions() {
  return {.header_timeout = absl::Seconds(60),
          .idle_timeout = absl::Seconds(60),
          .request_timeout = absl::Seconds(60)};
}

// A server that keeps what it was asked and answers with `respond`.
class TestServer {
 public:
  using Respond = std::function<void(HttpRequest, HttpResponder)>;

  explicit TestServer(const HttpServerOptions& options = PatientOptions(),
                      Respond respond = Echo) {
    HttpHandler handler;
    handler.on_request = [this, respond = std::move(respond)](
                             HttpRequest request, HttpResponder responder) {
      {
        MutexLock lock(&mu_);
        requests_.push_back(request);
      }
      respond(std::move(request), std::move(responder));
    };
    handler.on_oversize = [this](absl::string_view method,
                                 absl::string_view target) {
      MutexLock lock(&mu_);
      oversize_.push_back(absl::StrCat(method, " ", target));
    };
    absl::StatusOr<std::unique_ptr<HttpServer>> server =
        NewHttpServer(options, std::move(handler));
    EXPECT_THAT(server, IsOk());
    server_ = *std::move(server);
  }

  static void Echo(HttpRequest request, HttpResponder responder) {
    responder({.status = 200,
               .headers = {{"Content-Type", "text/plain"}},
               .body = std::move(request.body)});
  }

  RawSocket Connect() const { return RawSocket::Connect(server_->port()); }
  RawMessage Ask(absl::string_view request) const {
    RawSocket client = Connect();
    client.Send(request);
    return client.ReadMessage();
  }
  void Destroy() { server_.reset(); }
  std::vector<HttpRequest> requests() const {
    MutexLock lock(&mu_);
    return requests_;
  }
  std::vector<std::string> oversize() const {
    MutexLock lock(&mu_);
    return oversize_;
  }

 private:
  mutable Mutex mu_;
  std::vector<HttpRequest> requests_ ABSL_GUARDED_BY(mu_);
  std::vector<std::string> oversize_ ABSL_GUARDED_BY(mu_);
  // Last: its thread uses the rest.
  std::unique_ptr<HttpServer> server_;
};

std::string Post(absl::string_view target, absl::string_view body) {
  return absl::StrCat("POST ", target, " HTTP/1.1\r\nHost: a\r\n",
                      "Content-Length: ", body.size(), "\r\n\r\n", body);
}

// ---- Requests ---------------------------------------------------------------

TEST(HttpServer, HandsOverTheRequestAndReturnsTheAnswer) {
  TestServer server;
  const RawMessage answer = server.Ask(
      "POST /a/b?c=d HTTP/1.1\r\nHost: example.com\r\nX-One:  1 \r\n"
      "Content-Length: 5\r\n\r\nhello");
  EXPECT_EQ(answer.head,
            "HTTP/1.1 200 OK\r\nContent-Type: text/plain\r\n"
            "Content-Length: 5\r\n\r\n");
  EXPECT_EQ(answer.body, "hello");
  const HttpRequest request = server.requests().at(0);
  EXPECT_EQ(request.method, "POST");
  EXPECT_EQ(request.url, "/a/b?c=d");
  EXPECT_EQ(request.body, "hello");
  EXPECT_THAT(request.headers,
              ElementsAre(Pair("Host", "example.com"), Pair("X-One", "1"),
                          Pair("Content-Length", "5")));
}

TEST(HttpServer, TakesRequestsWithoutABody) {
  TestServer server;
  for (const char* method : {"GET", "DELETE", "POST", "BREW"}) {
    const RawMessage answer =
        server.Ask(absl::StrCat(method, " / HTTP/1.1\r\nHost: a\r\n\r\n"));
    EXPECT_EQ(answer.status(), 200) << method;
    EXPECT_EQ(server.requests().back().method, method);
    EXPECT_EQ(server.requests().back().body, "");
  }
}

TEST(HttpServer, AnswersHeadWithoutTheBody) {
  TestServer server(PatientOptions(), [](HttpRequest, HttpResponder responder) {
    responder({.status = 200, .body = "hello"});
  });
  RawSocket client = server.Connect();
  client.Send("HEAD / HTTP/1.1\r\nHost: a\r\nConnection: close\r\n\r\n");
  EXPECT_EQ(client.ReadToEnd(),
            "HTTP/1.1 200 OK\r\nContent-Length: 5\r\nConnection: close\r\n"
            "\r\n");
}

TEST(HttpServer, ReadsLargeBodies) {
  TestServer server;
  std::string body;
  for (int i = 0; body.size() < (3 << 20); ++i) absl::StrAppend(&body, i, ",");
  const RawMessage answer = server.Ask(Post("/", body));
  EXPECT_EQ(answer.status(), 200);
  EXPECT_TRUE(answer.body == body);
}

TEST(HttpServer, ReadsChunkedBodies) {
  TestServer server;
  const RawMessage answer = server.Ask(
      "POST / HTTP/1.1\r\nHost: a\r\nTransfer-Encoding: chunked\r\n\r\n"
      "3\r\nabc\r\n2;x=y\r\nde\r\n0\r\n\r\n");
  EXPECT_EQ(answer.body, "abcde");
}

TEST(HttpServer, ReadsARequestThatArrivesByteByByte) {
  TestServer server;
  RawSocket client = server.Connect();
  for (const char byte : Post("/", "hello")) {
    ASSERT_TRUE(client.Send(absl::string_view(&byte, 1)));
  }
  EXPECT_EQ(client.ReadMessage().body, "hello");
}

TEST(HttpServer, TellsAClientThatAsksToGoOn) {
  TestServer server;
  RawSocket client = server.Connect();
  client.Send(
      "POST / HTTP/1.1\r\nHost: a\r\nExpect: 100-continue\r\n"
      "Content-Length: 5\r\n\r\n");
  EXPECT_EQ(client.ReadMessage().head, "HTTP/1.1 100 Continue\r\n\r\n");
  client.Send("hello");
  EXPECT_EQ(client.ReadMessage().body, "hello");
}

// ---- Connections ------------------------------------------------------------

TEST(HttpServer, ServesManyRequestsOnAConnection) {
  TestServer server;
  RawSocket client = server.Connect();
  for (int i = 0; i < 50; ++i) {
    client.Send(Post("/", absl::StrCat("body ", i)));
    EXPECT_EQ(client.ReadMessage().body, absl::StrCat("body ", i));
  }
}

TEST(HttpServer, AnswersRequestsSentAheadInOrder) {
  TestServer server;
  RawSocket client = server.Connect();
  client.Send(absl::StrCat(Post("/", "1"), Post("/", "2"), Post("/", "3")));
  for (const char* body : {"1", "2", "3"}) {
    EXPECT_EQ(client.ReadMessage().body, body);
  }
}

TEST(HttpServer, ClosesWhenTheClientWantsTo) {
  TestServer server;
  for (const char* request :
       {"GET / HTTP/1.1\r\nHost: a\r\nConnection: close\r\n\r\n",
        "GET / HTTP/1.0\r\n\r\n",
        "GET / HTTP/1.0\r\nConnection: keep-alive\r\n\r\n"}) {
    RawSocket client = server.Connect();
    client.Send(request);
    EXPECT_THAT(client.ReadToEnd(), HasSubstr("Connection: close\r\n"));
  }
}

TEST(HttpServer, AnswersAClientThatClosedItsSide) {
  TestServer server;
  RawSocket client = server.Connect();
  client.Send(Post("/", "hello"));
  client.ShutdownSend();
  EXPECT_EQ(client.ReadMessage().body, "hello");
  EXPECT_TRUE(client.WaitForClose());
}

TEST(HttpServer, ServesManyConnectionsAtOnce) {
  TestServer server;
  std::vector<RawSocket> clients;
  for (int i = 0; i < 200; ++i) clients.push_back(server.Connect());
  for (RawSocket& client : clients) client.Send(Post("/", "hello"));
  for (RawSocket& client : clients) {
    EXPECT_EQ(client.ReadMessage().body, "hello");
  }
}

TEST(HttpServer, ClosesConnectionsOverTheLimit) {
  HttpServerOptions options = PatientOptions();
  options.max_connections = 2;
  TestServer server(options);
  RawSocket first = server.Connect();
  RawSocket second = server.Connect();
  first.Send(Post("/", "1"));
  second.Send(Post("/", "2"));
  EXPECT_EQ(first.ReadMessage().body, "1");
  EXPECT_EQ(second.ReadMessage().body, "2");
  RawSocket third = server.Connect();
  EXPECT_TRUE(third.WaitForClose());
  // A place that is given up can be taken again, once the server has noticed.
  first.Close();
  for (bool served = false; !served;) {
    served = server.Ask(Post("/", "4")).status() == 200;
  }
}

// ---- Limits and malformed requests ------------------------------------------

TEST(HttpServer, RefusesABodyOverTheLimit) {
  HttpServerOptions options = PatientOptions();
  options.max_body_bytes = 1000;
  TestServer server(options);
  EXPECT_EQ(server.Ask(Post("/fits", std::string(1000, 'x'))).status(), 200);
  RawSocket client = server.Connect();
  client.Send(Post("/over?a", std::string(1001, 'x')));
  const std::string answer = client.ReadToEnd();
  EXPECT_THAT(answer, StartsWith("HTTP/1.1 413 "));
  EXPECT_THAT(answer, HasSubstr("Connection: close"));
  EXPECT_THAT(server.oversize(), ElementsAre("POST /over?a"));
  EXPECT_EQ(server.requests().size(), 1u);
}

TEST(HttpServer, RefusesChunksOverTheLimit) {
  HttpServerOptions options = PatientOptions();
  options.max_body_bytes = 1000;
  TestServer server(options);
  std::string request =
      "POST /chunks HTTP/1.1\r\nHost: a\r\nTransfer-Encoding: chunked\r\n\r\n";
  for (int i = 0; i < 11; ++i) {
    absl::StrAppend(&request, "64\r\n", std::string(100, 'x'), "\r\n");
  }
  EXPECT_EQ(server.Ask(request).status(), 413);
  EXPECT_THAT(server.oversize(), ElementsAre("POST /chunks"));
  EXPECT_THAT(server.requests(), IsEmpty());
}

TEST(HttpServer, AnswersAClientThatIsStillSendingTooMuch) {
  HttpServerOptions options = PatientOptions();
  options.max_body_bytes = 1000;
  TestServer server(options);
  RawSocket client = server.Connect();
  client.Send(Post("/", std::string(1 << 20, 'x')));
  EXPECT_EQ(client.ReadMessage().status(), 413);
}

TEST(HttpServer, RefusesAHeaderOverTheLimit) {
  HttpServerOptions options = PatientOptions();
  options.max_header_bytes = 1000;
  TestServer server(options);
  const std::string many(900, 'x');
  const struct {
    const char* name;
    std::string request;
    int status;
  } kCases[] = {
      {"fits",
       absl::StrCat("GET / HTTP/1.1\r\nHost: a\r\nX: ", many, "\r\n\r\n"), 200},
      {"long value",
       absl::StrCat("GET / HTTP/1.1\r\nHost: a\r\nX: ", many, many, "\r\n\r\n"),
       431},
      {"long target",
       absl::StrCat("GET /", many, many, " HTTP/1.1\r\nHost: a\r\n\r\n"), 431},
      {"long together",
       absl::StrCat("GET /", many, " HTTP/1.1\r\nHost: a\r\n", "X: ", many,
                    "\r\n\r\n"),
       431},
      {"never ending", absl::StrCat("GET / HTTP/1.1\r\nX: ", many, many), 431},
  };
  for (const auto& test : kCases) {
    EXPECT_EQ(server.Ask(test.request).status(), test.status) << test.name;
  }
  EXPECT_EQ(server.requests().size(), 1u);
}

TEST(HttpServer, RefusesWhatIsNotARequest) {
  TestServer server;
  const struct {
    const char* name;
    std::string request;
    int status;
  } kCases[] = {
      {"garbage", "what\r\n\r\n", 400},
      {"binary", std::string("\x16\x03\x01\x00\xff\r\n\r\n", 9), 400},
      {"HTTP/2 preface", "PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n", 505},
      {"unknown version", "GET / HTTP/1.7\r\nHost: a\r\n\r\n", 505},
      {"no version", "GET /\r\n\r\n", 400},
      {"no host", "GET / HTTP/1.1\r\n\r\n", 400},
      {"two hosts", "GET / HTTP/1.1\r\nHost: a\r\nHost: b\r\n\r\n", 400},
      {"header without colon", "GET / HTTP/1.1\r\nHost a\r\n\r\n", 400},
      {"space before colon", "GET / HTTP/1.1\r\nHost : a\r\n\r\n", 400},
      {"bare LF", "GET / HTTP/1.1\nHost: a\n\n\r\n\r\n", 505},
      {"length and chunked",
       "POST / HTTP/1.1\r\nHost: a\r\nContent-Length: 3\r\n"
       "Transfer-Encoding: chunked\r\n\r\n0\r\n\r\n",
       400},
      {"chunked and length",
       "POST / HTTP/1.1\r\nHost: a\r\nTransfer-Encoding: chunked\r\n"
       "Content-Length: 3\r\n\r\n0\r\n\r\n",
       400},
      {"two lengths",
       "POST / HTTP/1.1\r\nHost: a\r\nContent-Length: 3\r\n"
       "Content-Length: 4\r\n\r\nabcd",
       400},
      {"negative length",
       "POST / HTTP/1.1\r\nHost: a\r\nContent-Length: -1\r\n\r\n", 400},
      {"huge length",
       "POST / HTTP/1.1\r\nHost: a\r\n"
       "Content-Length: 99999999999999999999\r\n\r\n",
       400},
      {"unknown encoding",
       "POST / HTTP/1.1\r\nHost: a\r\nTransfer-Encoding: gzip\r\n\r\n", 501},
      {"encoding on top",
       "POST / HTTP/1.1\r\nHost: a\r\nTransfer-Encoding: gzip, chunked\r\n\r\n",
       501},
      {"encoding and length",
       "POST / HTTP/1.1\r\nHost: a\r\nTransfer-Encoding: gzip\r\n"
       "Content-Length: 3\r\n\r\nabc",
       501},
      {"chunked in 1.0",
       "POST / HTTP/1.0\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n", 400},
      {"bad chunk",
       "POST / HTTP/1.1\r\nHost: a\r\nTransfer-Encoding: chunked\r\n\r\n"
       "zz\r\n",
       400},
      {"endless chunk extension",
       absl::StrCat("POST / HTTP/1.1\r\nHost: a\r\n",
                    "Transfer-Encoding: chunked\r\n\r\n3;",
                    std::string(300 << 10, 'x')),
       400},
  };
  for (const auto& test : kCases) {
    RawSocket client = server.Connect();
    client.Send(test.request);
    EXPECT_EQ(client.ReadMessage().status(), test.status) << test.name;
    EXPECT_TRUE(client.WaitForClose()) << test.name;
  }
  EXPECT_THAT(server.requests(), IsEmpty());
}

TEST(HttpServer, ForgetsARequestThatBreaksOff) {
  TestServer server;
  for (absl::string_view part :
       {"", "GET / HT", "GET / HTTP/1.1\r\nHost: a\r\n",
        "POST / HTTP/1.1\r\nHost: a\r\nContent-Length: 9\r\n\r\nabc"}) {
    RawSocket client = server.Connect();
    client.Send(part);
    client.ShutdownSend();
    EXPECT_EQ(client.ReadToEnd(), "") << part;
  }
  EXPECT_THAT(server.requests(), IsEmpty());
}

// ---- Time limits ------------------------------------------------------------

constexpr absl::Duration kShort = absl::Milliseconds(50);

TEST(HttpServer, ClosesAConnectionThatSaysNothing) {
  HttpServerOptions options = PatientOptions();
  options.header_timeout = kShort;
  TestServer server(options);
  RawSocket client = server.Connect();
  EXPECT_EQ(client.ReadToEnd(), "");
  EXPECT_TRUE(client.WaitForClose());
}

TEST(HttpServer, ClosesAConnectionWhoseHeaderStalls) {
  HttpServerOptions options = PatientOptions();
  options.header_timeout = kShort;
  TestServer server(options);
  RawSocket client = server.Connect();
  client.Send("GET / HTTP/1.1\r\nHost:");
  EXPECT_TRUE(client.WaitForClose());
}

TEST(HttpServer, ClosesAConnectionWhoseBodyStalls) {
  HttpServerOptions options = PatientOptions();
  options.request_timeout = kShort;
  TestServer server(options);
  RawSocket client = server.Connect();
  client.Send("POST / HTTP/1.1\r\nHost: a\r\nContent-Length: 9\r\n\r\nabc");
  EXPECT_TRUE(client.WaitForClose());
  EXPECT_THAT(server.requests(), IsEmpty());
}

TEST(HttpServer, ClosesAConnectionThatTricklesItsHeader) {
  HttpServerOptions options = PatientOptions();
  options.request_timeout = kShort;
  options.max_header_bytes = 64 << 20;
  TestServer server(options);
  RawSocket client = server.Connect();
  client.Send("GET / HTTP/1.1\r\n");
  // Each byte is in time; all of them together are not.
  while (client.Send("X")) std::this_thread::yield();
  EXPECT_EQ(client.ReadToEnd(), "");
}

TEST(HttpServer, ClosesAConnectionAtRest) {
  HttpServerOptions options = PatientOptions();
  options.idle_timeout = kShort;
  TestServer server(options);
  RawSocket client = server.Connect();
  client.Send(Post("/", "hello"));
  EXPECT_EQ(client.ReadMessage().body, "hello");
  EXPECT_EQ(client.ReadToEnd(), "");
  EXPECT_TRUE(client.WaitForClose());
}

TEST(HttpServer, ClosesAConnectionWhoseAnswerDoesNotCome) {
  HttpServerOptions options = PatientOptions();
  options.request_timeout = kShort;
  Mutex mu;
  std::vector<HttpResponder> kept;
  TestServer server(options, [&](HttpRequest, HttpResponder responder) {
    MutexLock lock(&mu);
    kept.push_back(std::move(responder));
  });
  RawSocket client = server.Connect();
  client.Send(Post("/", "hello"));
  EXPECT_EQ(client.ReadToEnd(), "");
  // Too late, and harmless.
  MutexLock lock(&mu);
  kept.at(0)({.status = 200});
}

TEST(HttpServer, ClosesAConnectionThatDoesNotReadItsAnswer) {
  constexpr size_t kHuge = 64 << 20;
  HttpServerOptions options = PatientOptions();
  options.request_timeout = kShort;
  options.max_connections = 1;
  TestServer server(options, [](HttpRequest request, HttpResponder responder) {
    responder({.status = 200,
               .body = std::string(request.url == "/huge" ? kHuge : 1, 'x')});
  });
  RawSocket client = server.Connect();
  client.Send(Post("/huge", ""));
  // The one place is free again once the server has given up.
  while (server.Ask(Post("/", "")).status() != 200) {
  }
  EXPECT_LT(client.ReadToEnd().size(), kHuge);
}

// ---- Responders -------------------------------------------------------------

TEST(HttpServer, TakesAnswersFromAnyThread) {
  std::vector<std::future<void>> answering;
  TestServer server(
      PatientOptions(), [&](HttpRequest request, HttpResponder responder) {
        answering.push_back(std::async(
            std::launch::async, [request = std::move(request),
                                 responder = std::move(responder)]() mutable {
              responder({.status = 200, .body = request.body});
            }));
      });
  std::vector<RawSocket> clients;
  for (int i = 0; i < 20; ++i) clients.push_back(server.Connect());
  for (int i = 0; i < 20; ++i) clients[i].Send(Post("/", absl::StrCat(i)));
  for (int i = 0; i < 20; ++i) {
    EXPECT_EQ(clients[i].ReadMessage().body, absl::StrCat(i));
  }
}

TEST(HttpServer, AnswersForAResponderThatIsDropped) {
  TestServer server(PatientOptions(), [](HttpRequest, HttpResponder) {});
  RawSocket client = server.Connect();
  for (int i = 0; i < 2; ++i) {
    client.Send(Post("/", "x"));
    EXPECT_EQ(client.ReadMessage().status(), 500);
  }
}

TEST(HttpServer, ClosesWithoutAnAnswerForStatusZero) {
  TestServer server(PatientOptions(), [](HttpRequest, HttpResponder responder) {
    responder({.status = 0});
  });
  RawSocket client = server.Connect();
  client.Send(Post("/", "x"));
  EXPECT_EQ(client.ReadToEnd(), "");
  EXPECT_TRUE(client.WaitForClose());
}

TEST(HttpServer, IgnoresASecondAnswer) {
  TestServer server(PatientOptions(), [](HttpRequest, HttpResponder responder) {
    responder({.status = 200});
    responder({.status = 404});
  });
  RawSocket client = server.Connect();
  for (int i = 0; i < 2; ++i) {
    client.Send(Post("/", "x"));
    EXPECT_EQ(client.ReadMessage().status(), 200);
  }
}

TEST(HttpServer, MayBeOutlivedByResponders) {
  std::promise<HttpResponder> asked;
  TestServer server(PatientOptions(),
                    [&asked](HttpRequest, HttpResponder responder) {
                      asked.set_value(std::move(responder));
                    });
  RawSocket client = server.Connect();
  client.Send(Post("/", "x"));
  HttpResponder responder = asked.get_future().get();
  server.Destroy();
  responder({.status = 200});
  EXPECT_EQ(client.ReadToEnd(), "");
}

// ---- Life and death ---------------------------------------------------------

TEST(HttpServer, ClosesItsConnectionsWhenDestroyed) {
  TestServer server;
  std::vector<RawSocket> clients;
  for (int i = 0; i < 5; ++i) clients.push_back(server.Connect());
  clients[0].Send(Post("/", "answered"));
  EXPECT_EQ(clients[0].ReadMessage().status(), 200);
  clients[1].Send("GET / HT");
  clients[2].Send("POST / HTTP/1.1\r\nHost: a\r\nContent-Length: 9\r\n\r\nabc");
  server.Destroy();
  for (RawSocket& client : clients) EXPECT_TRUE(client.WaitForClose());
}

TEST(HttpServer, SurvivesClientsThatReset) {
  TestServer server;
  for (int i = 0; i < 20; ++i) {
    RawSocket client = server.Connect();
    client.Send(Post("/", std::string(10'000, 'x')));
    client.Reset();
  }
  EXPECT_EQ(server.Ask(Post("/", "hello")).body, "hello");
}

TEST(HttpServer, ListensWhereItIsTold) {
  const struct {
    const char* listen;
    absl::StatusCode code;
  } kCases[] = {
      {"127.0.0.1:0", absl::StatusCode::kOk},
      {"0.0.0.0:0", absl::StatusCode::kOk},
      {"", absl::StatusCode::kInvalidArgument},
      {"8080", absl::StatusCode::kInvalidArgument},
      {":8080", absl::StatusCode::kInvalidArgument},
      {"localhost:8080", absl::StatusCode::kInvalidArgument},
      {"127.0.0.1:", absl::StatusCode::kInvalidArgument},
      {"127.0.0.1:65536", absl::StatusCode::kInvalidArgument},
      {"127.0.0.1:-1", absl::StatusCode::kInvalidArgument},
      {"::1:80", absl::StatusCode::kInvalidArgument},
      {"[::1:80", absl::StatusCode::kInvalidArgument},
      {"[127.0.0.1]:80", absl::StatusCode::kInvalidArgument},
      // Not an address of this machine.
      {"192.0.2.1:0", absl::StatusCode::kUnavailable},
  };
  for (const auto& test : kCases) {
    EXPECT_THAT(NewHttpServer({.listen = test.listen}, {}), StatusIs(test.code))
        << test.listen;
  }
}

TEST(HttpServer, DoesNotShareItsPort) {
  ASSERT_OK_AND_ASSIGN(const auto first, NewHttpServer({}, {}));
  EXPECT_THAT(
      NewHttpServer({.listen = absl::StrCat("127.0.0.1:", first->port())}, {}),
      StatusIs(absl::StatusCode::kUnavailable));
}

}  // namespace
}  // namespace enrich
