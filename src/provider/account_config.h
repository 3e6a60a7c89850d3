#ifndef ENRICH_PROVIDER_ACCOUNT_CONFIG_H_
#define ENRICH_PROVIDER_ACCOUNT_CONFIG_H_

#include <cstdint>
#include <map>
#include <optional>
#include <string>
#include <vector>

#include "absl/time/time.h"
#include "base/secret.h"
#include "model/credits.h"

namespace enrich {

// How an account's requests in doubt are dealt with.
struct DoubtOptions {
  // Whether they are sent again, once and by themselves, where the provider's
  // rules allow it (Capabilities::quiet_replay_after). They wait for a person
  // otherwise.
  bool quiet_replay = false;
  // So many of them, sent within the last ten minutes, keep further requests
  // back; 0 for no limit.
  int max_jobs = 20;
};

// What a deployment says of one account at a provider.
struct AccountConfig {
  // Unique in the gateway; shown to callers.
  std::string name = {};
  // "enrow", "fullenrich", or "rest" with a `definition`.
  std::string adapter = {};
  // The provider file of a "rest" account, as read; its name is for messages.
  std::string definition = {};
  std::string definition_file = {};
  // Empty for the provider's public address.
  std::string base_url = {};
  // Sent with requests.
  Secret api_key = Secret();
  // Further credentials a provider file names.
  std::map<std::string, Secret> secrets = {};
  // Older keys whose webhook signatures are still accepted.
  std::vector<Secret> previous_api_keys = {};
  // Ends the URL that is registered with the account for its pushes; empty
  // where jobs name their own.
  Secret callback_token = Secret();
  // Credits per field name, over the provider's list price.
  std::map<std::string, Credits> prices = {};
  // Over the adapter's own values where set.
  std::optional<int> max_contacts_per_request = {};
  std::optional<int> max_concurrent_requests = {};
  std::optional<int> max_running_contacts = {};
  std::optional<absl::Duration> poll_first_after = {};
  std::optional<absl::Duration> poll_interval = {};
  DoubtOptions doubt = {};
  // What a credit costs, in millionths of the currency unit.
  std::optional<int64_t> micros_per_credit = {};
  // ISO alpha-2, for providers that take one with a company name.
  std::string default_country = {};
};

}  // namespace enrich

#endif  // ENRICH_PROVIDER_ACCOUNT_CONFIG_H_
