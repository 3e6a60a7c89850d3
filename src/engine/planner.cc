#include "engine/planner.h"

#include <algorithm>
#include <map>
#include <utility>

#include "absl/algorithm/container.h"
#include "absl/numeric/int128.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_join.h"
#include "base/status_macros.h"
#include "engine/next_step.h"
#include "engine/time_left.h"
#include "model/errors.h"

namespace enrich {
namespace {

FieldSet RequestedFields(const BatchRequest& request) {
  FieldSet fields;
  for (const CheckedContact& checked : request.contacts) {
    if (checked.violations.empty()) fields |= checked.contact.field_set();
  }
  return fields;
}

std::vector<Waterfall> NamedWaterfalls(const BatchRequest& request,
                                       const Accounts& accounts) {
  std::vector<Waterfall> waterfalls;
  for (const ContactField field : kAllContactFields) {
    Waterfall waterfall = {.field = field};
    for (const std::string& name : request.providers) {
      if (OperationFor(*accounts.Find(name), field) != nullptr) {
        waterfall.accounts.push_back(name);
      }
    }
    waterfalls.push_back(std::move(waterfall));
  }
  return waterfalls;
}

// Checks the ceilings of a request and adds what its money is worth.
absl::StatusOr<Ceilings> MakeCeilings(const BatchRequest& request,
                                      const Accounts& accounts,
                                      const BatchPlan& plan, FieldSet wanted) {
  Ceilings ceilings = request.ceilings;
  for (const auto& [name, credits] : ceilings.credits) {
    if (accounts.Find(name) == nullptr) {
      return error::InvalidRequest(
          {{absl::StrCat("max_millicredits[\"", name, "\"]"),
            "names a provider account that is not configured"}});
    }
  }
  if (!ceilings.cost_micros.has_value()) return ceilings;
  for (const ContactField field : kAllContactFields) {
    if (!wanted.Has(field)) continue;
    for (const std::string& name : plan.AccountsFor(field)) {
      const Account* const account = accounts.Find(name);
      if (account == nullptr) continue;
      if (!account->micros_per_credit.has_value()) {
        return error::InvalidRequest(
            {{"max_cost_micros",
              absl::StrCat("needs a price of the credits of ", name,
                           ": cost_per_credit is not configured")}});
      }
      ceilings.micros_per_credit[name] = *account->micros_per_credit;
    }
  }
  return ceilings;
}

// What the steps cost in millionths of the currency unit, rounded up.
std::optional<int64_t> CostOf(const std::vector<PlannedStep>& steps,
                              const Accounts& accounts) {
  absl::int128 cost = 0;
  for (const PlannedStep& step : steps) {
    const auto& micros = accounts.Find(step.account)->micros_per_credit;
    if (!micros.has_value()) return std::nullopt;
    cost += absl::int128(step.max_cost.milli) * *micros;
  }
  return static_cast<int64_t>((cost + 999) / 1000);
}

std::vector<std::string> OverCeiling(const EnrichPlan& estimate,
                                     const Ceilings& ceilings) {
  std::map<std::string, Credits> credits;
  for (const PlannedStep& step : estimate.steps) {
    credits[step.account] += step.max_cost;
  }
  std::vector<std::string> over;
  for (const auto& [account, ceiling] : ceilings.credits) {
    if (credits[account] > ceiling) over.push_back(account);
  }
  if (ceilings.cost_micros.has_value() &&
      estimate.max_cost_micros > ceilings.cost_micros) {
    over.emplace_back();
  }
  return over;
}

std::string Explain(const std::vector<Violation>& violations) {
  return absl::StrJoin(
      violations, "; ", [](std::string* out, const Violation& violation) {
        absl::StrAppend(out, violation.field, ": ", violation.description);
      });
}

// Builds a NewBatch contact by contact.
class BatchMaker {
 public:
  BatchMaker(const Accounts& accounts, const EventEncoder& encoder,
             NewBatch& batch)
      : accounts_(accounts), encoder_(encoder), batch_(batch) {}

  void Add(CheckedContact checked) {
    const auto index = static_cast<int64_t>(batch_.contacts.size());
    ContactProgress progress = StartProgress(checked.contact);
    if (!checked.violations.empty()) {
      Close(checked.contact.field_set(), Outcome::kInvalidInput,
            Explain(checked.violations), progress);
    } else {
      AddWork(index, checked.contact, progress);
    }
    if (progress.Done()) {
      AddEvent(index, checked.contact, progress);
    } else if (absl::c_any_of(progress.fields, [](const FieldProgress& f) {
                 return !f.attempts.empty() || f.outcome != Outcome::kOpen;
               })) {
      batch_.progress.push_back(
          {.contact_key = index, .progress = std::move(progress)});
    }
    batch_.contacts.push_back(std::move(checked.contact));
  }

 private:
  void AddWork(int64_t index, const Contact& contact,
               ContactProgress& progress) {
    for (const Ask& ask : Advance(contact, batch_.plan, accounts_,
                                  contact.field_set(), progress)) {
      WorkFor(ask).items.push_back(
          {.contact_key = index, .fields = ask.fields});
    }
  }

