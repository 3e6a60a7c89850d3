#ifndef ENRICH_SIMULATOR_SIMULATOR_H_
#define ENRICH_SIMULATOR_SIMULATOR_H_

#include <memory>
#include <string>
#include <vector>

#include "absl/base/thread_annotations.h"
#include "absl/status/statusor.h"
#include "base/clock.h"
#include "base/executor.h"
#include "base/mutex.h"
#include "http/http_client.h"
#include "http/http_server.h"
#include "simulator/control_api.h"
#include "simulator/environment.h"
#include "simulator/ledger.h"
#include "simulator/options.h"
#include "simulator/provider_api.h"

namespace enrich::simulator {

// The HTTP APIs of Enrow, FullEnrich and Pronto on one listener, for trying and
// testing the gateway without spending a credit: no provider has a sandbox. As
// strict as the real ones, as slow as wanted, and as faulty.
//
//   http://host:port/enrow       stands for https://api.enrow.io
//   http://host:port/fullenrich  for https://app.fullenrich.com/api/v2
//   http://host:port/pronto      for https://app.prontohq.com/api/v2
//   http://host:port/ID          for the provider of a file with that id
//   http://host:port/_sim        see control_api.h
//
// A submission is in the ledger before it is answered.
class Simulator {
 public:
  // `clock` and `executor` must outlive the simulator; tasks may be left on the
  // executor, which do nothing. INVALID_ARGUMENT for options that make no
  // sense and for provider files that cannot be played, UNAVAILABLE when the
  // address or the ledger file cannot be opened.
  static absl::StatusOr<std::unique_ptr<Simulator>> Create(
      const SimulatorOptions& options, Clock& clock, Executor& executor);
  ~Simulator();
  Simulator(const Simulator&) = delete;
  Simulator& operator=(const Simulator&) = delete;

  int port() const { return server_->port(); }
  const Ledger& ledger() const { return *env_->ledger; }

 private:
  Simulator(std::shared_ptr<Environment> environment, ProviderApis providers);

  absl::Status Start();
  void OnRequest(HttpRequest request, HttpResponder responder);
  void RunCall(absl::string_view provider, ProviderApi& api, ApiCall call,
               HttpResponder responder);
  // Answers as `fault` wants it; `response` is what would have been said.
  void AnswerBadly(const Fault& fault, const ProviderApi& api,
                   HttpResponse response, HttpResponder responder);
  void Hang(HttpResponder responder);

  const std::shared_ptr<Environment> env_;
  const ProviderApis providers_;
  ControlApi control_;
  std::unique_ptr<HttpClient> client_;
  std::unique_ptr<HttpServer> server_;
  Mutex mu_;
  // Kept so that nothing is answered.
  std::vector<HttpResponder> hanging_ ABSL_GUARDED_BY(mu_);
};

}  // namespace enrich::simulator

#endif  // ENRICH_SIMULATOR_SIMULATOR_H_
