#ifndef ENRICH_SIMULATOR_PROVIDER_API_H_
#define ENRICH_SIMULATOR_PROVIDER_API_H_

#include <memory>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "absl/strings/string_view.h"
#include "base/json.h"
#include "http/http_message.h"
#include "model/credits.h"
#include "simulator/endpoint.h"
#include "simulator/faults.h"

namespace enrich::simulator {

// One call to a provider, its prefix taken off.
struct ApiCall {
  std::string method = {};
  // Without query.
  std::string path = {};
  std::vector<std::pair<std::string, std::string>> query = {};
  HttpHeaders headers = {};
  std::string body = {};
  // What will happen to the answer or the job.
  std::optional<Fault> fault = {};

  // Empty when not given.
  absl::string_view Query(absl::string_view name) const {
    for (const auto& [key, value] : query) {
      if (key == name) return value;
    }
    return {};
  }
  std::string FaultLabel() const { return fault ? fault->Label() : ""; }
  // Whether the job is to end badly.
  bool FailsJob() const {
    return fault.has_value() && (fault->action == FaultAction::kJobFailed ||
                                 fault->action == FaultAction::kJobCanceled);
  }
};

// A provider's HTTP API. Thread-safe.
class ProviderApi {
 public:
  virtual ~ProviderApi() = default;

  virtual EndpointKind KindOf(absl::string_view method,
                              absl::string_view path) const = 0;

  // Carries the call out and returns the answer.
  virtual HttpResponse Handle(const ApiCall& call) = 0;

  // Records a submit that will not be carried out, answered with `status` (0
  // for no answer).
  virtual void RecordUnhandled(const ApiCall& call, int status) = 0;

  // The provider's own words for 429, 500 and 503.
  virtual HttpResponse ErrorAnswer(int status) const = 0;

  // The answer of a call that was carried out, not as the contract has it.
  virtual HttpResponse Drifted(HttpResponse answer) const {
    answer.body = "{}";
    return answer;
  }

  // Sets the balance of every account.
  virtual void SetBalance(Credits balance) = 0;

  // Forgets all jobs; accounts are as at the start.
  virtual void Reset() = 0;

  // Writes the provider's totals as members of the object open in `out`:
  // calls, fetches, jobs_running, balance (over all accounts).
  virtual void WriteTotals(json::Writer& out) const = 0;
};

using ProviderApis = ByProvider<std::shared_ptr<ProviderApi>>;

inline HttpResponse JsonAnswer(int status, std::string body) {
  return {.status = status,
          .headers = {{"Content-Type", "application/json"}},
          .body = std::move(body)};
}

}  // namespace enrich::simulator

#endif  // ENRICH_SIMULATOR_PROVIDER_API_H_
