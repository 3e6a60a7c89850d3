#ifndef ENRICH_TESTS_SUPPORT_REST_ADAPTER_H_
#define ENRICH_TESTS_SUPPORT_REST_ADAPTER_H_

#include <gtest/gtest.h>

#include <initializer_list>
#include <memory>
#include <string>
#include <utility>

#include "absl/strings/str_cat.h"
#include "absl/strings/str_replace.h"
#include "absl/strings/string_view.h"
#include "adapters/rest/adapter.h"
#include "provider/adapter.h"

namespace enrich {

// A provider file that looks up `work_email` and `phone`, for tests to replace
// parts of.
inline constexpr absl::string_view kRestFile = R"yaml(
spec: 1
id: acme
base_url: https://api.acme.example/v1
auth: {headers: {X-Key: "{secret.api_key}"}}
limits: {pause_after_429: 1m}
tables:
  job: {queued: RUNNING, done: FINISHED, dead: FAILED, stopped: CANCELLED, broke: OUT_OF_CREDITS}
  state: {hit: FOUND, miss: NOT_FOUND, wait: PENDING, bad: INVALID_INPUT, broke: OUT_OF_CREDITS, error: FAILED, none: ABSENT}
operations:
  - id: find
    fields: {work_email: {price: 2}, phone: {price: 10}}
    requires: [linkedin_url]
    batch: {max: 10}
    submit:
      post: /find
      body: {people: "= items[*].{ref: ref, url: linkedin_url}", hook: "= callback_url"}
      job: "= id"
    poll:
      get: /find/{job}
      state: "= lookup('job', status)"
      results: "= people"
    result:
      match: {ref: "= ref"}
      fields:
        work_email: {state: "= lookup('state', e)", emails: "= emails"}
        phone: {state: "= lookup('state', p)", phones: "= phones"}
tests: [none.yaml]
)yaml";

// The adapter of kRestFile with each `from` replaced by its `to`.
inline std::unique_ptr<ProviderAdapter> RestAdapter(
    std::initializer_list<std::pair<absl::string_view, absl::string_view>>
        replacements = {}) {
  std::string text(kRestFile);
  for (const auto& [from, to] : replacements) {
    EXPECT_NE(text.find(std::string(from)), std::string::npos) << from;
    text = absl::StrReplaceAll(text, {{from, to}});
  }
  auto adapter = rest::CreateAdapter({.name = "acme-main",
                                      .adapter = "rest",
                                      .definition = text,
                                      .definition_file = "acme.yaml",
                                      .api_key = Secret("api_key"),
                                      .default_country = "FR"});
  EXPECT_TRUE(adapter.ok()) << adapter.status();
  return adapter.ok() ? *std::move(adapter) : nullptr;
}

}  // namespace enrich

#endif  // ENRICH_TESTS_SUPPORT_REST_ADAPTER_H_
