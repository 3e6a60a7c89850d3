#include "sim/weather.h"

#include "absl/strings/str_cat.h"

namespace enrich::sim {
namespace {

// 0 in most worlds.
double Draw(World& world, double share_of_worlds, double least, double most) {
  if (!world.Chance(share_of_worlds)) return 0;
  const double draw = static_cast<double>(world.Int(0, 1000)) / 1000;
  return least + draw * (most - least);
}

int Times(World& world, double share_of_worlds, int most) {
  if (!world.Chance(share_of_worlds)) return 0;
  return static_cast<int>(world.Int(1, most));
}

struct ProviderFault {
  absl::string_view endpoint;
  absl::string_view action;
  absl::string_view when;
  // Of a call with the fault, in a world that has it.
  double most;
  // For what is late.
  absl::Duration longest = absl::Seconds(1);
};
constexpr ProviderFault kProviderFaults[] = {
    {"submit", "http_429", "before", 0.4},
    {"submit", "http_500", "before", 0.2},
    {"submit", "http_500", "after", 0.3},
    {"submit", "http_503", "before", 0.2},
    {"submit", "http_503", "after", 0.3},
    {"submit", "reset", "before", 0.2},
    {"submit", "reset", "after", 0.3},
    {"submit", "hang", "before", 0.2},
    {"submit", "hang", "after", 0.3},
    {"submit", "malformed", "after", 0.3},
    {"submit", "drift", "after", 0.2},
    {"submit", "late", "after", 0.5, absl::Seconds(60)},
    {"submit", "job_canceled", "after", 0.2},
    {"submit", "job_failed", "after", 0.2},
    {"fetch", "http_429", "before", 0.3},
    {"fetch", "http_500", "before", 0.3},
    {"fetch", "http_503", "after", 0.3},
    {"fetch", "reset", "after", 0.3},
    {"fetch", "hang", "before", 0.2},
    {"fetch", "malformed", "after", 0.3},
    {"fetch", "drift", "after", 0.2},
    {"account", "http_500", "before", 0.5},
    {"webhook", "lost", "after", 0.7},
    {"webhook", "duplicate", "after", 0.7},
    {"webhook", "late", "after", 0.7, absl::Hours(2)},
    {"webhook", "reorder", "after", 0.7, absl::Minutes(5)},
    {"webhook", "forge", "after", 0.4},
    {"webhook", "malformed", "after", 0.3},
};

std::string DrawProviderFaults(World& world) {
  std::string rules;
  for (const ProviderFault& fault : kProviderFaults) {
    const double probability = Draw(world, 0.2, 0.02, fault.most);
    if (probability == 0) continue;
    const absl::Duration delay =
        world.Span(absl::Milliseconds(100), fault.longest);
    absl::StrAppend(&rules, rules.empty() ? "[" : ",", R"({"endpoint":")",
                    fault.endpoint, R"(","action":")", fault.action,
                    R"(","when":")", fault.when, R"(","probability":)",
                    probability, R"(,"delay_ms":)",
                    absl::ToInt64Milliseconds(delay), "}");
  }
  return rules.empty() ? "[]" : absl::StrCat(rules, "]");
}

}  // namespace

Weather Weather::Draw(World& world) {
  using sim::Draw;
  return {.write_refused = Draw(world, 0.3, 0.01, 0.15),
          .commit_lost = Draw(world, 0.1, 0.002, 0.01),
          .commit_unseen = Draw(world, 0.1, 0.002, 0.01),
          .write_stalls = Draw(world, 0.2, 0.01, 0.1),
          .read_fails = Draw(world, 0.15, 0.01, 0.1),
          .not_sent = Draw(world, 0.3, 0.02, 0.4),
          .request_lost = Draw(world, 0.3, 0.02, 0.2),
          .request_late = Draw(world, 0.3, 0.02, 0.4),
          .reply_lost = Draw(world, 0.3, 0.02, 0.4),
          .reply_cut = Draw(world, 0.2, 0.02, 0.3),
          .push_forged = Draw(world, 0.2, 0.05, 0.5),
          .ack_lost = Draw(world, 0.3, 0.1, 0.6),
          .alike = Draw(world, 0.1, 0.05, 0.5),
          .asks_again = Draw(world, 0.3, 0.1, 0.5),
          .cancels = Draw(world, 0.25, 0.1, 0.6),
          .stream_breaks = Draw(world, 0.5, 0.05, 0.3),
          .provider_faults = DrawProviderFaults(world),
          .crash_after_send = Draw(world, 0.2, 0.01, 0.1),
          .crashes = Times(world, 0.6, 5),
          .stops = Times(world, 0.15, 2),
          .longest_down = world.Span(absl::Seconds(1), absl::Minutes(10)),
          .installations = world.Chance(0.15) ? world.Int(2, 3) : 1,
          .second_starts = Times(world, 0.1, 2),
          .clock_sets = Times(world, 0.25, 6),
          .account_leaves = Draw(world, 0.15, 0.1, 0.6),
          .outages = Times(world, 0.25, 3),
          .longest_outage = world.Span(absl::Seconds(10), absl::Hours(1))};
}

}  // namespace enrich::sim
