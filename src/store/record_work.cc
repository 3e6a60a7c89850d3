#include <algorithm>
#include <map>
#include <utility>

#include "enrich/storage/v1/record.pb.h"
#include "store/record.h"
#include "store/record_parse.h"

// Batches, and what is to be done for them.
namespace enrich {
namespace {

namespace pb = ::enrich::storage::v1;

// One entry for every account that a ceiling is about.
void FillCeilings(const Ceilings& ceilings, pb::BatchPlanRecord& record) {
  std::map<std::string, pb::AccountCeilingRecord> accounts;
  for (const auto& [account, credits] : ceilings.credits) {
    accounts[account].set_max_millicredits(credits.milli);
  }
  for (const auto& [account, micros] : ceilings.micros_per_credit) {
    accounts[account].set_micros_per_credit(micros);
  }
  for (auto& [account, ceiling] : accounts) {
    ceiling.set_account(account);
    *record.add_accounts() = std::move(ceiling);
  }
  if (ceilings.cost_micros.has_value()) {
    record.set_max_cost_micros(*ceilings.cost_micros);
  }
}

Ceilings TakeCeilings(const pb::BatchPlanRecord& record) {
  Ceilings ceilings;
  for (const pb::AccountCeilingRecord& ceiling : record.accounts()) {
    if (ceiling.has_max_millicredits()) {
      ceilings.credits[ceiling.account()] = {ceiling.max_millicredits()};
    }
    if (ceiling.has_micros_per_credit()) {
      ceilings.micros_per_credit[ceiling.account()] =
          ceiling.micros_per_credit();
    }
  }
  if (record.has_max_cost_micros()) {
    ceilings.cost_micros = record.max_cost_micros();
  }
  return ceilings;
}

void FillFunds(const std::string& account, const Funds& funds,
               pb::FundsRecord& record) {
  record.set_account(account);
  record.set_authorised(funds.authorised.milli);
  record.set_reserved(funds.reserved.milli);
  record.set_spent(funds.spent.milli);
  record.set_released(funds.released.milli);
  record.set_exposed(funds.exposed.milli);
}

Funds FundsOf(const pb::FundsRecord& record) {
  return {.authorised = {record.authorised()},
          .reserved = {record.reserved()},
          .spent = {record.spent()},
          .released = {record.released()},
          .exposed = {record.exposed()}};
}

}  // namespace

std::string EncodePlan(const BatchPlan& plan) {
  pb::BatchPlanRecord record;
  for (const Waterfall& waterfall : plan.waterfalls) {
    pb::WaterfallRecord& added = *record.add_waterfalls();
    added.set_field(static_cast<uint32_t>(waterfall.field));
    for (const std::string& account : waterfall.accounts) {
      added.add_accounts(account);
    }
  }
  record.set_min_email_quality(static_cast<uint32_t>(plan.min_email_quality));
  record.set_include_raw_items(plan.include_raw_items);
  record.set_bypass_cache(plan.bypass_cache);
  FillCeilings(plan.ceilings, record);
  return record.SerializeAsString();
}

absl::StatusOr<BatchPlan> DecodePlan(absl::string_view bytes) {
  pb::BatchPlanRecord record;
  if (!ParseRecord(bytes, record)) return MalformedRecord("a plan");
  BatchPlan plan = {.min_email_quality =
                        static_cast<EmailQuality>(record.min_email_quality()),
                    .include_raw_items = record.include_raw_items(),
                    .bypass_cache = record.bypass_cache()};
  for (const pb::WaterfallRecord& waterfall : record.waterfalls()) {
    plan.waterfalls.push_back(
        {.field = static_cast<ContactField>(waterfall.field()),
         .accounts = {waterfall.accounts().begin(),
                      waterfall.accounts().end()}});
  }
  plan.ceilings = TakeCeilings(record);
  return plan;
}

std::string EncodeCounters(const BatchCounters& counters) {
  pb::BatchCountersRecord record;
  for (const int64_t lookups : counters.lookups) record.add_lookups(lookups);
  for (const auto& [account, credits] : counters.credits) {
    (*record.mutable_millicredits())[account] = credits.milli;
  }
  for (const auto& [account, credits] : counters.saved) {
    (*record.mutable_saved_millicredits())[account] = credits.milli;
  }
  for (const auto& [account, funds] : counters.funds) {
    FillFunds(account, funds, *record.add_funds());
  }
  return record.SerializeAsString();
}

absl::Status DecodeCounters(absl::string_view bytes, BatchCounters& counters) {
  pb::BatchCountersRecord record;
  if (!ParseRecord(bytes, record) ||
      static_cast<size_t>(record.lookups_size()) > counters.lookups.size()) {
    return MalformedRecord("counters");
  }
  counters.lookups = {};
  std::copy(record.lookups().begin(), record.lookups().end(),
            counters.lookups.begin());
  counters.credits.clear();
  for (const auto& [account, milli] : record.millicredits()) {
    counters.credits[account] = Credits{milli};
  }
  counters.saved.clear();
  for (const auto& [account, milli] : record.saved_millicredits()) {
    counters.saved[account] = Credits{milli};
  }
  counters.funds.clear();
  for (const pb::FundsRecord& funds : record.funds()) {
    counters.funds[funds.account()] = FundsOf(funds);
  }
  return absl::OkStatus();
}

std::string EncodeWorkItems(absl::Span<const WorkItem> items) {
  pb::WorkItemsRecord record;
  const int count = static_cast<int>(items.size());
  record.mutable_contact_key_deltas()->Reserve(count);
  record.mutable_batch_key_deltas()->Reserve(count);
  record.mutable_fields()->Reserve(count);
  WorkItem last;
  for (const WorkItem& item : items) {
    record.add_contact_key_deltas(item.contact_key - last.contact_key);
    record.add_batch_key_deltas(item.batch_key - last.batch_key);
    record.add_fields(item.fields.bits());
    last = item;
  }
  return record.SerializeAsString();
}

absl::StatusOr<std::vector<WorkItem>> DecodeWorkItems(absl::string_view bytes) {
  pb::WorkItemsRecord record;
  if (!ParseRecord(bytes, record) ||
      record.contact_key_deltas_size() != record.fields_size() ||
      record.batch_key_deltas_size() != record.fields_size()) {
    return MalformedRecord("items");
  }
  std::vector<WorkItem> items;
  items.reserve(static_cast<size_t>(record.fields_size()));
  WorkItem item;
  for (int i = 0; i < record.fields_size(); ++i) {
    item.contact_key += record.contact_key_deltas(i);
    item.batch_key += record.batch_key_deltas(i);
    item.fields = FieldSet::FromBits(static_cast<uint8_t>(record.fields(i)));
    items.push_back(item);
  }
  return items;
}

std::string EncodeFieldSets(absl::Span<const FieldSet> sets) {
  std::string bytes;
  bytes.reserve(sets.size());
  for (const FieldSet set : sets) {
    bytes.push_back(static_cast<char>(set.bits()));
  }
  return bytes;
}

std::vector<FieldSet> DecodeFieldSets(absl::string_view bytes) {
  std::vector<FieldSet> sets;
  sets.reserve(bytes.size());
  for (const char byte : bytes) {
    sets.push_back(FieldSet::FromBits(static_cast<uint8_t>(byte)));
  }
  return sets;
}

std::string EncodePrices(const FieldPrices& prices) {
  pb::FieldPricesRecord record;
  for (const ContactField field : kAllContactFields) {
    const Credits price = prices.Of(field);
    if (price == Credits()) continue;
    record.add_fields(static_cast<uint32_t>(field));
    record.add_millicredits(price.milli);
  }
  return record.SerializeAsString();
}

absl::StatusOr<FieldPrices> DecodePrices(absl::string_view bytes) {
  pb::FieldPricesRecord record;
  if (!ParseRecord(bytes, record) ||
      record.fields_size() != record.millicredits_size()) {
    return MalformedRecord("prices");
  }
  FieldPrices prices;
  for (int i = 0; i < record.fields_size(); ++i) {
    for (const ContactField field : kAllContactFields) {
      if (record.fields(i) != static_cast<uint32_t>(field)) continue;
      prices.Set(field, Credits{record.millicredits(i)});
    }
  }
  return prices;
}

}  // namespace enrich
