// PostgreSQL: rows, a NOTIFY in each transaction, and watchers that select what
// is new. Over its protocol, version 3.

#include <arpa/inet.h>
#include <pwd.h>
#include <signal.h>
#include <unistd.h>

#include <cerrno>
#include <cstring>
#include <filesystem>
#include <utility>

#include "absl/strings/str_cat.h"
#include "absl/strings/str_join.h"
#include "absl/time/clock.h"
#include "absl/time/time.h"
#include "base/status_macros.h"
#include "bench/peers/peer.h"
#include "bench/peers/socket.h"
#include "bench/process.h"

namespace enrich::bench {
namespace {

using Rows = std::vector<std::vector<std::string>>;

std::string Int32(size_t value) {
  const uint32_t bytes = htonl(static_cast<uint32_t>(value));
  return std::string(reinterpret_cast<const char*>(&bytes), sizeof(bytes));
}

// Takes an integer of `Int` off the front of `bytes`.
template <typename Int>
Int TakeInt(absl::string_view& bytes) {
  Int value = 0;
  for (size_t i = 0; i < sizeof(Int); ++i) {
    value = static_cast<Int>(value << 8 | static_cast<uint8_t>(bytes[i]));
  }
  bytes.remove_prefix(sizeof(Int));
  return value;
}

// The columns of a DataRow; none of them is null.
std::vector<std::string> ParseRow(absl::string_view bytes) {
  std::vector<std::string> columns;
  for (auto left = TakeInt<uint16_t>(bytes); left > 0; --left) {
    const auto size = TakeInt<uint32_t>(bytes);
    columns.emplace_back(bytes.substr(0, size));
    bytes.remove_prefix(size);
  }
  return columns;
}

class Session {
 public:
  static absl::StatusOr<Session> Open(int port) {
    ASSIGN_OR_RETURN(Socket socket, Socket::Connect(port));
    Session session(std::move(socket));
    constexpr absl::string_view kParameters(
        "user\0bench\0database\0postgres\0\0", 30);
    RETURN_IF_ERROR(session.socket_.Send(absl::StrCat(
        Int32(8 + kParameters.size()), Int32(3 << 16), kParameters)));
    RETURN_IF_ERROR(session.ReadUntilReady().status());
    return session;
  }

  absl::StatusOr<Rows> Query(absl::string_view sql) {
    RETURN_IF_ERROR(socket_.Send(absl::StrCat(
        "Q", Int32(4 + sql.size() + 1), sql, absl::string_view("\0", 1))));
    return ReadUntilReady();
  }

  // Waits for a notification, unless one has come since the last call.
  absl::Status WaitForNotification() {
    while (!std::exchange(notified_, false)) {
      Rows none;
      RETURN_IF_ERROR(ReadMessage(none).status());
    }
    return absl::OkStatus();
  }

 private:
  explicit Session(Socket socket) : socket_(std::move(socket)) {}

  absl::StatusOr<Rows> ReadUntilReady() {
    Rows rows;
    while (true) {
      ASSIGN_OR_RETURN(const char type, ReadMessage(rows));
      if (type == 'Z') return rows;
    }
  }

  // Returns its type.
  absl::StatusOr<char> ReadMessage(Rows& rows) {
    ASSIGN_OR_RETURN(const std::string head, socket_.ReadExactly(5));
    absl::string_view size = absl::string_view(head).substr(1);
    ASSIGN_OR_RETURN(const std::string body,
                     socket_.ReadExactly(TakeInt<uint32_t>(size) - 4));
    if (head[0] == 'D') rows.push_back(ParseRow(body));
    if (head[0] == 'A') notified_ = true;
    if (head[0] == 'E') {
      return absl::InternalError(absl::StrCat("PostgreSQL: ", body));
    }
    return head[0];
  }

  Socket socket_;
  bool notified_ = false;
};

class Writer final : public PeerWriter {
 public:
  explicit Writer(Session session) : session_(std::move(session)) {}

  absl::Status Write(absl::Span<const std::string> events) override {
    // Without the lock a row can become visible after one with a larger id, and
    // a watcher would miss it. NOTIFY takes such a lock itself, for the commit.
    return session_
        .Query(absl::StrCat("BEGIN; SELECT pg_advisory_xact_lock(1);"
                            "INSERT INTO events (body) VALUES ('",
                            absl::StrJoin(events, "'),('"),
                            "'); NOTIFY events; COMMIT"))
        .status();
  }

