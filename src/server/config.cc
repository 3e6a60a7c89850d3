#include "server/config.h"

#include <cstdlib>
#include <filesystem>
#include <limits>
#include <set>
#include <utility>

#include "absl/strings/match.h"
#include "absl/strings/numbers.h"
#include "absl/strings/str_cat.h"
#include "server/account_checker.h"
#include "server/config_report.h"
#include "server/text_file.h"

namespace enrich {
namespace {

namespace pb = ::enrich::config::v1;

// Whether the address is bound to this machine alone.
bool IsLoopback(absl::string_view listen) {
  return absl::StartsWith(listen, "127.") ||
         absl::StartsWith(listen, "localhost:") ||
         absl::StartsWith(listen, "[::1]:");
}

// Checks a whole configuration and resolves what it refers to.
class Checker {
 public:
  Checker(const Environment& environment, const std::string& folder,
          const YamlLines& lines, ConfigResult& result)
      : result_(result),
        config_(result.config.proto),
        report_(environment, lines, result.mistakes),
        accounts_(config_, folder, report_) {}

  void Run() {
    CheckServer();
    CheckStore();
    CheckEngine();
    CheckLimits();
    for (int i = 0; i < config_.providers_size(); ++i) {
      result_.config.accounts.push_back(
          accounts_.Check(i, config_.providers(i)));
    }
    CheckWaterfall("work_email", config_.waterfalls().work_email());
    CheckWaterfall("phone", config_.waterfalls().phone());
    CheckWaterfall("personal_email", config_.waterfalls().personal_email());
    CheckWaterfall("email_verification",
                   config_.waterfalls().email_verification());
    CheckTokens();
    const std::set<std::string> levels = {"debug", "info", "warning", "error"};
    if (!levels.contains(config_.log_level())) {
      report_.Add("log_level", "must be debug, info, warning or error");
    }
  }

 private:
  void CheckListen(const std::string& path, const std::string& listen) {
    const size_t colon = listen.rfind(':');
    int port = 0;
    if (colon == std::string::npos || colon == 0 ||
        !absl::SimpleAtoi(listen.substr(colon + 1), &port) || port < 0 ||
        port > 65535) {
      report_.Add(path, "must be an address and a port such as 127.0.0.1:8080");
    }
  }

  void CheckServer() {
    const pb::Server& server = config_.server();
    CheckListen("server.grpc_listen", server.grpc_listen());
    CheckListen("server.webhook_listen", server.webhook_listen());
    CheckListen("server.admin_listen", server.admin_listen());
    const std::string& url = server.public_url();
    if (!url.empty() && !absl::StartsWith(url, "https://") &&
        !absl::StartsWith(url, "http://")) {
      report_.Add("server.public_url", "must start with https:// or http://");
    }
    if (absl::EndsWith(url, "/")) {
      report_.Add("server.public_url", "must not end with a slash");
    }
    CheckTls(server.tls());
    const bool tls = !server.tls().certificate_file().empty();
    if (!IsLoopback(server.grpc_listen()) && !tls && !server.behind_proxy()) {
      report_.Add(
          "server.grpc_listen",
          "is open to the network: set server.tls, or server.behind_proxy "
          "when a proxy that limits connections stands in front");
    }
  }

  // Without a certificate the API would be open, whatever else is set.
  void CheckTls(const pb::Tls& tls) {
    const bool any = !tls.certificate_file().empty() ||
                     !tls.key_file().empty() || !tls.client_ca_file().empty();
    if (any && tls.certificate_file().empty()) {
      report_.Add("server.tls.certificate_file", "is needed for TLS");
    }
    if (any && tls.key_file().empty()) {
      report_.Add("server.tls.key_file", "is needed beside certificate_file");
    }
  }

  void CheckStore() {
    if (config_.store().path().empty())
      report_.Add("store.path", "is required");
    if (ToDuration(config_.store().retention()) < absl::Hours(1)) {
      report_.Add("store.retention", "must be at least 1h");
    }
    CheckWebhookRetention();
  }

  // Only a time that was asked for can be too long: the default gives way.
  void CheckWebhookRetention() {
    const pb::Store& store = config_.store();
    if (ToDuration(store.webhook_retention()) <=
        ToDuration(store.retention())) {
      return;
    }
    if (report_.Mentions("store.webhook_retention")) {
      report_.Add("store.webhook_retention", "must be at most store.retention");
    } else {
      *result_.config.proto.mutable_store()->mutable_webhook_retention() =
          store.retention();
    }
  }

