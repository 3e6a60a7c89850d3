#include "scale/load.h"

#include <algorithm>
#include <memory>
#include <thread>
#include <utility>
#include <vector>

#include "absl/strings/str_cat.h"
#include "absl/time/clock.h"
#include "base/mutex.h"
#include "base/status_macros.h"
#include "integration/gateway_client.h"
#include "scale/onlooker.h"
#include "scale/result_stream.h"

namespace enrich::scale {
namespace {

constexpr int kCallers = 4;
constexpr absl::Duration kPause = absl::Milliseconds(5);
constexpr absl::Duration kRetryPause = absl::Milliseconds(200);
// The longest without any event.
constexpr absl::Duration kPatience = absl::Minutes(5);

bool IsTransient(const grpc::Status& status) {
  return status.error_code() == grpc::StatusCode::RESOURCE_EXHAUSTED ||
         status.error_code() == grpc::StatusCode::UNAVAILABLE ||
         status.error_code() == grpc::StatusCode::DEADLINE_EXCEEDED;
}

class Load {
 public:
  explicit Load(const LoadOptions& options)
      : options_(options),
        client_(GatewayClient::Connect(options.port)),
        connections_(options.port, options.watchers) {}
  // All at once, so that they end side by side.
  ~Load() {
    for (const auto& watcher : watchers_) watcher->Cancel();
  }

  absl::StatusOr<LoadReport> Run() {
    const absl::Time opened = absl::Now();
    RETURN_IF_ERROR(OpenWatchers());
    report_.open_duration = absl::Now() - opened;
    absl::SleepFor(options_.idle);
    start_ = absl::Now();
    if (options_.onlookers) {
      onlooker_ = std::make_unique<Onlooker>(options_.port);
    }
    std::vector<std::thread> callers;
    for (int i = 0; i < kCallers; ++i) callers.emplace_back([this] { Call(); });
    for (std::thread& caller : callers) caller.join();
    RETURN_IF_ERROR(WaitForEnd());
    if (onlooker_ != nullptr) {
      RETURN_IF_ERROR(onlooker_->status());
      report_.looks = onlooker_->looks();
    }
    return Report();
  }

 private:
  absl::Status OpenWatchers();
  // Makes requests until there are no more.
  void Call();
  bool Take(int64_t& number, v1::EnrichBatchRequest& request);
  void WaitForTurn(int64_t number, int64_t contacts);
  absl::Status Submit(const v1::EnrichBatchRequest& request);
  absl::Status WaitForEnd();
  absl::StatusOr<LoadReport> Report();

  const LoadOptions& options_;
  const std::unique_ptr<GatewayClient> client_;
  const Connections connections_;
  std::vector<std::unique_ptr<ResultStream>> watchers_;
  std::unique_ptr<Onlooker> onlooker_;
  absl::Time start_;

