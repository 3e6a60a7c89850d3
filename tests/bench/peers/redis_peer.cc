// Redis Streams, over its protocol RESP2.

#include <utility>

#include "absl/strings/numbers.h"
#include "absl/strings/str_cat.h"
#include "base/status_macros.h"
#include "bench/peers/peer.h"
#include "bench/peers/socket.h"
#include "bench/process.h"

namespace enrich::bench {
namespace {

using Words = std::vector<absl::string_view>;

void AppendCommand(std::string& out, const Words& words) {
  absl::StrAppend(&out, "*", words.size(), "\r\n");
  for (const absl::string_view word : words) {
    absl::StrAppend(&out, "$", word.size(), "\r\n", word, "\r\n");
  }
}

// Reads a reply and appends its strings, however they are nested, to `out`.
absl::Status ReadReply(Socket& socket, std::vector<std::string>& out) {
  for (int64_t missing = 1; missing > 0; --missing) {
    ASSIGN_OR_RETURN(const std::string line, socket.ReadLine());
    const absl::string_view rest = absl::string_view(line).substr(1);
    int64_t size = 0;
    switch (line.empty() ? '-' : line[0]) {
      case '+':
      case ':':
        out.emplace_back(rest);
        break;
      case '$': {
        if (!absl::SimpleAtoi(rest, &size) || size < 0) break;
        const auto bytes = static_cast<size_t>(size);
        ASSIGN_OR_RETURN(out.emplace_back(), socket.ReadExactly(bytes));
        RETURN_IF_ERROR(socket.ReadExactly(2).status());
        break;
      }
      case '*':
        if (absl::SimpleAtoi(rest, &size) && size > 0) missing += size;
        break;
      default:
        return absl::InternalError(absl::StrCat("Redis: ", line));
    }
  }
  return absl::OkStatus();
}

class Writer final : public PeerWriter {
 public:
  explicit Writer(Socket socket) : socket_(std::move(socket)) {}

  absl::Status Write(absl::Span<const std::string> events) override {
    std::string commands;
    for (const std::string& event : events) {
      AppendCommand(commands, {"XADD", "events", "*", "e", event});
    }
    RETURN_IF_ERROR(socket_.Send(commands));
    std::vector<std::string> ids;
    for (size_t i = 0; i < events.size(); ++i) {
      RETURN_IF_ERROR(ReadReply(socket_, ids));
    }
    return absl::OkStatus();
  }

 private:
  Socket socket_;
};

class Watcher final : public PeerWatcher {
 public:
  Watcher(Socket socket, std::string last_id)
      : socket_(std::move(socket)), last_id_(std::move(last_id)) {}

  absl::Status Read(absl::FunctionRef<void(absl::string_view)> see) override {
    std::string command;
    AppendCommand(command, {"XREAD", "COUNT", "1000", "BLOCK", "50000",
                            "STREAMS", "events", last_id_});
    RETURN_IF_ERROR(socket_.Send(command));
    // The stream's name, then of each entry its id, its field and its value.
    std::vector<std::string> words;
    RETURN_IF_ERROR(ReadReply(socket_, words));
    if (words.size() < 4) return absl::DeadlineExceededError("Redis: no event");
    for (size_t i = 1; i + 2 < words.size(); i += 3) see(words[i + 2]);
    last_id_ = words[words.size() - 3];
    return absl::OkStatus();
  }

 private:
  Socket socket_;
  std::string last_id_;
};

class Redis final : public Peer {
 public:
  Redis(Process process, int port)
      : process_(std::move(process)), port_(port) {}

  absl::StatusOr<std::unique_ptr<PeerWriter>> NewWriter() override {
    ASSIGN_OR_RETURN(Socket socket, Socket::Connect(port_));
    return std::make_unique<Writer>(std::move(socket));
  }

  absl::StatusOr<std::unique_ptr<PeerWatcher>> NewWatcher() override {
    ASSIGN_OR_RETURN(Socket socket, Socket::Connect(port_));
    std::string command;
    AppendCommand(command, {"XREVRANGE", "events", "+", "-", "COUNT", "1"});
    RETURN_IF_ERROR(socket.Send(command));
    std::vector<std::string> newest;
    RETURN_IF_ERROR(ReadReply(socket, newest));
    return std::make_unique<Watcher>(std::move(socket),
                                     newest.empty() ? "0-0" : newest[0]);
  }

 private:
  Process process_;
  const int port_;
};

}  // namespace

absl::StatusOr<std::unique_ptr<Peer>> StartRedis(const std::string& program,
                                                 const std::string& folder) {
  ASSIGN_OR_RETURN(const int port, FreePort());
  ASSIGN_OR_RETURN(
      Process process,
      SpawnServer(
          {.program = program,
           .arguments = {"--bind", "127.0.0.1", "--port", absl::StrCat(port),
                         "--dir", folder, "--save", "", "--appendonly", "yes",
                         "--appendfsync", "always"},
           .log = folder + "/redis.log"}));
  RETURN_IF_ERROR(WaitForPort(port));
  return std::make_unique<Redis>(std::move(process), port);
}

}  // namespace enrich::bench
