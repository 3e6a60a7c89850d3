#include <optional>
#include <string>
#include <variant>

#include "adapters/rest/retry.h"
#include "gtest/gtest.h"
#include "support/rest_adapter.h"

namespace enrich::rest {
namespace {

using Form = RetryReader::Form;

absl::Time Utc(int hour, int minute, int second) {
  return absl::FromCivil(absl::CivilSecond(2026, 2, 20, hour, minute, second),
                         absl::UTCTimeZone());
}

TEST(RestRetry, ReadsLengthsOfTime) {
  struct Case {
    Form form;
    std::string text;
    std::optional<absl::Duration> pause;
  };
  const Case kCases[] = {
      {Form::kSeconds, "30", absl::Seconds(30)},
      {Form::kSeconds, " 1.5 ", absl::Milliseconds(1500)},
      {Form::kMilliseconds, "250", absl::Milliseconds(250)},
      // Quotas are of a day at most.
      {Form::kSeconds, "99999999", absl::Hours(24)},
      {Form::kSeconds, "1e300", absl::Hours(24)},
      {Form::kSeconds, "0", std::nullopt},
      {Form::kSeconds, "-5", std::nullopt},
      {Form::kSeconds, "nan", std::nullopt},
      {Form::kSeconds, "inf", std::nullopt},
      {Form::kSeconds, "", std::nullopt},
      {Form::kSeconds, "30 s", std::nullopt},
      {Form::kMilliseconds, "soon", std::nullopt},
  };
  for (const auto& [form, text, pause] : kCases) {
    const auto limited = ReadRetryText(form, text);
    EXPECT_EQ(limited.has_value() ? limited->retry_after : std::nullopt, pause)
        << text;
  }
}

TEST(RestRetry, ReadsMoments) {
  struct Case {
    Form form;
    std::string text;
    std::optional<absl::Time> time;
  };
  const Case kCases[] = {
      {Form::kEpochSeconds, "1771590896", Utc(12, 34, 56)},
      {Form::kEpochMilliseconds, "1771590896000", Utc(12, 34, 56)},
      {Form::kHttpDate, "Fri, 20 Feb 2026 12:34:56 GMT", Utc(12, 34, 56)},
      {Form::kIso8601, "2026-02-20T12:34:56Z", Utc(12, 34, 56)},
      {Form::kIso8601, "2026-02-20T13:34:56+01:00", Utc(12, 34, 56)},
      {Form::kIso8601, "2026-02-20T12:34:56.000", Utc(12, 34, 56)},
      {Form::kIso8601, "2026-02-20 12:34:56", Utc(12, 34, 56)},
      {Form::kJavascriptDate,
       "Fri Feb 20 2026 12:34:56 GMT+0000 (Coordinated Universal Time)",
       Utc(12, 34, 56)},
      {Form::kJavascriptDate,
       "Fri Feb 20 2026 13:34:56 GMT+0100 (Central European Standard Time)",
       Utc(12, 34, 56)},
      {Form::kJavascriptDate, "Fri Feb 20 2026 12:34:56 GMT+0000",
       Utc(12, 34, 56)},
      {Form::kHttpDate, "2026-02-20", std::nullopt},
      {Form::kIso8601, "tomorrow", std::nullopt},
      {Form::kJavascriptDate, "Invalid Date", std::nullopt},
      {Form::kEpochSeconds, "", std::nullopt},
  };
  for (const auto& [form, text, time] : kCases) {
    const auto limited = ReadRetryText(form, text);
    EXPECT_EQ(limited.has_value() ? limited->retry_at : std::nullopt, time)
        << text;
  }
}

// ---- In files ---------------------------------------------------------------

constexpr std::pair<absl::string_view, absl::string_view> kReaders = {
    "limits: {pause_after_429: 1m}", R"(limits:
  retry_after:
    - {header: X-Reset, as: javascript_date}
    - {header: Retry-After, as: seconds}
    - {value: "= error.retry_in", as: milliseconds}
  remaining:
    - {header: X-Day-Left, reset: {header: X-Day-Reset, as: seconds}}
    - {header: X-Minute-Left, reset: {value: "= resets", as: iso8601}}
errors:
  - {http: 429, class: RATE_LIMITED, retry_after: 3s})"};

RateLimited Limited(HttpHeaders headers, std::string body = "") {
  const SubmitReply reply =
      RestAdapter({kReaders})
          ->ParseSubmit({.operation = "find"}, {.status = 429,
                                                .headers = std::move(headers),
                                                .body = std::move(body)});
  EXPECT_TRUE(std::holds_alternative<RateLimited>(reply));
  return std::get<RateLimited>(reply);
}

TEST(RestRetry, TakesTheFirstReaderThatReadsSomething) {
  EXPECT_EQ(
      Limited({{"retry-after", "9"}, {"x-reset", "Invalid Date"}}).retry_after,
      absl::Seconds(9));
  EXPECT_EQ(Limited({}, R"({"error":{"retry_in":"400"}})").retry_after,
            absl::Milliseconds(400));
  EXPECT_EQ(Limited({}, "no").retry_after, absl::Seconds(3));
}

TEST(RestRetry, CountsMomentsFromTheAnswersOwnDate) {
  const std::string reset = "Fri Feb 20 2026 12:34:56 GMT+0000 (UTC)";
  EXPECT_EQ(Limited({{"X-Reset", reset}}).retry_at, Utc(12, 34, 56));
  const RateLimited dated =
      Limited({{"X-Reset", reset}, {"Date", "Fri, 20 Feb 2026 12:34:06 GMT"}});
  EXPECT_EQ(dated.retry_after, absl::Seconds(50));
  EXPECT_EQ(dated.retry_at, std::nullopt);
  // Over by now: the next reader.
  EXPECT_EQ(Limited({{"X-Reset", reset},
                     {"Date", "Fri, 20 Feb 2026 12:35:06 GMT"},
                     {"Retry-After", "2"}})
                .retry_after,
            absl::Seconds(2));
}

TEST(RestPace, PausesWhenNothingIsLeft) {
  const auto adapter = RestAdapter({kReaders});
  const auto pace = [&](HttpHeaders headers, std::string body = "") {
    return adapter->ReadPace({.status = 200,
                              .headers = std::move(headers),
                              .body = std::move(body)});
  };
  EXPECT_FALSE(pace({}).has_value());
  EXPECT_FALSE(pace({{"X-Day-Left", "1"}}).has_value());
  EXPECT_FALSE(pace({{"X-Day-Left", "{\"day\": 0}"}}).has_value());
  EXPECT_EQ(pace({{"x-day-left", "0"}, {"X-Day-Reset", "70"}})->retry_after,
            absl::Seconds(70));
  EXPECT_EQ(
      pace({{"X-Minute-Left", "0"}}, R"({"resets":"2026-02-20T12:34:56Z"})")
          ->retry_at,
      Utc(12, 34, 56));
  // The reset is not there: as long as after any 429.
  EXPECT_EQ(pace({{"X-Minute-Left", "0"}})->retry_at, std::nullopt);
}

}  // namespace
}  // namespace enrich::rest
