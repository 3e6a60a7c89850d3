#ifndef ENRICH_TESTS_SIM_CALLER_H_
#define ENRICH_TESTS_SIM_CALLER_H_

#include <cstdint>
#include <functional>
#include <map>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "engine/engine.h"
#include "sim/gateway.h"
#include "sim/weather.h"
#include "sim/world.h"

namespace enrich::sim {

// One batch that a caller wants done, and what came of it.
struct Order {
  std::string tenant = {};
  std::string request_id = {};
  std::vector<CheckedContact> contacts = {};
  std::vector<std::string> providers = {};
  bool include_raw_items = false;
  // As acknowledged; empty before.
  std::string batch_id = {};
  int64_t batch_key = 0;
  // Whether the caller asked for an end, whatever came of that.
  bool cancel_asked = false;

  bool acknowledged() const { return !batch_id.empty(); }
  BatchRequest Request() const;
};

// A caller: sends orders until they are acknowledged, with the same request id
// each time, and keeps the books of what it was promised.
class Caller {
 public:
  // `gateway` is the one that runs, null while there is none.
  using FindGateway = std::function<Gateway*()>;

  Caller(World& world, const Weather& weather, FindGateway gateway)
      : world_(world), weather_(weather), gateway_(std::move(gateway)) {}

  // Sends the order from `start` on.
  void Place(Order order, absl::Time start);
  // From now on nothing is done twice, and nothing cancelled.
  void CalmDown() { calm_ = true; }

  const std::vector<std::unique_ptr<Order>>& orders() const { return orders_; }
  bool AllAcknowledged() const;

 private:
  void Send(Order& order);
  void OnReply(Order& order, const absl::StatusOr<CreatedBatch>& created);
  void OnAcknowledged(Order& order, const CreatedBatch& created);
  // Asks for the order once more, though it is acknowledged.
  void SendSameAgain(Order& order);
  void SendOtherWithSameId(Order& order);
  void Cancel(Order& order);
  void Later(absl::Duration least, absl::Duration most, Task task);

  World& world_;
  const Weather& weather_;
  const FindGateway gateway_;
  bool calm_ = false;
  std::vector<std::unique_ptr<Order>> orders_;
};

}  // namespace enrich::sim

#endif  // ENRICH_TESTS_SIM_CALLER_H_
