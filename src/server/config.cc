#include "server/config.h"

#include <cmath>
#include <cstdlib>
#include <filesystem>
#include <limits>
#include <set>
#include <utility>

#include "absl/strings/ascii.h"
#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/strip.h"
#include "adapters/all.h"
#include "adapters/rest/load.h"
#include "base/random.h"
#include "server/text_file.h"

namespace enrich {
namespace {

namespace pb = ::enrich::config::v1;

constexpr absl::string_view kRestAdapter = "rest";
constexpr int kMostPerCredit = 1'000'000;

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
      : environment_(environment),
        folder_(folder),
        lines_(lines),
        result_(result),
        config_(result.config.proto) {}

  void Run() {
    CheckServer();
    CheckStore();
    CheckEngine();
    CheckLimits();
    for (int i = 0; i < config_.providers_size(); ++i) {
      CheckProvider(i, config_.providers(i));
    }
    CheckWaterfall("work_email", config_.waterfalls().work_email());
    CheckWaterfall("phone", config_.waterfalls().phone());
    CheckWaterfall("personal_email", config_.waterfalls().personal_email());
    CheckWaterfall("email_verification",
                   config_.waterfalls().email_verification());
    CheckTokens();
    const std::set<std::string> levels = {"debug", "info", "warning", "error"};
    if (!levels.contains(config_.log_level())) {
      Report("log_level", "must be debug, info, warning or error");
    }
  }

 private:
  void Report(std::string path, std::string text) {
    const int line = LineOf(path);
    result_.mistakes.push_back(
        {.path = std::move(path), .line = line, .text = std::move(text)});
  }

  // Of what is missing, the line of what it is missing from.
  int LineOf(std::string path) const {
    while (!path.empty()) {
      if (const auto it = lines_.find(path); it != lines_.end()) {
        return it->second;
      }
      const size_t end = path.find_last_of(".[");
      path.resize(end == std::string::npos ? 0 : end);
    }
    return 0;
  }

  void CheckListen(const std::string& path, const std::string& listen) {
    const size_t colon = listen.rfind(':');
    int port = 0;
    if (colon == std::string::npos || colon == 0 ||
        !absl::SimpleAtoi(listen.substr(colon + 1), &port) || port < 0 ||
        port > 65535) {
      Report(path, "must be an address and a port such as 127.0.0.1:8080");
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
      Report("server.public_url", "must start with https:// or http://");
    }
    if (absl::EndsWith(url, "/")) {
      Report("server.public_url", "must not end with a slash");
    }
    CheckTls(server.tls());
    const bool tls = !server.tls().certificate_file().empty();
    if (!IsLoopback(server.grpc_listen()) && !tls && !server.behind_proxy()) {
      Report("server.grpc_listen",
             "is open to the network: set server.tls, or server.behind_proxy "
             "when a proxy that limits connections stands in front");
    }
  }

  // Without a certificate the API would be open, whatever else is set.
  void CheckTls(const pb::Tls& tls) {
    const bool any = !tls.certificate_file().empty() ||
                     !tls.key_file().empty() || !tls.client_ca_file().empty();
    if (any && tls.certificate_file().empty()) {
      Report("server.tls.certificate_file", "is needed for TLS");
    }
    if (any && tls.key_file().empty()) {
      Report("server.tls.key_file", "is needed beside certificate_file");
    }
  }

