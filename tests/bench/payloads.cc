#include "bench/payloads.h"

#include "absl/strings/str_cat.h"
#include "absl/strings/str_join.h"
#include "absl/strings/substitute.h"

namespace enrich::bench {
namespace {

// $0 is our key, $1 what tells the people apart, $2 the phone members.
constexpr char kFullEnrichItem[] =
    R"({"input":{"first_name":"Nadia","last_name":"Lambert$1",)"
    R"("company_domain":"company-$1.example"},"custom":{"eg":"$0"},)"
    R"("contact_info":{"most_probable_work_email":)"
    R"({"email":"nadia.lambert@company-$1.example","status":"DELIVERABLE"},)"
    R"("work_emails":[{"email":"nadia.lambert@company-$1.example",)"
    R"("status":"DELIVERABLE"}]$2},"profile":{"full_name":"Nadia Lambert$1",)"
    R"("first_name":"Nadia","last_name":"Lambert$1",)"
    R"("location":{"country":"France","city":"Lyon"},"employment":{"current":)"
    R"({"title":"Head of Sales","is_current":true,"company":{"name":)"
    R"("Company $1","domain":"company-$1.example","industry":)"
    R"({"main_industry":"Machinery"},"headcount":120}}}}})";

constexpr char kPhoneMembers[] =
    R"(,"most_probable_phone":{"number":"+33 6 39 98 00 01","region":"FR"},)"
    R"("phones":[{"number":"+33 6 39 98 00 01","region":"FR"}])";

// $0 is our key, $1 the position.
constexpr char kEnrowItem[] =
    R"({"index":"$1","qualification":"valid",)"
    R"("email":"nadia.lambert@company-$1.example","custom":"$0",)"
    R"("info":{"domain":"company-$1.example","firstname":"Nadia",)"
    R"("lastname":"Lambert$1","companyInfo":{"name":"Company $1"}},)"
    R"("raw_params":{"fullname":"Nadia Lambert$1",)"
    R"("company_domain":"company-$1.example"}})";

std::string JoinItems(absl::Span<const std::string> keys,
                      absl::string_view format, absl::string_view phone) {
  std::vector<std::string> items;
  for (size_t i = 0; i < keys.size(); ++i) {
    items.push_back(absl::Substitute(format, keys[i], i, phone));
  }
  return absl::StrJoin(items, ",");
}

}  // namespace

v1::Contact MakeContact(int64_t index) {
  v1::Contact contact;
  contact.set_contact_ref(absl::StrCat("r", index));
  contact.set_first_name("Nadia");
  contact.set_last_name(absl::StrCat("Lambert", index));
  contact.set_company_name(absl::StrCat("Company ", index, " Holding"));
  contact.set_company_domain(absl::StrCat("company-", index, ".example"));
  contact.set_linkedin_url(
      absl::StrCat("https://www.linkedin.com/in/nadia-lambert-", index));
  return contact;
}

v1::EnrichBatchRequest MakeRequest(int64_t first, int64_t count) {
  v1::EnrichBatchRequest request;
  request.add_fields(v1::CONTACT_FIELD_WORK_EMAIL);
  for (int64_t i = 0; i < count; ++i) {
    *request.add_contacts() = MakeContact(first + i);
  }
  return request;
}

std::string MakeBody(BodyKind kind, absl::string_view job_id, bool finished,
                     absl::Span<const std::string> keys) {
  if (kind == BodyKind::kEnrow) {
    return absl::Substitute(
        R"({"general":{"id":"$0","status":"$1"},"stats":{"finished":$2,)"
        R"("requested":$2,"valid":$2},"results":[$3]})",
        job_id, finished ? "completed" : "ongoing", keys.size(),
        JoinItems(keys, kEnrowItem, ""));
  }
  const bool phone = kind == BodyKind::kFullEnrichPhone;
  return absl::Substitute(
      R"({"id":"$0","name":"benchmark","status":"$1","cost":{"credits":$2},)"
      R"("data":[$3]})",
      job_id, finished ? "FINISHED" : "IN_PROGRESS", keys.size(),
      JoinItems(keys, kFullEnrichItem, phone ? kPhoneMembers : ""));
}

std::vector<std::string> MakeKeys(int count) {
  std::vector<std::string> keys;
  for (int i = 0; i < count; ++i) keys.push_back(absl::StrCat("ref.", i));
  return keys;
}

}  // namespace enrich::bench
