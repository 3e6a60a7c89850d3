#ifndef ENRICH_TESTS_SIM_ORDERS_H_
#define ENRICH_TESTS_SIM_ORDERS_H_

#include <cstdint>
#include <string>
#include <vector>

#include "sim/client.h"
#include "sim/world.h"

namespace enrich::sim {

// An order of random size with people of whom no two are alike in a world. The
// tenant's orders are numbered.
Order DrawOrder(World& world, const std::string& tenant, int64_t number);

// Accounts in random order. Not all are always there, but for each field one
// is.
std::vector<std::string> DrawWaterfall(World& world);

}  // namespace enrich::sim

#endif  // ENRICH_TESTS_SIM_ORDERS_H_