 private:
  Session session_;
};

class Watcher final : public PeerWatcher {
 public:
  Watcher(Session session, std::string last_id)
      : session_(std::move(session)), last_id_(std::move(last_id)) {}

  absl::Status Read(absl::FunctionRef<void(absl::string_view)> see) override {
    RETURN_IF_ERROR(session_.WaitForNotification());
    ASSIGN_OR_RETURN(
        const Rows rows,
        session_.Query(absl::StrCat("SELECT id, body FROM events WHERE id > ",
                                    last_id_, " ORDER BY id")));
    for (const std::vector<std::string>& row : rows) see(row[1]);
    if (!rows.empty()) last_id_ = rows.back()[0];
    return absl::OkStatus();
  }

 private:
  Session session_;
  std::string last_id_;
};

class Postgres final : public Peer {
 public:
  Postgres(Process process, int port)
      : process_(std::move(process)), port_(port) {}

  absl::StatusOr<std::unique_ptr<PeerWriter>> NewWriter() override {
    ASSIGN_OR_RETURN(Session session, Session::Open(port_));
    return std::make_unique<Writer>(std::move(session));
  }

  absl::StatusOr<std::unique_ptr<PeerWatcher>> NewWatcher() override {
    ASSIGN_OR_RETURN(Session session, Session::Open(port_));
    RETURN_IF_ERROR(session.Query("LISTEN events").status());
    ASSIGN_OR_RETURN(const Rows newest,
                     session.Query("SELECT coalesce(max(id), 0) FROM events"));
    return std::make_unique<Watcher>(std::move(session), newest[0][0]);
  }

 private:
  Process process_;
  const int port_;
};

// It listens before it takes sessions.
absl::StatusOr<Session> OpenFirstSession(int port) {
  RETURN_IF_ERROR(WaitForPort(port));
  const absl::Time deadline = absl::Now() + absl::Seconds(30);
  while (true) {
    absl::StatusOr<Session> session = Session::Open(port);
    if (session.ok() || absl::Now() > deadline) return session;
    absl::SleepFor(absl::Milliseconds(20));
  }
}

// A folder in `folder` that the server's user owns.
absl::StatusOr<std::string> MakeData(const std::string& folder,
                                     const std::string& user) {
  std::string data = folder + "/postgres";
  std::filesystem::create_directories(data);
  if (user.empty()) return data;
  const passwd* const entry = getpwnam(user.c_str());
  if (entry == nullptr ||
      chown(data.c_str(), entry->pw_uid, entry->pw_gid) != 0) {
    return absl::ErrnoToStatus(errno, "give " + data + " to " + user);
  }
  return data;
}

}  // namespace

absl::StatusOr<std::unique_ptr<Peer>> StartPostgres(const std::string& program,
                                                    const std::string& folder) {
  // It refuses to run as root.
  const std::string user = geteuid() == 0 ? "postgres" : "";
  const std::string log = folder + "/postgres.log";
  ASSIGN_OR_RETURN(const std::string data, MakeData(folder, user));
  const std::filesystem::path programs =
      std::filesystem::path(program).parent_path();
  ASSIGN_OR_RETURN(
      Process initdb,
      SpawnServer({.program = programs / "initdb",
                   .arguments = {"-D", data, "-U", "bench", "-A", "trust",
                                 "--locale=C", "--no-sync"},
                   .user = user,
                   .log = log}));
  RETURN_IF_ERROR(initdb.Wait());
  ASSIGN_OR_RETURN(const int port, FreePort());
  ASSIGN_OR_RETURN(
      Process process,
      SpawnServer({.program = program,
                   .arguments = {"-D", data, "-p", absl::StrCat(port), "-c",
                                 "listen_addresses=127.0.0.1", "-c",
                                 "unix_socket_directories=", "-c",
                                 "max_connections=300"},
                   .user = user,
                   .log = log,
                   // Ends those it started, too.
                   .end_signal = SIGQUIT}));
  ASSIGN_OR_RETURN(Session session, OpenFirstSession(port));
  RETURN_IF_ERROR(session
                      .Query("CREATE TABLE events (id bigserial PRIMARY KEY, "
                             "body text NOT NULL)")
                      .status());
  return std::make_unique<Postgres>(std::move(process), port);
}

}  // namespace enrich::bench
