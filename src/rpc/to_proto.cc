#include "rpc/to_proto.h"

#include <string>

namespace enrich {
namespace {

constexpr int kNanosPerSecond = 1'000'000'000;

// Seconds towards minus infinity, as Timestamp wants them.
template <typename Message>
void SetSecondsAndNanos(int64_t nanos, Message& to) {
  int64_t seconds = nanos / kNanosPerSecond;
  int64_t rest = nanos % kNanosPerSecond;
  if (rest < 0) {
    rest += kNanosPerSecond;
    --seconds;
  }
  to.set_seconds(seconds);
  to.set_nanos(static_cast<int32_t>(rest));
}

static_assert(
    static_cast<int>(BatchState::kRunning) == v1::BATCH_STATE_RUNNING &&
    static_cast<int>(BatchState::kCancelling) == v1::BATCH_STATE_CANCELLING &&
    static_cast<int>(BatchState::kFinished) == v1::BATCH_STATE_FINISHED &&
    static_cast<int>(BatchState::kCancelled) == v1::BATCH_STATE_CANCELLED);

v1::BreakerState ToProto(BreakerState state) {
  switch (state) {
    case BreakerState::kClosed:
      return v1::BREAKER_STATE_CLOSED;
    case BreakerState::kOpen:
      return v1::BREAKER_STATE_OPEN;
    case BreakerState::kHalfOpen:
      return v1::BREAKER_STATE_HALF_OPEN;
  }
  return v1::BREAKER_STATE_UNSPECIFIED;
}

void ToProto(const Funds& from, v1::Funds& to) {
  to.set_authorised_millicredits(from.authorised.milli);
  to.set_reserved_millicredits(from.reserved.milli);
  to.set_spent_millicredits(from.spent.milli);
  to.set_released_millicredits(from.released.milli);
  to.set_exposed_millicredits(from.exposed.milli);
}

void ToProto(const MoneyDrift& from, v1::Provider& to) {
  to.set_job_drift_millicredits(from.jobs.milli);
  to.set_price_drift_millicredits(from.over_price.milli);
  to.set_balance_drift_millicredits(from.balance.milli);
  to.set_last_money_drift(from.last);
  if (from.last_time) {
    enrich::ToProto(*from.last_time, *to.mutable_last_money_drift_time());
  }
}

void ToProto(const OperationSpec& from, v1::ProviderOperation& to) {
  to.set_operation(from.name);
  for (const ContactField field : kAllContactFields) {
    if (!from.fields.Has(field)) continue;
    to.add_fields(static_cast<v1::ContactField>(field));
    to.add_millicredits(from.PriceOf(field).milli);
  }
  to.set_min_contacts(from.min_contacts);
  to.set_max_contacts(from.max_contacts);
  for (const std::string& inputs : from.inputs) to.add_inputs(inputs);
}

}  // namespace

void ToProto(absl::Time from, google::protobuf::Timestamp& to) {
  SetSecondsAndNanos(absl::ToUnixNanos(from), to);
}

void ToProto(absl::Duration from, google::protobuf::Duration& to) {
  const int64_t seconds = absl::ToInt64Seconds(from);
  to.set_seconds(seconds);
  to.set_nanos(static_cast<int32_t>(
      absl::ToInt64Nanoseconds(from - absl::Seconds(seconds))));
}

void ToProto(const Batch& from, absl::Duration time_left,
             v1::BatchProgress& to) {
  const BatchCounters& counters = from.counters;
  to.set_contacts(counters.contacts);
  to.set_contacts_done(counters.contacts_done);
  to.set_found(counters.of(Outcome::kFound));
  to.set_not_found(counters.of(Outcome::kNotFound));
  to.set_failed(counters.of(Outcome::kFailed));
  to.set_unknown(counters.of(Outcome::kUnknown));
  to.set_invalid_input(counters.of(Outcome::kInvalidInput));
  to.set_cancelled(counters.of(Outcome::kCancelled));
  to.set_skipped(counters.of(Outcome::kSkipped));
  for (const auto& [account, credits] : counters.credits) {
    (*to.mutable_millicredits())[account] = credits.milli;
  }
  for (const auto& [account, credits] : counters.saved) {
    (*to.mutable_saved_millicredits())[account] = credits.milli;
  }
  for (const auto& [account, funds] : counters.funds) {
    ToProto(funds, (*to.mutable_funds())[account]);
  }
  if (!from.finish_time && time_left > absl::ZeroDuration()) {
    ToProto(time_left, *to.mutable_time_left());
  }
}

void ToProto(const Batch& from, absl::Duration time_left, v1::Batch& to) {
  to.set_batch_id(from.id);
  to.set_request_id(from.request_id);
  to.set_state(static_cast<v1::BatchState>(from.state));
  ToProto(from, time_left, *to.mutable_progress());
  ToProto(from.create_time, *to.mutable_create_time());
  if (from.finish_time) {
    ToProto(*from.finish_time, *to.mutable_finish_time());
  }
  to.set_display_name(from.display_name);
}

void ToProto(const EnrichPlan& from, v1::Plan& to) {
  for (const PlannedStep& step : from.steps) {
    v1::PlannedStep& out = *to.add_steps();
    out.set_provider(step.account);
    out.set_operation(step.operation);
    out.set_lookups(step.lookups);
    out.set_requests(step.requests);
    out.set_max_millicredits(step.max_cost.milli);
  }
  ToProto(from.max_duration, *to.mutable_max_duration());
  if (from.max_cost_micros) to.set_max_cost_micros(*from.max_cost_micros);
  for (const std::string& account : from.over_ceiling) {
    to.add_over_ceilings(account.empty() ? "max_cost_micros" : account);
  }
}

void ToProto(const AccountStatus& from, absl::string_view tenant,
             v1::Provider& to) {
  const Capabilities& capabilities = from.adapter->capabilities();
  to.set_provider(from.name);
  to.set_adapter(std::string(from.adapter->name()));
  for (const OperationSpec& operation : capabilities.operations) {
    ToProto(operation, *to.add_operations());
  }
  to.set_delivery(capabilities.push ? v1::DELIVERY_MODE_PUSH
                                    : v1::DELIVERY_MODE_POLL);
  to.set_breaker(ToProto(from.breaker));
  to.set_last_error(from.last_error);
  if (from.last_error_time) {
    ToProto(*from.last_error_time, *to.mutable_last_error_time());
  }
  to.set_requests_available(from.requests_available);
  to.set_jobs_in_flight(from.jobs_in_flight);
  to.set_contacts_in_flight(from.contacts_in_flight);
  to.set_lookups_waiting(from.lookups_waiting);
  to.set_jobs_unknown(from.jobs_unknown);
  to.set_jobs_parked(from.jobs_parked);
  to.set_exposed_millicredits(from.exposed.milli);
  to.set_suspected_double_spends(from.suspected_double_spends);
  if (from.doubt_pause_until) {
    ToProto(*from.doubt_pause_until, *to.mutable_doubt_pause_until());
  }
  if (from.balance) to.set_balance_millicredits(from.balance->milli);
  if (from.balance_time) {
    ToProto(*from.balance_time, *to.mutable_balance_time());
  }
  to.set_contract_drift_count(from.contract_drift_count);
  to.set_last_contract_drift(from.last_contract_drift);
  if (from.last_contract_drift_time) {
    ToProto(*from.last_contract_drift_time,
            *to.mutable_last_contract_drift_time());
  }
  to.set_webhooks_quarantined(from.webhooks_quarantined);
  Funds all;
  for (const auto& [owner, funds] : from.funds) {
    all += funds;
    if (tenant == owner) ToProto(funds, *to.mutable_caller_funds());
  }
  ToProto(all, *to.mutable_funds());
  ToProto(from.money_drift, to);
}

}  // namespace enrich
