#include "provider/registry.h"

#include <cassert>
#include <utility>
#include <vector>

#include "absl/strings/str_cat.h"
#include "absl/strings/str_join.h"

namespace enrich {

void AdapterRegistry::Register(absl::string_view name, AdapterFactory factory) {
  [[maybe_unused]] const bool added =
      factories_.emplace(std::string(name), std::move(factory)).second;
  assert(added);
}

absl::StatusOr<std::unique_ptr<ProviderAdapter>> AdapterRegistry::Create(
    const AccountConfig& config) const {
  const auto factory = factories_.find(config.adapter);
  if (factory != factories_.end()) return factory->second(config);
  std::vector<absl::string_view> names;
  for (const auto& [name, unused] : factories_) names.push_back(name);
  return absl::NotFoundError(absl::StrCat("no adapter \"", config.adapter,
                                          "\"; there is ",
                                          absl::StrJoin(names, ", ")));
}

}  // namespace enrich
