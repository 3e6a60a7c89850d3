#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <filesystem>
#include <fstream>
#include <sstream>
#include <string>
#include <vector>

#include "absl/strings/str_cat.h"
#include "absl/strings/str_replace.h"
#include "google/protobuf/util/message_differencer.h"
#include "server/commands.h"
#include "server/config.h"
#include "server/provider_template.h"
#include "server/text_file.h"
#include "support/temp_dir.h"
#include "support/yaml_mistakes.h"

namespace enrich {
namespace {

using ::testing::ElementsAre;
using ::testing::HasSubstr;
using ::testing::IsEmpty;
using ::testing::SizeIs;

constexpr char kToken[] = "AAAAAAAAAABBBBBBBBBBCCCCCCCCCCDDDDDDDDDD_-9";

std::optional<std::string> Secrets(const std::string& name) {
  if (name == "KEY") return "the-key";
  if (name == "TOKEN") return kToken;
  return std::nullopt;
}

void WriteFile(const std::string& path, absl::string_view text) {
  std::filesystem::create_directories(
      std::filesystem::path(path).parent_path());
  std::ofstream(path) << text;
}

// A configuration beside a folder with a provider file.
class ConfigDefinition : public ::testing::Test {
 protected:
  ConfigDefinition() { WriteDefinition(ProviderTemplate("acme")); }

  void WriteDefinition(absl::string_view text) {
    WriteFile(dir_.File("providers/acme.yaml"), text);
  }

  // With one provider that has these further lines.
  ConfigResult LoadWith(const std::vector<std::string>& lines) {
    std::string text = absl::StrCat(head_, "providers:\n  - name: acme-main\n",
                                    "    adapter: rest\n");
    for (const std::string& line : lines) {
      absl::StrAppend(&text, "    ", line, "\n");
    }
    WriteFile(path_, text);
    return LoadConfig(path_, Secrets);
  }

  std::vector<std::string> MistakesWith(const std::vector<std::string>& lines) {
    return MistakeLines(LoadWith(lines).mistakes);
  }

