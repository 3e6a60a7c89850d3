// What a provider file makes of pushes, and which it believes.

#include <memory>
#include <string>

#include "absl/strings/ascii.h"
#include "absl/strings/escaping.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_replace.h"
#include "adapters/rest/load.h"
#include "base/crypto.h"
#include "gmock/gmock.h"
#include "gtest/gtest.h"
#include "support/rest_adapter.h"
#include "support/status_matchers.h"

namespace enrich::rest {
namespace {

using ::testing::ElementsAre;
using ::testing::HasSubstr;
using ::testing::IsEmpty;
using ::testing::SizeIs;

// A file with this webhook.
std::unique_ptr<ProviderAdapter> WithWebhook(absl::string_view webhook) {
  const std::string with =
      absl::StrCat("    webhook: {", webhook, "}\n    poll:");
  return RestAdapter({{"    poll:", with}});
}

// ---- Signatures -------------------------------------------------------------

HttpRequest Push(HttpHeaders headers,
                 std::string body = R"({"id":"1","at":17,"sig":""})") {
  return {.method = "POST",
          .url = "/v1/webhooks/acme/Token?x=1",
          .headers = std::move(headers),
          .body = std::move(body)};
}

std::string Signed(Hmac::Digest digest, absl::string_view text) {
  return Hmac(digest, Secret("api_key")).Sign(text);
}

TEST(RestSignature, CoversTheRawBody) {
  const auto adapter = WithWebhook(
      "trust: hint, verify: {hmac: sha256, secret: api_key, over: [raw_body], "
      "signature: 'header:X-Sig', encoding: base64, prefix: 'v1='}");
  const HttpRequest push = Push({});
  const std::string signature =
      absl::Base64Escape(Signed(Hmac::Digest::kSha256, push.body));
  EXPECT_TRUE(adapter->VerifyWebhook(
      Push({{"x-sig", absl::StrCat("v1=", signature)}}), absl::UnixEpoch()));
  const HttpRequest refused[] = {
      Push({}),
      Push({{"X-Sig", signature}}),
      Push({{"X-Sig", "v1="}}),
      Push({{"X-Sig", "v1=%%%"}}),
      Push({{"X-Sig", absl::StrCat("v1=", signature)}}, R"({"id":"2"})"),
      Push({{"X-Sig", absl::StrCat("v1=", absl::Base64Escape("short"))}}),
  };
  for (const HttpRequest& request : refused) {
    EXPECT_FALSE(adapter->VerifyWebhook(request, absl::UnixEpoch()));
  }
}

// As `printf ... | openssl dgst -sha256 -hmac key` has it.
TEST(RestSignature, IsWhatOthersCompute) {
  EXPECT_EQ(absl::BytesToHexString(
                Hmac(Hmac::Digest::kSha256, Secret("key"))
                    .Sign("The quick brown fox jumps over the lazy dog")),
            "f7bc83f430538424b13298e6aa6fb143ef4d59a14946175997479dbc2d1a3cd8");
}

TEST(RestSignature, CoversChosenParts) {
  const auto adapter = WithWebhook(
      "trust: hint, verify: {hmac: sha1, secret: api_key, over: [url_path, "
      "'text:.', 'body:/at', 'header:X-Salt'], signature: 'body:/sig', "
      "encoding: hex, lowercase: true}");
  const std::string signature = absl::BytesToHexString(
      Signed(Hmac::Digest::kSha1, "/v1/webhooks/acme/token.17salt"));
  const auto body = [](absl::string_view sig) {
    return absl::StrCat(R"({"at":17,"sig":")", sig, R"("})");
  };
  EXPECT_TRUE(adapter->VerifyWebhook(
      Push({{"X-Salt", "Salt"}}, body(signature)), absl::UnixEpoch()));
  EXPECT_TRUE(adapter->VerifyWebhook(
      Push({{"X-Salt", "Salt"}}, body(absl::AsciiStrToUpper(signature))),
      absl::UnixEpoch()));
  EXPECT_FALSE(
      adapter->VerifyWebhook(Push({}, body(signature)), absl::UnixEpoch()));
  EXPECT_FALSE(adapter->VerifyWebhook(Push({{"X-Salt", "Salt"}}, "no"),
                                      absl::UnixEpoch()));
}

TEST(RestSignature, MayBeAConstant) {
  const auto adapter = WithWebhook(
      "trust: hint, verify: {sha256_of: api_key, at: 'header:x-auth-key'}");
  EXPECT_TRUE(adapter->VerifyWebhook(
      Push({{"X-Auth-Key", absl::BytesToHexString(Sha256("api_key"))}}),
      absl::UnixEpoch()));
  EXPECT_FALSE(adapter->VerifyWebhook(Push({{"X-Auth-Key", "api_key"}}),
                                      absl::UnixEpoch()));
  EXPECT_FALSE(adapter->VerifyWebhook(Push({}), absl::UnixEpoch()));
}

TEST(RestSignature, AgesWhereTheFileSaysSo) {
  const auto adapter = WithWebhook(
      "trust: hint, verify: {hmac: sha256, secret: api_key, over: "
      "['header:X-Time', raw_body], signature: 'header:X-Sign', time: "
      "'header:X-Time', max_age: 5m}");
  const absl::Time then = absl::FromUnixSeconds(1'767'225'600);
  const auto push = [](std::string time) {
    const std::string signature = absl::BytesToHexString(
        Signed(Hmac::Digest::kSha256, absl::StrCat(time, Push({}).body)));
    return Push({{"X-Time", std::move(time)}, {"X-Sign", signature}});
  };
  for (const std::string time :
       {"1767225600", "1767225600000", "2026-01-01T00:00:00Z"}) {
    EXPECT_TRUE(adapter->VerifyWebhook(push(time), then)) << time;
    EXPECT_TRUE(adapter->VerifyWebhook(push(time), then + absl::Minutes(5)));
    EXPECT_TRUE(adapter->VerifyWebhook(push(time), then - absl::Minutes(5)));
    EXPECT_FALSE(adapter->VerifyWebhook(push(time), then + absl::Minutes(6)));
    EXPECT_FALSE(adapter->VerifyWebhook(push(time), then - absl::Minutes(6)));
  }
  for (const std::string time : {"", "yesterday", "1767225600x", "-1"}) {
    EXPECT_FALSE(adapter->VerifyWebhook(push(time), then)) << time;
  }
}

TEST(RestSignature, IsNotAskedForWhereThereIsNone) {
  EXPECT_TRUE(
      WithWebhook("trust: hint")->VerifyWebhook(Push({}), absl::UnixEpoch()));
  EXPECT_TRUE(RestAdapter()->VerifyWebhook(Push({}), absl::UnixEpoch()));
}

// ---- Registered URLs --------------------------------------------------------

// A file whose pushes come to one URL of the account.
std::unique_ptr<ProviderAdapter> WithRegistered(absl::string_view place) {
  const std::string with = absl::StrCat(
      "    webhook: {trust: hint, registered: '", place, "'}\n    poll:");
  return RestAdapter({{", hook: \"= callback_url\"", ""}, {"    poll:", with}});
}

TEST(RestRegisteredUrl, NamesTheJobInHeaderOrBody) {
  const HttpRequest push = Push({{"x-job", "job-1"}}, R"({"data":{"id":7}})");
  const auto by_header = WithRegistered("header:X-Job");
  EXPECT_TRUE(by_header->capabilities().registered_push);
  EXPECT_EQ(by_header->JobOfPush(push), "job-1");
  EXPECT_EQ(by_header->JobOfPush(Push({})), "");
  const auto by_body = WithRegistered("body:/data/id");
  EXPECT_EQ(by_body->JobOfPush(push), "7");
  EXPECT_EQ(by_body->JobOfPush(Push({}, "no JSON")), "");
}

// A push may be here before the reply that names its job.
TEST(RestRegisteredUrl, NeedsOneJobThatCanBeFetched) {
  const std::string webhook =
      "    webhook: {trust: payload, registered: 'header:X-Job', results: '= "
      "people', verify: {hmac: sha1, secret: api_key, over: [raw_body], "
      "signature: 'header:X-Sign'}}\n";
  const std::string text = absl::StrReplaceAll(
      kRestFile, {{", hook: \"= callback_url\"", ""},
                  {"    poll:", absl::StrCat(webhook, "    poll:")}});
  const auto mistakes = [](const std::string& file) {
    return FormatMistakes("acme.yaml",
                          Load(file, FixtureAccount(file)).mistakes);
  };
  EXPECT_EQ(mistakes(text), "");
  const size_t poll = text.find("    poll:");
  std::string without = text;
  without.erase(poll, text.find("    result:") - poll);
  EXPECT_THAT(mistakes(without),
              HasSubstr("webhook.registered: needs poll: a push that comes "
                        "before the job's id is lost"));
  EXPECT_THAT(
      mistakes(absl::StrReplaceAll(
          text, {{"      job: \"= id\"",
                  "      job_per_item: {items: '= people', id: '= id'}"}})),
      HasSubstr("webhook.registered: needs one job with an id, by which a push "
                "is told from others"));
}

TEST(RestRegisteredUrl, IsThatOfNoOtherFile) {
  const auto adapter = RestAdapter();
  EXPECT_FALSE(adapter->capabilities().registered_push);
  EXPECT_EQ(adapter->JobOfPush(Push({{"X-Job", "job-1"}})), "");
}

// ---- What a push says -------------------------------------------------------

JobRef Job(int items = 2, std::string id = "1") {
  return {.operation = "find",
          .provider_job_id = std::move(id),
          .item_count = items};
}

WebhookAnswer Read(const ProviderAdapter& adapter, absl::string_view body,
                   const JobRef& job = Job()) {
  const auto webhook = adapter.ParseWebhook(job, body);
  EXPECT_THAT(webhook, IsOk());
  return webhook.ok() ? *webhook : WebhookAnswer();
}

std::string Event(absl::string_view job, absl::string_view ref,
                  absl::string_view more = "") {
  return absl::StrCat(R"({"job":")", job, R"(","people":[{"ref":")", ref,
                      R"(","e":"miss","p":"none"}])", more, "}");
}