  NewWork& WorkFor(const Ask& ask) {
    const auto [it, added] =
        work_index_.try_emplace(ask.operation, batch_.work.size());
    if (added) {
      batch_.work.push_back({.lane = {batch_.batch.tenant, ask.account->name,
                                      ask.operation->name},
                             .enqueue_time = batch_.batch.create_time});
    }
    return batch_.work[it->second];
  }

  void AddEvent(int64_t index, const Contact& contact,
                const ContactProgress& progress) {
    batch_.events.push_back({.body = encoder_.EncodeContactResult(
                                 batch_.batch.id, batch_.batch.create_time,
                                 index, contact, progress, 0),
                             .delta = CountersDelta({}, progress, true)});
  }

  const Accounts& accounts_;
  const EventEncoder& encoder_;
  NewBatch& batch_;
  std::map<const OperationSpec*, size_t> work_index_;
};

}  // namespace

absl::StatusOr<BatchPlan> MakePlan(const BatchRequest& request,
                                   const Accounts& accounts,
                                   const std::vector<Waterfall>& configured) {
  for (const std::string& name : request.providers) {
    if (accounts.Find(name) == nullptr) return error::UnknownProvider(name);
  }
  BatchPlan plan = {.waterfalls = request.providers.empty()
                                      ? configured
                                      : NamedWaterfalls(request, accounts),
                    .min_email_quality = request.min_email_quality,
                    .include_raw_items = request.include_raw_items,
                    .bypass_cache = request.bypass_cache};
  const FieldSet wanted = RequestedFields(request);
  for (const ContactField field : kAllContactFields) {
    if (wanted.Has(field) && plan.AccountsFor(field).empty()) {
      return error::NoProvider(FieldName(field));
    }
  }
  ASSIGN_OR_RETURN(plan.ceilings,
                   MakeCeilings(request, accounts, plan, wanted));
  return plan;
}

NewBatch MakeBatch(BatchRequest request, BatchPlan plan,
                   const Accounts& accounts, const EventEncoder& encoder,
                   std::string batch_id, absl::Time now) {
  NewBatch batch = {.batch = {.tenant = std::move(request.tenant),
                              .id = std::move(batch_id),
                              .request_id = std::move(request.request_id),
                              .display_name = std::move(request.display_name),
                              .create_time = now},
                    .plan = std::move(plan),
                    .content_hash = std::move(request.content_hash)};
  batch.now = now;
  batch.batch.counters.contacts = static_cast<int64_t>(request.contacts.size());
  batch.contacts.reserve(request.contacts.size());
  BatchMaker maker(accounts, encoder, batch);
  for (CheckedContact& checked : request.contacts) {
    maker.Add(std::move(checked));
  }
  return batch;
}

EnrichPlan Estimate(const BatchRequest& request, const BatchPlan& plan,
                    const Accounts& accounts) {
  // Contacts and lookups per operation, in the order of the waterfalls.
  struct Load {
    const Account* account = nullptr;
    const OperationSpec* operation = nullptr;
    int64_t contacts = 0;
    int64_t lookups = 0;
    Credits max_cost = {};
  };
  std::vector<Load> loads;
  const auto load_for = [&](const Ask& ask) -> Load& {
    for (Load& load : loads) {
      if (load.operation == ask.operation) return load;
    }
    return loads.emplace_back(
        Load{.account = ask.account, .operation = ask.operation});
  };
  for (const CheckedContact& checked : request.contacts) {
    if (!checked.violations.empty()) continue;
    ContactProgress progress = StartProgress(checked.contact);
    const FieldSet fields = checked.contact.field_set();
    for (auto asks = Advance(checked.contact, plan, accounts, fields, progress);
         !asks.empty();
         asks = Advance(checked.contact, plan, accounts, fields, progress)) {
      for (const Ask& ask : asks) {
        Load& load = load_for(ask);
        ++load.contacts;
        load.lookups += ask.fields.size();
        load.max_cost += ask.operation->PriceOf(ask.fields);
        // The worst case: it answers, and the next one is asked all the same.
        ApplyFailure({.account = ask.account->name}, ask.fields,
                     FailureReason::kNotReturned, "", progress);
      }
    }
  }
  EnrichPlan estimate;
  for (const Load& load : loads) {
    const int64_t per_request = MaxContacts(*load.account, *load.operation);
    estimate.steps.push_back(
        {.account = load.account->name,
         .operation = load.operation->name,
         .lookups = load.lookups,
         .requests = (load.contacts + per_request - 1) / per_request,
         .max_cost = load.max_cost});
    estimate.max_duration +=
        TimeFor(*load.account, *load.operation, load.contacts);
  }
  estimate.max_cost_micros = CostOf(estimate.steps, accounts);
  estimate.over_ceiling = OverCeiling(estimate, plan.ceilings);
  return estimate;
}

absl::Duration TimeFor(const Account& account, const OperationSpec& operation,
                       int64_t contacts) {
  if (contacts <= 0) return absl::ZeroDuration();
  const int64_t per_request = std::max(MaxContacts(account, operation), 1);
  const int64_t requests = (contacts + per_request - 1) / per_request;
  return TimeFor(account, {.requests = static_cast<double>(requests),
                           .contacts = static_cast<double>(contacts)});
}

}  // namespace enrich
