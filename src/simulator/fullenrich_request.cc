#include "simulator/fullenrich_request.h"

#include <algorithm>
#include <optional>
#include <utility>

#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "base/domain.h"
#include "simulator/json_members.h"
#include "simulator/provider_api.h"

namespace enrich::simulator {
namespace {

constexpr size_t kMaxContacts = 100;
constexpr size_t kMaxCustomKeys = 10;
constexpr std::ptrdiff_t kMaxCustomCharacters = 100;

using Refusal = std::optional<HttpResponse>;

Refusal Refuse(absl::string_view code, absl::string_view message) {
  return FullEnrichError(400, absl::StrCat("error.", code), message);
}

std::ptrdiff_t CountCharacters(absl::string_view utf8) {
  return std::count_if(utf8.begin(), utf8.end(),
                       [](char c) { return (c & 0xC0) != 0x80; });
}

Refusal CheckUrl(const json::Value& url) {
  if (url.null()) return std::nullopt;
  if (absl::StartsWith(url.AsString(), "http://") ||
      absl::StartsWith(url.AsString(), "https://")) {
    return std::nullopt;
  }
  return Refuse("enrichment.webhook_url",
                "Webhook URL must be start with http or https");
}

Refusal CheckCustom(const json::Value& custom) {
  if (custom.null()) return std::nullopt;
  if (!custom.is_object()) {
    return Refuse("enrichment.custom.value.type",
                  "Custom field must be an object of strings");
  }
  if (custom.size() > kMaxCustomKeys) {
    return Refuse("enrichment.custom.key.exceeded",
                  "Custom field contains too many keys (max: 10 keys)");
  }
  for (const json::Value value : custom) {
    if (!value.is_string()) {
      return Refuse("enrichment.custom.value.type",
                    "Custom field value must be a string");
    }
    if (CountCharacters(value.AsString()) > kMaxCustomCharacters) {
      return Refuse("enrichment.custom.value.exceeded",
                    "Custom field value max len exceeded (max: 100 character)");
    }
  }
  return std::nullopt;
}

Refusal CheckIdentity(const PersonQuery& person) {
  if (!person.linkedin_url.empty()) {
    if (NormalizeLinkedinUrl(person.linkedin_url).ok()) return std::nullopt;
    return Refuse("enrichment.linkedin_url.invalid", "LinkedIn URL not valid");
  }
  if (person.first_name.empty()) {
    return Refuse("enrichment.first_name.empty", "First name cannot be empty");
  }
  if (person.last_name.empty()) {
    return Refuse("enrichment.last_name.empty", "Last name cannot be empty");
  }
  if (person.domain.empty() && person.company_name.empty()) {
    return Refuse("enrichment.domain.empty", "Domain cannot be empty");
  }
  if (!person.domain.empty() && !NormalizeDomain(person.domain).ok()) {
    return Refuse("enrichment.domain.invalid", "Domain not valid");
  }
  return std::nullopt;
}

Refusal ReadFields(const json::Value& fields, FieldSet& out) {
  if (!fields.is_array() || fields.size() == 0) {
    return Refuse("enrichment.enrich_fields.empty",
                  "enrichFields cannot be empty");
  }
  for (const json::Value field : fields) {
    const absl::string_view name = field.AsString();
    if (name == "contact.work_emails") {
      out |= ContactField::kWorkEmail;
    } else if (name == "contact.phones") {
      out |= ContactField::kPhone;
    } else if (name == "contact.personal_emails") {
      out |= ContactField::kPersonalEmail;
    } else {
      return Refuse("enrichment.enrich_field.value",
                    absl::StrCat("enrichField '", field.AsText(),
                                 "' not valid must be contact.work_emails or "
                                 "contact.phones or contact.personal_emails"));
    }
  }
  return std::nullopt;
}

Refusal ReadEmail(const json::Value& row, FullEnrichContact& out) {
  out.email = Text(row, "email");
  if (out.email.empty()) {
    return Refuse("reverse.email.empty", "Email cannot be empty");
  }
  if (!NormalizeEmail(out.email).ok()) {
    return Refuse("reverse.email.invalid", "Email not valid");
  }
  return std::nullopt;
}

PersonQuery PersonOf(const json::Value& row) {
  return {.first_name = Text(row, "first_name"),
          .last_name = Text(row, "last_name"),
          .domain = Text(row, "domain"),
          .company_name = Text(row, "company_name"),
          .linkedin_url = Text(row, "linkedin_url")};
}

Refusal ReadPerson(const json::Value& row, FullEnrichContact& out) {
  out.person = PersonOf(row);
  Refusal refusal = CheckIdentity(out.person);
  if (!refusal) refusal = ReadFields(row["enrich_fields"], out.fields);
  return refusal;
}

Refusal ReadContact(FullEnrichJobKind kind, const json::Value& row,
                    bool silent_fail, FullEnrichContact& out) {
  const json::Value custom = row["custom"];
  if (Refusal refusal = CheckCustom(custom)) return refusal;
  out.custom = JsonOrEmpty(custom);
  Refusal refusal = kind == FullEnrichJobKind::kEnrich ? ReadPerson(row, out)
                                                       : ReadEmail(row, out);
  if (!refusal || !silent_fail) return refusal;
  out.skipped = true;
  return std::nullopt;
}

Refusal CheckEnvelope(const json::Value& root) {
  if (!root.is_object()) return Refuse("body.invalid", "Invalid request body");
  if (root["name"].AsString().empty()) {
    return Refuse("enrichment.name.empty", "Enrichment name not set");
  }
  for (const json::Value url :
       {root["webhook_url"], root["webhook_events"]["contact_finished"]}) {
    if (Refusal refusal = CheckUrl(url)) return refusal;
  }
  const json::Value data = root["data"];
  if (!data.is_array() || data.size() == 0) {
    return Refuse("enrichment.data.empty", "Data is empty");
  }
  if (data.size() > kMaxContacts) {
    return Refuse("enrichment.data.exceeded",
                  "Data contains too many contacts (max: 100)");
  }
  return std::nullopt;
}

}  // namespace

HttpResponse FullEnrichError(int status, absl::string_view code,
                             absl::string_view message) {
  json::Writer out;
  out.StartObject().Member("code", code).Member("message", message);
  out.EndObject();
  return JsonAnswer(status, out.Take());
}

std::variant<FullEnrichRequest, HttpResponse> ReadFullEnrichRequest(
    FullEnrichJobKind kind, const json::Value& root, bool silent_fail) {
  if (Refusal refusal = CheckEnvelope(root)) return *std::move(refusal);
  FullEnrichRequest out{
      .kind = kind,
      .name = Text(root, "name"),
      .batch_url = Text(root, "webhook_url"),
      .contact_url = Text(root["webhook_events"], "contact_finished")};
  for (const json::Value row : root["data"]) {
    Refusal refusal =
        ReadContact(kind, row, silent_fail, out.contacts.emplace_back());
    if (refusal) return *std::move(refusal);
  }
  return out;
}

void DescribeFullEnrichRequest(const json::Value& root, Submission& out) {
  out.reference = Text(root, "name");
  out.callback_sha256 = UrlHash(root["webhook_url"].AsString());
  out.contact_callback_sha256 =
      UrlHash(root["webhook_events"]["contact_finished"].AsString());
  for (const json::Value row : root["data"]) {
    out.keys.push_back(CustomText(row["custom"]));
    for (const json::Value field : row["enrich_fields"]) {
      out.lookups.push_back(LookupHash(PersonOf(row), field.AsString()));
    }
  }
}

}  // namespace enrich::simulator
