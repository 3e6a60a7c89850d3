#ifndef ENRICH_TESTS_SIM_CHECKS_H_
#define ENRICH_TESTS_SIM_CHECKS_H_

#include <algorithm>
#include <cstdint>
#include <map>
#include <string>
#include <utility>
#include <vector>

#include "http/http_message.h"
#include "sim/journal.h"
#include "sim/providers.h"
#include "sim/world.h"

namespace enrich::sim {

// The invariants of one installation that can be checked while the world goes
// on: those about money (I1, I2) and about pushes (I3). What is durable is the
// journal's word, what was bought the providers'.
class Checks {
 public:
  Checks(World& world, const Journal& journal)
      : world_(world), journal_(journal) {}

  // Each of these may be bought once, and looks the same to a provider.
  void ExpectAlike(int contacts) { alike_ = std::max(alike_, contacts); }

  // A paid request leaves the gateway: its intent is durable (I2).
  void OnDeparture(const HttpRequest& request);
  // The provider has it in its books: nothing in it was there before, but for
  // what it refused (I1).
  void OnArrival(const HttpRequest& request, const Providers::Booked& booked);
  // One answered 200 is durable, and was for a request of this installation.
  void OnPushAnswered(const HttpRequest& request, const HttpResponse& response);

 private:
  World& world_;
  const Journal& journal_;
  int alike_ = 1;
  // Requests by account key and lookup.
  std::map<std::pair<std::string, std::string>, int> bought_;
};

// References of attempts that a request names: each key in it is one, a dot and
// a number.
std::vector<std::string> ReferencesIn(const std::string& body);

}  // namespace enrich::sim

#endif  // ENRICH_TESTS_SIM_CHECKS_H_
