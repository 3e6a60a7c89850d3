#ifndef ENRICH_CLI_CONFIG_CHECK_H_
#define ENRICH_CLI_CONFIG_CHECK_H_

#include <string>

namespace enrich::cli {

// Checks a gateway's configuration file, prints what is wrong or the effective
// configuration, and returns an exit code (see exit_code.h).
using ConfigCheck = int (*)(const std::string& path);

}  // namespace enrich::cli

#endif  // ENRICH_CLI_CONFIG_CHECK_H_