  const TempDir dir_;
  const std::string path_ = dir_.File("config/gateway.yaml");
  const std::string definition_ = "definition: ../providers/acme.yaml";
  const std::string key_ = "api_key: env:KEY";
  // What stands before the providers.
  std::string head_ = {};
};

TEST_F(ConfigDefinition, IsReadOnceAndCarriedByTheAccount) {
  const ConfigResult result = LoadWith({definition_, key_});
  ASSERT_THAT(MistakeLines(result.mistakes), IsEmpty());
  ASSERT_THAT(result.config.accounts, SizeIs(1));
  const AccountConfig& account = result.config.accounts[0];
  EXPECT_EQ(account.definition, ProviderTemplate("acme"));
  EXPECT_EQ(account.definition_file, dir_.File("providers/acme.yaml"));
  EXPECT_EQ(account.api_key.Reveal(), "the-key");
}

TEST_F(ConfigDefinition, CannotSayThatAskingTheSameAgainIsFree) {
  EXPECT_THAT(
      MistakesWith({definition_, key_, "unknown_policy: quiet_replay"}),
      ElementsAre(HasSubstr("6 providers[0].unknown_policy: quiet_replay")));
}

TEST_F(ConfigDefinition, SecretsAreResolvedByName) {
  WriteDefinition(
      absl::StrReplaceAll(ProviderTemplate("acme"),
                          {{"auth:\n",
                            "secrets: [account_id]\nauth:\n  query: {account: "
                            "\"{secret.account_id}\"}\n"}}));
  const ConfigResult result =
      LoadWith({definition_, key_, "secrets: {account_id: env:KEY}"});
  ASSERT_THAT(MistakeLines(result.mistakes), IsEmpty());
  EXPECT_EQ(result.config.accounts[0].secrets.at("account_id").Reveal(),
            "the-key");
  EXPECT_THAT(MistakesWith({definition_, key_}),
              ElementsAre("2 providers[0].secrets.account_id: is required by "
                          "the provider's file"));
  EXPECT_THAT(
      MistakesWith({definition_, key_, "secrets: {account_id: env:GONE}"}),
      ElementsAre("6 providers[0].secrets.account_id: the environment has no "
                  "GONE"));
}

TEST_F(ConfigDefinition, MistakesInItNameItsFileAndLine) {
  WriteDefinition(absl::StrReplaceAll(
      ProviderTemplate("acme"),
      {{"job: \"= id\"", "job: id"}, {"get: /account", "get: account"}}));
  const ConfigResult result = LoadWith({definition_, key_});
  const std::string file = dir_.File("providers/acme.yaml");
  EXPECT_EQ(FormatMistakes(path_, result.mistakes),
            absl::StrCat(
                file,
                ":40: operations[0].submit.job: must be an expression such as "
                "\"= id\", {header: NAME} or none\n",
                file,
                ":72: balance.get: must be a path that begins with a slash, or "
                "a whole URL with https://\n"));
}

TEST_F(ConfigDefinition, MistakesOfTheAccountNameTheConfiguration) {
  EXPECT_THAT(MistakesWith({definition_}),
              ElementsAre("2 providers[0].api_key: is required by the "
                          "provider's file"));
  EXPECT_THAT(
      MistakesWith({definition_, key_, "max_contacts_per_request: 101"}),
      ElementsAre("6 providers[0].max_contacts_per_request: the provider takes "
                  "at most 100"));
  EXPECT_THAT(MistakesWith({definition_, key_, "secrets: {other: env:KEY}"}),
              ElementsAre("6 providers[0].secrets.other: is no secret that the "
                          "provider's file names"));
  EXPECT_THAT(MistakesWith({definition_, "api_key: env:GONE"}),
              ElementsAre("5 providers[0].api_key: the environment has no "
                          "GONE"));
}

TEST_F(ConfigDefinition, GoesWithTheRestAdapterOnly) {
  EXPECT_THAT(MistakesWith({key_}),
              ElementsAre("2 providers[0].definition: is required with "
                          "adapter: rest"));
  EXPECT_THAT(MistakesWith({"definition: none.yaml", key_}),
              ElementsAre(HasSubstr("providers[0].definition: cannot read")));
  EXPECT_THAT(MistakesWith({"definition: .", key_}),
              ElementsAre(HasSubstr("providers[0].definition: cannot read")));
  EXPECT_THAT(
      MistakeLines(ParseConfig("providers: [{name: a, adapter: enrow, api_key: "
                               "'env:KEY', definition: a.yaml, secrets: {b: "
                               "'env:KEY'}}]",
                               Secrets)
                       .mistakes),
      ElementsAre("1 providers[0].definition: goes with adapter: rest only",
                  "1 providers[0].secrets: goes with adapter: rest only"));
}

TEST_F(ConfigDefinition, AProviderMayDoWithoutAnApiKey) {
  WriteDefinition(absl::StrReplaceAll(
      ProviderTemplate("acme"),
      {{"auth:\n  headers: {X-API-Key: \"{secret.api_key}\"}",
        "no_api_key: true\nauth: {none: true}"}}));
  EXPECT_THAT(MistakesWith({definition_}), IsEmpty());
}

TEST_F(ConfigDefinition, ARegisteredUrlNeedsItsEnd) {
  const std::string token = "callback_token: env:TOKEN";
  EXPECT_THAT(MistakesWith({definition_, key_, token}),
              ElementsAre("6 providers[0].callback_token: is not used: each "
                          "request tells the provider a URL"));
  WriteDefinition(*ReadTextFile(absl::StrCat(
      ENRICH_SOURCE_DIR, "/tests/integration/registered/acme.yaml")));
  const std::string secrets = "secrets: {push_secret: env:KEY}";
  EXPECT_THAT(MistakesWith({definition_, key_, secrets}), IsEmpty());
  head_ = "server: {public_url: https://hooks.example.com}\n";
  EXPECT_THAT(MistakesWith({definition_, key_, secrets}),
              ElementsAre(HasSubstr("callback_token: is required: the provider "
                                    "pushes to a registered URL")));
  EXPECT_THAT(
      MistakesWith({definition_, key_, secrets, "callback_token: env:KEY"}),
      ElementsAre(HasSubstr("callback_token: must be 43 characters")));
  const ConfigResult result = LoadWith({definition_, key_, secrets, token});
  EXPECT_THAT(MistakeLines(result.mistakes), IsEmpty());
  EXPECT_EQ(result.config.accounts.at(0).callback_token.Reveal(), kToken);
}

TEST_F(ConfigDefinition, IsPrintedAsItIsWritten) {
  const ConfigResult result = LoadWith({definition_, key_});
  const std::string printed = FormatConfig(result.config.proto);
  EXPECT_THAT(printed, HasSubstr("definition: \"../providers/acme.yaml\""));
  const ConfigResult again = ParseConfig(printed, Secrets, dir_.File("config"));
  EXPECT_THAT(MistakeLines(again.mistakes), IsEmpty());
  EXPECT_TRUE(google::protobuf::util::MessageDifferencer::Equals(
      again.config.proto, result.config.proto));
}

TEST_F(ConfigDefinition, NothingIsStartedWithAWrongOne) {
  WriteDefinition("spec: 2\n");
  LoadWith({definition_, key_});
  std::ostringstream err;
  EXPECT_EQ(RunGateway(path_, err), 2);
  EXPECT_THAT(err.str(), HasSubstr(dir_.File("providers/acme.yaml") +
                                   ":1: spec: must be 1"));
}

}  // namespace
}  // namespace enrich
