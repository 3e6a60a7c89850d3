#include "adapters/enrow/errors.h"

#include <algorithm>
#include <optional>

#include "absl/strings/ascii.h"
#include "absl/strings/match.h"
#include "absl/strings/numbers.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/strip.h"
#include "absl/time/time.h"
#include "adapters/enrow/wire.h"

namespace enrich::enrow {
namespace {

constexpr absl::string_view kBadItem = "Missing mandatory property on search";
constexpr absl::string_view kUnknownBulk =
    "Could not retrieve bulk search results";

struct DocumentedText {
  // What follows may be a number, or was cut off where it was read.
  absl::string_view begins;
  // What people are told, where that is something else.
  absl::string_view told = "";
};

constexpr DocumentedText kDocumented[] = {
    {"Missing payload"},
    {"Missing searches payload"},
    {"At least 1 phone search must be present in the payload"},
    {"Too many searches"},
    {kBadItem},
    {"Error while par", "Error while parsing the payload"},
    {"Invalid JSON input"},
    {"input payload is missing fullname"},
    {"both company_domain and company_name are absent"},
    {"Invalid linkedin_url"},
    {"Missing id in the query params"},
    {kUnknownBulk},
    {"No apikey found in the x-api-key headers"},
    {"This apikey is not valid"},
    // The key is good.
    {"This account is not allowed to use the phone search feature",
     "the account's plan has no phone search"},
    {"Insufficient credits"},
    {"Insufficient balance"},
    {"Too Many Requests"},
    {"Bulk search not found"},
};

// Takes a number off the front of `text`, past what is no digit.
std::optional<int> TakeNumber(absl::string_view& text) {
  const auto is_digit = [](char c) {
    return absl::ascii_isdigit(static_cast<unsigned char>(c));
  };
  const auto begin = std::find_if(text.begin(), text.end(), is_digit);
  const auto end = std::find_if_not(begin, text.end(), is_digit);
  int number = 0;
  if (!absl::SimpleAtoi(text.substr(static_cast<size_t>(begin - text.begin()),
                                    static_cast<size_t>(end - begin)),
                        &number)) {
    return std::nullopt;
  }
  text.remove_prefix(static_cast<size_t>(end - text.begin()));
  return number;
}

// "Missing mandatory property on search n°8 of 50" is about item 7. Believed
// only when it speaks of as many as were sent.
std::optional<int> BadItem(absl::string_view message, int item_count) {
  if (!absl::ConsumePrefix(&message, kBadItem)) return std::nullopt;
  const std::optional<int> ordinal = TakeNumber(message);
  const std::optional<int> total = TakeNumber(message);
  if (!ordinal.has_value() || total != item_count) return std::nullopt;
  if (*ordinal < 1 || *ordinal > item_count) return std::nullopt;
  return *ordinal - 1;
}

// ---- Pauses -----------------------------------------------------------------

// Their window is a second; a longer pause than this is a mistake.
constexpr absl::Duration kLongestPause = absl::Hours(1);

std::optional<absl::Time> ReadHttpDate(absl::string_view text) {
  absl::Time time;
  if (!absl::ParseTime("%a, %d %b %Y %H:%M:%S GMT", text, &time, nullptr)) {
    return std::nullopt;
  }
  return time;
}

// Neither header is in the current documentation. Instants count from the
// answer's own date, so that their clock and ours need not agree.
std::optional<absl::Duration> ReadPause(const HttpHeaders& headers) {
  const absl::string_view retry_after = FindHeader(headers, "Retry-After");
  int64_t seconds = 0;
  if (absl::SimpleAtoi(retry_after, &seconds)) return absl::Seconds(seconds);
  const auto now = ReadHttpDate(FindHeader(headers, "Date"));
  if (!now.has_value()) return std::nullopt;
  if (const auto end = ReadHttpDate(retry_after)) return *end - *now;
  if (absl::SimpleAtoi(FindHeader(headers, "X-RateLimit-Reset"), &seconds)) {
    return absl::FromUnixSeconds(seconds) - *now;
  }
  return std::nullopt;
}

RateLimited ReadRateLimit(const HttpResponse& response) {
  const std::optional<absl::Duration> pause = ReadPause(response.headers);
  if (!pause.has_value() || *pause <= absl::ZeroDuration()) return {};
  return {.retry_after = std::min(*pause, kLongestPause)};
}

// ---- Refusals ---------------------------------------------------------------

SubmitReply ReadBadRequest(const HttpResponse& response, int item_count) {
  const std::string message = ReadErrorMessage(response.body);
  // A 400 without Enrow's words is of something in between.
  if (message.empty()) {
    return Indeterminate{absl::StrCat(Describe(response), " without message")};
  }
  return Rejected{.reason = FailureReason::kProviderRejected,
                  .message = Describe(response),
                  .item_index = BadItem(message, item_count)};
}

SubmitReply Refused(FailureReason reason, const HttpResponse& response) {
  return Rejected{.reason = reason, .message = Describe(response)};
}

FetchReply Failed(FailureReason reason, const HttpResponse& response) {
  return FetchFailed{.reason = reason, .message = Describe(response)};
}

// Whether Enrow itself says that it does not know the job. Neither status does
// so alone: 400 has other causes, and a 404 of something in between must not
// end a search that was paid for.
bool SaysUnknownJob(const HttpResponse& response) {
  const std::string message = ReadErrorMessage(response.body);
  if (response.status == 400) return absl::StartsWith(message, kUnknownBulk);
  return response.status == 404 &&
         absl::EndsWithIgnoreCase(message, "search not found");
}

}  // namespace

SubmitReply ReadSubmitError(const HttpResponse& response, int item_count) {
  switch (response.status) {
    case 400:
      return ReadBadRequest(response, item_count);
    case 401:
      return Refused(FailureReason::kProviderAuth, response);
    case 402:
    // Their older documentation, and one of their SDKs.
    case 422:
      return Refused(FailureReason::kOutOfCredits, response);
    // Undocumented, but nothing can be enqueued by an address that does not
    // exist or by a body that was not read.
    case 404:
    case 413:
      return Refused(FailureReason::kProviderRejected, response);
    case 429:
      return ReadRateLimit(response);
    default:
      return Indeterminate{Describe(response)};
  }
}

FetchReply ReadFetchError(const HttpResponse& response) {
  if (SaysUnknownJob(response)) return JobUnknown{Describe(response)};
  switch (response.status) {
    case 400:
      return Failed(FailureReason::kProviderRejected, response);
    case 401:
      return Failed(FailureReason::kProviderAuth, response);
    case 402:
    case 422:
      return Failed(FailureReason::kOutOfCredits, response);
    case 429:
      return ReadRateLimit(response);
    default:
      // A single search that expired answers 500, as an outage does. The two
      // cannot be told apart by one answer: asking again is free, and
      // PollSpec.give_up_after ends it.
      return Failed(FailureReason::kProviderUnavailable, response);
  }
}

std::string Describe(const HttpResponse& response) {
  const std::string message = ReadErrorMessage(response.body);
  for (const auto& [begins, told] : kDocumented) {
    if (!absl::StartsWith(message, begins)) continue;
    return absl::StrCat("HTTP ", response.status, ": ",
                        told.empty() ? begins : told);
  }
  return absl::StrCat("HTTP ", response.status);
}

}  // namespace enrich::enrow
