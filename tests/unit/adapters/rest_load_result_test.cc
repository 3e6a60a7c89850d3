// Mistakes in what results and errors mean.
#include <gtest/gtest.h>

#include "unit/adapters/rest_load_support.h"

namespace enrich::rest {
namespace {

INSTANTIATE_TEST_SUITE_P(
    Results, WrongFiles,
    ::testing::Values(
        WrongFile{"match: {ref: \"= id\"}",
                  "match: {ref: \"= id\", email: \"= email\"}",
                  "37 operations[0].result.match: must be only_item, or "
                  "exactly one of ref, position, item_job, email, linkedin_url "
                  "and company_domain"},
        WrongFile{"match: {ref: \"= id\"}", "match: {name: \"= id\"}",
                  "37 operations[0].result.match: must be only_item, or "
                  "exactly one of ref, position, item_job, email, linkedin_url "
                  "and company_domain"},
        WrongFile{"match: {ref: \"= id\"}", "match: only_item",
                  "37 operations[0].result.match: only_item needs requests of "
                  "one contact, and batch.max is 100"},
        WrongFile{"match: {ref: \"= id\"}", "match: {item_job: \"= id\"}",
                  "37 operations[0].result.match: by item_job needs "
                  "job_per_item in submit"},
        WrongFile{"match: {ref: \"= id\"}", "match: {position: 1}",
                  "37 operations[0].result.match.position: must be true, or an "
                  "expression for the index"},
        WrongFile{"body: {id: \"= item.ref\"}", "body: {id: \"= item.email\"}",
                  "37 operations[0].result.match: needs an echoed ref, and "
                  "submit_single does not send ref"},
        WrongFile{
            "lookup('state', found)", "lookup('grade', found)",
            "40 operations[0].result.fields.work_email.state: UNKNOWN is no "
            "item state (from the table grade); there are FOUND, NOT_FOUND, "
            "PENDING, ABSENT, FAILED, INVALID_INPUT or OUT_OF_CREDITS\n"
            "40 operations[0].result.fields.work_email.state: DELIVERABLE is "
            "no item state (from the table grade); there are FOUND, NOT_FOUND, "
            "PENDING, ABSENT, FAILED, INVALID_INPUT or OUT_OF_CREDITS"},
        WrongFile{"lookup('state', found)", "found && 'FOUND' || 'MISSED'",
                  "40 operations[0].result.fields.work_email.state: MISSED is "
                  "no item state; there are FOUND, NOT_FOUND, PENDING, ABSENT, "
                  "FAILED, INVALID_INPUT or OUT_OF_CREDITS"},
        WrongFile{"lookup('grade', quality)", "lookup('state', quality)",
                  "41 operations[0].result.fields.work_email.emails: NOT_FOUND "
                  "is no grade (from the table state); there are DELIVERABLE, "
                  "HIGH_PROBABILITY, CATCH_ALL, INVALID or UNKNOWN\n"
                  "41 operations[0].result.fields.work_email.emails: FOUND is "
                  "no grade (from the table state); there are DELIVERABLE, "
                  "HIGH_PROBABILITY, CATCH_ALL, INVALID or UNKNOWN"},
        WrongFile{
            "          state: \"= lookup('state', found)\"\n", "",
            "39 operations[0].result.fields.work_email.state: is required"},
        WrongFile{"phones: \"= phone\"", "emails: \"= phone\"",
                  "54 operations[1].result.fields.phone.emails: does not go "
                  "with phone: it has phones"},
        WrongFile{"fields: {phone: {state",
                  "fields: {personal_email: {}, phone: {state",
                  "54 operations[1].result.fields.personal_email: is not among "
                  "the fields of the operation"},
        WrongFile{
            "    result:\n"
            "      match: only_item",
            "    result:\n"
            "      profile: {title: \"= title\"}\n"
            "      match: only_item",
            "53 operations[1].result.profile.title: unknown key; there are "
            "full_name, job_title, location, linkedin_url, company_name, "
            "company_domain, company_industry, company_headcount"},
        WrongFile{"match: {ref: \"= id\"}", "match: {ref: id}",
                  "37 operations[0].result.match.ref: must be an expression, "
                  "such as \"= data.id\""},
        WrongFile{
            "      trust: hint\n"
            "      verify: {hmac: sha256, secret: api_secret, over: "
            "[raw_body], signature: header:X-Sign}\n"
            "    poll:\n"
            "      get: /bulk/{job}\n"
            "      state: \"= lookup('job', status)\"\n"
            "      results: \"= people\"\n"
            "    result:\n"
            "      match: {ref: \"= id\"}",
            "      trust: payload\n"
            "      results: \"= people\"\n"
            "      verify: {hmac: sha256, secret: api_secret, over: "
            "[raw_body], signature: header:X-Sign}\n"
            "    poll:\n"
            "      get: /bulk/{job}\n"
            "      state: \"= lookup('job', status)\"\n"
            "      results: \"= people\"\n"
            "    result:\n"
            "      match: {position: true}",
            "38 operations[0].result.match: by position is not believed in a "
            "push: match by something echoed, or make the webhook a hint"}));

INSTANTIATE_TEST_SUITE_P(
    Errors, WrongFiles,
    ::testing::Values(
        WrongFile{"{http: 401, class: BAD_CREDENTIALS}",
                  "{http: 601, class: BAD_CREDENTIALS}",
                  "43 operations[0].errors[0].http: must be a status from 100 "
                  "to 599, or such as 4xx"},
        WrongFile{"{http: 401, class: BAD_CREDENTIALS}",
                  "{http: 401, class: BAD_KEY}",
                  "43 operations[0].errors[0].class: must be BAD_CREDENTIALS, "
                  "OUT_OF_CREDITS, REFUSED, INVALID_INPUT, RATE_LIMITED, "
                  "CALL_AGAIN, NOT_FOUND, UNAVAILABLE, RUNNING or JOB_UNKNOWN"},
        WrongFile{
            "{http: 401, class: BAD_CREDENTIALS}", "{class: BAD_CREDENTIALS}",
            "43 operations[0].errors[0]: needs http, header or when: a rule "
            "for every answer would take what is not known for a refusal"},
        WrongFile{"{http: 401, class: BAD_CREDENTIALS}",
                  "{http: 4xx, class: BAD_CREDENTIALS}",
                  "44 operations[0].errors[1]: can never hold: the rule in "
                  "line 43 decides before it"},
        WrongFile{"on: poll, class", "class",
                  "44 operations[0].errors[1].class: JOB_UNKNOWN says nothing "
                  "of a submission: add on: poll"},
        WrongFile{"{http: 401, class: BAD_CREDENTIALS}",
                  "{http: 401, class: BAD_CREDENTIALS, retry_after: 1s}",
                  "43 operations[0].errors[0].retry_after: goes with "
                  "RATE_LIMITED and CALL_AGAIN only"},
        WrongFile{"{http: 401, class: BAD_CREDENTIALS}",
                  "{header: {is: \"0\"}, class: BAD_CREDENTIALS}",
                  "43 operations[0].errors[0].header.name: is required"},
        WrongFile{"on: poll, class", "on: fetch, class",
                  "44 operations[0].errors[1].on: must be submit or poll"},
        WrongFile{"{http: 401, class: BAD_CREDENTIALS}",
                  "{http: 401, when: \"error\", class: BAD_CREDENTIALS}",
                  "43 operations[0].errors[0].when: must be an expression, "
                  "such as \"= data.id\""},
        WrongFile{"balance:",
                  "errors: [{http: 404, class: RUNNING}]\n"
                  "balance:",
                  "55 errors[0].class: RUNNING says nothing of a submission: "
                  "add on: poll"},
        WrongFile{"balance:",
                  "errors: {http: 404}\n"
                  "balance:",
                  "55 errors: must be a list of rules"}));

}  // namespace
}  // namespace enrich::rest
