#include "http/server_connection.h"

#include <algorithm>
#include <array>
#include <boost/asio/buffer.hpp>
#include <boost/asio/post.hpp>
#include <boost/asio/write.hpp>
#include <boost/beast/http/error.hpp>
#include <cstdint>
#include <utility>

#include "absl/strings/match.h"
#include "absl/strings/string_view.h"
#include "http/response_head.h"

namespace enrich {
namespace {

namespace asio = boost::asio;
namespace http = boost::beast::http;
using asio::ip::tcp;

// Enough for a header and a body of one contact.
constexpr size_t kSmallRead = 16 << 10;
// Beast's own growth reads 512 bytes at a time, seven times slower.
constexpr size_t kLargeRead = 128 << 10;
// How long a client has to take in an answer that ends its connection.
constexpr absl::Duration kLingerTime = absl::Seconds(2);

absl::string_view ToView(boost::beast::string_view text) {
  return absl::string_view(text.data(), text.size());
}

ServerConnection::Time In(absl::Duration from_now) {
  return std::chrono::steady_clock::now() +
         absl::ToChronoMicroseconds(from_now);
}

// The responder of one request.
class PendingAnswer {
 public:
  PendingAnswer(std::shared_ptr<AnswerPost> post,
                std::weak_ptr<ServerConnection> connection)
      : post_(std::move(post)), connection_(std::move(connection)) {}
  PendingAnswer(PendingAnswer&&) = default;
  PendingAnswer& operator=(PendingAnswer&&) = delete;
  ~PendingAnswer() {
    if (post_ != nullptr) (*this)({.status = 500});
  }

  void operator()(HttpResponse response) {
    const std::shared_ptr<AnswerPost> post = std::move(post_);
    if (post != nullptr) {
      post->Post(std::move(connection_), std::move(response));
    }
  }

