#ifndef ENRICH_HTTP_SERVER_CONNECTION_H_
#define ENRICH_HTTP_SERVER_CONNECTION_H_

#include <boost/asio/io_context.hpp>
#include <boost/asio/ip/tcp.hpp>
#include <boost/beast/core/flat_buffer.hpp>
#include <boost/beast/http/parser.hpp>
#include <boost/beast/http/string_body.hpp>
#include <chrono>
#include <cstddef>
#include <memory>
#include <optional>
#include <string>

#include "absl/container/flat_hash_map.h"
#include "absl/time/time.h"
#include "base/mutex.h"
#include "http/http_message.h"
#include "http/http_server.h"

// The server's side of one connection. Included by the server alone. Everything
// runs on the server's thread unless it says otherwise.
namespace enrich {

class ServerConnection;

// Carries answers from any thread to the server's, for as long as there is one.
// Thread-safe.
class AnswerPost {
 public:
  explicit AnswerPost(boost::asio::io_context& io) : io_(&io) {}

  void Post(std::weak_ptr<ServerConnection> connection, HttpResponse response);

  // Nothing is posted afterwards.
  void Close();

 private:
  Mutex mu_;
  boost::asio::io_context* io_ ABSL_GUARDED_BY(mu_);
};

// What connections need of their server, which outlives them.
struct ServerShared {
  const HttpServerOptions options;
  const HttpHandler handler;
  std::shared_ptr<AnswerPost> post = {};
  // All that are open.
  absl::flat_hash_map<ServerConnection*, std::shared_ptr<ServerConnection>>
      connections = {};
};

// Reads a request, has it answered, writes the answer, and so on. Never more
// than one operation is under way.
class ServerConnection final
    : public std::enable_shared_from_this<ServerConnection> {
 public:
  using Time = std::chrono::steady_clock::time_point;

  ServerConnection(boost::asio::ip::tcp::socket socket, ServerShared& shared)
      : socket_(std::move(socket)), shared_(shared) {}

  void Start();

  // Takes the answer to the request handed out last.
  void Answer(HttpResponse response);

  // Whether the time for what it is doing is over: it shall be closed.
  bool Expired(Time now) const { return now >= deadline_; }

  // Leaves `ServerShared::connections`, too.
  void Close();

 private:
  using Error = boost::system::error_code;
  using Parser =
      boost::beast::http::request_parser<boost::beast::http::string_body>;

  enum class Phase {
    kIdle,       // no byte of a request yet
    kHeader,     // some of it
    kBody,       // the header is complete
    kAnswering,  // the handler has it
    kWriting,
    kLingering,  // answered for good; waits for the client to close
    kClosed,
  };

  void AwaitRequest(absl::Duration timeout);
  void Read();
  size_t ReadSize() const;
  void OnRead(Error error, size_t bytes);
  void Parse();
  void BeginRequestIfIdle();
  void ReadMore();
  // The status to refuse the request with, or 0.
  int CheckHeader() const;
  bool AwaitsContinue() const;
  void WriteContinue();
  void OnContinueWritten(Error error);

  void Dispatch();
  void RefuseMalformed(Error error);
  void Refuse(int status);
  void WriteAnswer(HttpResponse response);
  void OnAnswerWritten(Error error);
  void Linger();
  void Discard();

  boost::asio::ip::tcp::socket socket_;
  ServerShared& shared_;
  boost::beast::flat_buffer buffer_;
  std::optional<Parser> parser_;
  Phase phase_ = Phase::kIdle;
  size_t header_bytes_ = 0;
  Time deadline_ = {};
  Time request_deadline_ = {};
  bool is_head_ = false;
  bool keep_alive_ = false;
  // Being written.
  std::string head_;
  std::string body_;
};

}  // namespace enrich

#endif  // ENRICH_HTTP_SERVER_CONNECTION_H_
