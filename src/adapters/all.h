#ifndef ENRICH_ADAPTERS_ALL_H_
#define ENRICH_ADAPTERS_ALL_H_

#include "provider/registry.h"

namespace enrich {

// Every provider this binary can speak to. A new one is a folder and a line.
AdapterRegistry AllAdapters();

}  // namespace enrich

#endif  // ENRICH_ADAPTERS_ALL_H_
