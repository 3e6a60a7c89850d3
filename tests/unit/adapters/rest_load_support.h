#ifndef ENRICH_TESTS_UNIT_ADAPTERS_REST_LOAD_SUPPORT_H_
#define ENRICH_TESTS_UNIT_ADAPTERS_REST_LOAD_SUPPORT_H_

#include <gtest/gtest.h>

#include <string>
#include <vector>

#include "absl/strings/str_cat.h"
#include "absl/strings/string_view.h"
#include "adapters/rest/load.h"

namespace enrich::rest {

inline constexpr absl::string_view kGood = R"yaml(spec: 1
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
)yaml";

// Every mistake as "line path: text".
inline std::vector<std::string> MistakesOf(absl::string_view text,
                                           const AccountConfig& account) {
  std::vector<std::string> lines;
  for (const Mistake& mistake : Load(text, account).mistakes) {
    lines.push_back(
        absl::StrCat(mistake.line, " ", mistake.path, ": ", mistake.text));
  }
  return lines;
}

// The good file with one edit, and the mistakes that it then has, a line each.
struct WrongFile {
  const char* from;
  const char* to;
  const char* mistakes;
};

class WrongFiles : public ::testing::TestWithParam<WrongFile> {};

}  // namespace enrich::rest

#endif  // ENRICH_TESTS_UNIT_ADAPTERS_REST_LOAD_SUPPORT_H_
