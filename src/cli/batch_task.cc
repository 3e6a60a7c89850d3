#include "cli/batch_task.h"

#include <algorithm>
#include <iterator>
#include <utility>

#include "absl/strings/str_cat.h"
#include "base/status_macros.h"
#include "cli/contact_violations.h"

namespace enrich::cli {
namespace {

absl::Duration DurationOf(const google::protobuf::Duration& duration) {
  return absl::Seconds(duration.seconds()) +
         absl::Nanoseconds(duration.nanos());
}

}  // namespace

BatchTask::BatchTask(v1::EnrichBatchRequest request, StreamPosition start,
                     const GatewaySession& session,
                     std::function<void()> notify)
    : request_(std::move(request)),
      start_(std::move(start)),
      session_(session),
      notify_(std::move(notify)),
      update_{.position = start_},
      thread_([this](std::stop_token stop) { Run(std::move(stop)); }) {}

BatchUpdate BatchTask::Take() {
  MutexLock lock(&mu_);
  auto arrivals = std::exchange(update_.arrivals, {});
  BatchUpdate update = update_;
  update.arrivals = std::move(arrivals);
  return update;
}

void BatchTask::Run(std::stop_token stop) {
  absl::Status status = SubmitAndWatch(std::move(stop));
  {
    MutexLock lock(&mu_);
    // Results of our own have no position; they arrive with the end.
    if (status.ok()) MoveArrivals();
    update_.done = true;
    update_.status = std::move(status);
  }
  notify_();
}

absl::Status BatchTask::SubmitAndWatch(std::stop_token stop) {
  const auto response = session_.Submit(request_, stop, *this);
  if (!response.ok()) {
    if (!IsRefusedForContacts(response.status())) return response.status();
    for (auto& result : InvalidResults(request_, response.status())) {
      pending_.push_back({.result = std::move(result)});
    }
    return absl::OkStatus();
  }
  const v1::Batch& batch = response->batch();
  {
    MutexLock lock(&mu_);
    update_.batch_id = batch.batch_id();
  }
  OnProgress(batch.progress());
  return session_.Watch(batch.batch_id(), start_, std::move(stop), *this);
}

void BatchTask::MoveArrivals() {
  std::move(pending_.begin(), pending_.end(),
            std::back_inserter(update_.arrivals));
  pending_.clear();
}

void BatchTask::OnEvent(const v1::ResultEvent& event) {
  if (event.has_batch_finished()) {
    const auto& saved =
        event.batch_finished().batch().progress().saved_millicredits();
    MutexLock lock(&mu_);
    update_.saved_millicredits = {saved.begin(), saved.end()};
  }
  if (!event.has_contact_result()) return;
  pending_.push_back({.result = event.contact_result(),
                      .correction = event.supersedes() != 0});
}

// Arrivals and position change together, so that a saved position never runs
// ahead of the rows written.
void BatchTask::OnPosition(const StreamPosition& position) {
  {
    MutexLock lock(&mu_);
    MoveArrivals();
    update_.position = position;
    update_.waiting.clear();
  }
  notify_();
}

void BatchTask::OnProgress(const v1::BatchProgress& progress) {
  {
    MutexLock lock(&mu_);
    update_.waiting.clear();
    update_.time_left.reset();
    if (progress.has_time_left()) {
      update_.time_left = DurationOf(progress.time_left());
    }
  }
  notify_();
}

void BatchTask::OnRetry(const absl::Status& why, absl::Duration) {
  {
    MutexLock lock(&mu_);
    update_.waiting =
        why.code() == absl::StatusCode::kResourceExhausted
            ? "waiting for room in the gateway"
            : absl::StrCat("waiting for the gateway (",
                           absl::StatusCodeToString(why.code()), ")");
  }
  notify_();
}

}  // namespace enrich::cli
