#include "server/config.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <filesystem>
#include <fstream>
#include <sstream>

#include "absl/strings/str_cat.h"
#include "google/protobuf/util/message_differencer.h"
#include "server/commands.h"
#include "support/temp_dir.h"
#include "support/yaml_mistakes.h"

namespace enrich {
namespace {

using ::testing::Contains;
using ::testing::ElementsAre;
using ::testing::HasSubstr;
using ::testing::IsEmpty;
using ::testing::Not;
using ::testing::SizeIs;

std::optional<std::string> Secrets(const std::string& name) {
  if (name == "KEY") return "the-key";
  if (name == "EMPTY") return "";
  return std::nullopt;
}

std::vector<std::string> Mistakes(absl::string_view yaml) {
  return MistakeLines(ParseConfig(yaml, Secrets).mistakes);
}

std::string WriteFile(const std::string& path, absl::string_view text) {
  std::ofstream(path) << std::string(text);
  return path;
}

constexpr char kGood[] = R"(
server:
  public_url: https://hooks.example.com
store:
  path: /var/lib/gateway.db
providers:
  - name: enrow
    adapter: enrow
    api_key: env:KEY
    prices: {phone: 50}
    cost_per_credit: 0.0595
    max_running_contacts: 30
  - name: fullenrich
    adapter: fullenrich
    api_key: env:KEY
    previous_api_keys: [env:KEY]
    poll_first_after: 10s
    unknown_policy: quiet_replay
    max_jobs_in_doubt: 5
waterfalls:
  work_email: [enrow, fullenrich]
  phone: [fullenrich]
auth:
  tokens:
    - {tenant: growth, token: env:KEY}
    - {tenant: growth, token: env:KEY, operator: true}
)";

// ---- What is good -----------------------------------------------------------

TEST(Config, ResolvesAccountsAndTokens) {
  const ConfigResult result = ParseConfig(kGood, Secrets);
  ASSERT_THAT(MistakeLines(result.mistakes), IsEmpty());
  ASSERT_THAT(result.config.accounts, SizeIs(2));
  const AccountConfig& enrow = result.config.accounts[0];
  EXPECT_EQ(enrow.name, "enrow");
  EXPECT_EQ(enrow.adapter, "enrow");
  EXPECT_EQ(enrow.api_key.Reveal(), "the-key");
  EXPECT_EQ(enrow.prices.at("phone"), Credits::Whole(50));
  EXPECT_EQ(enrow.micros_per_credit, 59'500);
  EXPECT_EQ(enrow.max_running_contacts, 30);
  EXPECT_EQ(enrow.poll_first_after, std::nullopt);
  EXPECT_FALSE(enrow.doubt.quiet_replay);
  EXPECT_EQ(enrow.doubt.max_jobs, 20);
  const AccountConfig& fullenrich = result.config.accounts[1];
  ASSERT_THAT(fullenrich.previous_api_keys, SizeIs(1));
  EXPECT_EQ(fullenrich.previous_api_keys[0].Reveal(), "the-key");
  EXPECT_EQ(fullenrich.poll_first_after, absl::Seconds(10));
  EXPECT_EQ(fullenrich.max_running_contacts, std::nullopt);
  EXPECT_TRUE(fullenrich.doubt.quiet_replay);
  EXPECT_EQ(fullenrich.doubt.max_jobs, 5);
  ASSERT_THAT(result.config.tokens, SizeIs(2));
  EXPECT_EQ(result.config.tokens[0].tenant, "growth");
  EXPECT_EQ(result.config.tokens[0].token.Reveal(), "the-key");
  EXPECT_FALSE(result.config.tokens[0].is_operator);
  EXPECT_TRUE(result.config.tokens[1].is_operator);
}

TEST(Config, WithoutAFileTheDefaultsStandOnLoopback) {
  const ConfigResult result = LoadConfig("", Secrets);
  EXPECT_THAT(MistakeLines(result.mistakes), IsEmpty());
  EXPECT_TRUE(google::protobuf::util::MessageDifferencer::Equals(
      result.config.proto, DefaultConfig()));
  EXPECT_THAT(result.config.accounts, IsEmpty());
  EXPECT_EQ(result.config.proto.server().grpc_listen(), "127.0.0.1:8080");
  EXPECT_EQ(result.config.proto.store().path(), "enrich-gateway.db");
}

TEST(Config, ReadsSecretsFromFiles) {
  const TempDir dir;
  const std::string key = WriteFile(dir.File("key"), "  from-a-file\n");
  const ConfigResult result = ParseConfig(
      absl::StrCat("auth: {tokens: [{tenant: t, token: 'file:", key, "'}]}"),
      Secrets);
  ASSERT_THAT(MistakeLines(result.mistakes), IsEmpty());
  EXPECT_EQ(result.config.tokens[0].token.Reveal(), "from-a-file");
}

class PrintedConfig : public ::testing::TestWithParam<const char*> {};

TEST_P(PrintedConfig, ParsesBackToTheSame) {
  const ConfigResult result = ParseConfig(GetParam(), Secrets);
  ASSERT_THAT(MistakeLines(result.mistakes), IsEmpty());
  const std::string printed = FormatConfig(result.config.proto);
  const ConfigResult again = ParseConfig(printed, Secrets);
  EXPECT_THAT(MistakeLines(again.mistakes), IsEmpty()) << printed;
  EXPECT_TRUE(google::protobuf::util::MessageDifferencer::Equals(
      again.config.proto, result.config.proto))
      << printed;
  EXPECT_THAT(printed, Not(HasSubstr("the-key")));
}

constexpr char kUnlimited[] =
    "providers: [{name: one, adapter: fullenrich, api_key: env:KEY, "
    "max_running_contacts: 0}]";

INSTANTIATE_TEST_SUITE_P(All, PrintedConfig,
                         ::testing::Values("", kGood, kUnlimited));

// ---- What is not ------------------------------------------------------------

struct Case {
  const char* yaml;
  const char* mistake;
};

class ConfigRefuses : public ::testing::TestWithParam<Case> {};

TEST_P(ConfigRefuses, OneMistake) {
  EXPECT_THAT(Mistakes(GetParam().yaml),
              ElementsAre(HasSubstr(GetParam().mistake)));
}

INSTANTIATE_TEST_SUITE_P(
    Server, ConfigRefuses,
    ::testing::Values(
        Case{"server: {grpc_listen: '127.0.0.1'}",
             "server.grpc_listen: must be an address and a port"},
        Case{"server: {webhook_listen: '127.0.0.1:65536'}",
             "server.webhook_listen: must be an address and a port"},
        Case{"server: {admin_listen: ':80'}",
             "server.admin_listen: must be an address and a port"},
        Case{"server: {grpc_listen: '0.0.0.0:8080'}",
             "server.grpc_listen: is open to the network"},
        Case{"server: {grpc_listen: '[::]:8080'}",
             "server.grpc_listen: is open to the network"},
        Case{"server: {public_url: hooks.example.com}",
             "server.public_url: must start with https:// or http://"},
        Case{"server: {public_url: 'https://hooks.example.com/'}",
             "server.public_url: must not end with a slash"},
        Case{"server: {tls: {certificate_file: a.pem}}",
             "server.tls.key_file: is needed"},
        Case{"server: {tls: {key_file: a.pem}}",
             "server.tls.certificate_file: is needed"},
        Case{"server: {tls: {client_ca_file: a.pem, key_file: a.pem}}",
             "server.tls.certificate_file: is needed"}));

INSTANTIATE_TEST_SUITE_P(
    Values, ConfigRefuses,
    ::testing::Values(
        Case{"store: {path: ''}", "store.path: is required"},
        Case{"store: {retention: 59m}", "store.retention: must be at least"},
        Case{"store: {retention: 2h, webhook_retention: 3h}",
             "store.webhook_retention: must be at most store.retention"},
        Case{"engine: {linger: 61s}", "engine.linger: must be at most 1m"},
        Case{"engine: {request_timeout: 999ms}",
             "engine.request_timeout: must be at least 1s"},
        Case{"engine: {park_unknown_after: 0s}",
             "engine.park_unknown_after: must be at least 1s"},
        Case{"engine: {breaker_failures: 0}",
             "engine.breaker_failures: must be at least 1"},
        Case{"limits: {max_contacts_per_batch: 0}",
             "limits.max_contacts_per_batch: must be from 1 to 100000"},
        Case{"limits: {max_open_contacts_per_tenant: -1}",
             "limits.max_open_contacts_per_tenant: must be a whole number"},
        Case{"limits: {max_message_bytes: 1}",
             "limits.max_message_bytes: must be from"},
        Case{"limits: {max_streams_per_tenant: 0}",
             "limits.max_streams_per_tenant: must be from"},
        Case{"limits: {max_webhook_bytes: 1}",
             "limits.max_webhook_bytes: must be from"},
        Case{"limits: {max_webhook_connections: 0}",
             "limits.max_webhook_connections: must be from"},
        Case{"log_level: loud",
             "log_level: must be debug, info, warning or error"},
        Case{"auth: {tokens: [{token: 'env:KEY'}]}",
             "auth.tokens[0].tenant: is required"},
        Case{"auth: {tokens: [{tenant: t, token: 'env:GONE'}]}",
             "auth.tokens[0].token: the environment has no GONE"},
        Case{"auth: {tokens: [{tenant: t, token: 'env:EMPTY'}]}",
             "auth.tokens[0].token: the environment has no EMPTY"},
        Case{"auth: {tokens: [{tenant: t, token: 'file:/no/such/file'}]}",
             "auth.tokens[0].token: cannot read /no/such/file"},
        Case{"waterfalls: {phone: [nobody]}",
             "waterfalls.phone[0]: there is no provider nobody"}));

// One provider that is right but for the line put in.
std::string Provider(const std::string& line) {
  return absl::StrCat("providers:\n  - name: one\n    adapter: enrow\n",
                      "    api_key: env:KEY\n    ", line, "\n");
}

TEST(Config, RefusesWrongSettingsOfAProvider) {
  EXPECT_THAT(Mistakes(Provider("base_url: ftp://a.example")),
              Contains(HasSubstr("providers[0].base_url: must start with")));
  EXPECT_THAT(
      Mistakes(Provider("base_url: http://a.example")),
      ElementsAre(HasSubstr("providers[0].base_url: is not encrypted")));
  EXPECT_THAT(Mistakes(Provider("prices: {fax: 1}")),
              ElementsAre(HasSubstr("providers[0].prices.fax: is no field")));
  EXPECT_THAT(Mistakes(Provider("cost_per_credit: -0.1")),
              ElementsAre(HasSubstr("providers[0].cost_per_credit: must be")));
  EXPECT_THAT(Mistakes(Provider("max_contacts_per_request: 5001")),
              ElementsAre(HasSubstr("max_contacts_per_request")));
  EXPECT_THAT(Mistakes(Provider("default_country: France")),
              ElementsAre(HasSubstr("default_country")));
  EXPECT_THAT(Mistakes(Provider("max_jobs_in_doubt: -1")),
              ElementsAre(HasSubstr("providers[0].max_jobs_in_doubt: must be a "
                                    "whole number from 0")));
  EXPECT_THAT(Mistakes(Provider("unknown_policy: retry")),
              ElementsAre(HasSubstr("providers[0].unknown_policy: must be park "
                                    "or quiet_replay")));
}

TEST(Config, ReplaysQuietlyOnlyWhereTheProviderDoesNotChargeForIt) {
  EXPECT_THAT(Mistakes(Provider("unknown_policy: park")), IsEmpty());
  EXPECT_THAT(Mistakes(Provider("unknown_policy: quiet_replay")),
              ElementsAre(HasSubstr("5 providers[0].unknown_policy: "
                                    "quiet_replay is for providers")));
}

TEST(Config, TellsALimitOfZeroFromNone) {
  const auto running = [](const std::string& line) {
    const ConfigResult result = ParseConfig(Provider(line), Secrets);
    EXPECT_THAT(MistakeLines(result.mistakes), IsEmpty());
    return result.config.accounts.at(0).max_running_contacts;
  };
  EXPECT_EQ(running("max_running_contacts: 0"), 0);
  EXPECT_EQ(running("default_country: FR"), std::nullopt);
  EXPECT_THAT(
      Mistakes(Provider("max_contacts_per_request: 0")),
      ElementsAre(HasSubstr("max_contacts_per_request: must be at least 1")));
  EXPECT_THAT(
      Mistakes(Provider("max_concurrent_requests: 0")),
      ElementsAre(HasSubstr("max_concurrent_requests: must be at least 1")));
}

TEST(Config, RefusesAProviderWithoutNameAdapterAndKey) {
  EXPECT_THAT(
      Mistakes("providers: [{}]"),
      testing::AllOf(Contains(HasSubstr("providers[0].name: is required")),
                     Contains(HasSubstr("providers[0].api_key: must be a "
                                        "reference"))));
  EXPECT_THAT(Mistakes("providers: [{name: a, adapter: b, api_key: env:KEY}]"),
              ElementsAre(HasSubstr("providers[0]: ")));
}

TEST(Config, RefusesNamesThatStandTwice) {
  EXPECT_THAT(Mistakes("providers:\n"
                       "  - {name: one, adapter: enrow, api_key: env:KEY}\n"
                       "  - {name: one, adapter: enrow, api_key: env:KEY}\n"
                       "waterfalls: {phone: [one, one]}\n"),
              ElementsAre(HasSubstr("providers[1].name: is taken"),
                          HasSubstr("waterfalls.phone[1]: stands here twice")));
}

TEST(Config, NeverRepeatsAKeyThatWasPutInTheFile) {
  const std::vector<std::string> mistakes =
      Mistakes("providers: [{name: a, adapter: enrow, api_key: s3cret}]");
  EXPECT_THAT(mistakes, Contains(HasSubstr("must be a reference")));
  EXPECT_THAT(mistakes, Not(Contains(HasSubstr("s3cret"))));
}

TEST(Config, WebhooksAreKeptNoLongerThanBatches) {
  const auto kept = [](absl::string_view yaml) {
    const auto result = ParseConfig(yaml, Secrets);
    EXPECT_THAT(MistakeLines(result.mistakes), IsEmpty());
    return ToDuration(result.config.proto.store().webhook_retention());
  };
  EXPECT_EQ(kept("log_level: info"), absl::Hours(24 * 7));
  EXPECT_EQ(kept("store: {retention: 2h}"), absl::Hours(2));
  EXPECT_EQ(kept("store: {webhook_retention: 0s}"), absl::ZeroDuration());
}

TEST(Config, ListsMistakesOfEveryKindAtOnce) {
  EXPECT_THAT(Mistakes("log_levle: info\n"
                       "store: {path: ''}\n"
                       "engine: {linger: x}\n"),
              ElementsAre("1 log_levle: unknown key",
                          HasSubstr("3 engine.linger: must be a duration"),
                          HasSubstr("2 store.path: is required")));
}

TEST(Config, SaysTheLineOfAWrongOrMissingValue) {
  EXPECT_THAT(Mistakes("store:\n  path: ''\n"),
              ElementsAre("2 store.path: is required"));
  EXPECT_THAT(Mistakes("auth:\n  tokens:\n    - token: env:KEY\n"),
              ElementsAre("3 auth.tokens[0].tenant: is required"));
}

TEST(Config, AnOpenAddressNeedsTlsOrAProxy) {
  EXPECT_THAT(Mistakes("server: {grpc_listen: '0.0.0.0:1', "
                       "tls: {certificate_file: a, key_file: b}}"),
              IsEmpty());
  EXPECT_THAT(Mistakes("server: {grpc_listen: '0.0.0.0:1', "
                       "behind_proxy: true}"),
              IsEmpty());
}

// ---- Commands ---------------------------------------------------------------

TEST(ConfigCheck, PrintsTheEffectiveConfiguration) {
  const TempDir dir;
  std::ostringstream out;
  std::ostringstream err;
  EXPECT_EQ(
      RunConfigCheck(WriteFile(dir.File("c"), "log_level: debug\n"), out, err),
      0);
  EXPECT_THAT(out.str(), HasSubstr("log_level: \"debug\""));
  EXPECT_THAT(out.str(), HasSubstr("linger: 250ms"));
  EXPECT_THAT(out.str(),
              HasSubstr("cache:\n  found_for: 720h\n  not_found_for: 24h"));
  EXPECT_EQ(err.str(), "");
}

TEST(ConfigCheck, PrintsEveryMistakeAndReturns2) {
  const TempDir dir;
  const std::string path =
      WriteFile(dir.File("c"), "log_levle: debug\nserver: {grpc_listen: x}\n");
  std::ostringstream out;
  std::ostringstream err;
  EXPECT_EQ(RunConfigCheck(path, out, err), 2);
  EXPECT_THAT(err.str(), HasSubstr(path + ":1: log_levle: unknown key\n"));
  EXPECT_THAT(err.str(), HasSubstr(path + ":2: server.grpc_listen: must be"));
  EXPECT_EQ(out.str(), "");
}

TEST(ConfigCheck, AFileThatCannotBeReadIsAMistake) {
  std::ostringstream out;
  std::ostringstream err;
  EXPECT_EQ(RunConfigCheck("/no/such/file", out, err), 2);
  EXPECT_EQ(err.str(), "/no/such/file: cannot be read\n");
}

TEST(RunGateway, StartsNothingWithAWrongConfiguration) {
  const TempDir dir;
  const std::string database = dir.File("gateway.db");
  const std::string path = WriteFile(
      dir.File("c"),
      absl::StrCat("store: {path: '", database, "'}\nunheard_of: 1\n"));
  std::ostringstream err;
  EXPECT_EQ(RunGateway(path, err), 2);
  EXPECT_THAT(err.str(), HasSubstr("unheard_of: unknown key"));
  EXPECT_FALSE(std::filesystem::exists(database));
}

}  // namespace
}  // namespace enrich