TEST(RestWebhook, AHintAsksForAFetch) {
  const auto adapter = WithWebhook("trust: hint, job: '= job'");
  const WebhookAnswer webhook = Read(*adapter, Event("1", "r.0"));
  EXPECT_EQ(webhook.provider_job_id, "1");
  EXPECT_TRUE(webhook.fetch);
  EXPECT_FALSE(webhook.answer.has_value());
}

TEST(RestWebhook, AnItemsResultsDoNotEndTheJob) {
  const auto adapter = WithWebhook(
      "trust: payload, job: '= job', results: '= people', cost: '= cost'");
  const WebhookAnswer webhook =
      Read(*adapter, Event("1", "r.1", R"(,"cost":"1.5")"));
  EXPECT_EQ(webhook.provider_job_id, "1");
  EXPECT_FALSE(webhook.fetch);
  ASSERT_TRUE(webhook.answer.has_value());
  EXPECT_EQ(webhook.answer->phase, JobPhase::kRunning);
  EXPECT_EQ(webhook.answer->cost, Credits{1500});
  ASSERT_THAT(webhook.answer->items, SizeIs(1));
  EXPECT_EQ(webhook.answer->items[0].key, "r.1");
}

TEST(RestWebhook, ABatchEndsTheJobWhenItNamesEveryContact) {
  const auto adapter = WithWebhook(
      "trust: payload, job: '= job', results: '= people', scope: batch, cost: "
      "'= cost'");
  const WebhookAnswer whole =
      Read(*adapter, Event("1", "r.0", R"(,"cost":1)"), Job(1));
  EXPECT_EQ(whole.answer->phase, JobPhase::kFinished);
  EXPECT_FALSE(whole.fetch);
  EXPECT_EQ(whole.answer->cost, Credits::Whole(1));
  const WebhookAnswer part =
      Read(*adapter, Event("1", "r.0", R"(,"cost":1)"), Job(2));
  EXPECT_EQ(part.answer->phase, JobPhase::kRunning);
  EXPECT_TRUE(part.fetch);
  EXPECT_EQ(part.answer->cost, std::nullopt);
  EXPECT_THAT(part.answer->items, SizeIs(1));
}

