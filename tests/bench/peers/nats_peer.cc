// NATS JetStream with its file store, over NATS's text protocol.

#include <fstream>
#include <utility>
#include <vector>

#include "absl/strings/match.h"
#include "absl/strings/numbers.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_split.h"
#include "absl/strings/substitute.h"
#include "base/status_macros.h"
#include "bench/peers/peer.h"
#include "bench/peers/socket.h"
#include "bench/process.h"

namespace enrich::bench {
namespace {

constexpr char kConfig[] = R"(listen: "127.0.0.1:$0"
jetstream { store_dir: "$1", max_file_store: 8GB }
)";
constexpr char kStream[] =
    R"({"name":"events","subjects":["events"],"storage":"file",)"
    R"("retention":"limits","num_replicas":1})";
// $0 is where events are delivered.
constexpr char kConsumer[] =
    R"({"stream_name":"events","config":{"deliver_subject":"$0",)"
    R"("deliver_policy":"new","ack_policy":"none","replay_policy":"instant"}})";

class Session {
 public:
  // All that is sent to the subject `inbox` comes here.
  static absl::StatusOr<Session> Open(int port, const std::string& inbox) {
    ASSIGN_OR_RETURN(Socket socket, Socket::Connect(port));
    Session session(std::move(socket));
    RETURN_IF_ERROR(session.socket_.ReadLine().status());
    RETURN_IF_ERROR(session.socket_.Send(absl::StrCat(
        "CONNECT {\"verbose\":false}\r\nSUB ", inbox, " 1\r\nPING\r\n")));
    ASSIGN_OR_RETURN(const std::string pong, session.socket_.ReadLine());
    if (pong != "PONG") return absl::InternalError("NATS: " + pong);
    return session;
  }

  static void AppendPublish(std::string& out, absl::string_view subject,
                            absl::string_view reply_to,
                            absl::string_view body) {
    absl::StrAppend(&out, "PUB ", subject, " ", reply_to, " ", body.size(),
                    "\r\n", body, "\r\n");
  }

  absl::Status Send(absl::string_view bytes) { return socket_.Send(bytes); }

  // The body of the next message.
  absl::StatusOr<std::string> Receive() {
    while (true) {
      ASSIGN_OR_RETURN(const std::string line, socket_.ReadLine());
      if (line == "PING") {
        RETURN_IF_ERROR(socket_.Send("PONG\r\n"));
        continue;
      }
      // MSG subject sid [reply-to] size
      size_t size = 0;
      const std::vector<std::string> words = absl::StrSplit(line, ' ');
      if (words[0] != "MSG" || !absl::SimpleAtoi(words.back(), &size)) {
        return absl::InternalError("NATS: " + line);
      }
      ASSIGN_OR_RETURN(std::string body, socket_.ReadExactly(size));
      RETURN_IF_ERROR(socket_.ReadExactly(2).status());
      return body;
    }
  }

  // The answer of JetStream, which is none of its errors.
  absl::Status ReceiveAnswer() {
    ASSIGN_OR_RETURN(const std::string answer, Receive());
    if (!absl::StrContains(answer, "\"error\"")) return absl::OkStatus();
    return absl::InternalError("NATS: " + answer);
  }

 private:
  explicit Session(Socket socket) : socket_(std::move(socket)) {}

  Socket socket_;
};

class Writer final : public PeerWriter {
 public:
  Writer(Session session, std::string inbox)
      : session_(std::move(session)), inbox_(std::move(inbox)) {}

  absl::Status Write(absl::Span<const std::string> events) override {
    std::string commands;
    for (const std::string& event : events) {
      Session::AppendPublish(commands, "events", inbox_, event);
    }
    RETURN_IF_ERROR(session_.Send(commands));
    for (size_t i = 0; i < events.size(); ++i) {
      RETURN_IF_ERROR(session_.ReceiveAnswer());
    }
    return absl::OkStatus();
  }

  // One request to JetStream itself.
  absl::Status Ask(absl::string_view subject, absl::string_view body) {
    std::string command;
    Session::AppendPublish(command, subject, inbox_, body);
    RETURN_IF_ERROR(session_.Send(command));
    return session_.ReceiveAnswer();
  }

 private:
  Session session_;
  const std::string inbox_;
};

class Watcher final : public PeerWatcher {
 public:
  explicit Watcher(Session session) : session_(std::move(session)) {}

  absl::Status Read(absl::FunctionRef<void(absl::string_view)> see) override {
    ASSIGN_OR_RETURN(const std::string event, session_.Receive());
    see(event);
    return absl::OkStatus();
  }

 private:
  Session session_;
};

class Nats final : public Peer {
 public:
  Nats(Process process, int port) : process_(std::move(process)), port_(port) {}

  absl::StatusOr<std::unique_ptr<PeerWriter>> NewWriter() override {
    return OpenWriter();
  }

  absl::StatusOr<std::unique_ptr<PeerWatcher>> NewWatcher() override {
    const std::string inbox = NewInbox();
    ASSIGN_OR_RETURN(Session session, Session::Open(port_, inbox));
    ASSIGN_OR_RETURN(const std::unique_ptr<Writer> manager, OpenWriter());
    RETURN_IF_ERROR(manager->Ask("$JS.API.CONSUMER.CREATE.events",
                                 absl::Substitute(kConsumer, inbox)));
    return std::make_unique<Watcher>(std::move(session));
  }

  absl::Status MakeStream() {
    ASSIGN_OR_RETURN(const std::unique_ptr<Writer> manager, OpenWriter());
    return manager->Ask("$JS.API.STREAM.CREATE.events", kStream);
  }

 private:
  std::string NewInbox() { return absl::StrCat("inbox.", ++inboxes_); }

  absl::StatusOr<std::unique_ptr<Writer>> OpenWriter() {
    std::string inbox = NewInbox();
    ASSIGN_OR_RETURN(Session session, Session::Open(port_, inbox));
    return std::make_unique<Writer>(std::move(session), std::move(inbox));
  }

  Process process_;
  const int port_;
  int inboxes_ = 0;
};

}  // namespace

absl::StatusOr<std::unique_ptr<Peer>> StartNats(const std::string& program,
                                                const std::string& folder) {
  ASSIGN_OR_RETURN(const int port, FreePort());
  const std::string config = folder + "/nats.conf";
  std::ofstream(config) << absl::Substitute(kConfig, port, folder + "/nats");
  ASSIGN_OR_RETURN(Process process, SpawnServer({.program = program,
                                                 .arguments = {"-c", config},
                                                 .log = folder + "/nats.log"}));
  RETURN_IF_ERROR(WaitForPort(port));
  auto nats = std::make_unique<Nats>(std::move(process), port);
  RETURN_IF_ERROR(nats->MakeStream());
  return nats;
}

}  // namespace enrich::bench