 private:
  // Null once answered.
  std::shared_ptr<AnswerPost> post_;
  std::weak_ptr<ServerConnection> connection_;
};

}  // namespace

void AnswerPost::Post(std::weak_ptr<ServerConnection> connection,
                      HttpResponse response) {
  MutexLock lock(&mu_);
  if (io_ == nullptr) return;
  asio::post(*io_, [connection = std::move(connection),
                    response = std::move(response)]() mutable {
    if (const auto open = connection.lock()) open->Answer(std::move(response));
  });
}

void AnswerPost::Close() {
  MutexLock lock(&mu_);
  io_ = nullptr;
}

void ServerConnection::Start() {
  Error ignored;
  socket_.set_option(tcp::no_delay(true), ignored);
  AwaitRequest(shared_.options.header_timeout);
}

void ServerConnection::Answer(HttpResponse response) {
  if (phase_ != Phase::kAnswering) return;
  if (response.status == 0) return Close();
  WriteAnswer(std::move(response));
}

void ServerConnection::Close() {
  phase_ = Phase::kClosed;
  Error ignored;
  socket_.close(ignored);
  shared_.connections.erase(this);
}

// ---- Reading ----------------------------------------------------------------

void ServerConnection::AwaitRequest(absl::Duration timeout) {
  parser_.emplace();
  parser_->header_limit(
      static_cast<std::uint32_t>(shared_.options.max_header_bytes));
  parser_->body_limit(shared_.options.max_body_bytes);
  header_bytes_ = 0;
  phase_ = Phase::kIdle;
  deadline_ = In(timeout);
  if (buffer_.size() == 0) {
    Read();
  } else {
    Parse();
  }
}

void ServerConnection::Read() {
  socket_.async_read_some(
      buffer_.prepare(ReadSize()),
      [self = shared_from_this()](Error error, size_t bytes) {
        self->OnRead(error, bytes);
      });
}

size_t ServerConnection::ReadSize() const {
  if (phase_ != Phase::kBody) return kSmallRead;
  const auto left = parser_->content_length_remaining();
  if (!left.has_value()) return kLargeRead;
  return static_cast<size_t>(
      std::clamp<std::uint64_t>(*left, kSmallRead, kLargeRead));
}

void ServerConnection::OnRead(Error error, size_t bytes) {
  if (phase_ == Phase::kClosed) return;
  if (error) return Close();
  buffer_.commit(bytes);
  Parse();
}

void ServerConnection::Parse() {
  BeginRequestIfIdle();
  while (true) {
    Error error;
    const size_t used = parser_->put(buffer_.data(), error);
    buffer_.consume(used);
    if (phase_ == Phase::kHeader) header_bytes_ += used;
    if (error == http::error::need_more) return ReadMore();
    if (error) return RefuseMalformed(error);
    if (phase_ == Phase::kHeader && parser_->is_header_done()) {
      if (const int status = CheckHeader(); status != 0) {
        return Refuse(status);
      }
      phase_ = Phase::kBody;
      if (AwaitsContinue()) return WriteContinue();
    }
    if (parser_->is_done()) return Dispatch();
    if (buffer_.size() == 0) return ReadMore();
  }
}

void ServerConnection::BeginRequestIfIdle() {
  if (phase_ != Phase::kIdle) return;
  phase_ = Phase::kHeader;
  request_deadline_ = In(shared_.options.request_timeout);
}

void ServerConnection::ReadMore() {
  // Only the header has a limit with Beast; a chunk's extension, say, has none.
  if (buffer_.size() > std::max(kLargeRead, shared_.options.max_header_bytes)) {
    return Refuse(400);
  }
  deadline_ = request_deadline_;
  if (phase_ == Phase::kHeader) {
    deadline_ = std::min(deadline_, In(shared_.options.header_timeout));
  }
  Read();
}

int ServerConnection::CheckHeader() const {
  const auto& message = parser_->get();
  // Beast limits the request line and the fields each on their own.
  if (header_bytes_ > shared_.options.max_header_bytes) return 431;
  if (message.version() >= 11 && message.count(http::field::host) != 1) {
    return 400;
  }
  // Beast takes a body in an encoding it does not know for no body at all,
  // and would find the next request in it.
  if (const auto encodings = message.count(http::field::transfer_encoding);
      encodings != 0) {
    if (encodings != 1 || message.version() < 11) return 400;
    if (!absl::EqualsIgnoreCase(ToView(message[http::field::transfer_encoding]),
                                "chunked")) {
      return 501;
    }
  }
  return 0;
}

bool ServerConnection::AwaitsContinue() const {
  const auto& message = parser_->get();
  return message.version() >= 11 && !parser_->is_done() &&
         absl::EqualsIgnoreCase(ToView(message[http::field::expect]),
                                "100-continue");
}

void ServerConnection::WriteContinue() {
  deadline_ = request_deadline_;
  static constexpr absl::string_view kContinue =
      "HTTP/1.1 100 Continue\r\n\r\n";
  asio::async_write(socket_, asio::buffer(kContinue.data(), kContinue.size()),
                    [self = shared_from_this()](Error error, size_t) {
                      self->OnContinueWritten(error);
                    });
}

void ServerConnection::OnContinueWritten(Error error) {
  if (phase_ == Phase::kClosed) return;
  if (error) return Close();
  if (buffer_.size() == 0) return ReadMore();
  Parse();
}

// ---- Answering --------------------------------------------------------------

void ServerConnection::Dispatch() {
  Parser::value_type message = parser_->release();
  parser_.reset();
  is_head_ = message.method() == http::verb::head;
  keep_alive_ = message.version() >= 11 && message.keep_alive();
  HttpRequest request;
  request.method = std::string(message.method_string());
  request.url = std::string(message.target());
  for (const auto& field : message) {
    request.headers.emplace_back(std::string(field.name_string()),
                                 std::string(field.value()));
  }
  request.body = std::move(message.body());
  phase_ = Phase::kAnswering;
  deadline_ = request_deadline_;
  shared_.handler.on_request(std::move(request),
                             PendingAnswer(shared_.post, weak_from_this()));
}

void ServerConnection::RefuseMalformed(Error error) {
  if (error == http::error::body_limit) {
    const auto& message = parser_->get();
    if (shared_.handler.on_oversize) {
      shared_.handler.on_oversize(ToView(message.method_string()),
                                  ToView(message.target()));
    }
    return Refuse(413);
  }
  if (error == http::error::header_limit) return Refuse(431);
  if (error == http::error::bad_version) return Refuse(505);
  Refuse(400);
}

// Where the next request would begin is not known any more, so the connection
// ends.
void ServerConnection::Refuse(int status) {
  is_head_ = false;
  keep_alive_ = false;
  deadline_ = request_deadline_;
  WriteAnswer({.status = status});
}

void ServerConnection::WriteAnswer(HttpResponse response) {
  phase_ = Phase::kWriting;
  head_ = FormatResponseHead(response, keep_alive_);
  body_ = std::move(response.body);
  if (is_head_ || !StatusHasBody(response.status)) body_.clear();
  const std::array<asio::const_buffer, 2> parts = {asio::buffer(head_),
                                                   asio::buffer(body_)};
  asio::async_write(socket_, parts,
                    [self = shared_from_this()](Error error, size_t) {
                      self->OnAnswerWritten(error);
                    });
}

void ServerConnection::OnAnswerWritten(Error error) {
  if (phase_ == Phase::kClosed) return;
  if (error) return Close();
  if (keep_alive_) return AwaitRequest(shared_.options.idle_timeout);
  Linger();
}

// Closing with bytes unread makes the kernel reset the connection, and the
// client may lose the answer with it.
void ServerConnection::Linger() {
  phase_ = Phase::kLingering;
  deadline_ = In(std::min(kLingerTime, shared_.options.header_timeout));
  Error ignored;
  socket_.shutdown(tcp::socket::shutdown_send, ignored);
  buffer_.consume(buffer_.size());
  Discard();
}

void ServerConnection::Discard() {
  socket_.async_read_some(buffer_.prepare(kSmallRead),
                          [self = shared_from_this()](Error error, size_t) {
                            if (self->phase_ == Phase::kClosed) return;
                            if (error) return self->Close();
                            self->Discard();
                          });
}

}  // namespace enrich
