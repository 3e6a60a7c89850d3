#ifndef ENRICH_SIMULATOR_PROVIDER_BOOKS_H_
#define ENRICH_SIMULATOR_PROVIDER_BOOKS_H_

#include <cstdint>
#include <deque>
#include <functional>
#include <map>
#include <string>
#include <utility>

#include "absl/container/node_hash_map.h"
#include "absl/strings/string_view.h"
#include "absl/time/time.h"
#include "base/json.h"
#include "model/credits.h"
#include "simulator/credit_text.h"
#include "simulator/environment.h"
#include "simulator/ledger.h"
#include "simulator/options.h"
#include "simulator/provider_api.h"
#include "simulator/rate_window.h"

namespace enrich::simulator {

// An account at a provider, as its options have it.
struct ProviderAccount {
  explicit ProviderAccount(const ProviderOptions& options,
                           absl::Duration rate_window)
      : balance(options.balance), calls(options.rate_limit, rate_window) {}

  Credits balance;
  RateWindow calls;
};

// What every simulated provider keeps: its accounts, its jobs until they are
// forgotten, and what its totals count. A Job has an `id` and the key of its
// `account`; an Account is made as a ProviderAccount is. Not thread-safe.
template <typename Job, typename Account = ProviderAccount>
class ProviderBooks {
 public:
  // `options` are those of the provider in `environment`, which must outlive
  // the books.
  ProviderBooks(absl::string_view provider, const ProviderOptions& options,
                Environment& environment)
      : provider_(provider), options_(options), env_(environment) {
    FillAccounts();
  }

  // Counts a call, and forgets the jobs whose time is up.
  void BeginCall() {
    ++calls_;
    const absl::Time now = env_.clock.Now();
    while (!ended_.empty() && ended_.front().first <= now) {
      jobs_.erase(ended_.front().second);
      ended_.pop_front();
    }
  }
  void CountFetch() { ++fetches_; }

  // By API key.
  std::map<std::string, Account, std::less<>>& accounts() { return accounts_; }

  // The new job, which stays where it is.
  Job& Add(Job job) {
    std::string id = job.id;
    return jobs_.emplace(std::move(id), std::move(job)).first->second;
  }
  // Null for an unknown job, and for one that was forgotten.
  Job* Find(absl::string_view id) {
    const auto found = jobs_.find(id);
    return found == jobs_.end() ? nullptr : &found->second;
  }
  // Null also for the job of another account.
  Job* FindOf(absl::string_view account, absl::string_view id) {
    Job* job = Find(id);
    return job != nullptr && job->account == account ? job : nullptr;
  }
  // To be called once for a job, which can be read for a while longer.
  void End(const Job& job) {
    ended_.emplace_back(
        env_.clock.Now() + env_.Scaled(env_.options.results_ttl), job.id);
  }

  // The ledger's entry of a submit, without what its body says.
  Submission NewEntry(const ApiCall& call, int status = 0) const {
    return {.received_at = env_.clock.Now(),
            .provider = provider_,
            .endpoint = call.path,
            .status = status,
            .fault = call.FaultLabel()};
  }

  // As ProviderApi's.
  void SetBalance(Credits balance) {
    for (auto& [key, account] : accounts_) account.balance = balance;
  }
  void Reset() {
    jobs_.clear();
    ended_.clear();
    calls_ = fetches_ = 0;
    FillAccounts();
  }
  void WriteTotals(json::Writer& out) const {
    Credits balance;
    for (const auto& [key, account] : accounts_) balance += account.balance;
    out.Key("calls").Int(calls_).Key("fetches").Int(fetches_);
    out.Key("jobs_running")
        .Int(static_cast<int64_t>(jobs_.size()) -
             static_cast<int64_t>(ended_.size()));
    out.Key("balance");
    WriteCredits(balance, out);
  }

 private:
  void FillAccounts() {
    accounts_.clear();
    for (const std::string& key : options_.api_keys) {
      accounts_.emplace(key,
                        Account(options_, env_.Scaled(options_.rate_window)));
    }
  }

  const std::string provider_;
  const ProviderOptions& options_;
  Environment& env_;
  std::map<std::string, Account, std::less<>> accounts_;
  absl::node_hash_map<std::string, Job> jobs_;
  // Ended jobs by the time they are forgotten.
  std::deque<std::pair<absl::Time, std::string>> ended_;
  int64_t calls_ = 0;
  int64_t fetches_ = 0;
};

}  // namespace enrich::simulator

#endif  // ENRICH_SIMULATOR_PROVIDER_BOOKS_H_
