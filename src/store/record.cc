#include "store/record.h"

#include <cstring>
#include <optional>
#include <utility>

#include "base/status_macros.h"
#include "enrich/storage/v1/record.pb.h"
#include "google/protobuf/io/coded_stream.h"
#include "store/record_parse.h"

namespace enrich {
namespace {

namespace pb = ::enrich::storage::v1;
using ::google::protobuf::io::CodedInputStream;

// Tag of ContactBlockRecord.contacts: field 1, length-delimited.
constexpr char kContactTag = 0x0A;
// Tag of ContactProgressRecord.sequence: field 4, varint.
constexpr char kSequenceTag = 0x20;

void AppendVarint(std::string& out, uint64_t value) {
  while (value >= 0x80) {
    out.push_back(static_cast<char>(value | 0x80));
    value >>= 7;
  }
  out.push_back(static_cast<char>(value));
}

void FillContact(const Contact& contact, pb::ContactRecord& record) {
  record.set_contact_ref(contact.contact_ref);
  record.set_first_name(contact.first_name);
  record.set_last_name(contact.last_name);
  record.set_full_name(contact.full_name);
  record.set_company_name(contact.company_name);
  record.set_company_domain(contact.company_domain);
  record.set_linkedin_url(contact.linkedin_url);
  record.set_email(contact.email);
  for (const ContactField field : contact.fields) {
    record.add_fields(static_cast<uint32_t>(field));
  }
  for (const auto& [key, value] : contact.custom) {
    pb::CustomRecord& entry = *record.add_custom();
    entry.set_key(key);
    entry.set_value(value);
  }
}

Contact TakeContact(pb::ContactRecord& record) {
  Contact contact = {
      .contact_ref = std::move(*record.mutable_contact_ref()),
      .first_name = std::move(*record.mutable_first_name()),
      .last_name = std::move(*record.mutable_last_name()),
      .full_name = std::move(*record.mutable_full_name()),
      .company_name = std::move(*record.mutable_company_name()),
      .company_domain = std::move(*record.mutable_company_domain()),
      .linkedin_url = std::move(*record.mutable_linkedin_url()),
      .email = std::move(*record.mutable_email())};
  for (const uint32_t field : record.fields()) {
    contact.fields.push_back(static_cast<ContactField>(field));
  }
  for (pb::CustomRecord& entry : *record.mutable_custom()) {
    contact.custom.emplace_back(std::move(*entry.mutable_key()),
                                std::move(*entry.mutable_value()));
  }
  return contact;
}

void FillAttempt(const Attempt& attempt, pb::AttemptRecord& record) {
  record.set_provider(attempt.provider);
  record.set_outcome(static_cast<uint32_t>(attempt.outcome));
  record.set_start_time_us(absl::ToUnixMicros(attempt.start_time));
  record.set_duration_us(absl::ToInt64Microseconds(attempt.duration));
  record.set_millicredits(attempt.credits.milli);
  record.set_error_reason(attempt.error_reason);
  record.set_error_message(attempt.error_message);
  record.set_decision(attempt.decision);
  if (attempt.cached_from.has_value()) {
    record.set_cached_from_us(absl::ToUnixMicros(*attempt.cached_from));
    record.set_saved_millicredits(attempt.saved.milli);
  }
}

Attempt TakeAttempt(pb::AttemptRecord& record) {
  std::optional<absl::Time> cached_from;
  if (record.has_cached_from_us()) {
    cached_from = absl::FromUnixMicros(record.cached_from_us());
  }
  return {.provider = std::move(*record.mutable_provider()),
          .outcome = static_cast<Outcome>(record.outcome()),
          .start_time = absl::FromUnixMicros(record.start_time_us()),
          .duration = absl::Microseconds(record.duration_us()),
          .credits = {record.millicredits()},
          .error_reason = std::move(*record.mutable_error_reason()),
          .error_message = std::move(*record.mutable_error_message()),
          .decision = std::move(*record.mutable_decision()),
          .cached_from = cached_from,
          .saved = {record.saved_millicredits()}};
}

// Of a lookup or of an answer: both keep them alike.
template <typename Values, typename Record>
void FillValues(const Values& values, Record& record) {
  for (const EmailValue& email : values.emails) {
    pb::EmailRecord& value = *record.add_emails();
    value.set_address(email.address);
    value.set_quality(static_cast<uint32_t>(email.quality));
  }
  for (const PhoneValue& phone : values.phones) {
    pb::PhoneRecord& value = *record.add_phones();
    value.set_e164(phone.e164);
    value.set_region(phone.region);
    value.set_line_type(static_cast<uint32_t>(phone.line_type));
    value.set_provider_spelling(phone.provider_spelling);
  }
}

template <typename Values, typename Record>
void TakeValues(Record& record, Values& values) {
  for (pb::EmailRecord& email : *record.mutable_emails()) {
    values.emails.push_back(
        {.address = std::move(*email.mutable_address()),
         .quality = static_cast<EmailQuality>(email.quality())});
  }
  for (pb::PhoneRecord& phone : *record.mutable_phones()) {
    values.phones.push_back(
        {.e164 = std::move(*phone.mutable_e164()),
         .region = std::move(*phone.mutable_region()),
         .line_type = static_cast<LineType>(phone.line_type()),
         .provider_spelling = std::move(*phone.mutable_provider_spelling())});
  }
}

void FillField(const FieldProgress& field, pb::FieldProgressRecord& record) {
  record.set_field(static_cast<uint32_t>(field.field));
  record.set_outcome(static_cast<uint32_t>(field.outcome));
  FillValues(field, record);
  record.set_provider(field.provider);
  for (const Attempt& attempt : field.attempts) {
    FillAttempt(attempt, *record.add_attempts());
  }
  record.set_explanation(field.explanation);
}

FieldProgress TakeField(pb::FieldProgressRecord& record) {
  FieldProgress field = {
      .field = static_cast<ContactField>(record.field()),
      .outcome = static_cast<Outcome>(record.outcome()),
      .provider = std::move(*record.mutable_provider()),
      .explanation = std::move(*record.mutable_explanation())};
  TakeValues(record, field);
  for (pb::AttemptRecord& attempt : *record.mutable_attempts()) {
    field.attempts.push_back(TakeAttempt(attempt));
  }
  return field;
}

void FillProfile(const Profile& profile, pb::ProfileRecord& record) {
  record.set_full_name(profile.full_name);
  record.set_job_title(profile.job_title);
  record.set_location(profile.location);
  record.set_linkedin_url(profile.linkedin_url);
  record.set_company_name(profile.company_name);
  record.set_company_domain(profile.company_domain);
  record.set_company_industry(profile.company_industry);
  record.set_company_headcount(profile.company_headcount);
  record.set_provider(profile.provider);
}

Profile TakeProfile(pb::ProfileRecord& record) {
  return {.full_name = std::move(*record.mutable_full_name()),
          .job_title = std::move(*record.mutable_job_title()),
          .location = std::move(*record.mutable_location()),
          .linkedin_url = std::move(*record.mutable_linkedin_url()),
          .company_name = std::move(*record.mutable_company_name()),
          .company_domain = std::move(*record.mutable_company_domain()),
          .company_industry = std::move(*record.mutable_company_industry()),
          .company_headcount = record.company_headcount(),
          .provider = std::move(*record.mutable_provider())};
}

// What was said; the rest is in columns and arrays of its own.
void AppendAnswer(const BoughtAnswer& answer, pb::AnswerRecord& record,
                  std::string& out) {
  record.Clear();
  FillValues(answer.answer, record);
  record.set_millicredits(answer.answer.credits.milli);
  if (!answer.profile.provider.empty()) {
    FillProfile(answer.profile, *record.mutable_profile());
  }
  record.set_raw(answer.raw);
  record.AppendToString(&out);
}

absl::Status DecodeAnswer(absl::string_view bytes, BoughtAnswer& answer) {
  pb::AnswerRecord record;
  if (!ParseRecord(bytes, record)) return MalformedRecord("an answer");
  TakeValues(record, answer.answer);
  answer.answer.credits = Credits{record.millicredits()};
  if (record.has_profile()) {
    answer.profile = TakeProfile(*record.mutable_profile());
  }
  answer.raw = std::move(*record.mutable_raw());
  return absl::OkStatus();
}

}  // namespace

std::vector<std::string> EncodeContactBlocks(
    absl::Span<const Contact> contacts) {
  std::vector<std::string> blocks;
  // Reused: its strings keep their memory.
  pb::ContactRecord record;
  for (size_t i = 0; i < contacts.size(); ++i) {
    if (i % kContactsPerBlock == 0) blocks.emplace_back();
    std::string& block = blocks.back();
    record.Clear();
    FillContact(contacts[i], record);
    block.push_back(kContactTag);
    AppendVarint(block, record.ByteSizeLong());
    record.AppendToString(&block);
  }
  return blocks;
}

absl::StatusOr<Contact> DecodeContact(absl::string_view block, int64_t index) {
  CodedInputStream in(reinterpret_cast<const uint8_t*>(block.data()),
                      static_cast<int>(block.size()));
  while (in.ReadTag() == kContactTag) {
    uint32_t size = 0;
    const int start = in.ReadVarint32(&size) ? in.CurrentPosition() : -1;
    if (start < 0 || size > block.size() - static_cast<size_t>(start)) {
      return MalformedRecord("contacts");
    }
    if (index-- > 0) {
      in.Skip(static_cast<int>(size));
      continue;
    }
    pb::ContactRecord record;
    if (!ParseRecord(block.substr(static_cast<size_t>(start), size), record)) {
      return MalformedRecord("a contact");
    }
    return TakeContact(record);
  }
  if (!in.ConsumedEntireMessage()) return MalformedRecord("contacts");
  return absl::NotFoundError("store: the block ends before this contact");
}

std::string EncodeIdentities(absl::Span<const Identity> identities) {
  return std::string(reinterpret_cast<const char*>(identities.data()),
                     identities.size() * sizeof(Identity));
}

std::vector<Identity> DecodeIdentities(absl::string_view bytes) {
  std::vector<Identity> identities(bytes.size() / sizeof(Identity));
  // Not even nothing may be copied to nowhere.
  if (identities.empty()) return identities;
  std::memcpy(identities.data(), bytes.data(),
              identities.size() * sizeof(Identity));
  return identities;
}

std::string EncodeAnswerBlock(absl::Span<const BoughtAnswer* const> answers) {
  pb::AnswerBlockRecord block;
  // Reused: its strings keep their memory.
  pb::AnswerRecord record;
  for (const BoughtAnswer* answer : answers) {
    block.add_identities(answer->identity.high);
    block.add_identities(answer->identity.low);
    block.add_fields(static_cast<uint32_t>(answer->answer.field));
    AppendAnswer(*answer, record, *block.add_answers());
  }
  return block.SerializeAsString();
}

std::string AnswerBlockOf(const Identity& identity, ContactField field,
                          absl::string_view answer) {
  pb::AnswerBlockRecord block;
  block.add_identities(identity.high);
  block.add_identities(identity.low);
  block.add_fields(static_cast<uint32_t>(field));
  block.add_answers(answer.data(), answer.size());
  return block.SerializeAsString();
}

absl::Status DecodeAnswerBlock(
    absl::string_view block,
    absl::FunctionRef<bool(const Identity&, ContactField)> wanted,
    std::vector<BoughtAnswer>& answers) {
  pb::AnswerBlockRecord record;
  if (!ParseRecord(block, record) ||
      record.fields_size() != record.answers_size() ||
      record.identities_size() != 2 * record.answers_size()) {
    return MalformedRecord("answers");
  }
  for (int i = 0; i < record.answers_size(); ++i) {
    const Identity identity = {.high = record.identities(2 * i),
                               .low = record.identities(2 * i + 1)};
    const auto field = static_cast<ContactField>(record.fields(i));
    if (!wanted(identity, field)) continue;
    BoughtAnswer& answer = answers.emplace_back();
    answer.identity = identity;
    answer.answer.field = field;
    RETURN_IF_ERROR(DecodeAnswer(record.answers(i), answer));
  }
  return absl::OkStatus();
}

std::string EncodeProgress(const ContactProgress& progress) {
  pb::ContactProgressRecord record;
  for (const FieldProgress& field : progress.fields) {
    FillField(field, *record.add_fields());
  }
  FillProfile(progress.profile, *record.mutable_profile());
  for (const auto& [provider, json] : progress.raw_items) {
    pb::RawItemRecord& item = *record.add_raw_items();
    item.set_provider(provider);
    item.set_json(json);
  }
  record.set_sequence(progress.sequence);
  return record.SerializeAsString();
}

absl::StatusOr<ContactProgress> DecodeProgress(absl::string_view bytes) {
  pb::ContactProgressRecord record;
  if (!ParseRecord(bytes, record)) return MalformedRecord("progress");
  ContactProgress progress = {.profile = TakeProfile(*record.mutable_profile()),
                              .sequence = record.sequence()};
  for (pb::FieldProgressRecord& field : *record.mutable_fields()) {
    progress.fields.push_back(TakeField(field));
  }
  for (pb::RawItemRecord& item : *record.mutable_raw_items()) {
    progress.raw_items.emplace_back(std::move(*item.mutable_provider()),
                                    std::move(*item.mutable_json()));
  }
  return progress;
}

void AppendProgressSequence(std::string& record, int64_t sequence) {
  // Of a field that occurs twice, the last one counts.
  record.push_back(kSequenceTag);
  AppendVarint(record, static_cast<uint64_t>(sequence));
}

}  // namespace enrich
