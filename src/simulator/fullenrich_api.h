#ifndef ENRICH_SIMULATOR_FULLENRICH_API_H_
#define ENRICH_SIMULATOR_FULLENRICH_API_H_

#include <cstdint>
#include <deque>
#include <memory>
#include <string>
#include <utility>
#include <variant>

#include "absl/base/thread_annotations.h"
#include "absl/container/flat_hash_map.h"
#include "base/crypto.h"
#include "base/mutex.h"
#include "simulator/environment.h"
#include "simulator/fullenrich_render.h"
#include "simulator/fullenrich_request.h"
#include "simulator/provider_api.h"
#include "simulator/provider_books.h"
#include "simulator/work_places.h"

namespace enrich::simulator {

// FullEnrich v2: batches of up to 100 contacts, any mix of fields.
//
// - Charged per field found as each contact completes; a job the balance does
//   not suffice for stops there. The same input is free for three months, field
//   by field, once the job it was in has ended; `custom` does not count.
// - Signed webhooks, per contact and per batch, up to six attempts. A job that
//   ends as RATE_LIMIT sends no batch event.
// - One rate limit for all calls; so many contacts of an account at a time.
//
// The searches of people and companies are not there (404).
class FullEnrichApi : public ProviderApi,
                      public std::enable_shared_from_this<FullEnrichApi> {
 public:
  explicit FullEnrichApi(std::shared_ptr<Environment> environment);

  EndpointKind KindOf(absl::string_view method,
                      absl::string_view path) const override;
  HttpResponse Handle(const ApiCall& call) override;
  void RecordUnhandled(const ApiCall& call, int status) override;
  HttpResponse ErrorAnswer(int status) const override;
  void SetBalance(Credits balance) override;
  void Reset() override;
  void WriteTotals(json::Writer& out) const override;

 private:
  struct Account : ProviderAccount {
    using ProviderAccount::ProviderAccount;
    std::string workspace_id = {};
    std::shared_ptr<const HmacSha1> signer = {};
    WorkPlaces places = {};
  };
  // What an input has had, and until when it is free.
  struct Served {
    FieldSet fields = {};
    absl::Time until = absl::InfinitePast();
  };

  // The account's key, or why the call is refused.
  std::variant<std::string, HttpResponse> Admit(const ApiCall& call)
      ABSL_EXCLUSIVE_LOCKS_REQUIRED(mu_);
  HttpResponse Submit(const ApiCall& call, FullEnrichJobKind kind);
  // Takes the job on and fills in `entry`, or refuses it.
  HttpResponse Accept(const ApiCall& call, FullEnrichJobKind kind,
                      const json::Value& root, Submission& entry)
      ABSL_EXCLUSIVE_LOCKS_REQUIRED(mu_);
  HttpResponse Read(const ApiCall& call, const std::string& account)
      ABSL_EXCLUSIVE_LOCKS_REQUIRED(mu_);
  HttpResponse ReadAccount(const ApiCall& call, const std::string& account)
      ABSL_EXCLUSIVE_LOCKS_REQUIRED(mu_);

  // Gives every contact of a new job its time.
  void Plan(Account& account, FullEnrichJob& job)
      ABSL_EXCLUSIVE_LOCKS_REQUIRED(mu_);
  void ScheduleNext(const FullEnrichJob& job)
      ABSL_EXCLUSIVE_LOCKS_REQUIRED(mu_);
  // Completes the contacts that are due, at least one.
  void Advance(const std::string& job_id);
  // False when the balance does not suffice.
  bool Complete(FullEnrichJob& job, size_t index)
      ABSL_EXCLUSIVE_LOCKS_REQUIRED(mu_);
  void End(FullEnrichJob& job, FullEnrichStatus status)
      ABSL_EXCLUSIVE_LOCKS_REQUIRED(mu_);
  void Push(const FullEnrichJob& job, const std::string& url, std::string body)
      ABSL_EXCLUSIVE_LOCKS_REQUIRED(mu_);

  uint64_t ServedKey(const FullEnrichJob& job, size_t index) const;
  void RememberServed(const FullEnrichJob& job)
      ABSL_EXCLUSIVE_LOCKS_REQUIRED(mu_);
  void ForgetServed() ABSL_EXCLUSIVE_LOCKS_REQUIRED(mu_);
  // Gives every new account its workspace and signer.
  void EquipAccounts() ABSL_EXCLUSIVE_LOCKS_REQUIRED(mu_);

  const std::shared_ptr<Environment> env_;
  mutable Mutex mu_;
  ProviderBooks<FullEnrichJob, Account> books_ ABSL_GUARDED_BY(mu_);
  // Served inputs by the time they are forgotten.
  std::deque<std::pair<absl::Time, uint64_t>> served_order_
      ABSL_GUARDED_BY(mu_);
  absl::flat_hash_map<uint64_t, Served> served_ ABSL_GUARDED_BY(mu_);
};

}  // namespace enrich::simulator

#endif  // ENRICH_SIMULATOR_FULLENRICH_API_H_
