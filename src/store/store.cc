#include "store/store.h"

namespace enrich {

Funds LedgerChange::Total() const {
  Funds total;
  for (const auto& [batch_key, change] : batches) total += change;
  return total;
}

}  // namespace enrich
