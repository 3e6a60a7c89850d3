#include "adapters/rest/retry.h"

#include <algorithm>
#include <cmath>
#include <string>

#include "absl/strings/ascii.h"
#include "absl/strings/numbers.h"

namespace enrich::rest {
namespace {

using Form = RetryReader::Form;

// Quotas are of a day at most; a longer pause is a mistake.
constexpr absl::Duration kLongestPause = absl::Hours(24);

constexpr absl::string_view kHttpDate = "%a, %d %b %Y %H:%M:%S GMT";
// Of one without an offset, which is taken for UTC.
constexpr absl::string_view kIsoWithoutOffset[] = {"%Y-%m-%dT%H:%M:%E*S",
                                                   "%Y-%m-%d %H:%M:%E*S"};

std::optional<absl::Time> ReadTime(absl::string_view format,
                                   absl::string_view text) {
  absl::Time time;
  if (!absl::ParseTime(format, text, &time, nullptr)) return std::nullopt;
  return time;
}

std::optional<absl::Time> ReadIso(absl::string_view text) {
  std::optional<absl::Time> time = ReadTime(absl::RFC3339_full, text);
  for (const absl::string_view format : kIsoWithoutOffset) {
    if (!time.has_value()) time = ReadTime(format, text);
  }
  return time;
}

// "Thu Feb 20 2025 12:34:56 GMT+0000 (Coordinated Universal Time)"
std::optional<absl::Time> ReadJavascriptDate(absl::string_view text) {
  return ReadTime("%a %b %d %Y %H:%M:%S GMT%z",
                  absl::StripAsciiWhitespace(text.substr(0, text.find('('))));
}

std::optional<double> ReadNumber(absl::string_view text) {
  double number = 0;
  if (!absl::SimpleAtod(text, &number) || !std::isfinite(number)) {
    return std::nullopt;
  }
  return number;
}

std::optional<RateLimited> After(absl::Duration pause) {
  if (pause <= absl::ZeroDuration()) return std::nullopt;
  return RateLimited{.retry_after = std::min(pause, kLongestPause)};
}

std::optional<RateLimited> At(std::optional<absl::Time> time) {
  if (!time.has_value() || *time == absl::InfiniteFuture() ||
      *time == absl::InfinitePast()) {
    return std::nullopt;
  }
  return RateLimited{.retry_at = time};
}

// The text a reader reads; empty when it is not there.
std::string TextOf(const RetryReader& reader, const HttpHeaders& headers,
                   AnswerBody& body) {
  if (!reader.header.empty()) {
    return std::string(FindHeader(headers, reader.header));
  }
  return body.Text(reader.value, body.root());
}

std::optional<RateLimited> Read(const RetryReader& reader,
                                const HttpHeaders& headers, AnswerBody& body) {
  const std::optional<RateLimited> limited =
      ReadRetryText(reader.form, TextOf(reader, headers, body));
  if (!limited.has_value() || !limited->retry_at.has_value()) return limited;
  const std::optional<absl::Time> now =
      ReadTime(kHttpDate, FindHeader(headers, "Date"));
  return now.has_value() ? After(*limited->retry_at - *now) : limited;
}

// Whether `a` ends after `b`. A moment is not comparable with a length of time
// here; either will do then.
bool IsLonger(const RateLimited& a, const RateLimited& b) {
  return a.retry_after > b.retry_after || a.retry_at > b.retry_at;
}

}  // namespace

std::optional<RateLimited> ReadRetryText(Form form, absl::string_view text) {
  text = absl::StripAsciiWhitespace(text);
  switch (form) {
    case Form::kHttpDate:
      return At(ReadTime(kHttpDate, text));
    case Form::kIso8601:
      return At(ReadIso(text));
    case Form::kJavascriptDate:
      return At(ReadJavascriptDate(text));
    default:
      break;
  }
  const std::optional<double> number = ReadNumber(text);
  if (!number.has_value()) return std::nullopt;
  switch (form) {
    case Form::kMilliseconds:
      return After(absl::Milliseconds(*number));
    case Form::kEpochSeconds:
      return At(absl::UnixEpoch() + absl::Seconds(*number));
    case Form::kEpochMilliseconds:
      return At(absl::UnixEpoch() + absl::Milliseconds(*number));
    default:
      return After(absl::Seconds(*number));
  }
}

std::optional<RateLimited> ReadRetry(const std::vector<RetryReader>& readers,
                                     const HttpHeaders& headers,
                                     AnswerBody& body) {
  for (const RetryReader& reader : readers) {
    std::optional<RateLimited> limited = Read(reader, headers, body);
    if (limited.has_value()) return limited;
  }
  return std::nullopt;
}

std::optional<RateLimited> ReadRemaining(
    const std::vector<RemainingReader>& readers, const HttpResponse& response) {
  std::optional<RateLimited> longest;
  for (const RemainingReader& reader : readers) {
    const std::optional<double> left =
        ReadNumber(FindHeader(response.headers, reader.header));
    if (!left.has_value() || *left > 0) continue;
    // Parsed only now: most answers have something left.
    AnswerBody body("", response.body);
    // The usual pause when the reset cannot be read.
    const RateLimited limited =
        Read(reader.reset, response.headers, body).value_or(RateLimited{});
    if (!longest.has_value() || IsLonger(limited, *longest)) longest = limited;
  }
  return longest;
}

}  // namespace enrich::rest
