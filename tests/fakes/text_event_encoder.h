#ifndef ENRICH_TESTS_FAKES_TEXT_EVENT_ENCODER_H_
#define ENRICH_TESTS_FAKES_TEXT_EVENT_ENCODER_H_

#include <string>

#include "absl/strings/str_cat.h"
#include "engine/event_encoder.h"

namespace enrich {

// Writes events as a line of text, such as
//   "ada work_email=found:ada@acme.example@enrow[enrow:found]"
//   "finished 2/2"
class TextEventEncoder final : public EventEncoder {
 public:
  std::string EncodeContactResult(absl::string_view, absl::Time, int64_t,
                                  const Contact& contact,
                                  const ContactProgress& progress,
                                  int64_t supersedes) const override {
    std::string text = contact.contact_ref;
    for (const FieldProgress& field : progress.fields) {
      absl::StrAppend(&text, " ", FieldName(field.field), "=",
                      Word(field.outcome));
      for (const EmailValue& email : field.emails) {
        absl::StrAppend(&text, ":", email.address);
      }
      for (const PhoneValue& phone : field.phones) {
        absl::StrAppend(&text, ":", phone.e164);
      }
      absl::StrAppend(&text, "[");
      for (const Attempt& attempt : field.attempts) {
        absl::StrAppend(&text, &attempt == field.attempts.data() ? "" : ",",
                        attempt.provider, "=", Word(attempt.outcome),
                        attempt.error_reason.empty() ? "" : "/",
                        attempt.error_reason,
                        attempt.cached_from.has_value() ? "/cached" : "");
      }
      absl::StrAppend(&text, "]");
    }
    if (supersedes != 0) absl::StrAppend(&text, " supersedes ", supersedes);
    return text;
  }

  std::string EncodeBatchFinished(const Batch& batch) const override {
    return absl::StrCat("finished ", batch.counters.contacts_done, "/",
                        batch.counters.contacts);
  }

  static absl::string_view Word(Outcome outcome) {
    constexpr absl::string_view kWords[] = {"open",      "found",   "not_found",
                                            "failed",    "unknown", "invalid",
                                            "cancelled", "skipped"};
    return kWords[static_cast<size_t>(outcome)];
  }
};

}  // namespace enrich

#endif  // ENRICH_TESTS_FAKES_TEXT_EVENT_ENCODER_H_
