#include "bench/grpc_clients.h"

#include <algorithm>
#include <utility>

#include "absl/strings/numbers.h"
#include "absl/strings/str_cat.h"
#include "absl/time/clock.h"
#include "base/status_macros.h"
#include "bench/payloads.h"
#include "google/protobuf/io/coded_stream.h"
#include "google/protobuf/wire_format_lite.h"
#include "grpcpp/create_channel.h"
#include "grpcpp/generic/generic_stub.h"
#include "grpcpp/security/credentials.h"
#include "grpcpp/support/proto_buffer_reader.h"

namespace enrich::bench {
namespace {

constexpr absl::Duration kTimeout = absl::Seconds(60);
constexpr char kEnrichBatch[] = "/enrich.v1.EnrichmentService/EnrichBatch";
constexpr char kWatchResults[] = "/enrich.v1.EnrichmentService/WatchResults";
// The most streams the gateway takes on one connection.
constexpr int kStreamsPerConnection = 100;

// Each channel is a connection of its own.
std::vector<std::unique_ptr<grpc::GenericStub>> Connect(int port, int count) {
  grpc::ChannelArguments arguments;
  arguments.SetInt(GRPC_ARG_USE_LOCAL_SUBCHANNEL_POOL, 1);
  arguments.SetMaxReceiveMessageSize(-1);
  std::vector<std::unique_ptr<grpc::GenericStub>> stubs;
  for (int i = 0; i < count; ++i) {
    stubs.push_back(
        std::make_unique<grpc::GenericStub>(grpc::CreateCustomChannel(
            absl::StrCat("127.0.0.1:", port),
            grpc::InsecureChannelCredentials(), arguments)));
  }
  return stubs;
}

absl::Status FromGrpc(const grpc::Status& status) {
  return absl::Status(static_cast<absl::StatusCode>(status.error_code()),
                      status.error_message());
}

// ---- EnrichBatch ------------------------------------------------------------

class AcceptRun {
 public:
  AcceptRun(int port, const AcceptLoad& load, std::string prefix)
      : stubs_(Connect(port, std::min(load.callers, 4))),
        load_(load),
        prefix_(std::move(prefix)),
        body_(load.request.SerializeAsString()),
        latencies_(static_cast<size_t>(load.calls)) {}

  absl::StatusOr<AcceptResult> Run() {
    std::vector<Caller> callers(static_cast<size_t>(load_.callers));
    {
      MutexLock lock(&mu_);
      running_ = load_.callers;
    }
    const absl::Time start = absl::Now();
    for (size_t i = 0; i < callers.size(); ++i) {
      callers[i].stub = stubs_[i % stubs_.size()].get();
      Next(callers[i]);
    }
    MutexLock lock(&mu_);
    // Every call has a deadline.
    while (running_ > 0) ended_.Wait(&mu_);
    RETURN_IF_ERROR(status_);
    return AcceptResult{.duration = absl::Now() - start,
                        .latencies = std::move(latencies_)};
  }

 private:
  struct Caller {
    grpc::GenericStub* stub = nullptr;
    std::unique_ptr<grpc::ClientContext> context = {};
    grpc::ByteBuffer request = {};
    grpc::ByteBuffer response = {};
  };

  void Next(Caller& caller) {
    const int call = next_++;
    if (call >= load_.calls) return End(absl::OkStatus());
    v1::EnrichBatchRequest id;
    id.set_request_id(absl::StrCat(prefix_, call));
    if (load_.first_contact >= 0) {
      *id.add_contacts() = MakeContact(load_.first_contact + call);
    }
    // Concatenated messages are merged.
    const grpc::Slice slices[] = {body_, grpc::Slice(id.SerializeAsString())};
    caller.request = grpc::ByteBuffer(slices, 2);
    caller.context = std::make_unique<grpc::ClientContext>();
    const absl::Time start = absl::Now();
    caller.context->set_deadline(absl::ToChronoTime(start + kTimeout));
    caller.stub->UnaryCall(
        caller.context.get(), kEnrichBatch, {}, &caller.request,
        &caller.response,
        [this, &caller, call, start](const grpc::Status& status) {
          latencies_[static_cast<size_t>(call)] = absl::Now() - start;
          if (!status.ok()) return End(FromGrpc(status));
          Next(caller);
        });
  }

  void End(absl::Status status) {
    MutexLock lock(&mu_);
    status_.Update(std::move(status));
    --running_;
    ended_.Signal();
  }