  void CheckEngine() {
    const pb::Engine& engine = config_.engine();
    if (ToDuration(engine.linger()) > absl::Minutes(1)) {
      report_.Add("engine.linger", "must be at most 1m");
    }
    if (ToDuration(engine.request_timeout()) < absl::Seconds(1)) {
      report_.Add("engine.request_timeout", "must be at least 1s");
    }
    if (ToDuration(engine.park_unknown_after()) < absl::Seconds(1)) {
      report_.Add("engine.park_unknown_after", "must be at least 1s");
    }
    if (engine.breaker_failures() < 1) {
      report_.Add("engine.breaker_failures", "must be at least 1");
    }
  }

  void CheckLimits() {
    const pb::Limits& limits = config_.limits();
    CheckRange("limits.max_contacts_per_batch", limits.max_contacts_per_batch(),
               1, 100'000);
    CheckRange("limits.max_open_contacts", limits.max_open_contacts(), 1,
               std::numeric_limits<int64_t>::max());
    CheckRange("limits.max_open_contacts_per_tenant",
               limits.max_open_contacts_per_tenant(), 0,
               std::numeric_limits<int64_t>::max());
    CheckRange("limits.max_message_bytes", limits.max_message_bytes(), 64 << 10,
               256 << 20);
    CheckRange("limits.max_streams_per_tenant", limits.max_streams_per_tenant(),
               1, 1'000'000);
    CheckRange("limits.max_unary_calls", limits.max_unary_calls(), 1,
               1'000'000);
    CheckRange("limits.max_webhook_bytes", limits.max_webhook_bytes(), 64 << 10,
               256 << 20);
    CheckRange("limits.max_webhook_connections",
               limits.max_webhook_connections(), 1, 1'000'000);
  }

  void CheckRange(const std::string& path, int64_t value, int64_t low,
                  int64_t high) {
    if (value < low || value > high) {
      report_.Add(path, absl::StrCat("must be from ", low, " to ", high));
    }
  }

  template <typename Names>
  void CheckWaterfall(const std::string& field, const Names& names) {
    std::set<std::string> seen;
    for (int i = 0; i < names.size(); ++i) {
      const std::string path = absl::StrCat("waterfalls.", field, "[", i, "]");
      if (!accounts_.Knows(names[i])) {
        report_.Add(path, absl::StrCat("there is no provider ", names[i]));
      } else if (!seen.insert(names[i]).second) {
        report_.Add(path, "stands here twice: a provider is asked once");
      }
    }
  }

  void CheckTokens() {
    for (int i = 0; i < config_.auth().tokens_size(); ++i) {
      const pb::Token& token = config_.auth().tokens(i);
      const std::string path = absl::StrCat("auth.tokens[", i, "]");
      if (token.tenant().empty()) report_.Add(path + ".tenant", "is required");
      result_.config.tokens.push_back(
          {.tenant = token.tenant(),
           .token = report_.Resolve(path + ".token", token.token()),
           .is_operator = token.operator_()});
    }
  }

  ConfigResult& result_;
  const pb::Config& config_;
  ConfigReport report_;
  AccountChecker accounts_;
};

}  // namespace

std::optional<std::string> ProcessEnvironment(const std::string& name) {
  const char* value = std::getenv(name.c_str());
  if (value == nullptr) return std::nullopt;
  return std::string(value);
}

ConfigResult ParseConfig(absl::string_view yaml, const Environment& environment,
                         const std::string& folder) {
  ConfigResult result;
  result.config.proto = DefaultConfig();
  YamlLines lines;
  result.mistakes = ReadYaml(yaml, result.config.proto, lines);
  Checker(environment, folder, lines, result).Run();
  return result;
}

ConfigResult LoadConfig(const std::string& path,
                        const Environment& environment) {
  if (path.empty()) return ParseConfig("", environment);
  const std::optional<std::string> text = ReadTextFile(path);
  if (!text.has_value()) {
    ConfigResult result;
    result.mistakes.push_back({.text = "cannot be read"});
    return result;
  }
  return ParseConfig(*text, environment,
                     std::filesystem::path(path).parent_path());
}

std::string FormatMistakes(const std::string& file,
                           const std::vector<ConfigMistake>& mistakes) {
  std::string out;
  for (const ConfigMistake& mistake : mistakes) {
    absl::StrAppend(&out, mistake.file.empty() ? file : mistake.file);
    if (mistake.line > 0) absl::StrAppend(&out, ":", mistake.line);
    if (!mistake.path.empty()) absl::StrAppend(&out, ": ", mistake.path);
    absl::StrAppend(&out, ": ", mistake.text, "\n");
  }
  return out;
}

int RunConfigCheck(const std::string& path, std::ostream& out,
                   std::ostream& err) {
  const ConfigResult result = LoadConfig(path, ProcessEnvironment);
  if (!result.mistakes.empty()) {
    err << FormatMistakes(path, result.mistakes);
    return 2;
  }
  out << FormatConfig(result.config.proto);
  return 0;
}

}  // namespace enrich
