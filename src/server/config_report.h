#ifndef ENRICH_SERVER_CONFIG_REPORT_H_
#define ENRICH_SERVER_CONFIG_REPORT_H_

#include <string>
#include <utility>
#include <vector>

#include "base/secret.h"
#include "server/config.h"
#include "server/yaml_reader.h"

namespace enrich {

// What the checks of a configuration find wrong, and the secrets it refers to.
// The arguments must outlive it.
class ConfigReport {
 public:
  ConfigReport(const Environment& environment, const YamlLines& lines,
               std::vector<ConfigMistake>& mistakes)
      : environment_(environment), lines_(lines), mistakes_(mistakes) {}

  // A mistake in what stands at `path`, or is missing there.
  void Add(std::string path, std::string text);
  // One in another file.
  void Add(ConfigMistake mistake) { mistakes_.push_back(std::move(mistake)); }

  // Whether the configuration's text mentions `path`.
  bool Mentions(const std::string& path) const { return lines_.contains(path); }
  // Whether there is a mistake at `path` already.
  bool Has(const std::string& path) const;

  // Resolves `env:NAME` or `file:/path`. Empty where that is a mistake.
  Secret Resolve(const std::string& path, const std::string& reference);

 private:
  // Of what is missing, the line of what it is missing from.
  int LineOf(std::string path) const;

  const Environment& environment_;
  const YamlLines& lines_;
  std::vector<ConfigMistake>& mistakes_;
};

}  // namespace enrich

#endif  // ENRICH_SERVER_CONFIG_REPORT_H_
