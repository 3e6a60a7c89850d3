#ifndef ENRICH_SIMULATOR_CONTROL_API_H_
#define ENRICH_SIMULATOR_CONTROL_API_H_

#include <memory>
#include <utility>

#include "absl/status/status.h"
#include "base/json.h"
#include "http/http_message.h"
#include "simulator/environment.h"
#include "simulator/provider_api.h"

namespace enrich::simulator {

// What tests and people do to the simulator itself, without a key:
//
//   GET    /_sim/ledger?after=N  the submissions after number N (ledger.h)
//   GET    /_sim/stats           totals per provider
//   GET    /_sim/faults          the fault rules (faults.h)
//   POST   /_sim/faults          replaces them
//   DELETE /_sim/faults          removes them
//   POST   /_sim/admin           {"reset":true} forgets jobs, ledger and totals
//                                and restores the accounts;
//                                {"enrow":{"balance":5}} (and so for the
//                                others) sets the balance of every account
//
// A refused call is 400 {"error":"..."} and changes nothing. Thread-safe.
class ControlApi {
 public:
  ControlApi(std::shared_ptr<Environment> environment, ProviderApis providers)
      : env_(std::move(environment)), providers_(std::move(providers)) {}

  // REQUIRES: the path begins with /_sim/.
  HttpResponse Handle(const ApiCall& call);

 private:
  HttpResponse Ledger(const ApiCall& call) const;
  HttpResponse Stats() const;
  HttpResponse Faults(const ApiCall& call);
  HttpResponse Admin(const ApiCall& call);
  void Reset();

  const std::shared_ptr<Environment> env_;
  const ProviderApis providers_;
};

}  // namespace enrich::simulator

#endif  // ENRICH_SIMULATOR_CONTROL_API_H_
