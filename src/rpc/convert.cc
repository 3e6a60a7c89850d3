#include "rpc/convert.h"

#include <algorithm>
#include <optional>
#include <utility>
#include <vector>

#include "absl/container/flat_hash_map.h"
#include "absl/strings/ascii.h"
#include "absl/strings/str_cat.h"
#include "base/crypto.h"
#include "base/status_macros.h"
#include "base/text.h"
#include "google/protobuf/io/coded_stream.h"
#include "google/protobuf/io/zero_copy_stream_impl_lite.h"
#include "model/errors.h"

namespace enrich {
namespace {

using Violations = std::vector<std::pair<std::string, std::string>>;
using FieldNumbers = google::protobuf::RepeatedField<int>;

constexpr size_t kMaxRequestId = 128;
constexpr size_t kMaxDisplayName = 200;
// Enough to see what is wrong; a large batch could list thousands.
constexpr size_t kMaxViolations = 100;

std::string ContactPath(size_t index, absl::string_view field) {
  return absl::StrCat("contacts[", index, "].", field);
}

void CheckRequestId(const std::string& id, Violations& violations) {
  if (id.empty()) {
    violations.emplace_back("request_id", "is required");
  } else if (id.size() > kMaxRequestId) {
    violations.emplace_back(
        "request_id",
        absl::StrCat("must be at most ", kMaxRequestId, " bytes"));
  } else if (!std::all_of(id.begin(), id.end(), [](unsigned char c) {
               return absl::ascii_isprint(c);
             })) {
    violations.emplace_back("request_id", "must be printable ASCII");
  }
}

void CheckDisplayName(const std::string& name, Violations& violations) {
  if (name.size() > kMaxDisplayName) {
    violations.emplace_back(
        "display_name",
        absl::StrCat("must be at most ", kMaxDisplayName, " bytes"));
  } else if (HasControlCharacter(name)) {
    violations.emplace_back("display_name", "must not have control characters");
  }
}

Ceilings CeilingsFromProto(const v1::EnrichBatchRequest& message,
                           Violations& violations) {
  Ceilings ceilings;
  for (const auto& [account, millicredits] : message.max_millicredits()) {
    if (millicredits < 0) {
      violations.emplace_back(
          absl::StrCat("max_millicredits[\"", account, "\"]"),
          "must not be negative");
    }
    ceilings.credits[account] = Credits{millicredits};
  }
  if (message.max_cost_micros() < 0) {
    violations.emplace_back("max_cost_micros", "must not be negative");
  } else if (message.max_cost_micros() > 0) {
    ceilings.cost_micros = message.max_cost_micros();
  }
  return ceilings;
}

std::optional<ContactField> FieldOf(int number) {
  for (const ContactField field : kAllContactFields) {
    if (static_cast<int>(field) == number) return field;
  }
  return std::nullopt;
}

// In order, without repeats. `path` is that of the list.
std::vector<ContactField> FieldsFromProto(const FieldNumbers& numbers,
                                          absl::string_view path,
                                          Violations& violations) {
  std::vector<ContactField> fields;
  FieldSet seen;
  for (int i = 0; i < numbers.size(); ++i) {
    const std::optional<ContactField> field = FieldOf(numbers[i]);
    if (!field) {
      violations.emplace_back(
          absl::StrCat(path, "[", i, "]"),
          absl::StrCat("must be a ContactField that this server knows, not ",
                       numbers[i]));
    } else if (!seen.Has(*field)) {
      seen |= *field;
      fields.push_back(*field);
    }
  }
  return fields;
}

EmailQuality QualityFromProto(v1::EmailQuality quality,
                              Violations& violations) {
  switch (quality) {
    case v1::EMAIL_QUALITY_UNSPECIFIED:
      return EmailQuality::kCatchAll;
    case v1::EMAIL_QUALITY_DELIVERABLE:
    case v1::EMAIL_QUALITY_HIGH_PROBABILITY:
    case v1::EMAIL_QUALITY_CATCH_ALL:
      return static_cast<EmailQuality>(quality);
    default:
      violations.emplace_back(
          "min_email_quality",
          "must be DELIVERABLE, HIGH_PROBABILITY or CATCH_ALL");
      return EmailQuality::kCatchAll;
  }
}

Contact TakeContact(v1::Contact& message) {
  Contact contact{
      .contact_ref = std::move(*message.mutable_contact_ref()),
      .first_name = std::move(*message.mutable_first_name()),
      .last_name = std::move(*message.mutable_last_name()),
      .full_name = std::move(*message.mutable_full_name()),
      .company_name = std::move(*message.mutable_company_name()),
      .company_domain = std::move(*message.mutable_company_domain()),
      .linkedin_url = std::move(*message.mutable_linkedin_url()),
      .email = std::move(*message.mutable_email()),
  };
  contact.custom.reserve(message.custom().size());
  for (auto& [key, value] : *message.mutable_custom()) {
    contact.custom.emplace_back(key, std::move(value));
  }
  std::sort(contact.custom.begin(), contact.custom.end());
  return contact;
}

std::vector<CheckedContact> TakeContacts(v1::EnrichBatchRequest& message,
                                         Violations& violations) {
  const std::vector<ContactField> batch_fields =
      FieldsFromProto(message.fields(), "fields", violations);
  std::vector<CheckedContact> contacts;
  contacts.reserve(static_cast<size_t>(message.contacts_size()));
  for (v1::Contact& from : *message.mutable_contacts()) {
    const size_t index = contacts.size();
    CheckedContact& to =
        contacts.emplace_back(CheckedContact{.contact = TakeContact(from)});
    if (from.fields().empty()) {
      if (message.fields().empty()) {
        violations.emplace_back(
            ContactPath(index, "fields"),
            "is required when the batch's `fields` is empty");
      }
      to.contact.fields = batch_fields;
    } else {
      to.contact.fields = FieldsFromProto(
          from.fields(), ContactPath(index, "fields"), violations);
    }
    to.violations = NormalizeContact(to.contact);
  }
  return contacts;
}

absl::Status CheckUniqueRefs(const std::vector<CheckedContact>& contacts) {
  absl::flat_hash_map<absl::string_view, size_t> first;
  first.reserve(contacts.size());
  for (size_t i = 0; i < contacts.size(); ++i) {
    const std::string& ref = contacts[i].contact.contact_ref;
    if (ref.empty()) continue;
    const auto [it, inserted] = first.emplace(ref, i);
    if (!inserted) {
      return error::DuplicateContactRef(static_cast<int64_t>(it->second),
                                        static_cast<int64_t>(i));
    }
  }
  return absl::OkStatus();
}

absl::Status InvalidRequest(Violations violations) {
  if (violations.size() > kMaxViolations) violations.resize(kMaxViolations);
  return error::InvalidRequest(std::move(violations));
}

// A batch without a single valid contact would do nothing: that is a mistake in
// the call, not in its contacts.
absl::Status CheckAnyValid(const std::vector<CheckedContact>& contacts) {
  Violations violations;
  for (size_t i = 0; i < contacts.size(); ++i) {
    if (contacts[i].violations.empty()) return absl::OkStatus();
    for (const Violation& violation : contacts[i].violations) {
      if (violations.size() == kMaxViolations) break;
      violations.emplace_back(ContactPath(i, violation.field),
                              violation.description);
    }
  }
  return InvalidRequest(std::move(violations));
}

}  // namespace

absl::StatusOr<BatchRequest> BatchRequestFromProto(
    absl::string_view tenant, int64_t max_contacts,
    v1::EnrichBatchRequest& message) {
  if (message.contacts().empty()) return error::BatchEmpty();
  if (message.contacts_size() > max_contacts) {
    return error::BatchTooLarge(message.contacts_size(), max_contacts);
  }
  BatchRequest request{.tenant = std::string(tenant),
                       .content_hash = ContentHash(message)};
  Violations violations;
  CheckRequestId(message.request_id(), violations);
  CheckDisplayName(message.display_name(), violations);
  request.min_email_quality =
      QualityFromProto(message.min_email_quality(), violations);
  request.ceilings = CeilingsFromProto(message, violations);
  request.contacts = TakeContacts(message, violations);
  if (!violations.empty()) return InvalidRequest(std::move(violations));
  RETURN_IF_ERROR(CheckUniqueRefs(request.contacts));
  RETURN_IF_ERROR(CheckAnyValid(request.contacts));
  request.request_id = std::move(*message.mutable_request_id());
  request.display_name = std::move(*message.mutable_display_name());
  request.providers.assign(message.providers().begin(),
                           message.providers().end());
  request.include_raw_items = message.include_raw_items();
  request.bypass_cache = message.bypass_cache();
  return request;
}

std::string ContentHash(v1::EnrichBatchRequest& message) {
  std::string request_id;
  request_id.swap(*message.mutable_request_id());
  const bool validate_only = message.validate_only();
  message.set_validate_only(false);
  std::string bytes;
  {
    google::protobuf::io::StringOutputStream text(&bytes);
    google::protobuf::io::CodedOutputStream out(&text);
    out.SetSerializationDeterministic(true);
    message.SerializeToCodedStream(&out);
  }
  message.set_validate_only(validate_only);
  message.mutable_request_id()->swap(request_id);
  return Sha256(bytes);
}

}  // namespace enrich
