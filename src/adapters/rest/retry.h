#ifndef ENRICH_ADAPTERS_REST_RETRY_H_
#define ENRICH_ADAPTERS_REST_RETRY_H_

#include <optional>
#include <vector>

#include "absl/strings/string_view.h"
#include "absl/time/time.h"
#include "adapters/rest/answer_body.h"
#include "adapters/rest/plan.h"
#include "http/http_message.h"
#include "provider/adapter.h"

namespace enrich::rest {

// When to try again, by the first of `readers` that reads something. A moment
// counts from the answer's own Date where it has one, so that their clock and
// ours need not agree. Nothing for a pause that is over.
std::optional<RateLimited> ReadRetry(const std::vector<RetryReader>& readers,
                                     const HttpHeaders& headers,
                                     AnswerBody& body);

// The longest pause that the used-up ones of `readers` ask for, when there is
// one.
std::optional<RateLimited> ReadRemaining(
    const std::vector<RemainingReader>& readers, const HttpResponse& response);

// Likewise one text: a length of time or a moment, as `form` says.
std::optional<RateLimited> ReadRetryText(RetryReader::Form form,
                                         absl::string_view text);

}  // namespace enrich::rest

#endif  // ENRICH_ADAPTERS_REST_RETRY_H_
