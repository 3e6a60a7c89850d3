#ifndef ENRICH_SERVER_CONFIG_H_
#define ENRICH_SERVER_CONFIG_H_

#include <functional>
#include <optional>
#include <ostream>
#include <string>
#include <vector>

#include "absl/status/statusor.h"
#include "absl/strings/string_view.h"
#include "base/secret.h"
#include "engine/engine.h"
#include "enrich/config/v1/config.pb.h"
#include "provider/account_config.h"
#include "server/yaml_reader.h"

namespace enrich {

// The defaults: the one place they are set.
config::v1::Config DefaultConfig();

// A configuration that was checked as a whole, with its references resolved.
struct LoadedConfig {
  config::v1::Config proto = {};
  // In the order of proto.providers().
  std::vector<AccountConfig> accounts = {};
  struct Token {
    std::string tenant = {};
    Secret token = Secret();
    bool is_operator = false;
  };
  std::vector<Token> tokens = {};
};

// Where secrets are looked up; stands in for the environment in tests.
using Environment =
    std::function<std::optional<std::string>(const std::string& name)>;
std::optional<std::string> ProcessEnvironment(const std::string& name);

// Reads and checks a configuration. Either it is good, or every mistake is
// listed.
struct ConfigResult {
  LoadedConfig config = {};
  std::vector<ConfigMistake> mistakes = {};
};
// `folder` is what paths of provider files start from; empty for the current
// one.
ConfigResult ParseConfig(absl::string_view yaml, const Environment& environment,
                         const std::string& folder = "");
// Likewise, from a file. An empty path gives the defaults.
ConfigResult LoadConfig(const std::string& path,
                        const Environment& environment);

// One line per mistake: "file:line: path: text". `file` is the configuration's.
std::string FormatMistakes(const std::string& file,
                           const std::vector<ConfigMistake>& mistakes);

// The effective configuration as YAML. Secrets stay references.
std::string FormatConfig(const config::v1::Config& config);

// The `config check` command: prints the effective configuration, or all
// mistakes. Returns the exit code: 0, or 2 for a configuration that is no good.
int RunConfigCheck(const std::string& path, std::ostream& out,
                   std::ostream& err);

absl::Duration ToDuration(const google::protobuf::Duration& duration);

}  // namespace enrich

#endif  // ENRICH_SERVER_CONFIG_H_
