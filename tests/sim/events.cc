#include "sim/events.h"

#include "absl/strings/numbers.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_split.h"
#include "fakes/text_event_encoder.h"

namespace enrich::sim {
namespace {

using Words = std::vector<absl::string_view>;

int64_t Number(absl::string_view text) {
  int64_t number = -1;
  return absl::SimpleAtoi(text, &number) ? number : -1;
}

bool ParseLine(const Words& words, SeenEvent& event) {
  if (words[0] == "R" && words.size() == 5) {
    event.batch_id = std::string(words[1]);
    event.index = Number(words[2]);
    event.supersedes = Number(words[3]);
    event.contact_ref = std::string(words[4]);
  } else if (words[0] == "E" && words.size() == 3) {
    event.batch_id = std::string(words[1]);
    event.finished = true;
    event.contacts_done = Number(words[2]);
  } else if (words[0] == "F" && words.size() >= 3) {
    SeenField& field = event.fields.emplace_back();
    field.name = std::string(words[1]);
    field.outcome = std::string(words[2]);
    for (size_t i = 3; i < words.size(); ++i) {
      field.values.emplace_back(words[i]);
    }
  } else if (words[0] == "A" && words.size() == 6 && !event.fields.empty()) {
    event.fields.back().attempts.push_back({.provider = std::string(words[1]),
                                            .outcome = std::string(words[2]),
                                            .reason = std::string(words[3]),
                                            .millicredits = Number(words[4]),
                                            .cached = words[5] == "cached"});
  } else {
    return false;
  }
  return true;
}

}  // namespace

std::string SimEventEncoder::EncodeContactResult(
    absl::string_view batch_id, absl::Time, int64_t index,
    const Contact& contact, const ContactProgress& progress,
    int64_t supersedes) const {
  std::string text = absl::StrCat("R\t", batch_id, "\t", index, "\t",
                                  supersedes, "\t", contact.contact_ref);
  for (const FieldProgress& field : progress.fields) {
    absl::StrAppend(&text, "\nF\t", FieldName(field.field), "\t",
                    TextEventEncoder::Word(field.outcome));
    for (const EmailValue& email : field.emails) {
      absl::StrAppend(&text, "\t", email.address);
    }
    for (const PhoneValue& phone : field.phones) {
      absl::StrAppend(&text, "\t", phone.e164);
    }
    for (const Attempt& attempt : field.attempts) {
      absl::StrAppend(&text, "\nA\t", attempt.provider, "\t",
                      TextEventEncoder::Word(attempt.outcome), "\t",
                      attempt.error_reason, "\t", attempt.credits.milli, "\t",
                      attempt.cached_from.has_value() ? "cached" : "");
    }
  }
  return text;
}

std::string SimEventEncoder::EncodeBatchFinished(const Batch& batch) const {
  return absl::StrCat("E\t", batch.id, "\t", batch.counters.contacts_done);
}

std::optional<int64_t> SimEventEncoder::ContactIndexOf(
    absl::string_view event) const {
  const std::optional<SeenEvent> seen = Parse(event);
  if (!seen.has_value() || seen->finished) return std::nullopt;
  return seen->index;
}

absl::StatusOr<ContactProgress> SimEventEncoder::DecodeContactResult(
    absl::string_view) const {
  return absl::UnimplementedError("nothing is run again");
}

std::optional<SeenEvent> SimEventEncoder::Parse(absl::string_view body) {
  SeenEvent event;
  for (const absl::string_view line : absl::StrSplit(body, '\n')) {
    if (!ParseLine(absl::StrSplit(line, '\t'), event)) return std::nullopt;
  }
  return event;
}

absl::string_view BodyOf(const EventFrame& frame) {
  std::string position;
  AppendEventFrame(position, frame.position, "");
  // An entry without a body: its tag and length are two bytes.
  return frame.message.substr(position.size() - 2);
}

}  // namespace enrich::sim
