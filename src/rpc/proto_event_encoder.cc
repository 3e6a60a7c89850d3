#include "rpc/proto_event_encoder.h"

#include "enrich/v1/result.pb.h"
#include "rpc/event_decoder.h"
#include "rpc/to_proto.h"

namespace enrich {
namespace {

static_assert(
    static_cast<int>(Outcome::kFound) == v1::LOOKUP_OUTCOME_FOUND &&
    static_cast<int>(Outcome::kNotFound) == v1::LOOKUP_OUTCOME_NOT_FOUND &&
    static_cast<int>(Outcome::kFailed) == v1::LOOKUP_OUTCOME_FAILED &&
    static_cast<int>(Outcome::kUnknown) == v1::LOOKUP_OUTCOME_UNKNOWN &&
    static_cast<int>(Outcome::kInvalidInput) ==
        v1::LOOKUP_OUTCOME_INVALID_INPUT &&
    static_cast<int>(Outcome::kCancelled) == v1::LOOKUP_OUTCOME_CANCELLED &&
    static_cast<int>(Outcome::kSkipped) == v1::LOOKUP_OUTCOME_SKIPPED);
static_assert(
    static_cast<int>(EmailQuality::kDeliverable) ==
        v1::EMAIL_QUALITY_DELIVERABLE &&
    static_cast<int>(EmailQuality::kHighProbability) ==
        v1::EMAIL_QUALITY_HIGH_PROBABILITY &&
    static_cast<int>(EmailQuality::kCatchAll) == v1::EMAIL_QUALITY_CATCH_ALL &&
    static_cast<int>(EmailQuality::kInvalid) == v1::EMAIL_QUALITY_INVALID &&
    static_cast<int>(EmailQuality::kUnknown) == v1::EMAIL_QUALITY_UNKNOWN);
static_assert(static_cast<int>(LineType::kMobile) ==
                  v1::PHONE_LINE_TYPE_MOBILE &&
              static_cast<int>(LineType::kLandline) ==
                  v1::PHONE_LINE_TYPE_LANDLINE &&
              static_cast<int>(LineType::kVoip) == v1::PHONE_LINE_TYPE_VOIP);
static_assert(static_cast<int>(ContactField::kWorkEmail) ==
                  v1::CONTACT_FIELD_WORK_EMAIL &&
              static_cast<int>(ContactField::kPhone) ==
                  v1::CONTACT_FIELD_PHONE &&
              static_cast<int>(ContactField::kPersonalEmail) ==
                  v1::CONTACT_FIELD_PERSONAL_EMAIL &&
              static_cast<int>(ContactField::kEmailVerification) ==
                  v1::CONTACT_FIELD_EMAIL_VERIFICATION);

// A message kept for reuse holds on to what it grew to.
constexpr size_t kMaxKeptBytes = 64 * 1024;

void FillAttempt(const Attempt& from, v1::Attempt& to) {
  to.set_provider(from.provider);
  to.set_outcome(static_cast<v1::LookupOutcome>(from.outcome));
  ToProto(from.start_time, *to.mutable_start_time());
  ToProto(from.duration, *to.mutable_duration());
  to.set_millicredits(from.credits.milli);
  if (!from.error_reason.empty()) {
    to.mutable_error()->set_reason(from.error_reason);
    to.mutable_error()->set_message(from.error_message);
  }
  to.set_decision(from.decision);
  if (from.cached_from.has_value()) {
    ToProto(*from.cached_from, *to.mutable_cached_from());
  }
}

void FillField(const FieldProgress& from, v1::FieldResult& to) {
  to.set_field(static_cast<v1::ContactField>(from.field));
  to.set_outcome(static_cast<v1::LookupOutcome>(from.outcome));
  for (const EmailValue& email : from.emails) {
    v1::EmailValue& out = *to.add_emails();
    out.set_address(email.address);
    out.set_quality(static_cast<v1::EmailQuality>(email.quality));
  }
  for (const PhoneValue& phone : from.phones) {
    v1::PhoneValue& out = *to.add_phones();
    out.set_e164(phone.e164);
    out.set_region(phone.region);
    out.set_line_type(static_cast<v1::PhoneLineType>(phone.line_type));
    out.set_provider_spelling(phone.provider_spelling);
  }
  to.set_provider(from.provider);
  for (const Attempt& attempt : from.attempts) {
    FillAttempt(attempt, *to.add_attempts());
  }
  to.set_explanation(from.explanation);
}

void FillProfile(const Profile& from, v1::Profile& to) {
  to.set_full_name(from.full_name);
  to.set_job_title(from.job_title);
  to.set_location(from.location);
  to.set_linkedin_url(from.linkedin_url);
  to.set_company_name(from.company_name);
  to.set_company_domain(from.company_domain);
  to.set_company_industry(from.company_industry);
  to.set_company_headcount(from.company_headcount);
  to.set_provider(from.provider);
}

void FillContactResult(int64_t index, const Contact& contact,
                       const ContactProgress& progress, v1::ContactResult& to) {
  to.set_contact_ref(contact.contact_ref);
  to.set_contact_index(static_cast<int32_t>(index));
  for (const FieldProgress& field : progress.fields) {
    FillField(field, *to.add_fields());
  }
  if (!progress.profile.provider.empty()) {
    FillProfile(progress.profile, *to.mutable_profile());
  }
  for (const auto& [key, value] : contact.custom) {
    (*to.mutable_custom())[key] = value;
  }
  for (const auto& [account, item] : progress.raw_items) {
    (*to.mutable_raw_items())[account] = item;
  }
}

}  // namespace

std::string ProtoEventEncoder::EncodeContactResult(
    absl::string_view batch_id, absl::Time event_time, int64_t index,
    const Contact& contact, const ContactProgress& progress,
    int64_t supersedes) const {
  // Reuse saves an allocation per submessage and long string. Not Clear of the
  // whole: that would free the result, a member of a oneof.
  thread_local v1::ResultEvent event;
  event.mutable_contact_result()->Clear();
  event.mutable_batch_id()->assign(batch_id.data(), batch_id.size());
  ToProto(event_time, *event.mutable_event_time());
  event.set_supersedes(supersedes);
  FillContactResult(index, contact, progress, *event.mutable_contact_result());
  std::string bytes = event.SerializeAsString();
  if (bytes.size() > kMaxKeptBytes) event = v1::ResultEvent();
  return bytes;
}

std::string ProtoEventEncoder::EncodeBatchFinished(const Batch& batch) const {
  v1::ResultEvent event;
  event.set_batch_id(batch.id);
  if (batch.finish_time) {
    ToProto(*batch.finish_time, *event.mutable_event_time());
  }
  ToProto(batch, absl::ZeroDuration(),
          *event.mutable_batch_finished()->mutable_batch());
  return event.SerializeAsString();
}

std::optional<int64_t> ProtoEventEncoder::ContactIndexOf(
    absl::string_view event) const {
  return ContactIndexIn(event);
}

absl::StatusOr<ContactProgress> ProtoEventEncoder::DecodeContactResult(
    absl::string_view event) const {
  v1::ResultEvent message;
  if (!message.ParseFromArray(event.data(), static_cast<int>(event.size())) ||
      !message.has_contact_result()) {
    return absl::DataLossError("an event of the log holds no result");
  }
  return FromProto(message.contact_result());
}

}  // namespace enrich
