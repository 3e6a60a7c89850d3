#ifndef ENRICH_TESTS_INTEGRATION_GATEWAY_FIXTURE_H_
#define ENRICH_TESTS_INTEGRATION_GATEWAY_FIXTURE_H_

#include <gtest/gtest.h>

#include <map>
#include <memory>
#include <string>
#include <vector>

#include "absl/strings/string_view.h"
#include "absl/time/time.h"
#include "base/clock.h"
#include "base/executor.h"
#include "base/random.h"
#include "http/http_client.h"
#include "integration/gateway_client.h"
#include "provider/account_config.h"
#include "server/server.h"
#include "simulator/simulator.h"
#include "support/temp_dir.h"

namespace enrich {

// A provider file.
struct PlayedProvider {
  std::string id = {};
  // As accounts have it.
  std::string definition = {};
  // Ends its registered URL, where it has one.
  std::string callback_token = {};
};

// What a test may change of the gateway's configuration.
struct GatewayKnobs {
  // Without pushes all results are fetched.
  bool pushes = true;
  // Fetches stay away from tests of pushes unless a test hurries them.
  absl::Duration poll_first_after = absl::Minutes(1);
  absl::Duration poll_interval = absl::Seconds(1);
  absl::Duration linger = absl::Milliseconds(10);
  absl::Duration request_timeout = absl::Seconds(10);
  absl::Duration park_unknown_after = absl::Minutes(1);
  absl::Duration give_up_sending_after = absl::Minutes(1);
  int max_contacts_per_request = 0;
  int max_running_contacts = 0;
  std::string work_email = "enrow, fullenrich";
  std::string phone = "fullenrich, enrow";
  // Provider files that the simulator plays, and that accounts of their ids
  // have.
  std::vector<PlayedProvider> played = {};
  // More YAML. `env:NAME` stands for the secret "NAME-key".
  std::string more = {};
};

// A whole gateway and the provider simulator in this process, speaking over
// real sockets. Whatever a test does, the simulator's ledger must not show a
// lookup that was paid for twice, unless that was approved.
class GatewayFixture : public ::testing::Test {
 protected:
  GatewayFixture();
  ~GatewayFixture() override;
  void TearDown() override;

  // To be changed before Start.
  simulator::SimulatorOptions simulator_options = {};
  GatewayKnobs knobs = {};
  // Lookups that a person lets be paid for once more, by provider.
  std::map<std::string, int64_t> approved_lookups = {};

  void Start() {
    StartSimulator();
    StartGateway();
  }
  void StartSimulator();
  // Where the simulator will be, for a gateway that is there first.
  void ReserveSimulatorPort();
  // Where the gateway will take pushes, for a simulator that must know.
  void ReserveWebhookPort();
  std::string WebhookUrl(absl::string_view path) const;
  // On the database and the webhook port of the gateway before, if any.
  void StartGateway();
  // Ends the gateway as its destructor does: nobody is waited for.
  void StopGateway();

  // A client of the gateway as it runs now.
  GatewayClient& client() { return *client_; }
  std::unique_ptr<GatewayClient> Connect(const std::string& token) const;
  // Where its API is.
  std::string address() const;

  // A number in the simulator's totals of a provider.
  int64_t Total(absl::string_view provider, absl::string_view name) const;
  // Likewise with its fraction.
  double Amount(absl::string_view provider, absl::string_view name) const;
  // What the gateway says of itself to Prometheus.
  std::string Metrics() const;
  // Waits until that number is at least `value`.
  bool WaitForTotal(absl::string_view provider, absl::string_view name,
                    int64_t value) const;

  // Submits, and expects the batch to be accepted.
  v1::Batch Submit(const v1::EnrichBatchRequest& request);
  // Watches the batch to its end and returns its events: numbered without a
  // gap, finished by the last one, and the same by ListResults.
  std::vector<v1::ResultEvent> Collect(const std::string& batch_id);
  // What the batch's contacts got, by reference.
  std::map<std::string, std::string> Run(const v1::EnrichBatchRequest& request);
  // Reads the events again until there are `count`.
  std::vector<v1::ResultEvent> WaitForEvents(const std::string& batch_id,
                                             size_t count);
  // The same by ListResults, in small pages.
  std::vector<v1::ResultEvent> List(const std::string& batch_id);

 private:
  std::string Get(const std::string& url) const;
  std::string Config() const;
  std::string ProviderConfig(absl::string_view name) const;
  AccountConfig PlayedAccount(const PlayedProvider& provider) const;

  const TempDir dir_;
  SystemClock clock_;
  SystemRandom random_;
  const std::unique_ptr<Executor> executor_;
  std::unique_ptr<HttpClient> http_;
  int simulator_port_ = 0;
  int webhook_port_ = 0;
  std::unique_ptr<simulator::Simulator> simulator_;
  std::unique_ptr<GatewayServer> gateway_;
  std::unique_ptr<GatewayClient> client_;
};

// "Vera Found" with the reference "vera" at a company of her own. The simulator
// knows people by their last names; see person_oracle.h.
v1::Contact Person(const std::string& ref, const std::string& last_name);

// A batch with a request id of its own.
v1::EnrichBatchRequest BatchOf(const std::vector<v1::Contact>& contacts,
                               const std::vector<v1::ContactField>& fields = {
                                   v1::CONTACT_FIELD_WORK_EMAIL});

// A result in a line, such as
// "work_email=found[enrow=not_found,fullenrich=found]".
std::string Summary(const v1::ContactResult& result);

// The latest summary of every contact, by reference.
std::map<std::string, std::string> Summaries(
    const std::vector<v1::ResultEvent>& events);

}  // namespace enrich

#endif  // ENRICH_TESTS_INTEGRATION_GATEWAY_FIXTURE_H_
