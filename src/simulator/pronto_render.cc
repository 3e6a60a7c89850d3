#include "simulator/pronto_render.h"

#include <algorithm>
#include <optional>

#include "base/json.h"
#include "simulator/json_members.h"

namespace enrich::simulator {
namespace {

// What was asked for and is known.
Person Find(const PersonOracle& oracle, const ProntoJob& job) {
  const ProntoBatch& batch = *job.batch;
  Person person = oracle.Find(Provider::kPronto, job.contact.person);
  if (!batch.fields.Has(ContactField::kWorkEmail)) person.work_email.reset();
  if (!batch.fields.Has(ContactField::kPersonalEmail)) {
    person.personal_email.reset();
  }
  const bool phones = batch.fields.Has(ContactField::kPhone);
  for (std::optional<FoundPhone>* phone : {&person.mobile, &person.landline}) {
    if (!phone->has_value()) continue;
    const std::vector<std::string>& countries = batch.phone_countries;
    const bool wanted =
        countries.empty() || std::find(countries.begin(), countries.end(),
                                       (*phone)->region) != countries.end();
    if (!phones || !wanted) phone->reset();
  }
  return person;
}

// `good` is the word for an address that can be used.
void WriteEmail(absl::string_view key, absl::string_view status_key,
                const std::optional<FoundEmail>& email, absl::string_view good,
                json::Writer& out) {
  out.Key(key);
  if (!email.has_value()) {
    out.Null().Member(status_key, "N/A");
    return;
  }
  out.String(email->address);
  out.Member(status_key, email->status == "CATCH_ALL" ? "catch-all"
                         : email->status == "INVALID" ? "invalid"
                                                      : good);
}

void WriteResult(const Person& person, FieldSet fields, json::Writer& out) {
  if (fields.Has(ContactField::kWorkEmail)) {
    WriteEmail("email", "email_status", person.work_email, "deliverable", out);
  }
  if (fields.Has(ContactField::kPersonalEmail)) {
    WriteEmail("personal_email", "personal_email_status", person.personal_email,
               "valid", out);
  }
  // There even when no phone was asked for.
  out.Key("phone").StartArray();
  if (person.mobile) out.String(person.mobile->E164());
  if (person.landline) out.String(person.landline->E164());
  out.EndArray();
}

}  // namespace

Credits ProntoPrice(FieldSet fields, const ProntoOptions& options) {
  int64_t price = 0;
  if (fields.Has(ContactField::kWorkEmail)) price += options.email_price;
  if (fields.Has(ContactField::kPhone)) price += options.phone_price;
  if (fields.Has(ContactField::kPersonalEmail)) {
    price += options.personal_email_price;
  }
  return Credits::Whole(price);
}

FieldSet ProntoFound(const PersonOracle& oracle, const ProntoJob& job) {
  const Person person = Find(oracle, job);
  FieldSet found;
  if (person.work_email) found |= ContactField::kWorkEmail;
  if (person.mobile || person.landline) found |= ContactField::kPhone;
  if (person.personal_email && person.personal_email->status != "INVALID") {
    found |= ContactField::kPersonalEmail;
  }
  return found;
}

std::string RenderProntoJob(const PersonOracle& oracle, const ProntoJob& job) {
  const bool finished = job.state == ProntoState::kFinished;
  json::Writer out;
  out.StartObject().Member("enrichment_id", job.id);
  out.Member("first_name", job.contact.person.first_name);
  out.Member("last_name", job.contact.person.last_name);
  out.Member("status", finished ? "finished" : "pending");
  if (finished) WriteResult(Find(oracle, job), job.batch->fields, out);
  WriteJson("custom", job.contact.custom, out);
  out.EndObject();
  return out.Take();
}

}  // namespace enrich::simulator
