// etcd: a key for each event, in transactions, and watches of all keys.

#include <atomic>
#include <cstdint>
#include <utility>

#include "absl/strings/str_cat.h"
#include "absl/time/clock.h"
#include "absl/time/time.h"
#include "base/status_macros.h"
#include "bench/peers/peer.h"
#include "bench/process.h"
#include "grpcpp/create_channel.h"
#include "grpcpp/security/credentials.h"
#include "peers/etcd.grpc.pb.h"

namespace enrich::bench {
namespace {

constexpr absl::Duration kTimeout = absl::Seconds(60);
// The works have transactions of up to 1,000 events.
constexpr char kMaxEvents[] = "1000";

absl::Status FromGrpc(const grpc::Status& status) {
  return absl::Status(static_cast<absl::StatusCode>(status.error_code()),
                      absl::StrCat("etcd: ", status.error_message()));
}

// A connection of its own.
std::shared_ptr<grpc::Channel> Connect(int port) {
  grpc::ChannelArguments arguments;
  arguments.SetInt(GRPC_ARG_USE_LOCAL_SUBCHANNEL_POOL, 1);
  arguments.SetMaxReceiveMessageSize(-1);
  return grpc::CreateCustomChannel(absl::StrCat("127.0.0.1:", port),
                                   grpc::InsecureChannelCredentials(),
                                   arguments);
}

class Writer final : public PeerWriter {
 public:
  Writer(int port, std::atomic<int64_t>& next_key)
      : stub_(etcdserverpb::KV::NewStub(Connect(port))), next_key_(next_key) {}

  absl::Status Write(absl::Span<const std::string> events) override {
    grpc::ClientContext context;
    context.set_wait_for_ready(true);
    context.set_deadline(absl::ToChronoTime(absl::Now() + kTimeout));
    if (events.size() == 1) {
      etcdserverpb::PutRequest request;
      Fill(events[0], request);
      etcdserverpb::PutResponse response;
      return FromGrpc(stub_->Put(&context, request, &response));
    }
    etcdserverpb::TxnRequest request;
    for (const std::string& event : events) {
      Fill(event, *request.add_success()->mutable_request_put());
    }
    etcdserverpb::TxnResponse response;
    return FromGrpc(stub_->Txn(&context, request, &response));
  }

 private:
  void Fill(const std::string& event, etcdserverpb::PutRequest& put) {
    put.set_key(absl::StrCat("e", absl::Dec(next_key_++, absl::kZeroPad12)));
    put.set_value(event);
  }

  const std::unique_ptr<etcdserverpb::KV::Stub> stub_;
  std::atomic<int64_t>& next_key_;
};

class Watcher final : public PeerWatcher {
 public:
  explicit Watcher(int port)
      : stub_(etcdserverpb::Watch::NewStub(Connect(port))) {}
  ~Watcher() override {
    context_.TryCancel();
    if (stream_ != nullptr) static_cast<void>(stream_->Finish());
  }

  // Returns once it is live.
  absl::Status Start() {
    context_.set_wait_for_ready(true);
    context_.set_deadline(absl::ToChronoTime(absl::Now() + kTimeout));
    stream_ = stub_->Watch(&context_);
    etcdserverpb::WatchRequest request;
    request.mutable_create_request()->set_key("e");
    request.mutable_create_request()->set_range_end("f");
    etcdserverpb::WatchResponse response;
    if (stream_->Write(request) && stream_->Read(&response) &&
        response.created()) {
      return absl::OkStatus();
    }
    return absl::UnavailableError("etcd: the watch did not begin");
  }

  absl::Status Read(absl::FunctionRef<void(absl::string_view)> see) override {
    etcdserverpb::WatchResponse response;
    if (!stream_->Read(&response) || response.canceled()) {
      return absl::UnavailableError("etcd: the watch ended");
    }
    for (const etcdserverpb::Event& event : response.events()) {
      see(event.kv().value());
    }
    return absl::OkStatus();
  }

 private:
  const std::unique_ptr<etcdserverpb::Watch::Stub> stub_;
  grpc::ClientContext context_;
  std::unique_ptr<grpc::ClientReaderWriter<etcdserverpb::WatchRequest,
                                           etcdserverpb::WatchResponse>>
      stream_;
};

class Etcd final : public Peer {
 public:
  Etcd(Process process, int port) : process_(std::move(process)), port_(port) {}

  absl::StatusOr<std::unique_ptr<PeerWriter>> NewWriter() override {
    return std::make_unique<Writer>(port_, next_key_);
  }

  absl::StatusOr<std::unique_ptr<PeerWatcher>> NewWatcher() override {
    auto watcher = std::make_unique<Watcher>(port_);
    RETURN_IF_ERROR(watcher->Start());
    return watcher;
  }

 private:
  Process process_;
  const int port_;
  std::atomic<int64_t> next_key_{0};
};

}  // namespace

absl::StatusOr<std::unique_ptr<Peer>> StartEtcd(const std::string& program,
                                                const std::string& folder) {
  ASSIGN_OR_RETURN(const int port, FreePort());
  ASSIGN_OR_RETURN(const int peer_port, FreePort());
  const std::string url = absl::StrCat("http://127.0.0.1:", port);
  const std::string peer_url = absl::StrCat("http://127.0.0.1:", peer_port);
  ASSIGN_OR_RETURN(
      Process process,
      SpawnServer(
          {.program = program,
           .arguments = {"--data-dir", folder + "/etcd", "--listen-client-urls",
                         url, "--advertise-client-urls", url,
                         "--listen-peer-urls", peer_url,
                         "--initial-advertise-peer-urls", peer_url,
                         "--initial-cluster", "default=" + peer_url,
                         "--max-txn-ops", kMaxEvents, "--logger", "zap",
                         "--log-level", "error"},
           .log = folder + "/etcd.log"}));
  RETURN_IF_ERROR(WaitForPort(port));
  return std::make_unique<Etcd>(std::move(process), port);
}

}  // namespace enrich::bench