  void CheckStore() {
    if (config_.store().path().empty()) Report("store.path", "is required");
    if (ToDuration(config_.store().retention()) < absl::Hours(1)) {
      Report("store.retention", "must be at least 1h");
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
    if (lines_.contains("store.webhook_retention")) {
      Report("store.webhook_retention", "must be at most store.retention");
    } else {
      *result_.config.proto.mutable_store()->mutable_webhook_retention() =
          store.retention();
    }
  }

  void CheckEngine() {
    const pb::Engine& engine = config_.engine();
    if (ToDuration(engine.linger()) > absl::Minutes(1)) {
      Report("engine.linger", "must be at most 1m");
    }
    if (ToDuration(engine.request_timeout()) < absl::Seconds(1)) {
      Report("engine.request_timeout", "must be at least 1s");
    }
    if (ToDuration(engine.park_unknown_after()) < absl::Seconds(1)) {
      Report("engine.park_unknown_after", "must be at least 1s");
    }
    if (engine.breaker_failures() < 1) {
      Report("engine.breaker_failures", "must be at least 1");
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
      Report(path, absl::StrCat("must be from ", low, " to ", high));
    }
  }

  // Resolves `env:NAME` or `file:/path`.
  Secret Resolve(const std::string& path, const std::string& reference) {
    absl::string_view rest = reference;
    if (absl::ConsumePrefix(&rest, "env:")) {
      const auto value = environment_(std::string(rest));
      if (value.has_value() && !value->empty()) return Secret(*value);
      Report(path, absl::StrCat("the environment has no ", rest));
    } else if (absl::ConsumePrefix(&rest, "file:")) {
      const auto text = ReadTextFile(std::string(rest));
      if (text.has_value()) {
        return Secret(std::string(absl::StripAsciiWhitespace(*text)));
      }
      Report(path, absl::StrCat("cannot read ", rest));
    } else {
      // The value itself is not repeated: it may be a key.
      Report(path, "must be a reference: env:NAME or file:/path");
    }
    return Secret();
  }

  void CheckProvider(int index, const pb::Provider& provider) {
    const std::string path = absl::StrCat("providers[", index, "]");
    if (provider.name().empty()) {
      Report(path + ".name", "is required");
    } else if (!names_.insert(provider.name()).second) {
      Report(path + ".name", "is taken by another provider");
    }
    AccountConfig account = {.name = provider.name(),
                             .adapter = provider.adapter(),
                             .base_url = provider.base_url(),
                             .default_country = provider.default_country()};
    ResolveSecrets(path, provider, account);
    CheckBaseUrl(path, provider.base_url());
    CheckPrices(path, provider, account);
    CheckCost(path, provider, account);
    TakeOverrides(provider, account);
    TakeDoubtOptions(path, provider, account);
    // The adapter has the last word on its own settings.
    if (provider.adapter() == kRestAdapter) {
      CheckDefinition(path, provider, account);
    } else {
      CheckNative(path, provider, account);
    }
    result_.config.accounts.push_back(std::move(account));
  }

  // A provider file may do without an API key.
  void ResolveSecrets(const std::string& path, const pb::Provider& provider,
                      AccountConfig& account) {
    if (provider.adapter() != kRestAdapter || !provider.api_key().empty()) {
      account.api_key = Resolve(path + ".api_key", provider.api_key());
    }
    for (int i = 0; i < provider.previous_api_keys_size(); ++i) {
      account.previous_api_keys.push_back(
          Resolve(absl::StrCat(path, ".previous_api_keys[", i, "]"),
                  provider.previous_api_keys(i)));
    }
    account.callback_token = ResolveCallbackToken(path + ".callback_token",
                                                  provider.callback_token());
    for (const auto& [name, reference] : provider.secrets()) {
      account.secrets[name] =
          Resolve(absl::StrCat(path, ".secrets.", name), reference);
    }
  }

  void CheckNative(const std::string& path, const pb::Provider& provider,
                   const AccountConfig& account) {
    const std::string only = "goes with adapter: rest only";
    if (!provider.definition().empty()) Report(path + ".definition", only);
    if (!provider.secrets().empty()) Report(path + ".secrets", only);
    if (const auto adapter = AllAdapters().Create(account); !adapter.ok()) {
      Report(path, std::string(adapter.status().message()));
    } else {
      CheckCapabilities(path, (*adapter)->capabilities(), account);
      CheckCallback(path, provider, (*adapter)->capabilities());
    }
  }

  // Reads the provider file once: `account` carries it from here.
  void CheckDefinition(const std::string& path, const pb::Provider& provider,
                       AccountConfig& account) {
    const std::string key = path + ".definition";
    const std::string& definition = provider.definition();
    if (definition.empty()) {
      return Report(key, "is required with adapter: rest");
    }
    account.definition_file =
        (std::filesystem::path(folder_) / definition).lexically_normal();
    std::optional<std::string> text = ReadTextFile(account.definition_file);
    if (!text.has_value()) {
      return Report(key, absl::StrCat("cannot read ", account.definition_file));
    }
    account.definition = *std::move(text);
    rest::LoadResult loaded = rest::Load(account.definition, account);
    for (rest::Mistake& mistake : loaded.mistakes) {
      ReportDefinition(path, account.definition_file, std::move(mistake));
    }
    if (loaded.plan != nullptr) {
      CheckCapabilities(path, loaded.plan->capabilities, account);
      CheckCallback(path, provider, loaded.plan->capabilities);
    }
  }

  // What is about the account stands in the configuration, unless it has been
  // reported there: a secret that could not be resolved is not missing.
  void ReportDefinition(const std::string& path, const std::string& file,
                        rest::Mistake mistake) {
    if (mistake.line > 0 || mistake.path.empty()) {
      result_.mistakes.push_back({.path = std::move(mistake.path),
                                  .line = mistake.line,
                                  .text = std::move(mistake.text),
                                  .file = file});
      return;
    }
    std::string key = absl::StrCat(path, ".", mistake.path);
    for (const ConfigMistake& known : result_.mistakes) {
      if (known.path == key) return;
    }
    Report(std::move(key), std::move(mistake.text));
  }

  void TakeDoubtOptions(const std::string& path, const pb::Provider& provider,
                        AccountConfig& account) {
    const std::string& policy = provider.unknown_policy();
    account.doubt.quiet_replay = policy == "quiet_replay";
    if (!policy.empty() && policy != "park" && !account.doubt.quiet_replay) {
      Report(path + ".unknown_policy", "must be park or quiet_replay");
    }
    if (provider.has_max_jobs_in_doubt()) {
      account.doubt.max_jobs = provider.max_jobs_in_doubt();
    }
  }

  void CheckCapabilities(const std::string& path,
                         const Capabilities& capabilities,
                         const AccountConfig& account) {
    CheckReachable(path, capabilities);
    if (account.doubt.quiet_replay && !capabilities.quiet_replay_after) {
      Report(path + ".unknown_policy",
             "quiet_replay is for providers that do not charge for asking the "
             "same again; this one may");
    }
  }

  // What could not be fetched would be paid for and never be delivered.
  void CheckReachable(const std::string& path,
                      const Capabilities& capabilities) {
    const bool pushes = !config_.server().public_url().empty();
    for (const OperationSpec& operation : capabilities.operations) {
      if (operation.MaxContacts(pushes) > 0) continue;
      Report(path, absl::StrCat("needs server.public_url for ", operation.name,
                                ", whose results are only pushed"));
    }
  }

  // Where pushes come to a registered URL, its end is all that keeps strangers
  // out.
  void CheckCallback(const std::string& path, const pb::Provider& provider,
                     const Capabilities& capabilities) {
    const std::string key = path + ".callback_token";
    const bool given = !provider.callback_token().empty();
    const bool used =
        capabilities.registered_push && !config_.server().public_url().empty();
    if (used && !given) {
      Report(key, "is required: the provider pushes to a registered URL");
    } else if (given && !capabilities.registered_push) {
      Report(key, "is not used: each request tells the provider a URL");
    }
  }

  Secret ResolveCallbackToken(const std::string& path,
                              const std::string& reference) {
    if (reference.empty()) return Secret();
    Secret token = Resolve(path, reference);
    const std::string text(token.Reveal());
    if (text.empty()) return token;
    if (!IsToken(text)) {
      Report(path, "must be 43 characters of URL-safe base64 (32 bytes)");
    } else if (!callback_tokens_.insert(text).second) {
      Report(path, "is that of another provider");
    }
    return token;
  }

  void CheckBaseUrl(const std::string& path, const std::string& url) {
    if (url.empty()) return;
    const bool plain = absl::StartsWith(url, "http://");
    if (!plain && !absl::StartsWith(url, "https://")) {
      Report(path + ".base_url", "must start with https://");
    } else if (plain && !config_.egress().allow_plain_http()) {
      Report(path + ".base_url",
             "is not encrypted: use https://, or set egress.allow_plain_http");
    }
  }

  void CheckPrices(const std::string& path, const pb::Provider& provider,
                   AccountConfig& account) {
    for (const auto& [field, price] : provider.prices()) {
      const auto credits = Credits::FromDouble(price);
      bool known = false;
      for (const ContactField candidate : kAllContactFields) {
        known |= FieldName(candidate) == absl::string_view(field);
      }
      if (!known) {
        Report(absl::StrCat(path, ".prices.", field),
               "is no field: work_email, phone, personal_email or "
               "email_verification");
      } else if (!credits.has_value()) {
        Report(absl::StrCat(path, ".prices.", field), "is out of range");
      } else {
        account.prices[field] = *credits;
      }
    }
  }

  void CheckCost(const std::string& path, const pb::Provider& provider,
                 AccountConfig& account) {
    if (!provider.has_cost_per_credit()) return;
    const double cost = provider.cost_per_credit();
    // Negated, so that NaN is refused too.
    if (!(cost >= 0 && cost <= kMostPerCredit)) {
      return Report(path + ".cost_per_credit",
                    absl::StrCat("must be within 0..", kMostPerCredit));
    }
    account.micros_per_credit = std::llround(cost * 1e6);
  }

  static void TakeOverrides(const pb::Provider& provider,
                            AccountConfig& account) {
    if (provider.has_max_contacts_per_request()) {
      account.max_contacts_per_request = provider.max_contacts_per_request();
    }
    if (provider.has_max_concurrent_requests()) {
      account.max_concurrent_requests = provider.max_concurrent_requests();
    }
    if (provider.has_max_running_contacts()) {
      account.max_running_contacts = provider.max_running_contacts();
    }
    if (provider.has_poll_first_after()) {
      account.poll_first_after = ToDuration(provider.poll_first_after());
    }
    if (provider.has_poll_interval()) {
      account.poll_interval = ToDuration(provider.poll_interval());
    }
  }

  template <typename Names>
  void CheckWaterfall(const std::string& field, const Names& names) {
    std::set<std::string> seen;
    for (int i = 0; i < names.size(); ++i) {
      const std::string path = absl::StrCat("waterfalls.", field, "[", i, "]");
      if (!names_.contains(names[i])) {
        Report(path, absl::StrCat("there is no provider ", names[i]));
      } else if (!seen.insert(names[i]).second) {
        Report(path, "stands here twice: a provider is asked once");
      }
    }
  }

  void CheckTokens() {
    for (int i = 0; i < config_.auth().tokens_size(); ++i) {
      const pb::Token& token = config_.auth().tokens(i);
      const std::string path = absl::StrCat("auth.tokens[", i, "]");
      if (token.tenant().empty()) Report(path + ".tenant", "is required");
      result_.config.tokens.push_back(
          {.tenant = token.tenant(),
           .token = Resolve(path + ".token", token.token()),
           .is_operator = token.operator_()});
    }
  }

  const Environment& environment_;
  const std::string& folder_;
  const YamlLines& lines_;
  ConfigResult& result_;
  const pb::Config& config_;
  std::set<std::string> names_;
  std::set<std::string> callback_tokens_;
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
