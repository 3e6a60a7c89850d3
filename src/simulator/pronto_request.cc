#include "simulator/pronto_request.h"

#include <optional>
#include <utility>

#include "absl/strings/ascii.h"
#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "base/domain.h"
#include "simulator/json_members.h"
#include "simulator/provider_api.h"

namespace enrich::simulator {
namespace {

constexpr size_t kMinContacts = 2;
constexpr size_t kMaxContacts = 100;

using Refusal = std::optional<HttpResponse>;

Refusal Refuse(absl::string_view error) { return ProntoError(422, error); }

std::optional<ContactField> FieldOf(absl::string_view type) {
  if (type == "email") return ContactField::kWorkEmail;
  if (type == "phone") return ContactField::kPhone;
  if (type == "personal_email") return ContactField::kPersonalEmail;
  return std::nullopt;
}

PersonQuery PersonOf(const json::Value& row) {
  return {.first_name = Text(row, "firstname"),
          .last_name = Text(row, "lastname"),
          .domain = Text(row, "domain"),
          .company_name = Text(row, "company_name"),
          .linkedin_url = Text(row, "linkedin_url")};
}

Refusal ReadTypes(bool bulk, const json::Value& types, ProntoRequest& out) {
  if (!types.is_array() || types.size() == 0) {
    return Refuse("enrichment_type must be an array of at least one type");
  }
  if (bulk && types.size() != 1) {
    return Refuse("enrichment_type must have exactly one type");
  }
  for (const json::Value type : types) {
    const std::optional<ContactField> field = FieldOf(type.AsString());
    if (!field.has_value()) {
      return Refuse("enrichment_type must be email, phone or personal_email");
    }
    out.fields |= *field;
  }
  return std::nullopt;
}

Refusal ReadCountries(const json::Value& codes, ProntoRequest& out) {
  if (codes.null()) return std::nullopt;
  Refusal refusal = Refuse(
      "phone_country_codes must be an array of ISO 3166-1 alpha-2 codes");
  if (!codes.is_array()) return refusal;
  for (const json::Value value : codes) {
    const absl::string_view code = value.AsString();
    if (code.size() != 2) return refusal;
    for (const char c : code) {
      if (!absl::ascii_isalpha(static_cast<unsigned char>(c))) return refusal;
    }
    out.phone_countries.push_back(absl::AsciiStrToUpper(code));
  }
  return std::nullopt;
}

Refusal ReadWebhook(const json::Value& url, ProntoRequest& out) {
  if (url.null()) return std::nullopt;
  out.webhook = std::string(url.AsString());
  if (absl::StartsWith(out.webhook, "http://") ||
      absl::StartsWith(out.webhook, "https://")) {
    return std::nullopt;
  }
  return Refuse("webhook_url is not a valid URL");
}

// What is wrong with a contact; empty when it is good.
absl::string_view FaultOf(FieldSet fields, const json::Value& row,
                          const PersonQuery& person) {
  if (person.first_name.empty()) return "firstname is required";
  if (person.last_name.empty()) return "lastname is required";
  if (fields.Has(ContactField::kWorkEmail) && person.domain.empty() &&
      person.company_name.empty()) {
    return "domain or company_name is required for email";
  }
  if (!(fields - ContactField::kWorkEmail).empty() &&
      person.linkedin_url.empty()) {
    return "linkedin_url is required for phone and personal_email";
  }
  if (!person.linkedin_url.empty() &&
      !NormalizeLinkedinUrl(person.linkedin_url).ok()) {
    return "linkedin_url is not valid";
  }
  const json::Value custom = row["custom"];
  if (!custom.null() && !custom.is_object()) return "custom must be an object";
  return "";
}

// `where` is what comes before the words about a contact of a batch.
Refusal ReadContact(const json::Value& row, absl::string_view where,
                    ProntoRequest& out) {
  ProntoContact contact{.person = PersonOf(row),
                        .custom = JsonOrEmpty(row["custom"])};
  const absl::string_view fault = FaultOf(out.fields, row, contact.person);
  if (!fault.empty()) return Refuse(absl::StrCat(where, fault));
  out.contacts.push_back(std::move(contact));
  return std::nullopt;
}

Refusal ReadContacts(const json::Value& rows, ProntoRequest& out) {
  if (!rows.is_array() || rows.size() < kMinContacts) {
    return Refuse("contacts must have at least 2 contacts");
  }
  if (rows.size() > kMaxContacts) {
    return Refuse("contacts must have at most 100 contacts");
  }
  for (const json::Value row : rows) {
    const std::string where =
        absl::StrCat("contacts[", out.contacts.size(), "]: ");
    if (Refusal refusal = ReadContact(row, where, out)) return refusal;
  }
  return std::nullopt;
}

void DescribeContact(const json::Value& row, const json::Value& types,
                     Submission& out) {
  out.keys.push_back(CustomText(row["custom"]));
  for (const json::Value type : types) {
    out.lookups.push_back(LookupHash(PersonOf(row), type.AsString()));
  }
}

}  // namespace

HttpResponse ProntoError(int status, absl::string_view error) {
  json::Writer out;
  out.StartObject().Member("error", error).EndObject();
  return JsonAnswer(status, out.Take());
}

std::variant<ProntoRequest, HttpResponse> ReadProntoRequest(
    bool bulk, const json::Value& root) {
  if (!root.is_object()) return ProntoError(400, "Bad Request");
  ProntoRequest out;
  Refusal refusal = ReadTypes(bulk, root["enrichment_type"], out);
  if (!refusal) refusal = ReadWebhook(root["webhook_url"], out);
  if (!refusal) refusal = ReadCountries(root["phone_country_codes"], out);
  if (!refusal) {
    refusal =
        bulk ? ReadContacts(root["contacts"], out) : ReadContact(root, "", out);
  }
  if (refusal) return *std::move(refusal);
  return out;
}

void DescribeProntoRequest(bool bulk, const json::Value& root,
                           Submission& out) {
  out.callback_sha256 = UrlHash(root["webhook_url"].AsString());
  const json::Value types = root["enrichment_type"];
  if (!bulk) return DescribeContact(root, types, out);
  for (const json::Value row : root["contacts"]) {
    DescribeContact(row, types, out);
  }
}

}  // namespace enrich::simulator
