#ifndef ENRICH_SIMULATOR_PRONTO_API_H_
#define ENRICH_SIMULATOR_PRONTO_API_H_

#include <memory>
#include <string>
#include <variant>
#include <vector>

#include "absl/base/thread_annotations.h"
#include "base/mutex.h"
#include "simulator/environment.h"
#include "simulator/pronto_render.h"
#include "simulator/pronto_request.h"
#include "simulator/provider_api.h"
#include "simulator/provider_books.h"
#include "simulator/work_places.h"

namespace enrich::simulator {

// Pronto's asynchronous API: one contact with any mix of fields, or 2 to 100
// with one field.
//
// - The price of everything is checked at submit, with what contacts still
//   running may cost; paid is what is found, as each contact finishes.
// - One webhook attempt per contact, unsigned; none for the batch.
// - So many requests of an account are worked on at once; the others wait.
//
// Where the documentation is silent: in bulk every contact is an enrichment of
// its own, whose id only its webhook tells; the id of the batch reads as
// unknown (404). A job that fails stays pending, costs nothing and pushes
// nothing. /credits is {"credits":n}, /account has that and an id. The
// synchronous API, which is on another host, and check_data_availability are
// not there (404).
class ProntoApi : public ProviderApi,
                  public std::enable_shared_from_this<ProntoApi> {
 public:
  explicit ProntoApi(std::shared_ptr<Environment> environment);

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
    // What the contacts that run may still cost.
    Credits promised = {};
    WorkPlaces places = {};
  };

  // The account's key, or why the call is refused.
  std::variant<std::string, HttpResponse> Admit(const ApiCall& call)
      ABSL_EXCLUSIVE_LOCKS_REQUIRED(mu_);
  HttpResponse Submit(const ApiCall& call, bool bulk);
  // Takes the request on and fills in `entry` and the ids of its `jobs`, or
  // refuses it.
  HttpResponse Accept(const ApiCall& call, bool bulk, const json::Value& root,
                      Submission& entry, std::vector<std::string>& jobs)
      ABSL_EXCLUSIVE_LOCKS_REQUIRED(mu_);
  // Adds an enrichment for each contact and returns their ids.
  std::vector<std::string> AddJobs(const std::string& account, bool bulk,
                                   const std::string& batch_id,
                                   ProntoRequest request)
      ABSL_EXCLUSIVE_LOCKS_REQUIRED(mu_);
  // Gives every contact of a new batch its time.
  void Schedule(const std::vector<std::string>& jobs, bool fails)
      ABSL_EXCLUSIVE_LOCKS_REQUIRED(mu_);
  void Finish(const std::string& job_id, bool fails);
  HttpResponse Read(const ApiCall& call, const std::string& account)
      ABSL_EXCLUSIVE_LOCKS_REQUIRED(mu_);
  HttpResponse ReadAccount(const ApiCall& call, const std::string& account)
      ABSL_EXCLUSIVE_LOCKS_REQUIRED(mu_);

  const std::shared_ptr<Environment> env_;
  mutable Mutex mu_;
  ProviderBooks<ProntoJob, Account> books_ ABSL_GUARDED_BY(mu_);
};

}  // namespace enrich::simulator

#endif  // ENRICH_SIMULATOR_PRONTO_API_H_
