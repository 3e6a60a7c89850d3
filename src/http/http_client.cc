#include "http/http_client.h"

#include <curl/curl.h>
#include <pthread.h>
#include <unistd.h>

#include <algorithm>
#include <chrono>
#include <csignal>
#include <cstdint>
#include <map>
#include <set>
#include <thread>
#include <utility>
#include <vector>

#include "absl/container/flat_hash_map.h"
#include "base/failpoint.h"
#include "base/mutex.h"
#include "base/status_macros.h"
#include "http/curl_transfer.h"

namespace enrich {
namespace {

using SteadyTime = std::chrono::steady_clock::time_point;
using std::chrono::milliseconds;

constexpr size_t kMaxIdleHandles = 64;
constexpr absl::Duration kMaxTimeout = absl::Hours(24);

struct MultiDeleter {
  void operator()(CURLM* multi) const { curl_multi_cleanup(multi); }
};
using MultiHandle = std::unique_ptr<CURLM, MultiDeleter>;

void RefuseUnsent(Transfer& transfer, absl::Status why) {
  transfer.done({.transport = std::move(why), .maybe_sent = false});
}

class CurlHttpClient final : public HttpClient {
 public:
  CurlHttpClient(const HttpClientOptions& options, MultiHandle multi)
      : options_(options),
        multi_(std::move(multi)),
        thread_([this] { Run(); }) {}

  ~CurlHttpClient() override {
    {
      MutexLock lock(&mu_);
      stopping_ = true;
    }
    curl_multi_wakeup(multi_.get());
    thread_.join();
  }

  void Send(HttpRequest request, absl::Duration timeout,
            HttpCallback done) override {
    auto transfer = std::make_unique<Transfer>();
    transfer->request = std::move(request);
    transfer->done = std::move(done);
    transfer->options = &options_;
    transfer->deadline = std::chrono::steady_clock::now() +
                         absl::ToChronoMilliseconds(std::clamp(
                             timeout, absl::ZeroDuration(), kMaxTimeout));
    {
      MutexLock lock(&mu_);
      incoming_.push_back(std::move(transfer));
    }
    curl_multi_wakeup(multi_.get());
  }

 private:
  using TransferPtr = std::unique_ptr<Transfer>;

  void Run() {
    pthread_setname_np(pthread_self(), "http-client");
    BlockBrokenPipeSignal();
    while (!TakeIncoming()) {
      ExpireWaiting();
      StartWaiting();
      int running = 0;
      curl_multi_perform(multi_.get(), &running);
      if (FinishCompleted()) continue;
      curl_multi_poll(multi_.get(), nullptr, 0, PollMilliseconds(), nullptr);
    }
    EndAll();
  }

  // OpenSSL writes to sockets in a way that raises SIGPIPE.
  static void BlockBrokenPipeSignal() {
    sigset_t set;
    sigemptyset(&set);
    sigaddset(&set, SIGPIPE);
    pthread_sigmask(SIG_BLOCK, &set, nullptr);
  }

  // Returns whether the client is stopping.
  bool TakeIncoming() {
    std::vector<TransferPtr> taken;
    bool stopping = false;
    {
      MutexLock lock(&mu_);
      taken.swap(incoming_);
      stopping = stopping_;
    }
    for (TransferPtr& transfer : taken) {
      const uint64_t number = next_number_++;
      deadlines_.emplace(transfer->deadline, number);
      waiting_.emplace(number, std::move(transfer));
    }
    return stopping;
  }

  TransferPtr TakeWaiting(uint64_t number) {
    auto node = waiting_.extract(number);
    deadlines_.erase({node.mapped()->deadline, number});
    return std::move(node.mapped());
  }

  void ExpireWaiting() {
    const SteadyTime now = std::chrono::steady_clock::now();
    while (!deadlines_.empty() && deadlines_.begin()->first <= now) {
      RefuseUnsent(*TakeWaiting(deadlines_.begin()->second),
                   absl::DeadlineExceededError("timed out before sending"));
    }
  }

  void StartWaiting() {
    while (!waiting_.empty() &&
           running_.size() < static_cast<size_t>(options_.max_transfers)) {
      TransferPtr transfer = TakeWaiting(waiting_.begin()->first);
      const absl::Status started = Start(transfer);
      if (!started.ok()) RefuseUnsent(*transfer, started);
    }
  }

