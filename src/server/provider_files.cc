#include "server/provider_files.h"

#include <algorithm>
#include <filesystem>
#include <fstream>
#include <memory>
#include <optional>
#include <utility>

#include "absl/strings/str_cat.h"
#include "adapters/rest/adapter.h"
#include "adapters/rest/explain.h"
#include "adapters/rest/fixture.h"
#include "adapters/rest/fixture_run.h"
#include "adapters/rest/load.h"
#include "server/provider_template.h"
#include "server/text_file.h"

namespace enrich {
namespace {

namespace fs = std::filesystem;

constexpr int kDone = 0;
constexpr int kFailed = 1;
constexpr int kMistakes = 2;

// A provider file for the account that fixtures use.
struct ProviderFile {
  std::string path = {};
  std::string text = {};
  std::shared_ptr<const rest::Plan> plan = {};

  std::string PathOf(const std::string& fixture) const {
    return (fs::path(path).parent_path() / fixture).lexically_normal();
  }
};

// Nothing, with the mistakes on `err`, when the file is no good.
std::optional<ProviderFile> OpenProvider(const std::string& path,
                                         std::ostream& err) {
  ProviderFile file = {.path = path};
  std::optional<std::string> text = ReadTextFile(path);
  if (!text.has_value()) {
    err << path << ": cannot be read\n";
    return std::nullopt;
  }
  file.text = *std::move(text);
  rest::LoadResult loaded =
      rest::Load(file.text, rest::FixtureAccount(file.text));
  err << rest::FormatMistakes(path, loaded.mistakes);
  if (loaded.plan == nullptr) return std::nullopt;
  file.plan = std::move(loaded.plan);
  return file;
}

std::optional<rest::Fixture> OpenFixture(const std::string& path,
                                         std::ostream& err) {
  const std::optional<std::string> text = ReadTextFile(path);
  if (!text.has_value()) {
    err << path << ": cannot be read\n";
    return std::nullopt;
  }
  rest::FixtureText parsed = rest::ParseFixture(*text);
  err << rest::FormatMistakes(path, parsed.mistakes);
  return std::move(parsed.fixture);
}

// The file as it is for the account of the fixture.
std::shared_ptr<const rest::Plan> PlanFor(const ProviderFile& file,
                                          const rest::Fixture& fixture) {
  if (fixture.country.empty()) return file.plan;
  AccountConfig account = rest::FixtureAccount(file.text);
  account.default_country = fixture.country;
  const rest::LoadResult loaded = rest::Load(file.text, account);
  return loaded.plan != nullptr ? loaded.plan : file.plan;
}

// Plays one fixture and prints how it went.
int TestFixture(const ProviderFile& file, const std::string& path,
                std::ostream& out, std::ostream& err) {
  const std::optional<rest::Fixture> fixture = OpenFixture(path, err);
  if (!fixture.has_value()) return kMistakes;
  const std::shared_ptr<const rest::Plan> plan = PlanFor(file, *fixture);
  const rest::FixtureReport report =
      rest::RunFixture(*fixture, *rest::NewAdapter(plan), plan->base_url);
  out << (report.passed() ? "ok      " : "FAILED  ") << path << "\n";
  for (const rest::StepReport& step : report.failures) {
    if (step.line > 0) {
      out << "  line " << step.line << ", " << rest::StepName(step.kind)
          << "\n";
    }
    for (const std::string& difference : step.differences) {
      out << "    " << difference << "\n";
    }
  }
  return report.passed() ? kDone : kFailed;
}

bool WriteNewFile(const fs::path& path, const std::string& text,
                  std::ostream& out, std::ostream& err) {
  std::error_code error;
  if (fs::exists(path, error)) {
    err << path.string() << ": is there already\n";
    return false;
  }
  if (path.has_parent_path()) fs::create_directories(path.parent_path(), error);
  std::ofstream file(path, std::ios::binary);
  file << text;
  file.close();
  if (!file) {
    err << path.string() << ": cannot be written\n";
    return false;
  }
  out << path.string() << "\n";
  return true;
}

}  // namespace

int RunProviderLint(const std::vector<std::string>& files, std::ostream& out,
                    std::ostream& err) {
  int code = kDone;
  for (const std::string& path : files) {
    const std::optional<ProviderFile> file = OpenProvider(path, err);
    bool good = file.has_value();
    if (file.has_value()) {
      for (const std::string& test : file->plan->tests) {
        good &= OpenFixture(file->PathOf(test), err).has_value();
      }
    }
    if (good) out << "ok      " << path << "\n";
    if (!good) code = kMistakes;
  }
  return code;
}

int RunProviderTest(const std::vector<std::string>& files, std::ostream& out,
                    std::ostream& err) {
  int code = kDone;
  for (const std::string& path : files) {
    const std::optional<ProviderFile> file = OpenProvider(path, err);
    if (!file.has_value()) {
      code = kMistakes;
      continue;
    }
    for (const std::string& test : file->plan->tests) {
      code = std::max(code, TestFixture(*file, file->PathOf(test), out, err));
    }
  }
  return code;
}

int RunProviderExplain(const std::string& file, const std::string& fixture,
                       std::ostream& out, std::ostream& err) {
  const std::optional<ProviderFile> provider = OpenProvider(file, err);
  if (!provider.has_value()) return kMistakes;
  std::error_code error;
  const std::string path =
      fs::exists(fixture, error) ? fixture : provider->PathOf(fixture);
  const std::optional<rest::Fixture> exchange = OpenFixture(path, err);
  if (!exchange.has_value()) return kMistakes;
  out << rest::ExplainFixture(PlanFor(*provider, *exchange), *exchange);
  return kDone;
}

int RunProviderNew(const std::string& id, const std::string& folder,
                   std::ostream& out, std::ostream& err) {
  const std::string text = ProviderTemplate(id);
  if (rest::Load(text, rest::FixtureAccount(text)).plan == nullptr) {
    err << id
        << ": an id is of a-z, 0-9 and -, begins with a letter, and has "
           "at most 32 characters\n";
    return kMistakes;
  }
  if (folder.empty()) {
    out << text;
    return kDone;
  }
  const fs::path file = fs::path(folder) / absl::StrCat(id, ".yaml");
  const fs::path fixture = fs::path(folder) / FixtureTemplatePath(id);
  const bool written = WriteNewFile(file, text, out, err) &&
                       WriteNewFile(fixture, FixtureTemplate(id), out, err);
  return written ? kDone : kMistakes;
}

}  // namespace enrich
