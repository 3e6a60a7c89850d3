// Mistakes outside of operations.
#include <gtest/gtest.h>

#include "unit/adapters/rest_load_support.h"

namespace enrich::rest {
namespace {

INSTANTIATE_TEST_SUITE_P(
    Yaml, WrongFiles,
    ::testing::Values(
        WrongFile{"spec: 1\n",
                  "spec: 1\n"
                  "spec: 1\n",
                  "2 spec: stands here twice"},
        WrongFile{"{working: RUNNING, done: FINISHED}",
                  "{working: RUNNING, working: RUNNING, done: FINISHED}",
                  "13 tables.job.working: stands here twice"},
        WrongFile{"id: acme\n", "id: &name acme\n",
                  "2 id: anchors (&name) are not read: write it out where it "
                  "is used"},
        WrongFile{
            "description: A provider", "description: !!str A provider",
            "3 description: tags (!name) are not read: quote what is text"},
        WrongFile{"tests: [fixtures/acme/work_email.yaml]\n",
                  "tests: [fixtures/acme/work_email.yaml]\n"
                  "---\n"
                  "spec: 1\n",
                  "58 : the file must hold one YAML document"},
        WrongFile{"description: A provider", "descriptoin: A provider",
                  "3 descriptoin: unknown key; there are spec, id, "
                  "description, base_url, secrets, no_api_key, auth, headers, "
                  "limits, tables, operations, errors, balance, redact, tests"},
        WrongFile{"description: A provider", "description: [A provider",
                  "4 : no valid YAML: end of sequence flow not found"}));

INSTANTIATE_TEST_SUITE_P(
    TopLevel, WrongFiles,
    ::testing::Values(
        WrongFile{"spec: 1", "spec: 2",
                  "1 spec: must be 1, the version of the language"},
        WrongFile{"spec: 1", "spec: \"1\"",
                  "1 spec: must be 1, the version of the language"},
        WrongFile{"id: acme\n", "id: Acme\n",
                  "2 id: must be of a-z, 0-9 and -, begin with a letter, and "
                  "have at most 32 characters"},
        WrongFile{"base_url: https://api.acme.example/v1\n", "",
                  "1 base_url: is required"},
        WrongFile{"base_url: https:", "base_url: http:",
                  "4 base_url: must be such as https://api.example.com/v1"},
        WrongFile{"acme.example/v1\n", "acme.example/v1/\n",
                  "4 base_url: must not end with a slash"},
        WrongFile{"secrets: [api_secret]", "secrets: [api_secret, other]",
                  "0 secrets.other: is required by the provider's file\n"
                  "5 secrets[1]: the secret other is used nowhere"},
        WrongFile{
            "secrets: [api_secret]", "secrets: [api_secret, Other]",
            "5 secrets[1]: must be of a-z, 0-9 and _, and begin with a letter"},
        WrongFile{"secrets: [api_secret]", "secrets: [api_secret, api_key]",
                  "5 secrets[1]: is there without being named"},
        WrongFile{"User-Agent: gateway", "User Agent: gateway",
                  "8 headers.User Agent: is no name of a header"},
        WrongFile{
            "User-Agent: gateway", "Content-Length: \"7\"",
            "8 headers.Content-Length: is set by the gateway's HTTP client"},
        WrongFile{"User-Agent: gateway", "User-Agent: \"a\\r\\nX: b\"",
                  "8 headers.User-Agent: must not have line ends or other "
                  "control characters"},
        WrongFile{
            "redact: [\"query:url\"", "redact: [\"url\"",
            "56 redact[0]: must be query:NAME, header:NAME or body:/POINTER"},
        WrongFile{"tests: [fixtures/acme/work_email.yaml]", "tests: []",
                  "57 tests: must not be empty"},
        WrongFile{"tests: [fixtures", "tests: [../fixtures",
                  "57 tests[0]: must be a path below this file's folder"},
        WrongFile{
            "value: \"= credits\"", "value: credits",
            "55 balance.value: must be an expression, such as \"= data.id\""}));

INSTANTIATE_TEST_SUITE_P(
    Auth, WrongFiles,
    ::testing::Values(
        WrongFile{"auth:\n"
                  "  headers: {X-API-KEY: \"{secret.api_key}\"}",
                  "auth: {query: {key: \"{secret.api_key}\", key2: "
                  "\"{secret.other}\"}}",
                  "6 auth.query.key2: there is no secret other; the file names "
                  "api_key and api_secret"},
        WrongFile{"{X-API-KEY: \"{secret.api_key}\"}",
                  "{X-API-KEY: \"{secret.api_key}\", Other: \"{key}\"}",
                  "7 auth.headers.Other: {key} is no placeholder here; there "
                  "are {secret.NAME}, {account.name}, {account.country}"},
        WrongFile{"  headers: {X-API-KEY: \"{secret.api_key}\"}\n",
                  "  headers: {X-API-KEY: \"{secret.api_key}\"}\n"
                  "  none: true\n",
                  "8 auth.none: says that nothing is sent, but credentials "
                  "stand beside it"},
        WrongFile{"auth:\n"
                  "  headers: {X-API-KEY: \"{secret.api_key}\"}",
                  "no_api_key: true\n"
                  "auth: {}",
                  "7 auth: says nothing: name headers, query, body, basic or "
                  "oauth2, or say none: true"},
        WrongFile{"auth:\n"
                  "  headers: {X-API-KEY: \"{secret.api_key}\"}",
                  "auth: {none: true}",
                  "1 : the API key is used nowhere; say no_api_key: true"},
        WrongFile{"  headers: {X-API-KEY: \"{secret.api_key}\"}",
                  "  headers: {authorization: \"{secret.api_key}\"}\n"
                  "  basic: {password: \"{secret.api_key}\"}",
                  "6 auth: sets the header Authorization more than once"},
        WrongFile{"  headers: {X-API-KEY: \"{secret.api_key}\"}",
                  "  oauth2: {url: /token, form: {id: \"{secret.api_key}\"}, "
                  "token: access_token}",
                  "7 auth.oauth2.token: must be an expression, such as \"= "
                  "data.id\""},
        WrongFile{"User-Agent: gateway", "x-api-key: gateway",
                  "8 headers.x-api-key: is a credential of auth already"},
        WrongFile{"X-API-KEY: \"{secret.api_key}\"",
                  "X-API-KEY: \"{secret.api_key\"",
                  "7 auth.headers.X-API-KEY: { begins a placeholder that does "
                  "not end"},
        WrongFile{"X-API-KEY: \"{secret.api_key}\"",
                  "X-API-KEY: \"{secret.api_key}\", X-Job: \"{job}\"",
                  "7 auth.headers.X-Job: {job} is no placeholder here; there "
                  "are {secret.NAME}, {account.name}, {account.country}"}));

INSTANTIATE_TEST_SUITE_P(
    Limits, WrongFiles,
    ::testing::Values(
        WrongFile{"[10/s, 500/h]", "[10/s, 500]",
                  "10 limits.submit[1]: must be a rate such as 10/s, 60/m, "
                  "1000/d or 20/2s"},
        WrongFile{"[10/s, 500/h]", "[0/s]",
                  "10 limits.submit[0]: must be a rate such as 10/s, 60/m, "
                  "1000/d or 20/2s"},
        WrongFile{"as: seconds", "as: minutes",
                  "11 limits.retry_after[0].as: must be seconds, milliseconds, "
                  "epoch_seconds, epoch_milliseconds, http_date, iso8601 or "
                  "javascript_date"},
        WrongFile{"{header: Retry-After, as: seconds}",
                  "{header: Retry-After, value: \"= wait\", as: seconds}",
                  "11 limits.retry_after[0]: needs either header or value"},
        WrongFile{"  submit: [10/s, 500/h]", "  shared: true",
                  "10 limits.shared: needs rates of submit to share"},
        WrongFile{"  submit: [10/s, 500/h]", "  pause_after_429: soon",
                  "10 limits.pause_after_429: must be a duration such as "
                  "250ms, 30s, 5m or 24h"},
        WrongFile{"  submit: [10/s, 500/h]", "  concurrent_requests: 0",
                  "10 limits.concurrent_requests: must be a whole number from "
                  "1 to 1000000"}));

}  // namespace
}  // namespace enrich::rest
