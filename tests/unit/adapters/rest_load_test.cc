#include "adapters/rest/load.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <string>
#include <vector>

#include "absl/strings/str_cat.h"
#include "absl/strings/str_replace.h"

namespace enrich::rest {
namespace {

using ::testing::ElementsAre;
using ::testing::IsEmpty;

constexpr absl::string_view kGood = R"(spec: 1
id: acme
description: A provider
base_url: https://api.acme.example/v1
secrets: [api_secret]
auth:
  headers: {X-API-KEY: "{secret.api_key}"}
headers: {User-Agent: gateway}
limits:
  submit: [10/s, 500/h]
  retry_after: [{header: Retry-After, as: seconds}]
tables:
  job: {working: RUNNING, done: FINISHED}
  state: {yes: FOUND, no: NOT_FOUND}
  grade: {good: DELIVERABLE, "*": UNKNOWN}
operations:
  - id: work_email
    fields: {work_email: {price: 1}}
    requires: ["linkedin_url", "first_name, last_name, company_domain or company_name"]
    batch: {min: 2, max: 100}
    submit:
      post: /bulk
      body: {people: "= items[*].{id: ref}", hook: "= callback_url"}
      job: "= id"
    submit_single:
      post: /single
      body: {id: "= item.ref"}
      job: "= id"
    webhook:
      trust: hint
      verify: {hmac: sha256, secret: api_secret, over: [raw_body], signature: header:X-Sign}
    poll:
      get: /bulk/{job}
      state: "= lookup('job', status)"
      results: "= people"
    result:
      match: {ref: "= id"}
      fields:
        work_email:
          state: "= lookup('state', found)"
          emails: "= {address: email, grade: lookup('grade', quality)}"
    errors:
      - {http: 401, class: BAD_CREDENTIALS}
      - {http: [404, 410], on: poll, class: JOB_UNKNOWN}
  - id: phone
    fields: {phone: {price: 10, requires: [linkedin_url]}}
    submit:
      get: /phone
      query: {url: "= item.linkedin_url", version: 2}
      inline: true
      results: "= [@]"
    result:
      match: only_item
      fields: {phone: {state: "= phone && 'FOUND' || 'NOT_FOUND'", phones: "= phone"}}
balance: {get: /credits, value: "= credits"}
redact: ["query:url", "body:/people"]
tests: [fixtures/acme/work_email.yaml]
)";

AccountConfig Account() { return FixtureAccount(kGood); }

// Every mistake as "line path: text".
std::vector<std::string> MistakesOf(absl::string_view text,
                                    const AccountConfig& account) {
  std::vector<std::string> lines;
  for (const Mistake& mistake : Load(text, account).mistakes) {
    lines.push_back(
        absl::StrCat(mistake.line, " ", mistake.path, ": ", mistake.text));
  }
  return lines;
}

// ---- What is wrong ----------------------------------------------------------

// The good file with one edit, and the one mistake that it then has.
struct WrongFile {
  const char* from;
  const char* to;
  const char* mistake;
};

class WrongFiles : public ::testing::TestWithParam<WrongFile> {};

TEST_P(WrongFiles, AreRefusedWithLinePathAndReason) {
  const WrongFile& wrong = GetParam();
  const std::string text =
      absl::StrReplaceAll(kGood, {{wrong.from, wrong.to}});
  ASSERT_NE(text, kGood) << wrong.from;
  EXPECT_THAT(MistakesOf(text, Account()), ElementsAre(wrong.mistake));
}

//TABLE

}  // namespace
}  // namespace enrich::rest
