#ifndef ENRICH_ADAPTERS_REST_REQUEST_H_
#define ENRICH_ADAPTERS_REST_REQUEST_H_

#include <string>
#include <vector>

#include "absl/strings/string_view.h"
#include "adapters/rest/plan.h"
#include "expression/value.h"
#include "http/http_message.h"
#include "provider/adapter.h"

namespace enrich::rest {

// What the placeholders of a request stand for.
struct Placeholders {
  absl::string_view callback_url = {};
  absl::string_view reference = {};
  absl::string_view job = {};
  std::vector<absl::string_view> jobs = {};
};

// What expressions of a submission see. Borrows `request` and its contacts.
expression::Value SubmitContext(const Plan& plan, const SubmitRequest& request,
                                expression::Arena& arena);

// What expressions of a poll see. Borrows `fill` and `page`.
expression::Value PollContext(const Plan& plan, const Placeholders& fill,
                              const expression::Value& page, int count,
                              expression::Arena& arena);

// The request, its expressions evaluated in `context`. Without a URL, which
// nobody can send, when that took more than the arena's budget.
HttpRequest BuildRequest(const RequestPlan& plan, const Placeholders& fill,
                         const expression::Value& context,
                         expression::Arena& arena);

}  // namespace enrich::rest

#endif  // ENRICH_ADAPTERS_REST_REQUEST_H_
