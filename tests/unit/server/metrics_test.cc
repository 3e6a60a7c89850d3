#include "server/metrics.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <map>
#include <set>

#include "absl/strings/ascii.h"
#include "absl/strings/match.h"
#include "absl/strings/numbers.h"
#include "absl/strings/str_split.h"

namespace enrich {
namespace {

using ::testing::HasSubstr;
using ::testing::Not;

// The text as a scraper reads it: a value by name and labels. Checks that each
// family is explained, and typed as its name says.
class Scrape {
 public:
  explicit Scrape(const std::string& text) {
    for (const absl::string_view line :
         absl::StrSplit(text, '\n', absl::SkipEmpty())) {
      if (absl::StartsWith(line, "# HELP ")) {
        helped_.insert(Word(line, 2));
      } else if (absl::StartsWith(line, "# TYPE ")) {
        types_[Word(line, 2)] = Word(line, 3);
      } else {
        ReadValue(line);
      }
    }
  }

  double Of(const std::string& series) const {
    const auto it = values_.find(series);
    EXPECT_NE(it, values_.end()) << series;
    return it == values_.end() ? -1 : it->second;
  }
  bool Has(const std::string& series) const { return values_.contains(series); }

 private:
  static std::string Word(absl::string_view line, size_t i) {
    return std::vector<std::string>(absl::StrSplit(line, ' ')).at(i);
  }

  void ReadValue(absl::string_view line) {
    const std::pair<std::string, std::string> parts =
        absl::StrSplit(line, absl::MaxSplits(' ', 1));
    double value = 0;
    EXPECT_TRUE(absl::SimpleAtod(parts.second, &value)) << line;
    EXPECT_TRUE(values_.emplace(parts.first, value).second) << line;
    const std::string name = parts.first.substr(0, parts.first.find('{'));
    EXPECT_TRUE(absl::StartsWith(name, "enrichment_")) << name;
    EXPECT_TRUE(helped_.contains(name)) << name;
    EXPECT_EQ(types_[name],
              absl::EndsWith(name, "_total") ? "counter" : "gauge")
        << name;
  }

  std::set<std::string> helped_;
  std::map<std::string, std::string> types_;
  std::map<std::string, double> values_;
};

AccountStatus Account() {
  return {.name = "enrow",
          .breaker = BreakerState::kOpen,
          .last_error = "ada@acme.example was refused",
          .requests_available = 2.5,
          .rate_share = 0.5,
          .jobs_in_flight = 1,
          .contacts_in_flight = 2,
          .lookups_waiting = 3,
          .jobs_unknown = 4,
          .jobs_parked = 2,
          .suspected_double_spends = 1,
          .balance = Credits{12'345},
          .balance_time = absl::FromUnixSeconds(1'790'000'100),
          .contract_drift_count = 5,
          .webhooks_quarantined = 6,
          .funds = {{"sales",
                     {.authorised = Credits{10'000},
                      .reserved = Credits{1'000},
                      .spent = Credits{2'500},
                      .released = Credits{5'500},
                      .exposed = Credits{1'000}}}},
          .saved = {{"sales", Credits{750}}},
          .money_drift = {.jobs = Credits{-250}, .balance = Credits{7'000}}};
}

TEST(Metrics, TellAllOfAnAccount) {
  const Scrape scrape(RenderMetrics({Account()}, {}));
  const auto of = [&](const std::string& name) {
    return scrape.Of("enrichment_provider_" + name + "{provider=\"enrow\"}");
  };
  EXPECT_EQ(of("breaker_open"), 1);
  EXPECT_EQ(of("lookups_waiting"), 3);
  EXPECT_EQ(of("jobs_in_flight"), 1);
  EXPECT_EQ(of("contacts_in_flight"), 2);
  EXPECT_EQ(of("jobs_unknown"), 4);
  EXPECT_EQ(of("jobs_parked"), 2);
  EXPECT_EQ(of("suspected_double_spends_total"), 1);
  EXPECT_EQ(of("webhooks_quarantined"), 6);
  EXPECT_EQ(of("requests_available"), 2.5);
  EXPECT_EQ(of("rate_share"), 0.5);
  EXPECT_EQ(of("contract_drift_total"), 5);
  EXPECT_EQ(of("balance_credits"), 12.345);
  EXPECT_EQ(of("balance_timestamp_seconds"), 1'790'000'100);
  const auto drift = [&](const std::string& kind) {
    return scrape.Of(
        "enrichment_provider_money_drift_credits{provider=\"enrow\",kind=\"" +
        kind + "\"}");
  };
  EXPECT_EQ(drift("job"), -0.25);
  EXPECT_EQ(drift("price"), 0);
  EXPECT_EQ(drift("balance"), 7);
}

TEST(Metrics, TellTheMoneyOfEachTenant) {
  const Scrape scrape(RenderMetrics({Account()}, {}));
  const auto of = [&](const std::string& name) {
    return scrape.Of("enrichment_provider_" + name +
                     "{provider=\"enrow\",tenant=\"sales\"}");
  };
  EXPECT_EQ(of("authorised_credits_total"), 10);
  EXPECT_EQ(of("spent_credits_total"), 2.5);
  EXPECT_EQ(of("released_credits_total"), 5.5);
  EXPECT_EQ(of("reserved_credits"), 1);
  EXPECT_EQ(of("exposed_credits"), 1);
  EXPECT_EQ(of("saved_credits_total"), 0.75);
}

TEST(Metrics, TellWhatTheGatewayIsAt) {
  const Scrape scrape(RenderMetrics({}, {.contacts_open = 7,
                                         .chunks_open = 6,
                                         .pushes_waiting = 5,
                                         .decisions_open = 4,
                                         .ledger_errors = 3}));
  EXPECT_EQ(scrape.Of("enrichment_contacts_open"), 7);
  EXPECT_EQ(scrape.Of("enrichment_chunks_open"), 6);
  EXPECT_EQ(scrape.Of("enrichment_pushes_waiting"), 5);
  EXPECT_EQ(scrape.Of("enrichment_decisions_open"), 4);
  EXPECT_EQ(scrape.Of("enrichment_ledger_errors_total"), 3);
}

TEST(Metrics, ABalanceThatWasNeverReadIsAbsent) {
  AccountStatus account = Account();
  account.balance.reset();
  const Scrape scrape(RenderMetrics({account}, {}));
  EXPECT_FALSE(
      scrape.Has("enrichment_provider_balance_credits{provider=\"enrow\"}"));
}

TEST(Metrics, FamiliesOfSeveralAccountsStandTogether) {
  AccountStatus other = Account();
  other.name = "odd\"name\"";
  const std::string text = RenderMetrics({Account(), other}, {});
  const Scrape scrape(text);
  EXPECT_EQ(scrape.Of("enrichment_provider_jobs_unknown{provider=\"enrow\"}"),
            4);
  EXPECT_THAT(text, HasSubstr("provider=\"odd\\\"name\\\"\"} 4"));
}

TEST(Metrics, HoldNoMessages) {
  EXPECT_THAT(RenderMetrics({Account()}, {}), Not(HasSubstr("ada@")));
}

}  // namespace
}  // namespace enrich
