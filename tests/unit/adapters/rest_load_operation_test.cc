// Mistakes in what is sent.
#include <gtest/gtest.h>

#include "unit/adapters/rest_load_support.h"

namespace enrich::rest {
namespace {

INSTANTIATE_TEST_SUITE_P(
    Fields, WrongFiles,
    ::testing::Values(
        WrongFile{"{work_email: {price: 1}}",
                  "{work_mail: {price: 1}, work_email: {price: 1}}",
                  "18 operations[0].fields.work_mail: is no field; there are "
                  "work_email, phone, personal_email or email_verification"},
        WrongFile{"{phone: {price: 10, ", "{phone: {",
                  "46 operations[1].fields.phone.price: is required"},
        WrongFile{"{price: 1}", "{price: free}",
                  "18 operations[0].fields.work_email.price: must be a number "
                  "of credits such as 1 or 0.25"},
        WrongFile{"{price: 1}", "{price: -1}",
                  "18 operations[0].fields.work_email.price: must be a number "
                  "of credits such as 1 or 0.25"},
        WrongFile{"{phone: {price: 10, requires: [linkedin_url]}}",
                  "{phone: {price: 10}, work_email: {price: 1}}",
                  "46 operations[1].fields.work_email: is looked up by another "
                  "operation already\n"
                  "54 operations[1].result.fields.work_email: is required"},
        WrongFile{"company_domain or company_name", "company_domain or company",
                  "19 operations[0].requires[1]: company is no input; there "
                  "are first_name, last_name, full_name, company_name, "
                  "company_domain, linkedin_url, email"},
        WrongFile{"id: phone", "id: work_email",
                  "45 operations[1].id: is taken by another operation"},
        WrongFile{"id: phone", "id: Phone",
                  "45 operations[1].id: must be of a-z, 0-9, _ and -, begin "
                  "with a letter, and have at most 32 characters"}));

INSTANTIATE_TEST_SUITE_P(
    Batch, WrongFiles,
    ::testing::Values(
        WrongFile{
            "{min: 2, max: 100}", "{min: 3, max: 100}",
            "20 operations[0].batch.min: must be a whole number from 1 to 2"},
        WrongFile{"{min: 2, max: 100}", "{min: 2}",
                  "20 operations[0].batch.max: is required"},
        WrongFile{
            "{min: 2, max: 100}", "{min: 1, max: 100}",
            "25 operations[0].submit_single: is never used: batch.min is 1"},
        WrongFile{"{min: 2, max: 100}",
                  "{min: 2, max: 100}\n"
                  "    timeout: 10ms",
                  "21 operations[0].timeout: must be from 1s to 15m"},
        WrongFile{"    submit_single:\n"
                  "      post: /single\n"
                  "      body: {id: \"= item.ref\"}\n"
                  "      job: \"= id\"\n",
                  "",
                  "17 operations[0].submit_single: is required where batch.min "
                  "is 2: how is one contact asked for?"}));

INSTANTIATE_TEST_SUITE_P(
    Requests, WrongFiles,
    ::testing::Values(
        WrongFile{"      post: /bulk\n",
                  "      post: /bulk\n"
                  "      put: /bulk\n",
                  "23 operations[0].submit.put: there is post already: one "
                  "request, one method"},
        WrongFile{"      post: /bulk\n", "",
                  "21 operations[0].submit: needs get, post or put: the path "
                  "of the request"},
        WrongFile{"post: /bulk", "post: bulk",
                  "22 operations[0].submit.post: must be a path that begins "
                  "with a slash, or a whole URL with https://"},
        WrongFile{"post: /bulk", "post: http://other.example/bulk",
                  "22 operations[0].submit.post: must be a path that begins "
                  "with a slash, or a whole URL with https://"},
        WrongFile{
            "post: /bulk", "post: /bulk list",
            "22 operations[0].submit.post: must not have spaces, # or other "
            "characters that are not allowed in a URL: percent-encode them"},
        WrongFile{"post: /bulk", "post: /bulk/{job}",
                  "22 operations[0].submit.post: {job} is no placeholder here; "
                  "there are {secret.NAME}, {account.name}, {account.country}, "
                  "{callback_url}, {reference}"},
        WrongFile{"post: /single",
                  "post: /single\n"
                  "      headers: {X-API-KEY: mine}",
                  "27 operations[0].submit_single.headers.X-API-KEY: is a "
                  "credential of auth already"},
        WrongFile{
            "post: /single",
            "post: /single\n"
            "      body_format: xml",
            "27 operations[0].submit_single.body_format: must be json or form"},
        WrongFile{"body: {id: \"= item.ref\"}",
                  "body: {id: \"= item.ref\", tags: [a]}\n"
                  "      body_format: form",
                  "27 operations[0].submit_single.body.tags: must be a single "
                  "value, as body_format is form"},
        WrongFile{"version: 2", "version: [2]",
                  "49 operations[1].submit.query.version: must be a text, "
                  "which may have placeholders"},
        WrongFile{"get: /phone",
                  "get: /phone\n"
                  "      body: {a: 1}",
                  "49 operations[1].submit.body: a GET has no body: use query"},
        WrongFile{"{id: \"= item.ref\"}", "{id: \"= item.ref\", phone: +33}",
                  "27 operations[0].submit_single.body.phone: is it a number "
                  "or a text? Quote a text; write a number as JSON does"},
        WrongFile{"{id: \"= item.ref\"}", "{id: \"= item.(ref\"}",
                  "27 operations[0].submit_single.body.id: column 6: this "
                  "cannot stand here"},
        WrongFile{"{id: \"= item.ref\"}", "{id: \"= shorten(item.ref)\"}",
                  "27 operations[0].submit_single.body.id: column 1: no "
                  "function is called shorten"}));

INSTANTIATE_TEST_SUITE_P(
    Submit, WrongFiles,
    ::testing::Values(
        WrongFile{"      inline: true\n"
                  "      results: \"= [@]\"\n",
                  "",
                  "47 operations[1].submit: needs job, job_per_item or inline: "
                  "where is the answer found?"},
        WrongFile{"      inline: true\n",
                  "      inline: true\n"
                  "      job: \"= id\"\n",
                  "51 operations[1].submit.job: is never used: inline: true "
                  "has every result in the answer"},
        WrongFile{"      inline: true\n", "      inline: \"= done\"\n",
                  "50 operations[1].submit.inline: needs a job too: the id for "
                  "when the results are not there yet"},
        WrongFile{"      inline: true\n"
                  "      results: \"= [@]\"\n",
                  "      inline: true\n",
                  "47 operations[1].submit.results: is required with inline"},
        WrongFile{"      job: \"= id\"\n"
                  "    webhook",
                  "      job: id\n"
                  "    webhook",
                  "28 operations[0].submit_single.job: must be an expression "
                  "such as \"= id\", {header: NAME} or none"},
        WrongFile{"      job: \"= id\"\n"
                  "    webhook",
                  "      job: {header: \"X Job\"}\n"
                  "    webhook",
                  "28 operations[0].submit_single.job.header: is no name of a "
                  "header"},
        WrongFile{"      job: \"= id\"\n"
                  "    submit_single",
                  "      job: \"= id\"\n"
                  "      cost: \"= cost\"\n"
                  "    submit_single",
                  "25 operations[0].submit.cost: goes with inline only"},
        WrongFile{"      get: /phone\n",
                  "      get: /phone\n"
                  "      callback: required\n",
                  "49 operations[1].submit.callback: needs a webhook that "
                  "reads the push"},
        WrongFile{"      job: \"= id\"\n"
                  "    submit_single",
                  "      job: \"= id\"\n"
                  "      callback: maybe\n"
                  "    submit_single",
                  "25 operations[0].submit.callback: must be required, or be "
                  "left out"}));

}  // namespace
}  // namespace enrich::rest
