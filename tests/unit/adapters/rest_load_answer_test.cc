// Mistakes in how results come.
#include <gtest/gtest.h>

#include "unit/adapters/rest_load_support.h"

namespace enrich::rest {
namespace {

INSTANTIATE_TEST_SUITE_P(
    Webhook, WrongFiles,
    ::testing::Values(
        WrongFile{"trust: hint", "trust: blindly",
                  "30 operations[0].webhook.trust: must be payload or hint"},
        WrongFile{"trust: hint", "trust: payload",
                  "29 operations[0].webhook.results: is required"},
        WrongFile{"trust: hint",
                  "trust: hint\n"
                  "      results: \"= people\"",
                  "31 operations[0].webhook.results: is not read: a hint only "
                  "makes us fetch the job"},
        WrongFile{
            "trust: hint",
            "trust: payload\n"
            "      results: \"= people\"\n"
            "      state: \"= status\"",
            "32 operations[0].webhook.state: goes with scope: batch only"},
        WrongFile{
            "hmac: sha256", "hmac: md5",
            "31 operations[0].webhook.verify.hmac: must be sha1 or sha256"},
        WrongFile{
            "secret: api_secret", "secret: api_key, secrets: api_secret",
            "31 operations[0].webhook.verify.secrets: unknown key; there are "
            "hmac, secret, over, signature, encoding, prefix, lowercase, time, "
            "max_age"},
        WrongFile{"signature: header:X-Sign}",
                  "signature: header:X-Sign, max_age: 5m}",
                  "31 operations[0].webhook.verify: needs time and max_age, or "
                  "neither"},
        WrongFile{
            "signature: header:X-Sign}",
            "signature: header:X-Sign, time: header:X-Time, max_age: 5m}",
            "31 operations[0].webhook.verify.time: is not signed: name it "
            "in over too"},
        WrongFile{"signature: header:X-Sign}",
                  "signature: header:X-Sign, time: body:/at, max_age: 1ms}",
                  "31 operations[0].webhook.verify.max_age: must be from 1s to "
                  "168h"},
        WrongFile{"trust: hint", "trust: hint\n      registered: X-Job",
                  "31 operations[0].webhook.registered: must be header:NAME or "
                  "body:/POINTER"},
        WrongFile{
            "trust: hint", "trust: hint\n      registered: header:X-Job",
            "31 operations[0].webhook.registered: has no use: the request "
            "sends callback_url"},
        WrongFile{"over: [raw_body]", "over: [body]",
                  "31 operations[0].webhook.verify.over[0]: must be raw_body, "
                  "url_path, header:NAME, body:/POINTER or text:LITERAL"},
        WrongFile{"signature: header:X-Sign", "signature: X-Sign",
                  "31 operations[0].webhook.verify.signature: must be "
                  "header:NAME or body:/POINTER"},
        WrongFile{
            "signature: header:X-Sign}",
            "signature: header:X-Sign, encoding: base32}",
            "31 operations[0].webhook.verify.encoding: must be hex or base64"},
        WrongFile{"{hmac: sha256, secret: api_secret, over: [raw_body], "
                  "signature: header:X-Sign}",
                  "{equals: known, at: header:X-Sign}\n"
                  "      only: \"= lookup('job', 'a')\"",
                  "31 operations[0].webhook.verify.equals: must hold a secret: "
                  "everybody could send this"}));

INSTANTIATE_TEST_SUITE_P(
    Poll, WrongFiles,
    ::testing::Values(
        WrongFile{"get: /bulk/{job}", "get: /bulk",
                  "32 operations[0].poll: does not say which job: put {job} "
                  "into the path, or \"= job\" into query or body"},
        WrongFile{"      results: \"= people\"\n"
                  "    result",
                  "    result",
                  "32 operations[0].poll.results: is required, or then"},
        WrongFile{"      results: \"= people\"\n"
                  "    result",
                  "      results: \"= people\"\n"
                  "      next: \"= next\"\n"
                  "    result",
                  "36 operations[0].poll.next: needs a request that uses "
                  "cursor, or it would read the first page for ever"},
        WrongFile{"      results: \"= people\"\n"
                  "    result",
                  "      results: \"= people\"\n"
                  "      done: \"= done\"\n"
                  "    result",
                  "36 operations[0].poll.done: does not go with state: one "
                  "says when it ends"},
        WrongFile{"      results: \"= people\"\n"
                  "    result",
                  "      results: \"= people\"\n"
                  "      every: 0s\n"
                  "    result",
                  "36 operations[0].poll.every: must be from 1s to 744h"},
        WrongFile{"      results: \"= people\"\n"
                  "    result",
                  "      results: \"= people\"\n"
                  "      give_up: 1m\n"
                  "      first: 5m\n"
                  "    result",
                  "36 operations[0].poll.give_up: is before the first look"},
        WrongFile{
            "lookup('job', status)", "lookup('jobs', status)",
            "34 operations[0].poll.state: column 8: no table is called jobs"},
        WrongFile{"lookup('job', status)", "lookup('state', status)",
                  "34 operations[0].poll.state: NOT_FOUND is no job state "
                  "(from the table state); there are RUNNING, FINISHED, "
                  "FAILED, CANCELLED or OUT_OF_CREDITS\n"
                  "34 operations[0].poll.state: FOUND is no job state (from "
                  "the table state); there are RUNNING, FINISHED, FAILED, "
                  "CANCELLED or OUT_OF_CREDITS"},
        WrongFile{"lookup('job', status)", "done && 'READY' || 'RUNNING'",
                  "34 operations[0].poll.state: READY is no job state; there "
                  "are RUNNING, FINISHED, FAILED, CANCELLED or OUT_OF_CREDITS"},
        WrongFile{
            "results: \"= people\"",
            "results: [{at: \"= people\"}, {at: \"= missing\", state: MISSED}]",
            "35 operations[0].poll.results[1].state: must be FOUND, NOT_FOUND, "
            "PENDING, ABSENT, FAILED, INVALID_INPUT or OUT_OF_CREDITS"}));

INSTANTIATE_TEST_SUITE_P(
    Delivery, WrongFiles,
    ::testing::Values(
        WrongFile{
            "    poll:\n"
            "      get: /bulk/{job}\n"
            "      state: \"= lookup('job', status)\"\n"
            "      results: \"= people\"\n",
            "",
            "21 operations[0].submit: has no way to get results: it needs "
            "inline: true, poll, or a webhook with trust: payload\n"
            "25 operations[0].submit_single: has no way to get results: it "
            "needs inline: true, poll, or a webhook with trust: payload\n"
            "30 operations[0].webhook.trust: hint needs poll, to read what the "
            "push does not prove"},
        WrongFile{"    webhook:\n"
                  "      trust: hint\n"
                  "      verify: {hmac: sha256, secret: api_secret, over: "
                  "[raw_body], signature: header:X-Sign}\n"
                  "    poll:\n"
                  "      get: /bulk/{job}\n"
                  "      state: \"= lookup('job', status)\"\n"
                  "      results: \"= people\"\n",
                  "    webhook:\n"
                  "      trust: payload\n"
                  "      results: \"= people\"\n"
                  "      verify: {hmac: sha256, secret: api_secret, over: "
                  "[url_path], signature: header:X-Sign}\n",
                  "21 operations[0].submit.callback: must be required: without "
                  "a push nothing reads the results\n"
                  "25 operations[0].submit_single.callback: must be required: "
                  "without a push nothing reads the results\n"
                  "30 operations[0].webhook.trust: payload could come from "
                  "anybody: send callback_url with the request, or verify a "
                  "signature over raw_body"},
        WrongFile{
            "    webhook:\n"
            "      trust: hint\n"
            "      verify: {hmac: sha256, secret: api_secret, over: "
            "[raw_body], signature: header:X-Sign}\n"
            "    poll:\n"
            "      get: /bulk/{job}\n"
            "      state: \"= lookup('job', status)\"\n"
            "      results: \"= people\"\n",
            "",
            "21 operations[0].submit: has no way to get results: it needs "
            "inline: true, poll, or a webhook with trust: payload\n"
            "25 operations[0].submit_single: has no way to get results: it "
            "needs inline: true, poll, or a webhook with trust: payload"},
        WrongFile{"      job: \"= id\"\n"
                  "    submit_single",
                  "      job: none\n"
                  "    submit_single",
                  "32 operations[0].poll: needs the id of a job, and submit "
                  "has job: none"},
        WrongFile{"      inline: true\n"
                  "      results: \"= [@]\"\n",
                  "      inline: true\n"
                  "      results: \"= [@]\"\n"
                  "    poll: {get: \"/phone/{job}\", results: \"= phones\"}\n",
                  "52 operations[1].poll: is never used: inline: true has "
                  "every result in the answer"},
        WrongFile{"      inline: true\n"
                  "      results: \"= [@]\"\n",
                  "      inline: true\n"
                  "      results: \"= [@]\"\n"
                  "    webhook: {trust: payload, results: \"= phones\"}\n",
                  "52 operations[1].webhook.verify: must be the same in every "
                  "webhook: it is asked before it is known which operation a "
                  "push is about"},
        WrongFile{
            "    result:\n"
            "      match: only_item",
            "    webhook_single: {trust: hint}\n"
            "    result:\n"
            "      match: only_item",
            "52 operations[1].webhook_single: goes with submit_single only"},
        WrongFile{"verify: {hmac",
                  "job: \"= id\"\n"
                  "    webhook_single:\n"
                  "      trust: hint\n"
                  "      verify: {hmac",
                  "34 operations[0].webhook_single.verify: must be the same in "
                  "every webhook: it is asked before it is known which "
                  "operation a push is about"},
        WrongFile{"      job: \"= id\"\n"
                  "    webhook",
                  "      job: \"= id\"\n"
                  "      callback: required\n"
                  "    webhook",
                  "29 operations[0].submit_single.callback: cannot be required "
                  "where submit does without"},
        WrongFile{"hook: \"= callback_url\"}\n"
                  "      job: \"= id\"\n"
                  "    submit_single:\n"
                  "      post: /single\n"
                  "      body: {id: \"= item.ref\"}\n"
                  "      job: \"= id\"\n"
                  "    webhook:\n"
                  "      trust: hint\n"
                  "      verify: {hmac: sha256, secret: api_secret, over: "
                  "[raw_body], signature: header:X-Sign}\n",
                  "hook: none}\n"
                  "      job: \"= id\"\n"
                  "    submit_single:\n"
                  "      post: /single\n"
                  "      body: {id: \"= item.ref\"}\n"
                  "      job: \"= id\"\n"
                  "    webhook:\n"
                  "      trust: hint\n",
                  "29 operations[0].webhook: is never called: the request does "
                  "not send callback_url, and no URL is registered"}));

}  // namespace
}  // namespace enrich::rest
