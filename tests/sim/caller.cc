#include "sim/caller.h"

#include <utility>

#include "absl/algorithm/container.h"
#include "base/crypto.h"

namespace enrich::sim {

BatchRequest Order::Request() const {
  std::string content = request_id;
  for (const CheckedContact& contact : contacts) {
    absl::StrAppend(&content, "\n", contact.contact.contact_ref, " ",
                    contact.contact.last_name);
  }
  return {.tenant = tenant,
          .request_id = request_id,
          .content_hash = Sha256(content),
          .contacts = contacts,
          .providers = providers,
          .include_raw_items = include_raw_items};
}

void Caller::Place(Order order, absl::Time start) {
  Order& placed =
      *orders_.emplace_back(std::make_unique<Order>(std::move(order)));
  world_.At(start, [this, &placed] { Send(placed); });
}

bool Caller::AllAcknowledged() const {
  return absl::c_all_of(
      orders_, [](const auto& order) { return order->acknowledged(); });
}

void Caller::Later(absl::Duration least, absl::Duration most, Task task) {
  world_.After(world_.Span(least, most), std::move(task));
}

// A call that is not answered in time is made again, as a new one; the answer
// to the old one may still come.
void Caller::Send(Order& order) {
  if (order.acknowledged()) return;
  Later(absl::Seconds(5), absl::Seconds(30), [this, &order] { Send(order); });
  Gateway* gateway = gateway_();
  if (gateway == nullptr) return world_.Count("caller finds nobody");
  world_.Trace(order.tenant, " asks ", order.request_id);
  gateway->engine().SubmitBatch(
      order.Request(),
      [this, &order](const absl::StatusOr<CreatedBatch>& created) {
        if (created.ok() && !calm_ && world_.Chance(weather_.ack_lost)) {
          return world_.Count("caller misses an acknowledgement");
        }
        Later(absl::Microseconds(100), absl::Milliseconds(100),
              [this, &order, created] { OnReply(order, created); });
      });
}

void Caller::OnReply(Order& order,
                     const absl::StatusOr<CreatedBatch>& created) {
  if (created.ok()) return OnAcknowledged(order, *created);
  world_.Trace(order.request_id, " refused: ", created.status().ToString());
  // What passes; anything else would be refused for ever.
  if (!absl::IsUnavailable(created.status()) &&
      !absl::IsResourceExhausted(created.status())) {
    world_.Violate("I3", absl::StrCat(order.request_id, " refused: ",
                                      created.status().ToString()));
  }
  world_.Count("caller is refused");
}

void Caller::OnAcknowledged(Order& order, const CreatedBatch& created) {
  const Batch& batch = created.batch;
  if (batch.tenant != order.tenant || batch.request_id != order.request_id ||
      (order.acknowledged() && order.batch_id != batch.id)) {
    world_.Violate("I3", absl::StrCat(order.request_id, " became ", batch.id,
                                      " after ", order.batch_id));
  }
  if (order.acknowledged()) return;
  world_.Trace(order.request_id, created.existed ? " was " : " is ", batch.id);
  world_.Count(created.existed ? "caller learns later" : "caller is told");
  order.batch_id = batch.id;
  order.batch_key = batch.key;
  if (world_.Chance(weather_.asks_again)) {
    Later(absl::Milliseconds(1), absl::Minutes(30), [this, &order] {
      world_.Chance(0.5) ? SendSameAgain(order) : SendOtherWithSameId(order);
    });
  }
  if (world_.Chance(weather_.cancels)) {
    order.cancel_asked = true;
    Later(absl::Milliseconds(1), absl::Minutes(5),
          [this, &order] { Cancel(order); });
  }
}

void Caller::SendSameAgain(Order& order) {
  Gateway* gateway = gateway_();
  if (gateway == nullptr) return;
  world_.Count("caller asks again");
  gateway->engine().SubmitBatch(
      order.Request(),
      [this, &order](const absl::StatusOr<CreatedBatch>& created) {
        if (!created.ok()) return;
        if (!created->existed) {
          world_.Violate("I1", absl::StrCat(order.request_id, " done twice"));
        }
        OnAcknowledged(order, *created);
      });
}

void Caller::SendOtherWithSameId(Order& order) {
  Gateway* gateway = gateway_();
  if (gateway == nullptr) return;
  world_.Count("caller reuses an id");
  BatchRequest other = order.Request();
  other.content_hash = Sha256("another");
  gateway->engine().SubmitBatch(
      std::move(other),
      [this, &order](const absl::StatusOr<CreatedBatch>& created) {
        if (created.ok()) {
          world_.Violate("I3", absl::StrCat("another request passed for ",
                                            order.request_id));
        }
      });
}

void Caller::Cancel(Order& order) {
  if (calm_) return;
  // Again, as the answer may be lost; cancelling twice does no harm.
  Later(absl::Seconds(20), absl::Minutes(2), [this, &order] {
    if (world_.Chance(0.3)) Cancel(order);
  });
  Gateway* gateway = gateway_();
  if (gateway == nullptr) return;
  world_.Count("caller cancels");
  world_.Trace(order.tenant, " cancels ", order.request_id);
  gateway->engine().CancelBatch(
      order.tenant, order.batch_id,
      [this, &order](const absl::StatusOr<Batch>& batch) {
        if (batch.ok() && batch->state == BatchState::kRunning) {
          world_.Violate(
              "I3", absl::StrCat(order.request_id, " runs on after a cancel"));
        }
      });
}

}  // namespace enrich::sim
