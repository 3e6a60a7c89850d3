#ifndef ENRICH_SIMULATOR_OPTIONS_H_
#define ENRICH_SIMULATOR_OPTIONS_H_

#include <cstdint>
#include <map>
#include <string>
#include <utility>
#include <vector>

#include "absl/time/time.h"
#include "model/credits.h"

namespace enrich::simulator {

// How one provider is set up.
struct ProviderOptions {
  // Each is an account of its own: balance, rate and jobs. Not empty.
  std::vector<std::string> api_keys = {};
  // Of every account at the start.
  Credits balance = Credits::Whole(100000);
  // Calls per window; 0 for no limit.
  int rate_limit = 0;
  // Real provider time; divided by `time_scale`.
  absl::Duration rate_window = absl::Seconds(1);
};

struct EnrowOptions : ProviderOptions {
  // False answers phone searches like a plan without them.
  bool phone_allowed = true;
  // Credits of a phone found; 50 on old plans.
  int phone_price = 40;
};

struct FullEnrichOptions : ProviderOptions {
  // Contacts of an account worked on at once, more wait; 0 for no limit.
  int concurrency = 100;
  // Answers 200 IN_PROGRESS without data for a running job, as seen live,
  // instead of the documented 400.
  bool running_is_200 = false;
};

// The prices are those of the documentation, which names none for a personal
// e-mail; Pronto's own command line reckons it like a phone. Accounts have been
// billed 3 and 30.
struct ProntoOptions : ProviderOptions {
  // Credits of a contact of whom that is found, however many numbers it has.
  int email_price = 1;
  int phone_price = 10;
  int personal_email_price = 10;
  // Refuses personal e-mails like an account that did not consent to their
  // terms.
  bool no_consent = false;
  // Requests of an account worked on at once, more wait; 0 for no limit.
  int concurrency = 5;
};

// A provider file that is played (provider_script.h).
// One account, whose `api_keys` are not what its requests carry: see `secrets`.
struct ProviderFileOptions : ProviderOptions {
  explicit ProviderFileOptions(std::string file = {}) : path(std::move(file)) {
    api_keys = {"played"};
  }

  std::string path = {};
  // Credentials of the account by name; their own names where not given.
  std::map<std::string, std::string> secrets = {};
  // Where pushes go that are not to a URL of the request; empty for nowhere.
  std::string registered_url = {};
};

struct SimulatorOptions {
  // Port 0 for any.
  std::string listen = "127.0.0.1:0";
  // Decides who is found, latencies and faults with a probability.
  uint64_t seed = 1;
  // From submit to answer of one contact, on average; each takes 0.5 to 1.5
  // times that. Not scaled.
  absl::Duration latency = absl::Seconds(2);
  // How much faster the providers' clocks run: rate windows, webhook retries,
  // deduplication and the expiry of results. At least 0.001.
  double time_scale = 1;
  EnrowOptions enrow = {{.api_keys = {"enrow-key"}, .rate_limit = 10}};
  FullEnrichOptions fullenrich = {{.api_keys = {"fullenrich-key"},
                                   .rate_limit = 60,
                                   .rate_window = absl::Minutes(1)}};
  // Pronto documents no rate for these endpoints.
  ProntoOptions pronto = {{.api_keys = {"pronto-key"}}};
  std::vector<ProviderFileOptions> provider_files = {};
  // Between the attempts of a webhook (FullEnrich); scaled.
  absl::Duration webhook_retry_interval = absl::Minutes(1);
  // An attempt not answered in this time has failed. Not scaled.
  absl::Duration webhook_timeout = absl::Seconds(10);
  // Webhooks on their way at once; more wait in order.
  int max_webhooks_in_flight = 64;
  // Finished jobs are forgotten after this; scaled.
  absl::Duration results_ttl = absl::Hours(24 * 90);
  // JSON of fault rules (faults.h); empty for none.
  std::string faults = {};
  // A file every ledger line is appended to before the call is answered; empty
  // for none.
  std::string ledger_file = {};
};

}  // namespace enrich::simulator

#endif  // ENRICH_SIMULATOR_OPTIONS_H_
