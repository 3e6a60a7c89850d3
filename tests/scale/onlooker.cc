#include "scale/onlooker.h"

#include <utility>
#include <vector>

#include "absl/strings/str_cat.h"
#include "absl/time/clock.h"
#include "base/status_macros.h"

namespace enrich::scale {
namespace {

constexpr absl::Duration kPause = absl::Milliseconds(50);
constexpr absl::Duration kPatience = absl::Minutes(2);
// One look in so many.
constexpr int64_t kCancelEvery = 20;
constexpr int64_t kResumeEvery = 10;
constexpr int64_t kReplayEvery = 500;
// Of the latest batches: one is looked at when it is this old.
constexpr size_t kBehind = 5;

// A call that took too long is none: the machine may be busy.
absl::Status Named(const char* what, const grpc::Status& status) {
  if (status.ok() ||
      status.error_code() == grpc::StatusCode::DEADLINE_EXCEEDED) {
    return absl::OkStatus();
  }
  return absl::UnknownError(absl::StrCat(what, ": ", status.error_message()));
}

}  // namespace

Onlooker::Onlooker(int port)
    : client_(GatewayClient::Connect(port)),
      connections_(port, 1),
      thread_([this] { Run(); }) {}

Onlooker::~Onlooker() {
  stopping_ = true;
  thread_.join();
}

void Onlooker::Add(std::string batch_id) {
  MutexLock lock(&mu_);
  batches_.push_back(std::move(batch_id));
  if (batches_.size() > 2 * kBehind) batches_.pop_front();
}

std::string Onlooker::TakeBatch() {
  MutexLock lock(&mu_);
  if (batches_.size() < kBehind) return "";
  std::string batch_id = std::move(batches_.front());
  batches_.pop_front();
  return batch_id;
}

absl::Status Onlooker::status() const {
  MutexLock lock(&mu_);
  return status_;
}

void Onlooker::Run() {
  for (int64_t number = 1; !stopping_; ++number) {
    const absl::Status status = Look(number);
    {
      MutexLock lock(&mu_);
      status_.Update(status);
    }
    absl::SleepFor(kPause);
  }
}

absl::Status Onlooker::Look(int64_t number) {
  const std::string batch_id = TakeBatch();
  if (!batch_id.empty()) {
    ++looks_;
    v1::Batch batch;
    if (number % kCancelEvery == 0) {
      RETURN_IF_ERROR(Named("cancel", client_->CancelBatch(batch_id, batch)));
    }
    RETURN_IF_ERROR(ReadBatch(batch_id));
  }
  if (number % kReplayEvery == 1) return ReadHistory(FromOldest(), true);
  if (number % kResumeEvery == 0 && !token_.empty()) {
    return ReadHistory(After(token_), false);
  }
  return absl::OkStatus();
}

absl::Status Onlooker::ReadBatch(const std::string& batch_id) {
  v1::Batch batch;
  RETURN_IF_ERROR(Named("get", client_->GetBatch(batch_id, batch)));
  std::vector<v1::ResultEvent> events;
  const grpc::Status listed = client_->ListResults(batch_id, 1000, events);
  RETURN_IF_ERROR(Named("list", listed));
  if (!listed.ok()) return absl::OkStatus();
  StreamCheck check(true);
  for (const v1::ResultEvent& event : events) check.Take(event);
  if (!check.mistake().empty()) return absl::DataLossError(check.mistake());
  // The results are read after the counters.
  if (check.contacts() < batch.progress().contacts_done()) {
    return absl::DataLossError(absl::StrCat("results of ", batch_id, " lack"));
  }
  return absl::OkStatus();
}

absl::Status Onlooker::ReadHistory(v1::WatchResultsRequest request,
                                   bool whole) {
  ++looks_;
  const ResultStream stream(connections_, 0, std::move(request),
                            StreamCheck(whole));
  const absl::Time deadline = absl::Now() + kPatience;
  StreamState state = stream.state();
  while (!state.live && !state.ended && absl::Now() < deadline) {
    absl::SleepFor(kPause);
    state = stream.state();
  }
  if (!state.mistake.empty()) return absl::DataLossError(state.mistake);
  if (!state.live) {
    return absl::UnavailableError(
        absl::StrCat("history does not end: ", state.status.ToString()));
  }
  token_ = state.token;
  return absl::OkStatus();
}

}  // namespace enrich::scale
