#include <cstddef>
#include <cstdint>
#include <memory>
#include <string>

#include "adapters/fullenrich/adapter.h"
#include "fuzz/provider_body.h"

extern "C" int LLVMFuzzerTestOneInput(const uint8_t* data, size_t size) {
  static const std::unique_ptr<enrich::ProviderAdapter> adapter =
      enrich::fullenrich::CreateAdapter({.name = "fuzzed",
                                         .adapter = "fullenrich",
                                         .api_key = enrich::Secret("key")})
          .value();
  const auto* text = reinterpret_cast<const char*>(data);
  enrich::ReadAsEverything(*adapter, std::string(text, size));
  return 0;
}
