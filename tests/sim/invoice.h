#ifndef ENRICH_TESTS_SIM_INVOICE_H_
#define ENRICH_TESTS_SIM_INVOICE_H_

#include <memory>
#include <vector>

#include "sim/installation.h"
#include "sim/providers.h"
#include "sim/world.h"

namespace enrich::sim {

// What the providers charged, against what all installations together know of
// (I5): they have the same accounts. What a job came to that was given up, as
// its account had left or its results could not be read, is known to nobody:
// returns how much. To be checked once all has come to rest.
Credits CheckInvoice(World& world, const Providers& providers,
                     const std::vector<std::unique_ptr<Installation>>& all);

// A balance that falls by more than the ledger knows of is drift (I5): to be
// seen where others spend, or for what nobody was told of, and nowhere else.
void CheckDrift(World& world, Credits untold,
                const std::vector<std::unique_ptr<Installation>>& all);

}  // namespace enrich::sim

#endif  // ENRICH_TESTS_SIM_INVOICE_H_
