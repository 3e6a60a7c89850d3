#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <string>

#include "absl/strings/str_cat.h"
#include "integration/gateway_fixture.h"
#include "server/text_file.h"

// A provider that pushes everything to one URL, registered with the account.
namespace enrich {
namespace {

using ::testing::ElementsAre;
using ::testing::Pair;

constexpr char kToken[] = "AAAAAAAAAABBBBBBBBBBCCCCCCCCCCDDDDDDDDDD_-9";

class RegisteredUrl : public GatewayFixture {
 protected:
  RegisteredUrl() {
    const std::string path = absl::StrCat(
        ENRICH_SOURCE_DIR, "/tests/integration/registered/acme.yaml");
    ReserveWebhookPort();
    knobs.played = {{.id = "acme",
                     .definition = ReadTextFile(path).value_or(""),
                     .callback_token = kToken}};
    simulator_options.provider_files.emplace_back(path).registered_url =
        WebhookUrl(absl::StrCat("/v1/webhooks/acme/", kToken));
  }

  // Two people of whom one is found.
  v1::EnrichBatchRequest TwoPeople() const {
    v1::Contact ada = Person("ada", "Found");
    ada.set_linkedin_url("https://www.linkedin.com/in/ada-found");
    v1::Contact bea = Person("bea", "Notfound");
    bea.set_linkedin_url("https://www.linkedin.com/in/bea-notfound");
    v1::EnrichBatchRequest request = BatchOf({ada, bea});
    request.add_providers("acme");
    return request;
  }

  void ExpectTheirOutcomes() {
    EXPECT_THAT(
        Run(TwoPeople()),
        ElementsAre(Pair("ada", "work_email=found[acme=found]"),
                    Pair("bea", "work_email=not_found[acme=not_found]")));
  }
};

TEST_F(RegisteredUrl, ResultsArePushedThere) {
  Start();
  ExpectTheirOutcomes();
  EXPECT_EQ(Total("acme", "fetches"), 0);
}

TEST_F(RegisteredUrl, ForgedPushesCountForNothing) {
  knobs.poll_first_after = absl::Seconds(1);
  simulator_options.faults =
      R"([{"provider":"acme","endpoint":"webhook","action":"forge"}])";
  Start();
  ExpectTheirOutcomes();
  EXPECT_GE(Total("acme", "fetches"), 1);
}

// The reply that names the job may be later than its push: the results are
// fetched then.
TEST_F(RegisteredUrl, LostPushesAreFetched) {
  knobs.poll_first_after = absl::Seconds(1);
  simulator_options.faults =
      R"([{"provider":"acme","endpoint":"webhook","action":"lost"}])";
  Start();
  ExpectTheirOutcomes();
  EXPECT_GE(Total("acme", "fetches"), 1);
}

}  // namespace
}  // namespace enrich
