#include "rpc/event_decoder.h"

#include <algorithm>

#include "absl/time/time.h"
#include "google/protobuf/io/coded_stream.h"
#include "google/protobuf/wire_format_lite.h"

namespace enrich {
namespace {

using google::protobuf::internal::WireFormatLite;
using google::protobuf::io::CodedInputStream;

absl::Time TimeFrom(const google::protobuf::Timestamp& from) {
  return absl::FromUnixSeconds(from.seconds()) +
         absl::Nanoseconds(from.nanos());
}

absl::Duration DurationFrom(const google::protobuf::Duration& from) {
  return absl::Seconds(from.seconds()) + absl::Nanoseconds(from.nanos());
}

Attempt FromProto(const v1::Attempt& from) {
  std::optional<absl::Time> cached_from;
  if (from.has_cached_from()) cached_from = TimeFrom(from.cached_from());
  return {.provider = from.provider(),
          .outcome = static_cast<Outcome>(from.outcome()),
          .start_time = TimeFrom(from.start_time()),
          .duration = DurationFrom(from.duration()),
          .credits = Credits{from.millicredits()},
          .error_reason = from.error().reason(),
          .error_message = from.error().message(),
          .decision = from.decision(),
          .cached_from = cached_from};
}

FieldProgress FromProto(const v1::FieldResult& from) {
  FieldProgress field = {.field = static_cast<ContactField>(from.field()),
                         .outcome = static_cast<Outcome>(from.outcome()),
                         .provider = from.provider(),
                         .explanation = from.explanation()};
  for (const v1::EmailValue& email : from.emails()) {
    field.emails.push_back(
        {.address = email.address(),
         .quality = static_cast<EmailQuality>(email.quality())});
  }
  for (const v1::PhoneValue& phone : from.phones()) {
    field.phones.push_back(
        {.e164 = phone.e164(),
         .region = phone.region(),
         .line_type = static_cast<LineType>(phone.line_type()),
         .provider_spelling = phone.provider_spelling()});
  }
  for (const v1::Attempt& attempt : from.attempts()) {
    field.attempts.push_back(FromProto(attempt));
  }
  return field;
}

Profile FromProto(const v1::Profile& from) {
  return {.full_name = from.full_name(),
          .job_title = from.job_title(),
          .location = from.location(),
          .linkedin_url = from.linkedin_url(),
          .company_name = from.company_name(),
          .company_domain = from.company_domain(),
          .company_industry = from.company_industry(),
          .company_headcount = from.company_headcount(),
          .provider = from.provider()};
}

// Moves behind the tag of field `number`; false when the message has none.
// Fields are written in the order of their numbers.
bool SkipTo(CodedInputStream& in, int number) {
  while (const uint32_t tag = in.ReadTag()) {
    const int found = WireFormatLite::GetTagFieldNumber(tag);
    if (found == number) return true;
    if (found > number || !WireFormatLite::SkipField(&in, tag)) return false;
  }
  return false;
}

}  // namespace

std::optional<int64_t> ContactIndexIn(absl::string_view event) {
  CodedInputStream in(reinterpret_cast<const uint8_t*>(event.data()),
                      static_cast<int>(event.size()));
  uint32_t size = 0;
  if (!SkipTo(in, v1::ResultEvent::kContactResultFieldNumber) ||
      !in.ReadVarint32(&size)) {
    return std::nullopt;
  }
  in.PushLimit(static_cast<int>(size));
  // The first position is not written at all.
  if (!SkipTo(in, v1::ContactResult::kContactIndexFieldNumber)) return 0;
  uint32_t index = 0;
  if (!in.ReadVarint32(&index)) return std::nullopt;
  return index;
}

ContactProgress FromProto(const v1::ContactResult& result) {
  ContactProgress progress;
  for (const v1::FieldResult& field : result.fields()) {
    progress.fields.push_back(FromProto(field));
  }
  if (result.has_profile()) progress.profile = FromProto(result.profile());
  for (const auto& [account, item] : result.raw_items()) {
    progress.raw_items.emplace_back(account, item);
  }
  std::sort(progress.raw_items.begin(), progress.raw_items.end());
  return progress;
}

}  // namespace enrich
