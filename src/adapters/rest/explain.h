#ifndef ENRICH_ADAPTERS_REST_EXPLAIN_H_
#define ENRICH_ADAPTERS_REST_EXPLAIN_H_

#include <memory>
#include <string>

#include "adapters/rest/fixture.h"
#include "adapters/rest/plan.h"

namespace enrich::rest {

// Plays a fixture and tells, for people, what is sent, which rules decide, what
// each expression of a result gives, and what the gateway makes of it.
// Credentials and what the file wants redacted are hidden.
std::string ExplainFixture(std::shared_ptr<const Plan> plan,
                           const Fixture& fixture);

}  // namespace enrich::rest

#endif  // ENRICH_ADAPTERS_REST_EXPLAIN_H_
