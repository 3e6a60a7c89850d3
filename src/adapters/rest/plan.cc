#include "adapters/rest/plan.h"

#include <algorithm>

namespace enrich::rest {

bool SignaturePlan::covers_body() const {
  return kind != Kind::kEquals &&
         std::any_of(over.begin(), over.end(), [](const Source& source) {
           return source.kind == Source::Kind::kRawBody;
         });
}

const OperationPlan& Plan::Find(absl::string_view operation) const {
  return *std::find_if(
      operations.begin(), operations.end(),
      [operation](const OperationPlan& plan) { return plan.id == operation; });
}

}  // namespace enrich::rest
