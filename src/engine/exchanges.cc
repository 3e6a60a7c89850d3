// Every exchange with a provider, up to its answer.

#include <algorithm>
#include <utility>

#include "absl/algorithm/container.h"
#include "absl/strings/str_cat.h"
#include "base/log.h"
#include "engine/engine_core.h"

namespace enrich {
namespace {

// A provider that asks for more is asked again after this all the same.
constexpr absl::Duration kLongestPause = absl::Hours(1);
// Of what is odd about one answer, this much is logged.
constexpr size_t kDriftsTold = 5;

}  // namespace

JobRef JobOf(const Chunk& chunk, const ChunkAttempt& attempt) {
  return {.operation = chunk.lane.operation,
          .provider_job_id = attempt.provider_job_id,
          .item_count = static_cast<int>(chunk.items.size()),
          .debited = attempt.debited};
}

bool EngineCore::WantsRaw(const std::vector<WorkItem>& items) {
  // More than was asked for does no harm.
  if (!batches_.Load(items).ok()) return true;
  return absl::c_any_of(items, [&](const WorkItem& item) {
    const auto batch = batches_.Find(item.batch_key);
    return batch != nullptr && batch->plan.include_raw_items;
  });
}

absl::Duration EngineCore::PauseOf(const AccountState& account,
                                   const RateLimited& limited) const {
  std::optional<absl::Duration> asked = limited.retry_after;
  if (limited.retry_at.has_value()) {
    // A moment that is over, or far away, is a clock that differs from ours or
    // a notation that was misread.
    const absl::Duration until = *limited.retry_at - seams_.clock.Now();
    if (until > absl::ZeroDuration() && until < absl::Hours(24)) asked = until;
  }
  return std::clamp(
      asked.value_or(
          account.account.adapter->capabilities().pacing.rate_limit_pause),
      absl::ZeroDuration(), kLongestPause);
}

void EngineCore::OnRateLimited(AccountState& account, absl::Duration pause) {
  const absl::Time now = seams_.clock.Steady();
  account.gate.OnRateLimited(now, now + pause);
}

absl::Duration EngineCore::TimeoutOf(const AccountState& account,
                                     absl::string_view operation) const {
  const OperationSpec* spec =
      account.account.adapter->capabilities().Find(operation);
  return spec != nullptr && spec->request_timeout > absl::ZeroDuration()
             ? spec->request_timeout
             : options_.request_timeout;
}

void EngineCore::Exchange(AccountState& account, HttpRequest request,
                          absl::Duration timeout,
                          absl::AnyInvocable<void(const HttpOutcome&)> done) {
  ++exchanges_;
  const auto finish = [this, &account](const HttpOutcome& outcome, auto& done) {
    --exchanges_;
    account.gate.EndExchange();
    if (outcome.transport.ok()) {
      const auto pace = account.account.adapter->ReadPace(*outcome.response);
      if (pace.has_value()) {
        account.gate.Pause(seams_.clock.Steady() + PauseOf(account, *pace));
      }
    }
    done(outcome);
  };
  Executor& executor = seams_.executor;
  seams_.http.Send(
      std::move(request), timeout,
      [&executor, finish, done = std::move(done)](HttpOutcome outcome) mutable {
        executor.Post([finish, done = std::move(done),
                       outcome = std::move(outcome)]() mutable {
          finish(outcome, done);
        });
      });
}

// The one place a paid request leaves from. Its intent is committed.
void EngineCore::Send(AccountState& account, int64_t chunk_key,
                      HttpRequest request) {
  const Chunk& chunk = live_.at(chunk_key).chunk;
  if (account.token.needed()) {
    account.account.adapter->Authorize(account.token.token(), request);
  }
  Exchange(
      account, std::move(request), TimeoutOf(account, chunk.lane.operation),
      [this, &account, chunk_key,
       attempt =
           SentAttempt{.key = chunk.attempt.key,
                       .operation = chunk.lane.operation,
                       .reference = chunk.attempt.reference,
                       .want_raw = WantsRaw(chunk.items),
                       .token = account.token.UseAt(seams_.clock.Steady())}](
          const HttpOutcome& outcome) {
        HandleSubmitOutcome(account, chunk_key, attempt, outcome);
      });
}

void EngineCore::Fetch(AccountState& account, int64_t chunk_key) {
  const auto found = live_.find(chunk_key);
  if (found == live_.end()) return;
  LiveChunk& live = found->second;
  if (live.fetching) {
    live.fetch_again = true;
    return;
  }
  const Chunk& chunk = live.chunk;
  if (chunk.state != ChunkState::kAccepted ||
      chunk.attempt.provider_job_id.empty() ||
      !PolicyFor(account, chunk).can_fetch) {
    return;
  }
  live.fetching = true;
  account.gate.StartCall(seams_.clock.Steady());
  JobRef job = JobOf(chunk, chunk.attempt);
  job.cursor = live.cursor;
  job.want_raw = WantsRaw(chunk.items);
  HttpRequest request = account.account.adapter->BuildFetch(job);
  if (account.token.needed()) {
    account.account.adapter->Authorize(account.token.token(), request);
  }
  Exchange(account, std::move(request),
           TimeoutOf(account, chunk.lane.operation),
           [this, &account, chunk_key, job,
            token = account.token.UseAt(seams_.clock.Steady())](
               const HttpOutcome& outcome) {
             HandleFetchOutcome(account, chunk_key, job, token, outcome);
           });
}

// ---- Balance ----------------------------------------------------------------

absl::Time EngineCore::PumpBalance(AccountState& account, absl::Time now) {
  if (options_.balance_interval == absl::ZeroDuration()) {
    return absl::InfiniteFuture();
  }
  if (now < account.next_balance) return account.next_balance;
  const absl::Time when = NextCall(account, now);
  if (when > now) return when;
  account.next_balance = now + options_.balance_interval;
  ReadBalance(account);
  return account.next_balance;
}

void EngineCore::ReadBalance(AccountState& account) {
  const ProviderAdapter& adapter = *account.account.adapter;
  std::optional<HttpRequest> request = adapter.BuildBalance();
  if (!request.has_value()) {
    account.next_balance = absl::InfiniteFuture();
    return;
  }
  if (account.token.needed()) {
    adapter.Authorize(account.token.token(), *request);
  }
  account.gate.StartCall(seams_.clock.Steady());
  account.audit.OnRequest(ledger_.Total(account.account.name));
  Exchange(account, *std::move(request), options_.request_timeout,
           [this, &account, &adapter](const HttpOutcome& outcome) {
             // Says nothing of how submissions fare: the breaker is not told.
             if (outcome.transport.ok()) {
               const auto balance = adapter.ParseBalance(*outcome.response);
               if (balance.ok()) {
                 account.balance = *balance;
                 account.balance_time = seams_.clock.Now();
                 AuditBalance(account, *balance);
               }
             }
             Tick();
           });
}

// ---- Tokens -----------------------------------------------------------------

absl::Time EngineCore::PumpToken(AccountState& account, absl::Time now) {
  const absl::Time wanted = account.token.NextRequest();
  if (wanted > now) return wanted;
  const bool repeats = account.token.failed();
  absl::Time when = account.gate.NextCall(now);
  if (repeats) when = std::max(when, account.gate.NextRepeat(now));
  if (when > now) return when;
  std::optional<HttpRequest> request = account.account.adapter->BuildToken();
  if (!request.has_value()) return absl::InfiniteFuture();
  if (repeats) account.gate.CountRepeat(now);
  account.token.OnRequest();
  account.gate.StartCall(now);
  Exchange(account, *std::move(request), options_.request_timeout,
           [this, &account](const HttpOutcome& outcome) {
             HandleToken(account, outcome);
             Tick();
           });
  return absl::InfiniteFuture();
}

// Says nothing of how submissions fare: the breaker is not told. Without a
// token none is sent anyway.
void EngineCore::HandleToken(AccountState& account,
                             const HttpOutcome& outcome) {
  const absl::Time now = seams_.clock.Steady();
  absl::StatusOr<AccessToken> token =
      outcome.transport.ok()
          ? account.account.adapter->ParseToken(*outcome.response)
          : outcome.transport;
  if (token.ok()) {
    account.token.OnIssued(now, *std::move(token));
    return;
  }
  account.token.OnFailed(now);
  account.last_error =
      absl::StrCat("no access token: ", token.status().message());
  account.last_error_time = seams_.clock.Now();
  log::Warning("no access token",
               {{"account", account.account.name}, {"status", token.status()}});
}

// ---- What is noted of an account --------------------------------------------

void EngineCore::NoteCallResult(AccountState& account, bool provider_ok,
                                absl::string_view error) {
  if (provider_ok) {
    account.gate.OnSuccess();
    return;
  }
  account.gate.OnFailure(seams_.clock.Steady());
  account.last_error = std::string(error);
  account.last_error_time = seams_.clock.Now();
}

void EngineCore::NoteDrift(AccountState& account,
                           const std::vector<std::string>& drift) {
  if (drift.empty()) return;
  account.drift_count += static_cast<int64_t>(drift.size());
  account.last_drift = drift.back();
  account.last_drift_time = seams_.clock.Now();
  // One answer can be odd in as many ways as it has contacts.
  const size_t told = std::min(drift.size(), kDriftsTold);
  for (size_t i = 0; i < told; ++i) {
    log::Warning("an answer is not as the provider's contract says",
                 {{"account", account.account.name}, {"what", drift[i]}});
  }
}

}  // namespace enrich
