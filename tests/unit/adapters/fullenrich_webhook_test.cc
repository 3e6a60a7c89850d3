// FullEnrich's webhooks: their signature and what it takes to believe an end.

#include <memory>
#include <optional>
#include <string>
#include <variant>

#include "absl/strings/ascii.h"
#include "absl/strings/escaping.h"
#include "absl/strings/str_cat.h"
#include "adapters/fullenrich/adapter.h"
#include "base/crypto.h"
#include "gmock/gmock.h"
#include "gtest/gtest.h"
#include "support/status_matchers.h"

namespace enrich::fullenrich {
namespace {

using ::testing::SizeIs;

AccountConfig Config() {
  return {
      .name = "fe", .adapter = "fullenrich", .api_key = Secret("current-key")};
}

std::unique_ptr<ProviderAdapter> NewAdapter(
    const AccountConfig& config = Config()) {
  auto adapter = CreateAdapter(config);
  EXPECT_THAT(adapter, IsOk());
  return *std::move(adapter);
}

constexpr absl::string_view kBody = R"({"id":"j","status":"FINISHED"})";

HttpRequest Signed(absl::string_view body, const std::string& key) {
  return {
      .method = "POST",
      .url = "/v1/webhooks/fullenrich/token",
      .headers = {{"Content-Type", "application/json"},
                  {"X-Signature-SHA1",
                   absl::BytesToHexString(HmacSha1(Secret(key)).Sign(body))}},
      .body = std::string(body)};
}

// The expected value was computed with OpenSSL: a test against our own HMAC
// would not notice a shared mistake.
TEST(FullEnrichVerifyWebhook, AcceptsASignatureMadeElsewhere) {
  HttpRequest request = Signed(kBody, "");
  request.headers[1].second = "81b24e8ce5ea088c3d4264d6321f0274c4fa0a9d";
  EXPECT_TRUE(NewAdapter()->VerifyWebhook(request, absl::UnixEpoch()));
}

TEST(FullEnrichVerifyWebhook, AcceptsTheCurrentAndPreviousKeys) {
  AccountConfig config = Config();
  config.previous_api_keys = {Secret("older-key"), Secret("oldest-key")};
  const auto adapter = NewAdapter(config);
  EXPECT_TRUE(
      adapter->VerifyWebhook(Signed(kBody, "current-key"), absl::UnixEpoch()));
  EXPECT_TRUE(
      adapter->VerifyWebhook(Signed(kBody, "older-key"), absl::UnixEpoch()));
  EXPECT_TRUE(
      adapter->VerifyWebhook(Signed(kBody, "oldest-key"), absl::UnixEpoch()));
  EXPECT_FALSE(
      adapter->VerifyWebhook(Signed(kBody, "another-key"), absl::UnixEpoch()));
}

TEST(FullEnrichVerifyWebhook, NeverAcceptsTheEmptyKey) {
  AccountConfig config = Config();
  config.previous_api_keys = {Secret()};
  EXPECT_FALSE(
      NewAdapter(config)->VerifyWebhook(Signed(kBody, ""), absl::UnixEpoch()));
}

TEST(FullEnrichVerifyWebhook, IgnoresTheCaseOfNameAndDigits) {
  HttpRequest request = Signed(kBody, "current-key");
  request.headers[1].first = "x-signature-sha1";
  EXPECT_TRUE(NewAdapter()->VerifyWebhook(request, absl::UnixEpoch()));
  request.headers[1].second = absl::AsciiStrToUpper(request.headers[1].second);
  EXPECT_TRUE(NewAdapter()->VerifyWebhook(request, absl::UnixEpoch()));
}

TEST(FullEnrichVerifyWebhook, RefusesEveryChangedByteOfTheBody) {
  const auto adapter = NewAdapter();
  const HttpRequest request = Signed(kBody, "current-key");
  for (size_t i = 0; i < request.body.size(); ++i) {
    HttpRequest changed = request;
    changed.body[i] ^= 1;
    EXPECT_FALSE(adapter->VerifyWebhook(changed, absl::UnixEpoch()))
        << "byte " << i;
  }
}

TEST(FullEnrichVerifyWebhook, SignsTheRawBytesNotTheMeaning) {
  HttpRequest request = Signed(kBody, "current-key");
  request.body += "\n";
  EXPECT_FALSE(NewAdapter()->VerifyWebhook(request, absl::UnixEpoch()));
}

TEST(FullEnrichVerifyWebhook, RefusesMissingAndMalformedSignatures) {
  const auto adapter = NewAdapter();
  const HttpRequest request = Signed(kBody, "current-key");
  const std::string good = request.headers[1].second;
  HttpRequest unsigned_request = request;
  unsigned_request.headers.pop_back();
  EXPECT_FALSE(adapter->VerifyWebhook(unsigned_request, absl::UnixEpoch()));
  for (const std::string& bad :
       {std::string(), good.substr(1), good + "00", "sha1=" + good,
        std::string(40, 'z'), std::string(40, '0'), " " + good,
        good.substr(0, 39) + "\n"}) {
    HttpRequest changed = request;
    changed.headers[1].second = bad;
    EXPECT_FALSE(adapter->VerifyWebhook(changed, absl::UnixEpoch())) << bad;
  }
}

std::string ResultWith(absl::string_view status, absl::string_view info) {
  return absl::StrCat(R"({"id":"j","status":")", status,
                      R"(","cost":{"credits":1},"data":[{"custom":)"
                      R"({"eg":"k.0"},"contact_info":)",
                      info, "}]}");
}

TEST(FullEnrichParseWebhook, SaysTheSameAsAFetchOfTheSameBody) {
  const auto adapter = NewAdapter();
  const std::string body = ResultWith(
      "CREDITS_INSUFFICIENT", R"({"work_emails":[{"email":"a@b.example"}]})");
  ASSERT_OK_AND_ASSIGN(const WebhookAnswer pushed,
                       adapter->ParseWebhook({.want_raw = true}, body));
  const FetchReply reply =
      adapter->ParseFetch({.want_raw = true}, {.status = 200, .body = body});
  ASSERT_TRUE(std::holds_alternative<JobAnswer>(reply));
  const JobAnswer& fetched = std::get<JobAnswer>(reply);
  EXPECT_EQ(pushed.provider_job_id, "j");
  EXPECT_FALSE(pushed.fetch);
  ASSERT_TRUE(pushed.answer.has_value());
  EXPECT_EQ(pushed.answer->phase, fetched.phase);
  EXPECT_EQ(pushed.answer->cost, fetched.cost);
  ASSERT_THAT(pushed.answer->items, SizeIs(1));
  EXPECT_EQ(pushed.answer->items[0].raw, fetched.items[0].raw);
}

TEST(FullEnrichParseWebhook, AsksForAFetchWhenTheEndLeavesContactsOut) {
  const auto adapter = NewAdapter();
  for (const absl::string_view status :
       {"FINISHED", "CANCELED", "CREDITS_INSUFFICIENT"}) {
    SCOPED_TRACE(std::string(status));
    const std::string body =
        ResultWith(status, R"({"work_emails":[{"email":"a@b.example"}]})");
    ASSERT_OK_AND_ASSIGN(const WebhookAnswer all,
                         adapter->ParseWebhook({.item_count = 1}, body));
    EXPECT_FALSE(all.fetch);
    EXPECT_NE(all.answer->phase, JobPhase::kRunning);
    ASSERT_OK_AND_ASSIGN(const WebhookAnswer one_of_two,
                         adapter->ParseWebhook({.item_count = 2}, body));
    EXPECT_TRUE(one_of_two.fetch);
    EXPECT_EQ(one_of_two.answer->phase, JobPhase::kRunning);
    EXPECT_EQ(one_of_two.answer->cost, std::nullopt);
    EXPECT_THAT(one_of_two.answer->items, SizeIs(1));
  }
}

TEST(FullEnrichParseWebhook, SurvivesEveryTruncation) {
  const auto adapter = NewAdapter();
  const std::string body = ResultWith(
      "FINISHED",
      R"({"work_emails":[{"email":"a@b.example","status":"DELIVERABLE"}]})");
  for (size_t size = 0; size < body.size(); ++size) {
    EXPECT_THAT(adapter->ParseWebhook({}, body.substr(0, size)),
                StatusIs(absl::StatusCode::kInvalidArgument))
        << size;
  }
}

}  // namespace
}  // namespace enrich::fullenrich