  // Takes `transfer` on success only.
  absl::Status Start(TransferPtr& transfer) {
    transfer->easy = TakeEasy();
    if (transfer->easy == nullptr) {
      return absl::ResourceExhaustedError("out of memory");
    }
    RETURN_IF_ERROR(PrepareTransfer(*transfer));
    RETURN_IF_ERROR(ENRICH_FAILPOINT("http.before_send"));
    CURL* easy = transfer->easy.get();
    const CURLMcode added = curl_multi_add_handle(multi_.get(), easy);
    if (added != CURLM_OK) {
      return absl::InternalError(curl_multi_strerror(added));
    }
    running_.emplace(easy, std::move(transfer));
    return absl::OkStatus();
  }

  // Returns whether anything was finished.
  bool FinishCompleted() {
    bool any = false;
    int left = 0;
    while (const CURLMsg* message = curl_multi_info_read(multi_.get(), &left)) {
      if (message->msg != CURLMSG_DONE) continue;
      const auto it = running_.find(message->easy_handle);
      absl::Status transport =
          TransportStatus(*it->second, message->data.result);
      transport.Update(ENRICH_FAILPOINT("http.after_response"));
      Finish(it, std::move(transport));
      any = true;
    }
    return any;
  }

  using Running = absl::flat_hash_map<CURL*, TransferPtr>;

  void Finish(Running::iterator it, absl::Status transport) {
    const TransferPtr transfer = std::move(it->second);
    running_.erase(it);
    curl_multi_remove_handle(multi_.get(), transfer->easy.get());
    HttpOutcome outcome = TakeOutcome(*transfer, std::move(transport));
    PutBackEasy(std::move(transfer->easy));
    transfer->done(std::move(outcome));
  }

  int PollMilliseconds() const {
    constexpr milliseconds kLongest = std::chrono::minutes(1);
    if (deadlines_.empty()) return static_cast<int>(kLongest.count());
    const auto left = std::chrono::ceil<milliseconds>(
        deadlines_.begin()->first - std::chrono::steady_clock::now());
    return static_cast<int>(
        std::clamp(left, milliseconds(0), kLongest).count());
  }

  void EndAll() {
    const absl::Status ended = absl::UnavailableError("client is closing");
    while (!running_.empty()) Finish(running_.begin(), ended);
    // A callback may have sent more.
    for (TakeIncoming(); !waiting_.empty(); TakeIncoming()) {
      RefuseUnsent(*TakeWaiting(waiting_.begin()->first), ended);
    }
  }

  EasyHandle TakeEasy() {
    if (idle_.empty()) return EasyHandle(curl_easy_init());
    EasyHandle easy = std::move(idle_.back());
    idle_.pop_back();
    return easy;
  }

  void PutBackEasy(EasyHandle easy) {
    if (idle_.size() >= kMaxIdleHandles) return;
    curl_easy_reset(easy.get());
    idle_.push_back(std::move(easy));
  }

  const HttpClientOptions options_;
  const MultiHandle multi_;

  // The loop's own.
  uint64_t next_number_ = 0;
  std::map<uint64_t, TransferPtr> waiting_;
  std::set<std::pair<SteadyTime, uint64_t>> deadlines_;
  Running running_;
  std::vector<EasyHandle> idle_;

  Mutex mu_;
  std::vector<TransferPtr> incoming_ ABSL_GUARDED_BY(mu_);
  bool stopping_ ABSL_GUARDED_BY(mu_) = false;

  // Last: it uses all of the above.
  std::thread thread_;
};

}  // namespace

absl::StatusOr<std::unique_ptr<HttpClient>> NewCurlHttpClient(
    const HttpClientOptions& options) {
  if (!options.ca_file.empty() && access(options.ca_file.c_str(), R_OK) != 0) {
    return absl::InvalidArgumentError("ca_file cannot be read");
  }
  static const CURLcode initialised = curl_global_init(CURL_GLOBAL_DEFAULT);
  if (initialised != CURLE_OK) {
    return absl::InternalError(curl_easy_strerror(initialised));
  }
  MultiHandle multi(curl_multi_init());
  if (multi == nullptr) return absl::ResourceExhaustedError("out of memory");
  return std::make_unique<CurlHttpClient>(options, std::move(multi));
}

}  // namespace enrich
