#ifndef ENRICH_TESTS_SIM_ORDERS_H_
#define ENRICH_TESTS_SIM_ORDERS_H_

#include <cstdint>
#include <string>
#include <vector>

#include "sim/caller.h"
#include "sim/world.h"

namespace enrich::sim {

// An order of random size. The tenant's orders are numbered. People are all
// different, unless `alike` says how likely one is to be somebody who is in the
// order already, under another ref.
Order DrawOrder(World& world, const std::string& tenant, int64_t number,
                double alike);

// How many of its contacts are the same person, at most.
int MostAlike(const Order& order);

// Accounts in random order. Not all are always there, but for each field one
// is.
std::vector<std::string> DrawWaterfall(World& world);

}  // namespace enrich::sim

#endif  // ENRICH_TESTS_SIM_ORDERS_H_