  Mutex mu_;
  int64_t next_ ABSL_GUARDED_BY(mu_) = 0;
  LoadReport report_ ABSL_GUARDED_BY(mu_);
  std::vector<absl::Duration> latencies_ ABSL_GUARDED_BY(mu_);
  absl::Status status_ ABSL_GUARDED_BY(mu_);
};

absl::Status Load::OpenWatchers() {
  for (int i = 0; i < options_.watchers; ++i) {
    watchers_.push_back(std::make_unique<ResultStream>(
        connections_, i, FromNow(), StreamCheck(true, options_.digest)));
  }
  const absl::Time deadline = absl::Now() + kPatience;
  for (const auto& watcher : watchers_) {
    StreamState state = watcher->state();
    while (!state.live && !state.ended && absl::Now() < deadline) {
      absl::SleepFor(kPause);
      state = watcher->state();
    }
    if (!state.live || state.ended) {
      return absl::UnavailableError(
          absl::StrCat("a watcher is not live: ", state.status.ToString()));
    }
  }
  return absl::OkStatus();
}

// ---- Requests ---------------------------------------------------------------

void Load::Call() {
  int64_t number = 0;
  v1::EnrichBatchRequest request;
  while (Take(number, request)) {
    request.set_request_id(absl::StrCat(options_.run, "-", number));
    const absl::Status status = Submit(request);
    MutexLock lock(&mu_);
    status_.Update(status);
  }
}

bool Load::Take(int64_t& number, v1::EnrichBatchRequest& request) {
  int64_t before = 0;
  {
    MutexLock lock(&mu_);
    const bool over = options_.duration > absl::ZeroDuration()
                          ? absl::Now() - start_ >= options_.duration
                          : report_.contacts >= options_.contacts;
    if (over || !status_.ok()) return false;
    number = next_++;
    before = report_.contacts;
    request = MakeRequest(options_.plan, number, options_.contacts - before);
    report_.contacts += request.contacts_size();
    ++report_.batches;
  }
  WaitForTurn(before, request.contacts_size());
  return true;
}

// Until the request is due and there is room for it.
void Load::WaitForTurn(int64_t before, int64_t contacts) {
  if (options_.rate > 0) {
    const absl::Time due =
        start_ + absl::Seconds(static_cast<double>(before) / options_.rate);
    absl::SleepFor(due - absl::Now());
  }
  const absl::Time deadline = absl::Now() + kPatience;
  while (before + contacts - watchers_[0]->contacts() > options_.max_open &&
         absl::Now() < deadline) {
    absl::SleepFor(kPause);
  }
}

absl::Status Load::Submit(const v1::EnrichBatchRequest& request) {
  const absl::Time deadline = absl::Now() + kPatience;
  while (true) {
    v1::EnrichBatchResponse response;
    const absl::Time start = absl::Now();
    const grpc::Status status = client_->EnrichBatch(request, response);
    const absl::Time end = absl::Now();
    if (status.ok()) {
      MutexLock lock(&mu_);
      latencies_.push_back(end - start);
      if (onlooker_ != nullptr) onlooker_->Add(response.batch().batch_id());
      return absl::OkStatus();
    }
    if (!IsTransient(status) || end > deadline) {
      return absl::UnknownError(
          absl::StrCat("EnrichBatch: ", status.error_message()));
    }
    {
      MutexLock lock(&mu_);
      ++report_.retries;
    }
    absl::SleepFor(kRetryPause);
  }
}

// ---- The end ----------------------------------------------------------------

absl::Status Load::WaitForEnd() {
  int64_t batches = 0;
  {
    MutexLock lock(&mu_);
    RETURN_IF_ERROR(status_);
    batches = report_.batches;
  }
  for (const auto& watcher : watchers_) {
    absl::Time news = absl::Now();
    int64_t events = 0;
    while (!watcher->HasEnded(batches)) {
      absl::SleepFor(kPause);
      const StreamState state = watcher->state();
      if (state.events != events) news = absl::Now();
      events = state.events;
      if (absl::Now() - news > kPatience) {
        return absl::DeadlineExceededError(
            absl::StrCat(state.batches, " of ", batches, " batches ended, ",
                         state.contacts, " contacts were answered"));
      }
    }
  }
  MutexLock lock(&mu_);
  report_.duration = absl::Now() - start_;
  return absl::OkStatus();
}

absl::StatusOr<LoadReport> Load::Report() {
  const StreamState first = watchers_[0]->state();
  MutexLock lock(&mu_);
  for (const auto& watcher : watchers_) {
    const StreamState state = watcher->state();
    if (!state.mistake.empty()) return absl::DataLossError(state.mistake);
    if (state.ended) {
      return absl::UnavailableError(
          absl::StrCat("a watcher ended: ", state.status.ToString()));
    }
    if (state.contacts != report_.contacts || state.digest != first.digest) {
      return absl::DataLossError(absl::StrCat(
          "a watcher saw ", state.contacts, " contacts of ", report_.contacts,
          state.digest == first.digest ? "" : ", and others saw other things"));
    }
  }
  std::sort(latencies_.begin(), latencies_.end());
  report_.median_latency = latencies_[latencies_.size() / 2];
  report_.longest_latency = latencies_.back();
  report_.events = first.events;
  report_.digest = first.digest;
  report_.token = first.token;
  return report_;
}

}  // namespace

absl::StatusOr<LoadReport> RunLoad(const LoadOptions& options) {
  return Load(options).Run();
}

}  // namespace enrich::scale
