#ifndef ENRICH_ADAPTERS_REST_VALUES_H_
#define ENRICH_ADAPTERS_REST_VALUES_H_

#include "absl/strings/string_view.h"
#include "adapters/rest/answer_body.h"
#include "adapters/rest/plan.h"
#include "provider/adapter.h"

namespace enrich::rest {

// Adds the e-mails or phones that `plan.values` gives for `element`, the best
// first. What cannot be understood is noted at `place`.
void AddValues(const FieldPlan& plan, const Value& element, const Place& place,
               AnswerBody& body, FieldAnswer& answer);

// Sets `profile` to what `plan` says of the person; to nothing when that is
// nothing.
void ReadProfile(const ProfilePlan& plan, const Value& element,
                 AnswerBody& body, std::optional<Profile>& profile);

}  // namespace enrich::rest

#endif  // ENRICH_ADAPTERS_REST_VALUES_H_