TEST(RestWebhook, ABatchMaySayHowItEnded) {
  const auto adapter = WithWebhook(
      "trust: payload, job: '= job', results: '= people', scope: batch, state: "
      "\"= lookup('job', status)\"");
  const auto phase = [&](absl::string_view status) {
    return Read(*adapter,
                Event("1", "r.0", absl::StrCat(R"(,"status":")", status, "\"")),
                Job(1));
  };
  EXPECT_EQ(phase("broke").answer->phase, JobPhase::kOutOfCredits);
  EXPECT_EQ(phase("queued").answer->phase, JobPhase::kRunning);
  const WebhookAnswer odd = phase("odd");
  EXPECT_EQ(odd.answer->phase, JobPhase::kRunning);
  EXPECT_THAT(odd.answer->drift, ElementsAre(HasSubstr("webhook.state")));
  EXPECT_TRUE(odd.fetch);
}

TEST(RestWebhook, MergesTheEventsOfOneBody) {
  const auto adapter = WithWebhook(
      "trust: payload, events: '= @', only: \"= type != 'other'\", job: '= "
      "job', results: '= people'");
  const std::string body =
      absl::StrCat("[", Event("1", "r.0"), ",", Event("2", "r.9"), ",",
                   Event("1", "r.1", R"(,"type":"person")"), ",",
                   Event("1", "r.8", R"(,"type":"other")"), "]");
  const WebhookAnswer webhook = Read(*adapter, body);
  ASSERT_TRUE(webhook.answer.has_value());
  ASSERT_THAT(webhook.answer->items, SizeIs(2));
  EXPECT_EQ(webhook.answer->items[0].key, "r.0");
  EXPECT_EQ(webhook.answer->items[1].key, "r.1");
  EXPECT_THAT(webhook.answer->drift, IsEmpty());
}

