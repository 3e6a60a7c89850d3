#include "adapters/all.h"

#include "adapters/enrow/adapter.h"
#include "adapters/fullenrich/adapter.h"
#include "adapters/rest/adapter.h"

namespace enrich {

AdapterRegistry AllAdapters() {
  AdapterRegistry registry;
  registry.Register("enrow", enrow::CreateAdapter);
  registry.Register("fullenrich", fullenrich::CreateAdapter);
  registry.Register("rest", rest::CreateAdapter);
  return registry;
}

}  // namespace enrich
