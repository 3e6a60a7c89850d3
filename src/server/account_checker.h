#ifndef ENRICH_SERVER_ACCOUNT_CHECKER_H_
#define ENRICH_SERVER_ACCOUNT_CHECKER_H_

#include <set>
#include <string>

#include "adapters/rest/load.h"
#include "base/secret.h"
#include "enrich/config/v1/config.pb.h"
#include "provider/account_config.h"
#include "provider/adapter.h"
#include "server/config_report.h"

namespace enrich {

// Checks the provider accounts of a configuration, one after the other, and
// resolves what they refer to. The arguments must outlive it.
class AccountChecker {
 public:
  // `folder` is what paths of provider files start from.
  AccountChecker(const config::v1::Config& config, const std::string& folder,
                 ConfigReport& report)
      : config_(config), folder_(folder), report_(report) {}

  // `provider` is config.providers(index).
  AccountConfig Check(int index, const config::v1::Provider& provider);

  // Whether an account of this name was checked.
  bool Knows(const std::string& name) const { return names_.contains(name); }

 private:
  void ResolveSecrets(const std::string& path,
                      const config::v1::Provider& provider,
                      AccountConfig& account);
  void CheckNative(const std::string& path,
                   const config::v1::Provider& provider,
                   const AccountConfig& account);
  void CheckDefinition(const std::string& path,
                       const config::v1::Provider& provider,
                       AccountConfig& account);
  void ReportDefinition(const std::string& path, const std::string& file,
                        rest::Mistake mistake);
  void TakeDoubtOptions(const std::string& path,
                        const config::v1::Provider& provider,
                        AccountConfig& account);
  void CheckCapabilities(const std::string& path,
                         const Capabilities& capabilities,
                         const AccountConfig& account);
  void CheckReachable(const std::string& path,
                      const Capabilities& capabilities);
  void CheckCallback(const std::string& path,
                     const config::v1::Provider& provider,
                     const Capabilities& capabilities);
  Secret ResolveCallbackToken(const std::string& path,
                              const std::string& reference);
  void CheckBaseUrl(const std::string& path, const std::string& url);
  void CheckPrices(const std::string& path,
                   const config::v1::Provider& provider,
                   AccountConfig& account);
  void CheckCost(const std::string& path, const config::v1::Provider& provider,
                 AccountConfig& account);
  static void TakeOverrides(const config::v1::Provider& provider,
                            AccountConfig& account);

  const config::v1::Config& config_;
  const std::string& folder_;
  ConfigReport& report_;
  std::set<std::string> names_;
  std::set<std::string> callback_tokens_;
};

}  // namespace enrich

#endif  // ENRICH_SERVER_ACCOUNT_CHECKER_H_
