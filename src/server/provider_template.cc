#include "server/provider_template.h"

#include "absl/strings/str_cat.h"
#include "absl/strings/str_replace.h"

namespace enrich {
namespace {

constexpr char kProvider[] =
    R"yaml(# <id>: what is known of its API, and from where.
#
# Every key is explained in docs/provider-files.md. Check with
#   enrichctl provider lint <id>.yaml
#   enrichctl provider test <id>.yaml
spec: 1
id: <id>
description: What people call it
base_url: https://api.example.com/v1

# How requests prove who sends them. Further credentials are named in `secrets`.
auth:
  headers: {X-API-Key: "{secret.api_key}"}

# The pace its documentation allows.
limits:
  submit: [10/s]
  calls: [60/m]

# What its words mean. "*" is every other word; without it such a word is
# contract drift, which is counted and never taken for an answer.
tables:
  job: {queued: RUNNING, running: RUNNING, done: FINISHED}
  state: {found: FOUND, not_found: NOT_FOUND, pending: PENDING}
  grade: {valid: DELIVERABLE, accept_all: CATCH_ALL, "*": UNKNOWN}

operations:
  - id: work_email
    # Credits for one result, and what must be known of a contact.
    fields: {work_email: {price: 1}}
    requires: ["linkedin_url", "first_name, last_name, company_domain or company_name"]
    batch: {max: 100}

    # Sent once. An answer that no error rule knows leaves it in doubt.
    submit:
      post: /enrichments
      body:
        webhook_url: "= callback_url"
        contacts: "= items[*].omit_empty({first_name: first_name, last_name: last_name, domain: company_domain, company: company_name, linkedin: linkedin_url, reference: ref})"
      job: "= id"

    # What it pushes. Nothing proves that it is from the provider: the job is
    # fetched before anything is believed.
    webhook:
      trust: hint

    poll:
      get: /enrichments/{job}
      first: 1m
      every: 1m
      state: "= lookup('job', status)"
      results: "= results"

    # What an element of the results says.
    result:
      match: {ref: "= reference"}
      fields:
        work_email:
          state: "= lookup('state', status)"
          emails: "= {address: email, grade: lookup('grade', quality)}"

# What an answer means that is no success; the first rule that holds decides.
# Only what the documentation lists as "nothing was enqueued" belongs here.
errors:
  - {http: 401, class: BAD_CREDENTIALS}
  - {http: 402, class: OUT_OF_CREDITS}
  - {http: 400, on: submit, class: INVALID_INPUT}
  - {http: 404, on: poll, class: JOB_UNKNOWN}
  - {http: 429, class: RATE_LIMITED}

balance:
  get: /account
  value: "= credits"

tests:
  - fixtures/<id>/work_email.yaml
)yaml";

constexpr char kFixture[] = R"yaml(describe: Two contacts, one found
source: https://docs.example.com/enrichments
operation: work_email
contacts:
  - {first_name: Ada, last_name: Example, company_domain: acme.example}
  - {linkedin_url: "https://www.linkedin.com/in/bob-example"}
steps:
  - submit:
      request:
        post: /enrichments
        headers: {X-API-Key: api_key}
        body:
          webhook_url: https://gateway.example/v1/webhooks/<id>/token
          contacts:
            - {first_name: Ada, last_name: Example, domain: acme.example, reference: fx.0}
            - {linkedin: "https://www.linkedin.com/in/bob-example", reference: fx.1}
      response: {status: 202, body: {id: job-1, status: queued}}
      expect: {accepted: job-1}
  - webhook:
      body: {id: job-1, status: done}
      expect: {fetch: true}
  - poll:
      request: {get: /enrichments/job-1}
      response:
        status: 200
        body:
          status: done
          results:
            - {reference: fx.0, status: found, email: ada@acme.example, quality: valid}
            - {reference: fx.1, status: not_found}
      expect:
        phase: finished
        items:
          - {ref: fx.0, work_email: {outcome: FOUND, emails: [{address: ada@acme.example, quality: DELIVERABLE}], credits: 1}}
          - {ref: fx.1, work_email: {outcome: NOT_FOUND}}
  - submit:
      response: {status: 402, body: {error: no credits left}}
      expect: {rejected: OUT_OF_CREDITS}
  - balance:
      request: {get: /account}
      response: {status: 200, body: {credits: 12.5}}
      expect: {balance: 12.5}
)yaml";

std::string Fill(absl::string_view text, absl::string_view id) {
  return absl::StrReplaceAll(text, {{"<id>", id}});
}

}  // namespace

std::string ProviderTemplate(absl::string_view id) {
  return Fill(kProvider, id);
}

std::string FixtureTemplate(absl::string_view id) { return Fill(kFixture, id); }

std::string FixtureTemplatePath(absl::string_view id) {
  return absl::StrCat("fixtures/", id, "/work_email.yaml");
}

}  // namespace enrich
