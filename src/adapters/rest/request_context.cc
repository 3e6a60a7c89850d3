// What the expressions of requests see.

#include <array>
#include <utility>

#include "absl/strings/strip.h"
#include "adapters/rest/request.h"

namespace enrich::rest {
namespace {

using expression::Arena;
using expression::Member;
using expression::Value;

// Null for an empty text. Not copied.
Value TextOrNull(absl::string_view text) {
  return text.empty() ? Value() : Value::String(text);
}

Value CopyOrNull(absl::string_view text, Arena& arena) {
  return text.empty() ? Value() : Value::String(arena.Copy(text));
}

// The id in a canonical URL of a profile.
absl::string_view SlugOf(absl::string_view linkedin_url) {
  return absl::ConsumePrefix(&linkedin_url, "https://www.linkedin.com/in/")
             ? linkedin_url
             : "";
}

Value FieldNames(FieldSet fields, Arena& arena) {
  std::vector<Value> names;
  for (const ContactField field : kAllContactFields) {
    if (fields.Has(field)) names.push_back(Value::String(FieldName(field)));
  }
  return Value::ArrayIn(arena, names);
}

// Half a name is none.
Value FullName(const Contact& contact, Arena& arena) {
  return contact.HasName() ? Value::String(arena.Copy(contact.DisplayName()))
                           : Value();
}

Value ItemValue(const SubmitItem& item, Arena& arena) {
  const Contact& contact = *item.contact;
  const auto [first_name, last_name] = contact.SplitName();
  const std::array<Member, 10> members = {{
      {.key = "ref", .value = Value::String(item.key)},
      {.key = "first_name", .value = CopyOrNull(first_name, arena)},
      {.key = "last_name", .value = CopyOrNull(last_name, arena)},
      {.key = "full_name", .value = FullName(contact, arena)},
      {.key = "company_name", .value = TextOrNull(contact.company_name)},
      {.key = "company_domain", .value = TextOrNull(contact.company_domain)},
      {.key = "linkedin_url", .value = TextOrNull(contact.linkedin_url)},
      {.key = "linkedin_slug",
       .value = TextOrNull(SlugOf(contact.linkedin_url))},
      {.key = "email", .value = TextOrNull(contact.email)},
      {.key = "fields", .value = FieldNames(item.fields, arena)},
  }};
  return Value::ObjectIn(arena, members);
}

Value AccountValue(const Plan& plan, Arena& arena) {
  const std::array<Member, 2> members = {{
      {.key = "name", .value = TextOrNull(plan.account_name)},
      {.key = "country", .value = TextOrNull(plan.account_country)},
  }};
  return Value::ObjectIn(arena, members);
}

}  // namespace

Value SubmitContext(const Plan& plan, const SubmitRequest& request,
                    Arena& arena) {
  std::vector<Value> items;
  items.reserve(request.items.size());
  for (const SubmitItem& item : request.items) {
    items.push_back(ItemValue(item, arena));
  }
  const std::array<Member, 5> members = {{
      {.key = "items", .value = Value::ArrayIn(arena, items)},
      {.key = "item", .value = items.empty() ? Value() : items.front()},
      {.key = "reference", .value = TextOrNull(request.reference)},
      {.key = "callback_url", .value = TextOrNull(request.callback_url)},
      {.key = "account", .value = AccountValue(plan, arena)},
  }};
  return Value::ObjectIn(arena, members);
}

Value PollContext(const Plan& plan, const Placeholders& fill, const Value& page,
                  int count, Arena& arena) {
  std::vector<Value> jobs;
  for (const absl::string_view job : fill.jobs) {
    jobs.push_back(Value::String(job));
  }
  const std::array<Member, 5> members = {{
      {.key = "job", .value = TextOrNull(fill.job)},
      {.key = "jobs", .value = Value::ArrayIn(arena, jobs)},
      {.key = "cursor", .value = page},
      {.key = "count", .value = Value::Int(count)},
      {.key = "account", .value = AccountValue(plan, arena)},
  }};
  return Value::ObjectIn(arena, members);
}

}  // namespace enrich::rest
