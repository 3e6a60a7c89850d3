#ifndef ENRICH_SERVER_SERVER_H_
#define ENRICH_SERVER_SERVER_H_

#include <functional>
#include <memory>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "absl/time/time.h"
#include "base/clock.h"
#include "base/random.h"
#include "server/config.h"

namespace enrich {

// A running gateway: the one place that knows a concrete store, HTTP client and
// adapter. Destroying it without Shutdown is like a crash that is recovered
// from.
class GatewayServer {
 public:
  struct Ports {
    int grpc = 0;
    int webhook = 0;
    int admin = 0;
  };

  virtual ~GatewayServer() = default;

  // Opens the store, takes up what is open there, and listens. `clock` and
  // `random` must outlive the server. `on_fatal` is called when the store no
  // longer knows what is stored: the process must end.
  static absl::StatusOr<std::unique_ptr<GatewayServer>> Start(
      const LoadedConfig& config, const Clock& clock, Random& random,
      std::function<void(const absl::Status&)> on_fatal);

  virtual Ports ports() const = 0;

  // Not ready any more; streams are handed over; calls under way have until
  // `deadline`; exchanges with providers under way are recorded as far as they
  // end in time, and taken up at the next start otherwise.
  virtual void Shutdown(absl::Time deadline) = 0;
};

}  // namespace enrich

#endif  // ENRICH_SERVER_SERVER_H_