  const std::vector<std::unique_ptr<grpc::GenericStub>> stubs_;
  const AcceptLoad& load_;
  const std::string prefix_;
  const grpc::Slice body_;
  std::vector<absl::Duration> latencies_;
  std::atomic<int> next_{0};
  Mutex mu_;
  CondVar ended_;
  int running_ ABSL_GUARDED_BY(mu_) = 0;
  absl::Status status_ ABSL_GUARDED_BY(mu_);
};

// ---- WatchResults -----------------------------------------------------------

// Notes when the event of the contact arrived, if it is one of a contact.
void NoteArrival(const std::string& bytes, absl::Time now,
                 std::vector<int64_t>& arrivals) {
  v1::ResultEvent event;
  int64_t contact = 0;
  if (event.ParseFromString(bytes) && event.has_contact_result() &&
      absl::SimpleAtoi(event.contact_result().contact_ref().substr(1),
                       &contact) &&
      contact < static_cast<int64_t>(arrivals.size())) {
    arrivals[static_cast<size_t>(contact)] = absl::ToUnixNanos(now);
  }
}

// Counts the events of a response, and notes their arrival unless `arrivals` is
// empty.
int64_t ReadEvents(grpc::ByteBuffer& message, std::vector<int64_t>& arrivals) {
  using google::protobuf::internal::WireFormatLite;
  const absl::Time now = arrivals.empty() ? absl::UnixEpoch() : absl::Now();
  grpc::ProtoBufferReader reader(&message);
  google::protobuf::io::CodedInputStream in(&reader);
  int64_t events = 0;
  std::string bytes;
  while (const uint32_t tag = in.ReadTag()) {
    if (WireFormatLite::GetTagFieldNumber(tag) !=
        v1::WatchResultsResponse::kEventsFieldNumber) {
      if (!WireFormatLite::SkipField(&in, tag)) break;
      continue;
    }
    ++events;
    uint32_t size = 0;
    if (!in.ReadVarint32(&size)) break;
    if (arrivals.empty()) {
      in.Skip(static_cast<int>(size));
    } else if (in.ReadString(&bytes, static_cast<int>(size))) {
      NoteArrival(bytes, now, arrivals);
    }
  }
  return events;
}

}  // namespace

absl::StatusOr<AcceptResult> RunAccept(int port, const AcceptLoad& load,
                                       const std::string& prefix) {
  return AcceptRun(port, load, prefix).Run();
}

class Watchers::Stream final
    : public grpc::ClientBidiReactor<grpc::ByteBuffer, grpc::ByteBuffer> {
 public:
  explicit Stream(Watchers& owner) : owner_(owner) {}

  void Start(std::shared_ptr<grpc::GenericStub> stub, bool replay) {
    stub_ = std::move(stub);
    v1::WatchResultsRequest request;
    if (replay) {
      request.mutable_from_oldest();
    } else {
      request.mutable_from_now();
    }
    const grpc::Slice slice(request.SerializeAsString());
    request_ = grpc::ByteBuffer(&slice, 1);
    stub_->PrepareBidiStreamingCall(&context_, kWatchResults, {}, this);
    StartWriteLast(&request_, grpc::WriteOptions());
    StartRead(&response_);
    StartCall();
  }
  void Cancel() { context_.TryCancel(); }
  // Whether this message is the first: the server's word that it is live.
  bool live() const { return messages_ == 1; }

  void OnReadDone(bool ok) override {
    if (!ok) return;
    ++messages_;
    owner_.bytes_ += static_cast<int64_t>(response_.Length());
    const int64_t events = ReadEvents(response_, owner_.arrivals_);
    owner_.OnMessage(*this, events);
    StartRead(&response_);
  }
  void OnDone(const grpc::Status&) override { owner_.OnEnd(); }

 private:
  Watchers& owner_;
  std::shared_ptr<grpc::GenericStub> stub_;
  grpc::ClientContext context_;
  grpc::ByteBuffer request_;
  grpc::ByteBuffer response_;
  int64_t messages_ = 0;
};

absl::StatusOr<std::unique_ptr<Watchers>> Watchers::Open(
    int port, const WatchLoad& load) {
  auto watchers = std::unique_ptr<Watchers>(new Watchers());
  watchers->arrivals_.resize(static_cast<size_t>(load.tracked_contacts));
  const int connections =
      (load.watchers + kStreamsPerConnection - 1) / kStreamsPerConnection;
  std::vector<std::shared_ptr<grpc::GenericStub>> stubs;
  const bool replay = load.replayed_events > 0;
  watchers->missing_ = load.replayed_events;
  for (auto& stub : Connect(port, connections))
    stubs.push_back(std::move(stub));
  for (int i = 0; i < load.watchers; ++i) {
    Stream& stream =
        *watchers->streams_.emplace_back(std::make_unique<Stream>(*watchers));
    stream.Start(stubs[static_cast<size_t>(i) % stubs.size()], replay);
  }
  if (replay) return watchers;
  RETURN_IF_ERROR(watchers->WaitForLive(load.watchers));
  return watchers;
}

Watchers::~Watchers() {
  for (const auto& stream : streams_) stream->Cancel();
  MutexLock lock(&mu_);
  while (ended_ < static_cast<int>(streams_.size())) changed_.Wait(&mu_);
}

absl::Status Watchers::WaitForLive(int count) {
  const absl::Time deadline = absl::Now() + kTimeout;
  MutexLock lock(&mu_);
  while (live_ < count && ended_ == 0 && absl::Now() < deadline) {
    changed_.WaitFor(&mu_, deadline - absl::Now());
  }
  if (live_ == count) return absl::OkStatus();
  return absl::UnavailableError(absl::StrCat(
      live_, " of ", count, " streams are live, ", ended_, " ended"));
}

void Watchers::Expect(int64_t events) {
  missing_ = events;
  MutexLock lock(&mu_);
  complete_.reset();
}

absl::StatusOr<absl::Time> Watchers::Wait() {
  const absl::Time deadline = absl::Now() + kTimeout;
  MutexLock lock(&mu_);
  while (!complete_ && ended_ == 0 && absl::Now() < deadline) {
    changed_.WaitFor(&mu_, deadline - absl::Now());
  }
  if (complete_) return *complete_;
  return absl::DeadlineExceededError(
      absl::StrCat(missing_.load(), " events did not come"));
}

void Watchers::OnMessage(const Stream& stream, int64_t events) {
  const int64_t before = missing_.fetch_sub(events);
  const bool complete = before > 0 && before <= events;
  if (!complete && !stream.live()) return;
  MutexLock lock(&mu_);
  if (complete) complete_ = absl::Now();
  if (stream.live()) ++live_;
  changed_.Signal();
}

void Watchers::OnEnd() {
  MutexLock lock(&mu_);
  ++ended_;
  changed_.Signal();
}

}  // namespace enrich::bench
