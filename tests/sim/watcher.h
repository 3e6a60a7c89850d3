#ifndef ENRICH_TESTS_SIM_WATCHER_H_
#define ENRICH_TESTS_SIM_WATCHER_H_

#include <cstdint>
#include <functional>
#include <map>
#include <memory>
#include <string>
#include <utility>

#include "engine/result_feed.h"
#include "sim/gateway.h"
#include "sim/journal.h"
#include "sim/weather.h"
#include "sim/world.h"

namespace enrich::sim {

// Events as anybody has seen them, by batch and sequence.
struct SeenRow {
  int64_t revision = 0;
  std::string entry = {};
};
using SeenLog = std::map<std::pair<int64_t, int64_t>, SeenRow>;

// Follows all results of a tenant, from stream to stream: each ends at any time
// and is resumed where it was, or earlier. Checks that whatever happens every
// event comes once per stream, in order, and always the same.
class Watcher {
 public:
  using FindGateway = std::function<Gateway*()>;

  // `seen` is what all watchers share.
  Watcher(World& world, const Weather& weather, const Journal& journal,
          FindGateway gateway, std::string tenant, SeenLog& seen);

  void Start() { LookAgain(absl::Milliseconds(10)); }
  // From now on the stream does not break.
  void CalmDown() { calm_ = true; }

  const std::string& tenant() const { return tenant_; }
  // Up to where the tenant's log was followed.
  int64_t position() const { return position_; }

 private:
  void LookAgain(absl::Duration pause);
  void Look();
  void Connect(Gateway& gateway);
  void Disconnect();
  // False when the stream broke.
  bool ReadSome(Gateway& gateway);
  void Take(const LogSegment& segment);
  void TakeEvent(const LogSegment& segment, const EventFrame& frame);

  World& world_;
  const Weather& weather_;
  const Journal& journal_;
  const FindGateway gateway_;
  const std::string tenant_;
  SeenLog& seen_;
  bool calm_ = false;
  int64_t position_ = 0;
  // The stream, if there is one, and the process it comes from.
  ProcessPtr process_;
  std::unique_ptr<ResultFeed::Reader> reader_;
  bool behind_ = true;
  int64_t resumed_at_ = 0;
  // By batch, of this stream.
  std::map<int64_t, int64_t> sequences_;
};

}  // namespace enrich::sim

#endif  // ENRICH_TESTS_SIM_WATCHER_H_
