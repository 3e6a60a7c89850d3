#include <cstddef>
#include <cstdint>

#include "absl/strings/string_view.h"
#include "adapters/rest/adapter.h"
#include "adapters/rest/fixture.h"
#include "adapters/rest/load.h"
#include "fuzz/require.h"

// Whatever the text, there is either a provider or a reason why there is none.
extern "C" int LLVMFuzzerTestOneInput(const uint8_t* data, size_t size) {
  namespace rest = enrich::rest;
  const absl::string_view text(reinterpret_cast<const char*>(data), size);
  const rest::LoadResult loaded = rest::Load(text, rest::FixtureAccount(text));
  enrich::Require((loaded.plan == nullptr) != loaded.mistakes.empty(),
                  "neither a plan nor a mistake, or both");
  enrich::Require(
      rest::FormatMistakes("file", loaded.mistakes).size() < (size_t{16} << 20),
      "more is said of the mistakes than anybody reads");
  if (loaded.plan != nullptr) {
    const auto adapter = rest::NewAdapter(loaded.plan);
    enrich::Require(!adapter->capabilities().operations.empty(),
                    "a provider that can do nothing");
  }
  const rest::FixtureText fixture = rest::ParseFixture(text);
  enrich::Require(fixture.fixture.has_value() == fixture.mistakes.empty(),
                  "neither a fixture nor a mistake, or both");
  return 0;
}
