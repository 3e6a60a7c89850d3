#include "scale/result_stream.h"

#include <utility>

#include "absl/strings/str_cat.h"
#include "enrich/v1/enrichment_service.grpc.pb.h"
#include "google/rpc/error_details.pb.h"
#include "google/rpc/status.pb.h"
#include "grpcpp/client_context.h"
#include "grpcpp/create_channel.h"

namespace enrich::scale {
namespace {

// The most that the gateway takes on one connection.
constexpr int kStreamsPerConnection = 100;

absl::Status FromGrpc(const grpc::Status& status) {
  return absl::Status(static_cast<absl::StatusCode>(status.error_code()),
                      status.error_message());
}

// Where history begins, if the status is that some of it is gone.
std::string OldestToken(const grpc::Status& status) {
  google::rpc::Status details;
  if (!details.ParseFromString(status.error_details())) return "";
  for (const auto& any : details.details()) {
    google::rpc::ErrorInfo info;
    if (!any.UnpackTo(&info)) continue;
    const auto token = info.metadata().find("oldest_resume_token");
    if (token != info.metadata().end()) return token->second;
  }
  return "";
}

}  // namespace

// ---- Connections ------------------------------------------------------------

struct Connections::Impl {
  std::vector<std::unique_ptr<v1::EnrichmentService::Stub>> stubs = {};
};

Connections::Connections(int port, int streams)
    : impl_(std::make_unique<Impl>()) {
  grpc::ChannelArguments arguments;
  arguments.SetInt(GRPC_ARG_USE_LOCAL_SUBCHANNEL_POOL, 1);
  arguments.SetMaxReceiveMessageSize(-1);
  const int count = (streams - 1) / kStreamsPerConnection + 1;
  for (int i = 0; i < count; ++i) {
    impl_->stubs.push_back(
        v1::EnrichmentService::NewStub(grpc::CreateCustomChannel(
            absl::StrCat("127.0.0.1:", port),
            grpc::InsecureChannelCredentials(), arguments)));
  }
}

Connections::~Connections() = default;

// ---- Stream -----------------------------------------------------------------

// From a connect to the end of it.
class ResultStream::Call final
    : public grpc::ClientReadReactor<v1::WatchResultsResponse> {
 public:
  Call(ResultStream& owner, v1::EnrichmentService::Stub& stub,
       v1::WatchResultsRequest request)
      : owner_(owner), request_(std::move(request)) {
    stub.async()->WatchResults(&context_, &request_, this);
  }

  void Start() {
    StartRead(&response_);
    StartCall();
  }
  void Cancel() { context_.TryCancel(); }

  void OnReadDone(bool ok) override {
    if (!ok) return;
    owner_.OnMessage(response_);
    StartRead(&response_);
  }
  // The owner may delete this.
  void OnDone(const grpc::Status& status) override {
    owner_.OnDone(FromGrpc(status), OldestToken(status));
  }

 private:
  ResultStream& owner_;
  const v1::WatchResultsRequest request_;
  grpc::ClientContext context_;
  v1::WatchResultsResponse response_;
};

ResultStream::ResultStream(const Connections& connections, int number,
                           v1::WatchResultsRequest request, StreamCheck check)
    : connections_(connections),
      number_(number),
      request_(std::move(request)),
      check_(std::move(check)) {
  MutexLock lock(&mu_);
  Start();
}

ResultStream::~ResultStream() {
  Cancel();
  MutexLock lock(&mu_);
  while (!ended_) changed_.Wait(&mu_);
}

void ResultStream::Cancel() {
  MutexLock lock(&mu_);
  cancelled_ = true;
  if (!ended_) call_->Cancel();
}

void ResultStream::Start() {
  const auto& stubs = connections_.impl_->stubs;
  call_ = std::make_unique<Call>(
      *this, *stubs[static_cast<size_t>(number_) % stubs.size()], request_);
  call_->Start();
}

void ResultStream::OnMessage(const v1::WatchResultsResponse& message) {
  MutexLock lock(&mu_);
  for (const v1::ResultEvent& event : message.events()) check_.Take(event);
  if (!message.resume_token().empty()) {
    request_.set_resume_token(message.resume_token());
  }
  live_ = live_ || message.has_live();
  handover_ = message.has_handover();
}

void ResultStream::OnDone(absl::Status status, std::string oldest_token) {
  MutexLock lock(&mu_);
  if (handover_ && !cancelled_) {
    handover_ = false;
    return Start();
  }
  ended_ = true;
  status_ = std::move(status);
  oldest_token_ = std::move(oldest_token);
  changed_.SignalAll();
}

StreamState ResultStream::state() const {
  MutexLock lock(&mu_);
  return {.events = check_.events(),
          .contacts = check_.contacts(),
          .batches = check_.batches(),
          .digest = check_.digest(),
          .token = request_.resume_token(),
          .live = live_,
          .ended = ended_,
          .status = status_,
          .oldest_token = oldest_token_,
          .mistake = check_.mistake()};
}

int64_t ResultStream::contacts() const {
  MutexLock lock(&mu_);
  return check_.contacts();
}

bool ResultStream::HasEnded(int64_t batches) const {
  MutexLock lock(&mu_);
  return ended_ || check_.batches() >= batches;
}

v1::WatchResultsRequest FromNow() {
  v1::WatchResultsRequest request;
  request.mutable_from_now();
  return request;
}

v1::WatchResultsRequest FromOldest() {
  v1::WatchResultsRequest request;
  request.mutable_from_oldest();
  return request;
}

v1::WatchResultsRequest After(const std::string& token) {
  v1::WatchResultsRequest request;
  request.set_resume_token(token);
  return request;
}

}  // namespace enrich::scale
