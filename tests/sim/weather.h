#ifndef ENRICH_TESTS_SIM_WEATHER_H_
#define ENRICH_TESTS_SIM_WEATHER_H_

#include <string>

#include "absl/time/time.h"
#include "sim/world.h"

namespace enrich::sim {

// How likely what goes wrong is. Every seed draws its own: most faults are off
// in most worlds, so that each is met with and without the others.
struct Weather {
  // A write of the store: refused without effect; its COMMIT of unknown outcome
  // and not there, or there; or very late. A read that fails.
  double write_refused = 0;
  double commit_lost = 0;
  double commit_unseen = 0;
  double write_stalls = 0;
  double read_fails = 0;
  // A request to a provider: provably never sent; lost on its way; so late that
  // whoever sent it may be gone. Its answer: lost; cut off.
  double not_sent = 0;
  double request_lost = 0;
  double request_late = 0;
  double reply_lost = 0;
  double reply_cut = 0;
  // A push that is tampered with by somebody who has seen it.
  double push_forged = 0;
  // An acknowledgement that does not reach the caller.
  double ack_lost = 0;
  // A contact that is another's double.
  double alike = 0;
  // A caller that repeats a request that was acknowledged; that cancels.
  double asks_again = 0;
  double cancels = 0;
  // A stream that breaks, per look at it.
  double stream_breaks = 0;
  // What the providers do by themselves: rules as simulator/faults.h has them.
  std::string provider_faults = {};
  // A kill -9 that follows a paid request, per request; how many others there
  // are, and how many ends in good order. How long a process is then missed.
  double crash_after_send = 0;
  int crashes = 0;
  int stops = 0;
  absl::Duration longest_down = absl::Seconds(30);
  // How many installations have the same accounts, each with its own troubles.
  int64_t installations = 1;
  // How often a second process is started on the store of one that runs, and
  // how often the clock of a machine is set.
  int second_starts = 0;
  int clock_sets = 0;
  // A start with an account less; the next may have it again.
  double account_leaves = 0;
  // How often a provider is down, and for how long.
  int outages = 0;
  absl::Duration longest_outage = absl::Minutes(20);

  static Weather Draw(World& world);
};

}  // namespace enrich::sim

#endif  // ENRICH_TESTS_SIM_WEATHER_H_
