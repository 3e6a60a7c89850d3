#ifndef ENRICH_SIMULATOR_ENROW_API_H_
#define ENRICH_SIMULATOR_ENROW_API_H_

#include <memory>
#include <string>
#include <variant>

#include "absl/base/thread_annotations.h"
#include "base/mutex.h"
#include "simulator/enrow_render.h"
#include "simulator/enrow_request.h"
#include "simulator/environment.h"
#include "simulator/provider_api.h"
#include "simulator/provider_books.h"

namespace enrich::simulator {

// Enrow: POST a search, GET it with `?id=`.
//
// - The full price is taken at submit and refunded for what is not found.
// - One webhook attempt per job: the result for a single search, a notice for a
//   bulk one.
// - A limit on POSTs per key; GETs are free.
//
// Where the documentation is silent: a URL that is no profile spoils a bulk
// phone search like a missing name; an unknown path or method is the 403 of the
// API gateway Enrow's messages look like; a failed single search never ends.
class EnrowApi : public ProviderApi,
                 public std::enable_shared_from_this<EnrowApi> {
 public:
  explicit EnrowApi(std::shared_ptr<Environment> environment);

  EndpointKind KindOf(absl::string_view method,
                      absl::string_view path) const override;
  HttpResponse Handle(const ApiCall& call) override;
  void RecordUnhandled(const ApiCall& call, int status) override;
  HttpResponse ErrorAnswer(int status) const override;
  void SetBalance(Credits balance) override;
  void Reset() override;
  void WriteTotals(json::Writer& out) const override;

 private:
  // The account's key, or why it is refused.
  std::variant<std::string, HttpResponse> Authenticate(const ApiCall& call)
      ABSL_EXCLUSIVE_LOCKS_REQUIRED(mu_);
  HttpResponse Submit(const ApiCall& call, const EnrowEndpoint& endpoint);
  // Takes the job on and fills in `entry`, or refuses it.
  HttpResponse Accept(const ApiCall& call, const EnrowEndpoint& endpoint,
                      const absl::StatusOr<json::Document>& body,
                      Submission& entry) ABSL_EXCLUSIVE_LOCKS_REQUIRED(mu_);
  HttpResponse Read(const ApiCall& call, const EnrowEndpoint& endpoint)
      ABSL_EXCLUSIVE_LOCKS_REQUIRED(mu_);
  HttpResponse AccountInfo(const ApiCall& call)
      ABSL_EXCLUSIVE_LOCKS_REQUIRED(mu_);
  void ScheduleEnd(const EnrowJob& job, bool fails);
  void End(const std::string& job_id, bool fails);
  Credits PriceOf(EnrowSearch search) const;

  const std::shared_ptr<Environment> env_;
  mutable Mutex mu_;
  ProviderBooks<EnrowJob> books_ ABSL_GUARDED_BY(mu_);
};

}  // namespace enrich::simulator

#endif  // ENRICH_SIMULATOR_ENROW_API_H_
