#include "server/yaml_reader.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <limits>

#include "absl/strings/str_cat.h"
#include "enrich/config/v1/config.pb.h"
#include "support/yaml_mistakes.h"

namespace enrich {
namespace {

using ::testing::ElementsAre;
using ::testing::IsEmpty;
using ::testing::Pair;

std::vector<ConfigMistake> Read(absl::string_view yaml,
                                config::v1::Config& config) {
  YamlLines lines;
  return ReadYaml(yaml, config, lines);
}

// Every mistake as "line path: text".
std::vector<std::string> Mistakes(absl::string_view yaml) {
  config::v1::Config config;
  return MistakeLines(Read(yaml, config));
}

TEST(YamlReader, ReadsEveryKindOfValue) {
  config::v1::Config config;
  EXPECT_THAT(Read(R"(
server: {grpc_listen: "127.0.0.1:1", reflection: true, drain_timeout: 1m30s}
providers:
  - name: one
    prices: {phone: 40.5}
    previous_api_keys: [env:A, env:B]
    max_contacts_per_request: 7
limits:
  max_open_contacts: 9000000000
)",
                   config),
              IsEmpty());
  EXPECT_EQ(config.server().grpc_listen(), "127.0.0.1:1");
  EXPECT_TRUE(config.server().reflection());
  EXPECT_EQ(config.server().drain_timeout().seconds(), 90);
  ASSERT_EQ(config.providers_size(), 1);
  EXPECT_EQ(config.providers(0).prices().at("phone"), 40.5);
  EXPECT_THAT(config.providers(0).previous_api_keys(),
              ElementsAre("env:A", "env:B"));
  EXPECT_EQ(config.providers(0).max_contacts_per_request(), 7);
  EXPECT_EQ(config.limits().max_open_contacts(), 9'000'000'000);
}

TEST(YamlReader, ReadsFractionsOfASecond) {
  config::v1::Config config;
  EXPECT_THAT(Read("engine: {linger: 250ms}", config), IsEmpty());
  EXPECT_EQ(config.engine().linger().seconds(), 0);
  EXPECT_EQ(config.engine().linger().nanos(), 250'000'000);
}

TEST(YamlReader, KeepsWhatTheTextDoesNotMention) {
  config::v1::Config config;
  config.set_log_level("info");
  config.mutable_server()->set_grpc_listen("kept");
  EXPECT_THAT(Read("server: {admin_listen: new}\nstore:\n", config), IsEmpty());
  EXPECT_EQ(config.log_level(), "info");
  EXPECT_EQ(config.server().grpc_listen(), "kept");
  EXPECT_EQ(config.server().admin_listen(), "new");
}

TEST(YamlReader, ReplacesListsAndMapsWhole) {
  config::v1::Config config;
  config.mutable_waterfalls()->add_phone("old");
  EXPECT_THAT(Read("waterfalls: {phone: [new]}", config), IsEmpty());
  EXPECT_THAT(config.waterfalls().phone(), ElementsAre("new"));
  EXPECT_THAT(Read("waterfalls: {phone: }", config), IsEmpty());
  EXPECT_THAT(config.waterfalls().phone(), IsEmpty());
}

TEST(YamlReader, AnEmptyTextChangesNothing) {
  EXPECT_THAT(Mistakes(""), IsEmpty());
  EXPECT_THAT(Mistakes("# nothing\n"), IsEmpty());
}

TEST(YamlReader, ListsEveryMistakeWithItsLine) {
  EXPECT_THAT(Mistakes(R"(server:
  grpc_listn: 127.0.0.1:1
  reflection: maybe
  reflection: true
engine:
  linger: soon
unheard_of: 1
providers:
  - name: one
    api_kye: env:A
  - prices: {phone: many, phone: 2}
)"),
              ElementsAre("2 server.grpc_listn: unknown key",
                          "3 server.reflection: must be true or false",
                          "4 server.reflection: stands here twice",
                          "6 engine.linger: must be a duration such as 250ms, "
                          "30s or 24h",
                          "7 unheard_of: unknown key",
                          "10 providers[0].api_kye: unknown key",
                          "11 providers[1].prices.phone: must be a number that "
                          "is not negative",
                          "11 providers[1].prices.phone: stands here twice"));
}

struct Case {
  const char* yaml;
  const char* mistake;
};

class YamlReaderRefuses : public ::testing::TestWithParam<Case> {};

TEST_P(YamlReaderRefuses, AWrongValue) {
  EXPECT_THAT(Mistakes(GetParam().yaml), ElementsAre(GetParam().mistake));
}

INSTANTIATE_TEST_SUITE_P(
    All, YamlReaderRefuses,
    ::testing::Values(
        Case{"- a list", "1 : must be a mapping"},
        Case{"server: 7", "1 server: must be a mapping"},
        Case{"providers: {name: one}", "1 providers: must be a list"},
        Case{"providers: [one]", "1 providers[0]: must be a mapping"},
        Case{"waterfalls: {phone: [[a]]}",
             "1 waterfalls.phone[0]: must be a text"},
        Case{"providers: [{prices: 4}]",
             "1 providers[0].prices: must be a mapping"},
        Case{"log_level: [info]", "1 log_level: must be a single value"},
        Case{"limits: {max_streams_per_tenant: 1.5}",
             "1 limits.max_streams_per_tenant: must be a whole number from 0 "
             "to 2^31-1"},
        Case{"limits: {max_streams_per_tenant: -1}",
             "1 limits.max_streams_per_tenant: must be a whole number from 0 "
             "to 2^31-1"},
        Case{"limits: {max_streams_per_tenant: 2147483648}",
             "1 limits.max_streams_per_tenant: must be a whole number from 0 "
             "to 2^31-1"},
        Case{"limits: {max_open_contacts: 9223372036854775808}",
             "1 limits.max_open_contacts: must be a whole number from 0 to "
             "2^63-1"},
        Case{"engine: {linger: -1s}",
             "1 engine.linger: must be a duration such as 250ms, 30s or 24h"},
        Case{"engine: {linger: 10}",
             "1 engine.linger: must be a duration such as 250ms, 30s or 24h"},
        Case{"engine: {linger: inf}",
             "1 engine.linger: must be a duration such as 250ms, 30s or 24h"},
        Case{"providers: [{prices: {phone: nan}}]",
             "1 providers[0].prices.phone: must be a number that is not "
             "negative"},
        Case{"log_level: info\n---\nlog_level: error\n",
             "3 : the file must hold one YAML document"}),
    [](const auto& info) { return absl::StrCat("Case", info.index); });

TEST(YamlReader, TellsTheLineOfWhatItRead) {
  config::v1::Config config;
  YamlLines lines;
  ReadYaml("providers:\n  - name: one\n    prices:\n      phone: 1\n", config,
           lines);
  EXPECT_THAT(lines, ElementsAre(Pair("providers", 1), Pair("providers[0]", 2),
                                 Pair("providers[0].name", 2),
                                 Pair("providers[0].prices", 3),
                                 Pair("providers[0].prices.phone", 4)));
}

TEST(YamlReader, SaysWhereTheTextIsNoYaml) {
  const std::vector<std::string> mistakes = Mistakes("server:\n  a: [1\n");
  EXPECT_THAT(mistakes, ElementsAre(::testing::HasSubstr("no valid YAML: ")));
}

}  // namespace
}  // namespace enrich
