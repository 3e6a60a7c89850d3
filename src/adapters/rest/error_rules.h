#ifndef ENRICH_ADAPTERS_REST_ERROR_RULES_H_
#define ENRICH_ADAPTERS_REST_ERROR_RULES_H_

#include <string>
#include <vector>

#include "adapters/rest/answer_body.h"
#include "adapters/rest/plan.h"
#include "http/http_message.h"
#include "provider/adapter.h"

namespace enrich::rest {

enum class RuleScope { kSubmit, kSubmitWithStatus, kPoll };

// The first of `rules` whose conditions all hold; null when there is none.
// kSubmitWithStatus: among those that name the status.
const ErrorRule* FindRule(const std::vector<ErrorRule>& rules, RuleScope scope,
                          const HttpResponse& response, AnswerBody& body);

// "HTTP 400", or "HTTP 400: text" with the rule's text. `rule` may be null.
std::string Describe(const HttpResponse& response, const ErrorRule* rule,
                     AnswerBody& body);

// Why contacts fail, or a fetch failed, by a rule of this class.
FailureReason ReasonOf(ErrorClass error_class);

// REQUIRES: the class asks for a pause.
RateLimited PauseOf(const ErrorRule& rule,
                    const std::vector<RetryReader>& readers,
                    const HttpResponse& response, AnswerBody& body);

inline bool IsSuccess(const HttpResponse& response) {
  return response.status >= 200 && response.status <= 299;
}

}  // namespace enrich::rest

#endif  // ENRICH_ADAPTERS_REST_ERROR_RULES_H_
