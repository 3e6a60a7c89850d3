#include "server/account_checker.h"

#include <cmath>
#include <filesystem>
#include <optional>
#include <utility>

#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "adapters/all.h"
#include "base/random.h"
#include "server/text_file.h"

namespace enrich {
namespace {

namespace pb = ::enrich::config::v1;

constexpr absl::string_view kRestAdapter = "rest";
constexpr int kMostPerCredit = 1'000'000;

}  // namespace

AccountConfig AccountChecker::Check(int index, const pb::Provider& provider) {
  const std::string path = absl::StrCat("providers[", index, "]");
  if (provider.name().empty()) {
    report_.Add(path + ".name", "is required");
  } else if (!names_.insert(provider.name()).second) {
    report_.Add(path + ".name", "is taken by another provider");
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
  return account;
}

// A provider file may do without an API key.
void AccountChecker::ResolveSecrets(const std::string& path,
                                    const pb::Provider& provider,
                                    AccountConfig& account) {
  if (provider.adapter() != kRestAdapter || !provider.api_key().empty()) {
    account.api_key = report_.Resolve(path + ".api_key", provider.api_key());
  }
  for (int i = 0; i < provider.previous_api_keys_size(); ++i) {
    account.previous_api_keys.push_back(
        report_.Resolve(absl::StrCat(path, ".previous_api_keys[", i, "]"),
                        provider.previous_api_keys(i)));
  }
  account.callback_token =
      ResolveCallbackToken(path + ".callback_token", provider.callback_token());
  for (const auto& [name, reference] : provider.secrets()) {
    account.secrets[name] =
        report_.Resolve(absl::StrCat(path, ".secrets.", name), reference);
  }
}

void AccountChecker::CheckNative(const std::string& path,
                                 const pb::Provider& provider,
                                 const AccountConfig& account) {
  const std::string only = "goes with adapter: rest only";
  if (!provider.definition().empty()) report_.Add(path + ".definition", only);
  if (!provider.secrets().empty()) report_.Add(path + ".secrets", only);
  if (const auto adapter = AllAdapters().Create(account); !adapter.ok()) {
    report_.Add(path, std::string(adapter.status().message()));
  } else {
    CheckCapabilities(path, (*adapter)->capabilities(), account);
    CheckCallback(path, provider, (*adapter)->capabilities());
  }
}

// Reads the provider file once: `account` carries it from here.
void AccountChecker::CheckDefinition(const std::string& path,
                                     const pb::Provider& provider,
                                     AccountConfig& account) {
  const std::string key = path + ".definition";
  const std::string& definition = provider.definition();
  if (definition.empty()) {
    return report_.Add(key, "is required with adapter: rest");
  }
  account.definition_file =
      (std::filesystem::path(folder_) / definition).lexically_normal();
  std::optional<std::string> text = ReadTextFile(account.definition_file);
  if (!text.has_value()) {
    return report_.Add(key,
                       absl::StrCat("cannot read ", account.definition_file));
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
void AccountChecker::ReportDefinition(const std::string& path,
                                      const std::string& file,
                                      rest::Mistake mistake) {
  if (mistake.line > 0 || mistake.path.empty()) {
    report_.Add({.path = std::move(mistake.path),
                 .line = mistake.line,
                 .text = std::move(mistake.text),
                 .file = file});
    return;
  }
  std::string key = absl::StrCat(path, ".", mistake.path);
  if (report_.Has(key)) return;
  report_.Add(std::move(key), std::move(mistake.text));
}

void AccountChecker::TakeDoubtOptions(const std::string& path,
                                      const pb::Provider& provider,
                                      AccountConfig& account) {
  const std::string& policy = provider.unknown_policy();
  account.doubt.quiet_replay = policy == "quiet_replay";
  if (!policy.empty() && policy != "park" && !account.doubt.quiet_replay) {
    report_.Add(path + ".unknown_policy", "must be park or quiet_replay");
  }
  if (provider.has_max_jobs_in_doubt()) {
    account.doubt.max_jobs = provider.max_jobs_in_doubt();
  }
}

void AccountChecker::CheckCapabilities(const std::string& path,
                                       const Capabilities& capabilities,
                                       const AccountConfig& account) {
  CheckReachable(path, capabilities);
  if (account.doubt.quiet_replay && !capabilities.quiet_replay_after) {
    report_.Add(
        path + ".unknown_policy",
        "quiet_replay is for providers that do not charge for asking the "
        "same again; this one may");
  }
}

// What could not be fetched would be paid for and never be delivered.
void AccountChecker::CheckReachable(const std::string& path,
                                    const Capabilities& capabilities) {
  const bool pushes = !config_.server().public_url().empty();
  for (const OperationSpec& operation : capabilities.operations) {
    if (operation.MaxContacts(pushes) > 0) continue;
    report_.Add(path,
                absl::StrCat("needs server.public_url for ", operation.name,
                             ", whose results are only pushed"));
  }
}

// Where pushes come to a registered URL, its end is all that keeps strangers
// out.
void AccountChecker::CheckCallback(const std::string& path,
                                   const pb::Provider& provider,
                                   const Capabilities& capabilities) {
  const std::string key = path + ".callback_token";
  const bool given = !provider.callback_token().empty();
  const bool used =
      capabilities.registered_push && !config_.server().public_url().empty();
  if (used && !given) {
    report_.Add(key, "is required: the provider pushes to a registered URL");
  } else if (given && !capabilities.registered_push) {
    report_.Add(key, "is not used: each request tells the provider a URL");
  }
}

Secret AccountChecker::ResolveCallbackToken(const std::string& path,
                                            const std::string& reference) {
  if (reference.empty()) return Secret();
  Secret token = report_.Resolve(path, reference);
  const std::string text(token.Reveal());
  if (text.empty()) return token;
  if (!IsToken(text)) {
    report_.Add(path, "must be 43 characters of URL-safe base64 (32 bytes)");
  } else if (!callback_tokens_.insert(text).second) {
    report_.Add(path, "is that of another provider");
  }
  return token;
}

void AccountChecker::CheckBaseUrl(const std::string& path,
                                  const std::string& url) {
  if (url.empty()) return;
  const bool plain = absl::StartsWith(url, "http://");
  if (!plain && !absl::StartsWith(url, "https://")) {
    report_.Add(path + ".base_url", "must start with https://");
  } else if (plain && !config_.egress().allow_plain_http()) {
    report_.Add(
        path + ".base_url",
        "is not encrypted: use https://, or set egress.allow_plain_http");
  }
}

void AccountChecker::CheckPrices(const std::string& path,
                                 const pb::Provider& provider,
                                 AccountConfig& account) {
  for (const auto& [field, price] : provider.prices()) {
    const auto credits = Credits::FromDouble(price);
    bool known = false;
    for (const ContactField candidate : kAllContactFields) {
      known |= FieldName(candidate) == absl::string_view(field);
    }
    if (!known) {
      report_.Add(absl::StrCat(path, ".prices.", field),
                  "is no field: work_email, phone, personal_email or "
                  "email_verification");
    } else if (!credits.has_value()) {
      report_.Add(absl::StrCat(path, ".prices.", field), "is out of range");
    } else {
      account.prices[field] = *credits;
    }
  }
}

void AccountChecker::CheckCost(const std::string& path,
                               const pb::Provider& provider,
                               AccountConfig& account) {
  if (!provider.has_cost_per_credit()) return;
  const double cost = provider.cost_per_credit();
  // Negated, so that NaN is refused too.
  if (!(cost >= 0 && cost <= kMostPerCredit)) {
    return report_.Add(path + ".cost_per_credit",
                       absl::StrCat("must be within 0..", kMostPerCredit));
  }
  account.micros_per_credit = std::llround(cost * 1e6);
}

void AccountChecker::TakeOverrides(const pb::Provider& provider,
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

}  // namespace enrich
