#include "server/metrics.h"

#include <prometheus/text_serializer.h>

#include <sstream>
#include <utility>

namespace enrich {
namespace {

using ::prometheus::ClientMetric;
using ::prometheus::MetricFamily;
using ::prometheus::MetricType;
using Labels = std::vector<ClientMetric::Label>;

double CreditsOf(Credits credits) {
  return static_cast<double>(credits.milli) / 1000;
}

// Gathers values into families, each named and explained once.
class Families {
 public:
  void Gauge(const char* name, const char* help, Labels labels, double value) {
    Add(name, help, MetricType::Gauge, std::move(labels)).gauge.value = value;
  }
  void Counter(const char* name, const char* help, Labels labels,
               double value) {
    Add(name, help, MetricType::Counter, std::move(labels)).counter.value =
        value;
  }

  std::string Render() const {
    std::ostringstream out;
    ::prometheus::TextSerializer().Serialize(out, families_);
    return out.str();
  }

 private:
  ClientMetric& Add(const char* name, const char* help, MetricType type,
                    Labels labels) {
    MetricFamily& family = Find(name);
    family.help = help;
    family.type = type;
    ClientMetric& metric = family.metric.emplace_back();
    metric.label = std::move(labels);
    return metric;
  }
  MetricFamily& Find(const char* name) {
    for (MetricFamily& family : families_) {
      if (family.name == name) return family;
    }
    MetricFamily& added = families_.emplace_back();
    added.name = name;
    return added;
  }

  std::vector<MetricFamily> families_;
};

void AddHealth(const AccountStatus& account, const Labels& labels,
               Families& families) {
  families.Gauge("enrichment_provider_breaker_open",
                 "1 while requests to the account are shut off, 0.5 while one "
                 "is let through to find out.",
                 labels,
                 account.breaker == BreakerState::kOpen       ? 1
                 : account.breaker == BreakerState::kHalfOpen ? 0.5
                                                              : 0);
  families.Gauge("enrichment_provider_lookups_waiting",
                 "Lookups that wait to be sent.", labels,
                 static_cast<double>(account.lookups_waiting));
  families.Gauge("enrichment_provider_jobs_in_flight",
                 "Jobs submitted and not finished.", labels,
                 static_cast<double>(account.jobs_in_flight));
  families.Gauge("enrichment_provider_contacts_in_flight",
                 "Contacts in jobs submitted and not finished.", labels,
                 static_cast<double>(account.contacts_in_flight));
  families.Gauge("enrichment_provider_jobs_unknown",
                 "Jobs in doubt: they may have been accepted.", labels,
                 static_cast<double>(account.jobs_unknown));
  families.Gauge("enrichment_provider_jobs_parked",
                 "Jobs in doubt that wait for a decision.", labels,
                 static_cast<double>(account.jobs_parked));
  families.Counter("enrichment_provider_suspected_double_spends_total",
                   "Jobs that were paid for although an earlier one for the "
                   "same lookups was.",
                   labels,
                   static_cast<double>(account.suspected_double_spends));
  families.Gauge("enrichment_provider_requests_available",
                 "Requests that the rate limit allows at once.", labels,
                 account.requests_available);
  families.Gauge("enrichment_provider_rate_share",
                 "Share of the declared rate that is used: less than 1 after "
                 "refusals.",
                 labels, account.rate_share);
  families.Gauge("enrichment_provider_webhooks_quarantined",
                 "Webhook bodies in quarantine.", labels,
                 static_cast<double>(account.webhooks_quarantined));
  families.Counter("enrichment_provider_contract_drift_total",
                   "Answers that were not as the provider's contract says.",
                   labels, static_cast<double>(account.contract_drift_count));
}

void AddBalance(const AccountStatus& account, const Labels& labels,
                Families& families) {
  if (account.balance.has_value() && account.balance_time.has_value()) {
    families.Gauge("enrichment_provider_balance_credits",
                   "Balance of the account as last read.", labels,
                   CreditsOf(*account.balance));
    families.Gauge(
        "enrichment_provider_balance_timestamp_seconds",
        "When the balance was read.", labels,
        absl::ToDoubleSeconds(*account.balance_time - absl::UnixEpoch()));
  }
  const MoneyDrift& drift = account.money_drift;
  const std::vector<std::pair<const char*, Credits>> kinds = {
      {"job", drift.jobs},
      {"price", drift.over_price},
      {"balance", drift.balance}};
  for (const auto& [kind, credits] : kinds) {
    Labels with_kind = labels;
    with_kind.push_back({"kind", kind});
    families.Gauge("enrichment_provider_money_drift_credits",
                   "By which charges differ from the ledger.",
                   std::move(with_kind), CreditsOf(credits));
  }
}

void AddFunds(const Funds& funds, const Labels& labels, Families& families) {
  families.Counter("enrichment_provider_authorised_credits_total",
                   "Credits ever set aside for requests.", labels,
                   CreditsOf(funds.authorised));
  families.Counter("enrichment_provider_spent_credits_total",
                   "Credits charged.", labels, CreditsOf(funds.spent));
  families.Counter("enrichment_provider_released_credits_total",
                   "Credits set aside and not needed.", labels,
                   CreditsOf(funds.released));
  families.Gauge("enrichment_provider_reserved_credits",
                 "Credits set aside for lookups under way.", labels,
                 CreditsOf(funds.reserved));
  families.Gauge("enrichment_provider_exposed_credits",
                 "Credits set aside for requests in doubt.", labels,
                 CreditsOf(funds.exposed));
}

}  // namespace

std::string RenderMetrics(const std::vector<AccountStatus>& accounts,
                          const EngineTotals& totals) {
  Families families;
  families.Gauge("enrichment_contacts_open",
                 "Contacts with open lookups, counted once for each operation "
                 "they wait for.",
                 {}, static_cast<double>(totals.contacts_open));
  families.Gauge("enrichment_chunks_open", "Requests that are not over.", {},
                 static_cast<double>(totals.chunks_open));
  families.Gauge("enrichment_pushes_waiting",
                 "Pushes kept and not applied yet.", {},
                 static_cast<double>(totals.pushes_waiting));
  families.Gauge("enrichment_decisions_open",
                 "Changes decided or to be decided that the store has not "
                 "committed.",
                 {}, static_cast<double>(totals.decisions_open));
  families.Counter("enrichment_ledger_errors_total",
                   "Starts that found a ledger that does not balance.", {},
                   static_cast<double>(totals.ledger_errors));
  for (const AccountStatus& account : accounts) {
    const Labels labels = {{"provider", account.name}};
    AddHealth(account, labels, families);
    AddBalance(account, labels, families);
    for (const auto& [tenant, funds] : account.funds) {
      Labels with_tenant = labels;
      with_tenant.push_back({"tenant", tenant});
      AddFunds(funds, with_tenant, families);
    }
    for (const auto& [tenant, credits] : account.saved) {
      Labels with_tenant = labels;
      with_tenant.push_back({"tenant", tenant});
      families.Counter("enrichment_provider_saved_credits_total",
                       "Credits not paid again for answers that were bought "
                       "before, since the start of the process.",
                       std::move(with_tenant), CreditsOf(credits));
    }
  }
  return families.Render();
}

}  // namespace enrich
