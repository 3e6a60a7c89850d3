#ifndef ENRICH_TESTS_FAKES_TEXT_EVENT_ENCODER_H_
#define ENRICH_TESTS_FAKES_TEXT_EVENT_ENCODER_H_

#include <optional>
#include <string>

#include "absl/strings/numbers.h"
#include "absl/strings/str_cat.h"
#include "engine/event_encoder.h"
#include "store/record.h"

namespace enrich {

// Writes events as a line of text, such as
//   "ada work_email=found:ada@acme.example@enrow[enrow:found]"
//   "finished 2/2"
// and, where the test wants to have them read again, a record behind it.
class TextEventEncoder final : public EventEncoder {
 public:
  // Whether a line is followed by '\0', the contact's position, a blank and the
  // progress as the store keeps it.
  bool readable = false;

  std::string EncodeContactResult(absl::string_view, absl::Time, int64_t index,
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
    if (readable) {
      text.push_back('\0');
      absl::StrAppend(&text, index, " ", EncodeProgress(progress));
    }
    return text;
  }

  std::string EncodeBatchFinished(const Batch& batch) const override {
    return absl::StrCat("finished ", batch.counters.contacts_done, "/",
                        batch.counters.contacts);
  }

  std::optional<int64_t> ContactIndexOf(
      absl::string_view event) const override {
    int64_t index = 0;
    const absl::string_view rest = RestOf(event);
    if (!absl::SimpleAtoi(rest.substr(0, rest.find(' ')), &index)) {
      return std::nullopt;
    }
    return index;
  }
  absl::StatusOr<ContactProgress> DecodeContactResult(
      absl::string_view event) const override {
    const absl::string_view rest = RestOf(event);
    return DecodeProgress(rest.substr(rest.find(' ') + 1));
  }

  // Without the record.
  static std::string LineOf(absl::string_view event) {
    return std::string(event.substr(0, event.find('\0')));
  }

  static absl::string_view Word(Outcome outcome) {
    constexpr absl::string_view kWords[] = {"open",      "found",   "not_found",
                                            "failed",    "unknown", "invalid",
                                            "cancelled", "skipped"};
    return kWords[static_cast<size_t>(outcome)];
  }

 private:
  static absl::string_view RestOf(absl::string_view event) {
    const size_t line = event.find('\0');
    return line == event.npos ? "" : event.substr(line + 1);
  }
};

}  // namespace enrich

#endif  // ENRICH_TESTS_FAKES_TEXT_EVENT_ENCODER_H_