TEST(RestWebhook, IgnoresWhatIsNotMeant) {
  const auto adapter = WithWebhook(
      "trust: payload, only: '= mine', job: '= job', results: '= people'");
  for (const std::string& body :
       {Event("1", "r.0"), Event("2", "r.0", R"(,"mine":true)")}) {
    const WebhookAnswer webhook = Read(*adapter, body);
    EXPECT_FALSE(webhook.fetch);
    EXPECT_FALSE(webhook.answer.has_value());
    EXPECT_EQ(webhook.provider_job_id, "");
  }
}

TEST(RestWebhook, TellsTheIdOfAJobWhoseReplyWasLost) {
  const auto adapter =
      WithWebhook("trust: payload, job: '= job', results: '= people'");
  EXPECT_EQ(Read(*adapter, Event("77", "r.0"), Job(2, "")).provider_job_id,
            "77");
}

TEST(RestWebhook, IsFetchedWhereItDeviates) {
  const auto adapter =
      WithWebhook("trust: payload, job: '= job', results: '= people'");
  for (const std::string body :
       {"{}", "[]", R"({"people":7})", R"({"people":[{"e":"miss"}]})",
        R"({"people":[{"ref":"r.0","e":"odd","p":"none"}]})"}) {
    SCOPED_TRACE(body);
    const WebhookAnswer webhook = Read(*adapter, body);
    EXPECT_TRUE(webhook.fetch);
    ASSERT_TRUE(webhook.answer.has_value());
    EXPECT_EQ(webhook.answer->phase, JobPhase::kRunning);
    EXPECT_THAT(webhook.answer->items, IsEmpty());
    EXPECT_THAT(webhook.answer->drift, SizeIs(1));
  }
}

TEST(RestWebhook, RefusesWhatIsNoJson) {
  const auto adapter = WithWebhook("trust: hint");
  for (const std::string body : {"", "{", "\xff", R"({"a":1,"a":2})"}) {
    EXPECT_THAT(adapter->ParseWebhook(Job(), body),
                StatusIs(absl::StatusCode::kInvalidArgument));
  }
  EXPECT_THAT(RestAdapter()->ParseWebhook(Job(), "{}"),
              StatusIs(absl::StatusCode::kInvalidArgument));
}

TEST(RestWebhook, TakesThePushOfOneContactForThatContact) {
  const auto adapter = RestAdapter(
      {{"    poll:",
        "    webhook: {trust: payload, results: '= [@]'}\n    poll:"},
       {"batch: {max: 10}", "batch: {max: 1}"},
       {"match: {ref: \"= ref\"}", "match: only_item"}});
  const WebhookAnswer webhook =
      Read(*adapter, R"({"e":"miss","p":"miss"})", Job(1));
  ASSERT_THAT(webhook.answer->items, SizeIs(1));
  EXPECT_EQ(webhook.answer->items[0].index, 0);
}

}  // namespace
}  // namespace enrich::rest
