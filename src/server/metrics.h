#ifndef ENRICH_SERVER_METRICS_H_
#define ENRICH_SERVER_METRICS_H_

#include <string>
#include <vector>

#include "engine/engine.h"

namespace enrich {

// What the gateway is at, in the text format of Prometheus. Made when it is
// asked for: nothing is counted on the way. Labels are accounts and tenants of
// the configuration, never contacts, batches or keys.
std::string RenderMetrics(const std::vector<AccountStatus>& accounts,
                          const EngineTotals& totals);

// Of that text.
inline constexpr char kMetricsContentType[] =
    "text/plain; version=0.0.4; charset=utf-8";

}  // namespace enrich

#endif  // ENRICH_SERVER_METRICS_H_
