#include "provider/registry.h"

#include <gmock/gmock.h>

#include "support/status_matchers.h"

namespace enrich {
namespace {

using ::testing::HasSubstr;

AdapterFactory Refusing(absl::string_view why) {
  return [why = std::string(why)](const AccountConfig&)
             -> absl::StatusOr<std::unique_ptr<ProviderAdapter>> {
    return absl::InvalidArgumentError(why);
  };
}

TEST(AdapterRegistry, AsksTheFactoryOfTheNamedAdapter) {
  AdapterRegistry registry;
  registry.Register("one", Refusing("from one"));
  registry.Register("two", Refusing("from two"));
  const auto adapter = registry.Create({.name = "a", .adapter = "two"});
  EXPECT_THAT(adapter, StatusIs(absl::StatusCode::kInvalidArgument));
  EXPECT_EQ(adapter.status().message(), "from two");
}

TEST(AdapterRegistry, ListsWhatThereIsForAnUnknownAdapter) {
  AdapterRegistry registry;
  registry.Register("two", Refusing(""));
  registry.Register("one", Refusing(""));
  const auto adapter = registry.Create({.name = "a", .adapter = "three"});
  EXPECT_THAT(adapter, StatusIs(absl::StatusCode::kNotFound));
  EXPECT_THAT(std::string(adapter.status().message()), HasSubstr("one, two"));
}

}  // namespace
}  // namespace enrich
