#include "provider/adapter.h"

namespace enrich {

Credits OperationSpec::PriceOf(FieldSet wanted) const {
  Credits sum;
  for (const auto& [field, price] : prices) {
    if (wanted.Has(field)) sum += price;
  }
  return sum;
}

const OperationSpec* Capabilities::Find(absl::string_view operation) const {
  for (const OperationSpec& spec : operations) {
    if (spec.name == operation) return &spec;
  }
  return nullptr;
}

}  // namespace enrich
