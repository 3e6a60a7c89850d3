#ifndef ENRICH_TESTS_FAKES_FIELD_RESULTS_H_
#define ENRICH_TESTS_FAKES_FIELD_RESULTS_H_

#include <string>

#include "absl/strings/str_cat.h"
#include "enrich/v1/contact.pb.h"
#include "enrich/v1/result.pb.h"

namespace enrich {

// Found at example.com, for one credit.
inline v1::FieldResult FoundResult(const v1::Contact& contact,
                                   v1::ContactField field) {
  v1::FieldResult result;
  result.set_field(field);
  result.set_outcome(v1::LOOKUP_OUTCOME_FOUND);
  if (field == v1::CONTACT_FIELD_PHONE) {
    result.add_phones()->set_e164("+33199000001");
  } else {
    auto* email = result.add_emails();
    email->set_address(
        absl::StrCat("contact", contact.contact_ref(), "@example.com"));
    email->set_quality(v1::EMAIL_QUALITY_DELIVERABLE);
  }
  result.set_provider("acme");
  auto* attempt = result.add_attempts();
  attempt->set_provider("acme");
  attempt->set_outcome(v1::LOOKUP_OUTCOME_FOUND);
  attempt->set_millicredits(1000);
  return result;
}

// Without a value, and why.
inline v1::FieldResult ResultWithout(v1::ContactField field,
                                     v1::LookupOutcome outcome,
                                     const std::string& reason) {
  v1::FieldResult result;
  result.set_field(field);
  result.set_outcome(outcome);
  auto* attempt = result.add_attempts();
  attempt->set_provider("acme");
  attempt->set_outcome(outcome);
  attempt->mutable_error()->set_reason(reason);
  return result;
}

// Of a contact that breaks the rules.
inline v1::FieldResult InvalidResult(v1::ContactField field) {
  v1::FieldResult result;
  result.set_field(field);
  result.set_outcome(v1::LOOKUP_OUTCOME_INVALID_INPUT);
  result.set_explanation("a name or a LinkedIn URL is needed");
  return result;
}

}  // namespace enrich

#endif  // ENRICH_TESTS_FAKES_FIELD_RESULTS_H_
