#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <filesystem>
#include <fstream>
#include <memory>
#include <numeric>
#include <sstream>
#include <string>
#include <vector>

#include "adapters/rest/adapter.h"
#include "adapters/rest/load.h"
#include "fuzz/provider_body.h"
#include "fuzz/require.h"

namespace enrich {
namespace {

std::string ReadFile(const std::filesystem::path& path) {
  std::stringstream text;
  text << std::ifstream(path).rdbuf();
  return text.str();
}

std::vector<std::filesystem::path> ProviderFiles() {
  std::vector<std::filesystem::path> files;
  const std::filesystem::path source = ENRICH_SOURCE_DIR;
  for (const char* folder : {"deploy/providers", "tests/golden/rest"}) {
    if (!std::filesystem::is_directory(source / folder)) continue;
    for (const auto& entry :
         std::filesystem::directory_iterator(source / folder)) {
      if (entry.path().extension() == ".yaml") files.push_back(entry.path());
    }
  }
  std::sort(files.begin(), files.end());
  return files;
}

std::vector<std::unique_ptr<ProviderAdapter>> MakeAdapters() {
  std::vector<std::unique_ptr<ProviderAdapter>> adapters;
  for (const std::filesystem::path& file : ProviderFiles()) {
    const std::string text = ReadFile(file);
    rest::LoadResult loaded = rest::Load(text, rest::FixtureAccount(text));
    Require(loaded.plan != nullptr, file.c_str());
    adapters.push_back(rest::NewAdapter(std::move(loaded.plan)));
  }
  return adapters;
}

}  // namespace
}  // namespace enrich

// Each input is read as an answer of one of the provider files.
extern "C" int LLVMFuzzerTestOneInput(const uint8_t* data, size_t size) {
  static const auto* const adapters =
      new std::vector<std::unique_ptr<enrich::ProviderAdapter>>(
          enrich::MakeAdapters());
  const size_t which = std::accumulate(data, data + size, size_t{0});
  enrich::ReadAsEverything(
      *(*adapters)[which % adapters->size()],
      std::string(reinterpret_cast<const char*>(data), size));
  return 0;
}
