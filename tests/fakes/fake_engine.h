#ifndef ENRICH_TESTS_FAKES_FAKE_ENGINE_H_
#define ENRICH_TESTS_FAKES_FAKE_ENGINE_H_

#include <string>
#include <utility>
#include <vector>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/string_view.h"
#include "absl/time/time.h"
#include "base/mutex.h"
#include "engine/engine.h"

namespace enrich {

// An engine that does no work: it remembers what it was given and answers what
// it was told. Set the answers before other threads use it.
class FakeEngine final : public Engine {
 public:
  // What the next calls fail with.
  absl::Status status = absl::OkStatus();
  EnrichPlan plan = {};
  ReplayPage replay = {};
  Batch batch = {.id = "batch-1"};
  bool batch_existed = false;
  // Whether submissions are forgotten, as by an engine that shuts down.
  bool drop_submissions = false;
  // Whether they wait for AnswerSubmissions.
  bool hold_submissions = false;
  // What becomes of a job that something is decided about.
  DecidedJob decided_job = {};
  std::vector<AccountStatus> accounts = {};
  absl::Duration time_left = absl::ZeroDuration();
  std::vector<std::pair<std::string, const ProviderAdapter*>> adapters = {};

  absl::Status Start() override { return status; }
  void Stop(absl::AnyInvocable<void()> idle) override { idle(); }

  absl::StatusOr<EnrichPlan> Plan(const BatchRequest& request) const override {
    MutexLock lock(&mu_);
    planned_.push_back(request);
    if (!status.ok()) return status;
    return plan;
  }
  void SubmitBatch(BatchRequest request,
                   StoreCallback<CreatedBatch> done) override {
    {
      MutexLock lock(&mu_);
      submitted_.push_back(std::move(request));
      if (hold_submissions) {
        held_.push_back(std::move(done));
        return;
      }
    }
    if (drop_submissions) return;
    if (!status.ok()) return done(status);
    done(CreatedBatch{.batch = batch, .existed = batch_existed});
  }
  void CancelBatch(std::string tenant, std::string batch_id,
                   StoreCallback<Batch> done) override {
    {
      MutexLock lock(&mu_);
      cancelled_.push_back(absl::StrCat(tenant, "/", batch_id));
    }
    if (!status.ok()) return done(status);
    done(batch);
  }
  void ApproveResend(JobOrder order, Credits most,
                     StoreCallback<DecidedJob> done) override {
    {
      MutexLock lock(&mu_);
      orders_.push_back(std::move(order));
      approved_costs_.push_back(most);
    }
    if (!status.ok()) return done(status);
    done(decided_job);
  }
  void AbandonJob(JobOrder order, StoreCallback<DecidedJob> done) override {
    {
      MutexLock lock(&mu_);
      orders_.push_back(std::move(order));
    }
    if (!status.ok()) return done(status);
    done(decided_job);
  }
  void TakePush(AttemptRef attempt, NewInboxEvent push,
                PushKept kept) override {
    MutexLock lock(&mu_);
    pushes_.push_back({std::move(attempt), std::move(push), std::move(kept)});
  }
  void HandleRefusedPush(AttemptRef attempt) override {
    MutexLock lock(&mu_);
    refused_.push_back(std::move(attempt));
  }
  void ReplayInbox(InboxFilter filter, int64_t after_key,
                   StoreCallback<ReplayPage> done) override {
    {
      MutexLock lock(&mu_);
      replays_.emplace_back(std::move(filter), after_key);
    }
    if (!status.ok()) return done(status);
    done(replay);
  }
  const ProviderAdapter* FindAdapter(absl::string_view account) const override {
    for (const auto& [name, adapter] : adapters) {
      if (name == account) return adapter;
    }
    return nullptr;
  }
  void ReadAccounts(
      absl::AnyInvocable<void(std::vector<AccountStatus>)> done) override {
    done(accounts);
  }
  void ReadTotals(absl::AnyInvocable<void(EngineTotals)> done) override {
    done({});
  }
  absl::Duration TimeLeft(const Batch&) const override { return time_left; }

  // Answers the submissions that wait.
  void AnswerSubmissions() {
    std::vector<StoreCallback<CreatedBatch>> held;
    {
      MutexLock lock(&mu_);
      held.swap(held_);
    }
    for (auto& done : held) done(CreatedBatch{.batch = batch});
  }

  // Says of the pushes taken so far whether they are kept.
  void KeepPushes(const absl::Status& whether = absl::OkStatus()) {
    std::vector<PushKept> kept;
    {
      MutexLock lock(&mu_);
      for (TakenPush& push : pushes_) {
        if (push.kept) kept.push_back(std::exchange(push.kept, nullptr));
      }
    }
    for (PushKept& tell : kept) tell(whether);
  }

  // What was asked so far.
  std::vector<BatchRequest> planned() const {
    MutexLock lock(&mu_);
    return planned_;
  }
  std::vector<BatchRequest> submitted() const {
    MutexLock lock(&mu_);
    return submitted_;
  }
  // "tenant/batch_id".
  std::vector<std::string> cancelled() const {
    MutexLock lock(&mu_);
    return cancelled_;
  }
  std::vector<JobOrder> orders() const {
    MutexLock lock(&mu_);
    return orders_;
  }
  std::vector<Credits> approved_costs() const {
    MutexLock lock(&mu_);
    return approved_costs_;
  }
  // Each with its chunk.
  std::vector<std::pair<int64_t, NewInboxEvent>> pushes() const {
    MutexLock lock(&mu_);
    std::vector<std::pair<int64_t, NewInboxEvent>> pushes;
    for (const TakenPush& push : pushes_) {
      pushes.emplace_back(push.attempt.chunk_key, push.event);
    }
    return pushes;
  }
  // The filter and the key it began after.
  std::vector<std::pair<InboxFilter, int64_t>> replays() const {
    MutexLock lock(&mu_);
    return replays_;
  }
  std::vector<AttemptRef> refused() const {
    MutexLock lock(&mu_);
    return refused_;
  }

 private:
  struct TakenPush {
    AttemptRef attempt = {};
    NewInboxEvent event = {};
    PushKept kept = {};
  };

  mutable Mutex mu_;
  mutable std::vector<BatchRequest> planned_ ABSL_GUARDED_BY(mu_);
  std::vector<BatchRequest> submitted_ ABSL_GUARDED_BY(mu_);
  std::vector<StoreCallback<CreatedBatch>> held_ ABSL_GUARDED_BY(mu_);
  std::vector<std::string> cancelled_ ABSL_GUARDED_BY(mu_);
  std::vector<JobOrder> orders_ ABSL_GUARDED_BY(mu_);
  std::vector<Credits> approved_costs_ ABSL_GUARDED_BY(mu_);
  std::vector<TakenPush> pushes_ ABSL_GUARDED_BY(mu_);
  std::vector<AttemptRef> refused_ ABSL_GUARDED_BY(mu_);
  std::vector<std::pair<InboxFilter, int64_t>> replays_ ABSL_GUARDED_BY(mu_);
};

}  // namespace enrich

#endif  // ENRICH_TESTS_FAKES_FAKE_ENGINE_H_
