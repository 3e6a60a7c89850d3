#ifndef ENRICH_ADAPTERS_REST_ANSWER_TEXT_H_
#define ENRICH_ADAPTERS_REST_ANSWER_TEXT_H_

#include <string>

#include "absl/status/statusor.h"
#include "model/credits.h"
#include "provider/adapter.h"

// What an adapter makes of an answer, as the JSON of a fixture's `expect`. What
// is empty is left out.
namespace enrich::rest {

std::string ToFixtureJson(const SubmitReply& reply);
std::string ToFixtureJson(const FetchReply& reply);
// An error is a push that is refused.
std::string ToFixtureJson(const absl::StatusOr<WebhookAnswer>& answer);
std::string ToFixtureJson(const absl::StatusOr<Credits>& balance);
std::string ToFixtureJson(const absl::StatusOr<AccessToken>& token);

}  // namespace enrich::rest

#endif  // ENRICH_ADAPTERS_REST_ANSWER_TEXT_H_
