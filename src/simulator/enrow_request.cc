#include "simulator/enrow_request.h"

#include <utility>

#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "base/domain.h"
#include "simulator/json_members.h"
#include "simulator/provider_api.h"

namespace enrich::simulator {
namespace {

constexpr EnrowEndpoint kEndpoints[] = {
    {"/email/find/single", EnrowSearch::kEmail, false, 200, 1,
     "Single search operating", "single_search_finished"},
    {"/email/find/bulk", EnrowSearch::kEmail, true, 201, 5000,
     "Bulk search operating", "bulk_search_finished"},
    {"/email/verify/single", EnrowSearch::kVerify, false, 200, 1,
     "Single verification operating", "verification_finished"},
    {"/email/verify/bulk", EnrowSearch::kVerify, true, 201, 5000,
     "Bulk verification operating", "bulk_verification_finished"},
    {"/phone/single", EnrowSearch::kPhone, false, 201, 1,
     "Single search operating", "single_phone_search_finished"},
    {"/phone/bulk", EnrowSearch::kPhone, true, 201, 3000,
     "Bulk search operating", "bulk_phone_search_finished"},
};

HttpResponse BadRequest(absl::string_view message) {
  json::Writer out;
  out.StartObject().Member("message", message).EndObject();
  return JsonAnswer(400, out.Take());
}

json::Value ItemsOf(const EnrowEndpoint& endpoint, const json::Value& root) {
  return root[endpoint.search == EnrowSearch::kVerify ? "verifications"
                                                      : "searches"];
}

// An item's parameters without `custom`, which is told apart in the results.
std::string ParamsOf(const json::Value& item) {
  json::Writer out;
  out.StartObject();
  for (const json::Value member : item) {
    if (member.key() == "custom" || member.key() == "settings") continue;
    out.Key(member.key()).Raw(member.ToJson());
  }
  out.EndObject();
  return out.Take();
}

EnrowItem ReadItem(const EnrowEndpoint& endpoint, const json::Value& item) {
  if (endpoint.search == EnrowSearch::kVerify) {
    return {.email = item.is_string() ? std::string(item.AsString())
                                      : Text(item, "email"),
            .custom = JsonOrEmpty(item["custom"])};
  }
  EnrowItem out{.custom = JsonOrEmpty(item["custom"]),
                .params = ParamsOf(item)};
  out.person.domain = Text(item, "company_domain");
  out.person.company_name = Text(item, "company_name");
  if (endpoint.search == EnrowSearch::kEmail) {
    out.person.full_name = Text(item, "fullname");
    return out;
  }
  out.person.linkedin_url = Text(item, "linkedin_url");
  out.person.first_name = Text(item, "firstname");
  out.person.last_name = Text(item, "lastname");
  return out;
}

bool HasCompany(const EnrowItem& item) {
  return !item.person.domain.empty() || !item.person.company_name.empty();
}

// What is wrong with an item, in the words of a single search; empty when it is
// good.
absl::string_view FaultOf(const EnrowEndpoint& endpoint,
                          const EnrowItem& item) {
  const PersonQuery& person = item.person;
  switch (endpoint.search) {
    case EnrowSearch::kVerify:
      return item.email.empty() ? "input payload is missing email" : "";
    case EnrowSearch::kEmail:
      if (person.full_name.empty()) return "input payload is missing fullname";
      if (HasCompany(item)) return "";
      return "both company_domain and company_name are absent, input payload "
             "needs at least one of them";
    case EnrowSearch::kPhone:
      if (!person.linkedin_url.empty()) {
        return NormalizeLinkedinUrl(person.linkedin_url).ok()
                   ? ""
                   : "Invalid linkedin_url";
      }
      // The documentation has no words for this one in a single search.
      return person.first_name.empty() || person.last_name.empty() ||
                     !HasCompany(item)
                 ? "Missing mandatory property"
                 : "";
  }
  return "";
}

HttpResponse WithoutItems(const EnrowEndpoint& endpoint) {
  return BadRequest(
      endpoint.search == EnrowSearch::kPhone
          ? "At least 1 phone search must be present in the payload"
      : endpoint.search == EnrowSearch::kEmail
          ? "Missing searches payload"
          : "Missing verifications payload");
}

std::variant<EnrowRequest, HttpResponse> ReadBulk(const EnrowEndpoint& endpoint,
                                                  const json::Value& root) {
  const json::Value items = ItemsOf(endpoint, root);
  const size_t count = items.size();
  if (!items.is_array() || count == 0) return WithoutItems(endpoint);
  if (count > endpoint.max_items) {
    return BadRequest(absl::StrCat("Too many searches. Limit is currently at ",
                                   endpoint.max_items, " per batch."));
  }
  EnrowRequest out{.custom = JsonOrEmpty(root["custom"]),
                   .webhook = Text(root["settings"], "webhook")};
  out.items.reserve(count);
  for (const json::Value value : items) {
    out.items.push_back(ReadItem(endpoint, value));
    if (!FaultOf(endpoint, out.items.back()).empty()) {
      return BadRequest(absl::StrCat("Missing mandatory property on search n°",
                                     out.items.size(), " of ", count));
    }
  }
  return out;
}

// Verifications are no lookups.
void DescribeItem(const EnrowEndpoint& endpoint, const json::Value& item,
                  Submission& out) {
  out.keys.push_back(CustomText(item["custom"]));
  if (endpoint.search == EnrowSearch::kVerify) return;
  const bool email = endpoint.search == EnrowSearch::kEmail;
  out.lookups.push_back(LookupHash(ReadItem(endpoint, item).person,
                                   email ? "work_email" : "phone"));
}

}  // namespace

const EnrowEndpoint* FindEnrowEndpoint(absl::string_view path) {
  for (const EnrowEndpoint& endpoint : kEndpoints) {
    if (endpoint.path == path) return &endpoint;
  }
  return nullptr;
}

std::variant<EnrowRequest, HttpResponse> ReadEnrowRequest(
    const EnrowEndpoint& endpoint, absl::string_view body,
    const absl::StatusOr<json::Document>& document) {
  if (endpoint.bulk && body.empty()) return BadRequest("Missing payload");
  if (!document.ok() || !document->root().is_object()) {
    return BadRequest(endpoint.bulk ? "Error while parsing the payload"
                                    : "Invalid JSON input");
  }
  const json::Value root = document->root();
  if (endpoint.bulk) return ReadBulk(endpoint, root);
  EnrowRequest out{.webhook = Text(root["settings"], "webhook")};
  out.items.push_back(ReadItem(endpoint, root));
  const absl::string_view fault = FaultOf(endpoint, out.items.front());
  if (!fault.empty()) return BadRequest(fault);
  return out;
}

void DescribeEnrowRequest(const EnrowEndpoint& endpoint,
                          const json::Value& root, Submission& out) {
  out.callback_sha256 = UrlHash(root["settings"]["webhook"].AsString());
  if (!endpoint.bulk) return DescribeItem(endpoint, root, out);
  out.reference = CustomText(root["custom"]);
  for (const json::Value item : ItemsOf(endpoint, root)) {
    DescribeItem(endpoint, item, out);
  }
}

}  // namespace enrich::simulator
