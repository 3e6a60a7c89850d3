#include "adapters/account_options.h"

#include <algorithm>
#include <optional>

#include "absl/strings/ascii.h"
#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/strip.h"
#include "absl/time/time.h"
#include "base/status_macros.h"

namespace enrich {
namespace {

std::string Text(int limit) { return absl::StrCat(limit); }
std::string Text(absl::Duration limit) { return absl::FormatDuration(limit); }

// Replaces `value` where `override` is set.
template <typename T>
absl::Status Override(absl::string_view key, const std::optional<T>& override,
                      const T& least, T& value) {
  if (!override.has_value()) return absl::OkStatus();
  if (*override < least) {
    return absl::InvalidArgumentError(
        absl::StrCat(key, ": must be at least ", Text(least)));
  }
  value = *override;
  return absl::OkStatus();
}

absl::Status OverridePrices(const AccountConfig& config,
                            Capabilities& capabilities) {
  for (const auto& [name, price] : config.prices) {
    if (price < Credits()) {
      return absl::InvalidArgumentError(
          absl::StrCat("prices.", name, ": must not be negative"));
    }
    bool known = false;
    for (OperationSpec& operation : capabilities.operations) {
      for (auto& [field, list_price] : operation.prices) {
        if (FieldName(field) != name) continue;
        list_price = price;
        known = true;
      }
    }
    if (!known) {
      return absl::InvalidArgumentError(absl::StrCat(
          "prices.", name, ": ", config.adapter, " has no such field"));
    }
  }
  return absl::OkStatus();
}

void LimitContacts(int limit, Capabilities& capabilities) {
  for (OperationSpec& operation : capabilities.operations) {
    operation.max_contacts = std::min(operation.max_contacts, limit);
  }
}

absl::Status OverrideContactLimits(const AccountConfig& config,
                                   Capabilities& capabilities) {
  int largest = 0;
  for (const OperationSpec& operation : capabilities.operations) {
    largest = std::max(largest, operation.max_contacts);
  }
  int limit = largest;
  RETURN_IF_ERROR(Override("max_contacts_per_request",
                           config.max_contacts_per_request, 1, limit));
  if (limit > largest) {
    return absl::InvalidArgumentError(absl::StrCat(
        "max_contacts_per_request: the provider takes at most ", largest));
  }
  LimitContacts(limit, capabilities);

  int& running = capabilities.pacing.max_running_contacts;
  RETURN_IF_ERROR(Override("max_running_contacts", config.max_running_contacts,
                           0, running));
  // A request larger than what may run at once could never be sent.
  if (running > 0) LimitContacts(running, capabilities);
  return absl::OkStatus();
}

}  // namespace

absl::Status CheckApiKey(const AccountConfig& config) {
  const std::string& key = config.api_key.Reveal();
  const bool printable = std::all_of(key.begin(), key.end(), [](char c) {
    return absl::ascii_isgraph(static_cast<unsigned char>(c));
  });
  if (key.empty() || !printable) {
    return absl::InvalidArgumentError(
        "api_key: must be set, without spaces or line ends");
  }
  return absl::OkStatus();
}

absl::StatusOr<std::string> BaseUrlOf(const AccountConfig& config,
                                      absl::string_view public_url) {
  if (config.base_url.empty()) return std::string(public_url);
  absl::string_view url = config.base_url;
  if (!absl::StartsWith(url, "https://") && !absl::StartsWith(url, "http://")) {
    return absl::InvalidArgumentError(
        "base_url: must start with https:// or http://");
  }
  while (absl::ConsumeSuffix(&url, "/")) {
  }
  return std::string(url);
}

absl::Status ApplyOverrides(const AccountConfig& config,
                            Capabilities& capabilities) {
  RETURN_IF_ERROR(OverridePrices(config, capabilities));
  RETURN_IF_ERROR(OverrideContactLimits(config, capabilities));
  RETURN_IF_ERROR(Override("max_concurrent_requests",
                           config.max_concurrent_requests, 1,
                           capabilities.pacing.max_concurrent_requests));
  RETURN_IF_ERROR(Override("poll_first_after", config.poll_first_after,
                           absl::Seconds(1), capabilities.poll.first_after));
  return Override("poll_interval", config.poll_interval, absl::Seconds(1),
                  capabilities.poll.interval);
}

std::string EscapeUrlPart(absl::string_view text) {
  static constexpr char kHex[] = "0123456789ABCDEF";
  std::string out;
  out.reserve(text.size());
  for (const char c : text) {
    const auto byte = static_cast<unsigned char>(c);
    if (absl::ascii_isalnum(byte) || c == '-' || c == '_' || c == '.') {
      out += c;
    } else {
      out += {'%', kHex[byte >> 4], kHex[byte & 15]};
    }
  }
  return out;
}

}  // namespace enrich
