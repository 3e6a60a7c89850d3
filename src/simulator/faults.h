#ifndef ENRICH_SIMULATOR_FAULTS_H_
#define ENRICH_SIMULATOR_FAULTS_H_

#include <cstdint>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "absl/base/thread_annotations.h"
#include "absl/status/statusor.h"
#include "absl/strings/string_view.h"
#include "absl/time/time.h"
#include "base/json.h"
#include "base/mutex.h"
#include "base/random.h"
#include "simulator/endpoint.h"

namespace enrich::simulator {

// What goes wrong.
enum class FaultAction : uint8_t {
  // Calls ("submit", "fetch", "account"):
  // "http_429", "http_500", "http_503": that status and the provider's body.
  kHttp429,
  kHttp500,
  kHttp503,
  // "reset": the connection is closed without an answer.
  kReset,
  // "hang": there never is an answer.
  kHang,
  // Calls and webhooks:
  // "malformed": half of the body is sent; a signature fits that half.
  kMalformed,
  // "late": `delay_ms` later than usual.
  kLate,
  // Submits and fetches:
  // "drift": carried out, but the answer is not what the contract says.
  kDrift,
  // Submits: the job ends badly, "job_canceled" or "job_failed".
  kJobCanceled,
  kJobFailed,
  // Webhooks:
  // "lost": never sent.
  kLost,
  // "duplicate": sent twice.
  kDuplicate,
  // "reorder": sent after the provider's next one, or after `delay_ms`.
  kReorder,
  // "forge": every attempt carries a wrong signature. Without effect at a
  // provider that does not sign.
  kForge,
};

struct Fault {
  FaultAction action = FaultAction::kReset;
  // For 429, 5xx, reset and hang: whether the call was carried out first. The
  // others come after it by their nature.
  bool after = false;
  absl::Duration delay = absl::Seconds(1);

  // Such as "reset" or "reset_after".
  std::string Label() const;
};

// Decides what goes wrong, by rules given as JSON: an array of objects, or an
// object with such an array as "rules".
//
//   member       meaning
//   provider     "enrow", "fullenrich", "pronto", or the id of a provider
//                file; absent for all
//   endpoint     "submit", "fetch", "account" or "webhook"; required
//   action       see FaultAction; required
//   when         "before" (default) or "after" the call was carried out
//   skip         so many events pass first; default 0
//   count        how often; absent for without end
//   probability  0 to 1, default 1; drawn from the seed
//   delay_ms     for "late" and "reorder"; default 1000
//
// The first rule that fires decides. Thread-safe.
class FaultPlan {
 public:
  // `providers` are those that rules can name.
  explicit FaultPlan(Random& random,
                     std::vector<std::string> providers = NativeProviders())
      : random_(random), providers_(std::move(providers)) {}

  // Replaces the rules. INVALID_ARGUMENT, naming the rule, when one does not
  // read as above; the old ones then stay.
  absl::Status Set(const json::Value& rules);

  // The fault for this event, which is thereby spent.
  std::optional<Fault> Take(absl::string_view provider, EndpointKind endpoint);

  // The rules as JSON, each with how often it "fired".
  std::string ToJson() const;

 private:
  struct Rule {
    // Empty for all.
    std::string provider = {};
    EndpointKind endpoint = EndpointKind::kSubmit;
    Fault fault = {};
    int64_t skip = 0;
    std::optional<int64_t> count = {};
    double probability = 1;
    int64_t fired = 0;
  };

  absl::StatusOr<Rule> ReadRule(const json::Value& rule) const;

  Random& random_;
  const std::vector<std::string> providers_;
  mutable Mutex mu_;
  std::vector<Rule> rules_ ABSL_GUARDED_BY(mu_);
};

}  // namespace enrich::simulator

#endif  // ENRICH_SIMULATOR_FAULTS_H_
