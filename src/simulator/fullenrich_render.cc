#include "simulator/fullenrich_render.h"

#include <optional>

#include "absl/strings/str_cat.h"
#include "base/json.h"
#include "simulator/credit_text.h"
#include "simulator/json_members.h"

namespace enrich::simulator {
namespace {

absl::string_view StatusName(FullEnrichStatus status) {
  switch (status) {
    case FullEnrichStatus::kInProgress:
      return "IN_PROGRESS";
    case FullEnrichStatus::kFinished:
      return "FINISHED";
    case FullEnrichStatus::kCanceled:
      return "CANCELED";
    case FullEnrichStatus::kCreditsInsufficient:
      return "CREDITS_INSUFFICIENT";
    case FullEnrichStatus::kRateLimit:
      return "RATE_LIMIT";
  }
  return "UNKNOWN";
}

// The ways in which FullEnrich has been seen to say "nothing".
enum class Gap { kAbsent, kNull, kEmptyList, kNoInfo };

Gap GapOf(const PersonOracle& oracle, const FullEnrichContact& contact) {
  return static_cast<Gap>(oracle.Draw(InputKey(contact), "gap", 4));
}

void WriteGap(absl::string_view best, absl::string_view all, Gap gap,
              json::Writer& out) {
  if (gap == Gap::kAbsent || gap == Gap::kNoInfo) return;
  out.Key(best).Null().Key(all);
  if (gap == Gap::kNull) {
    out.Null();
  } else {
    out.StartArray().EndArray();
  }
}

// ---- E-mails ----------------------------------------------------------------

bool IsCharged(const std::optional<FoundEmail>& email) {
  return email.has_value() && email->status != "INVALID";
}

void WriteEmail(const FoundEmail& email, json::Writer& out) {
  out.StartObject().Member("email", email.address);
  out.Member("status", email.status).EndObject();
}

void WriteEmails(absl::string_view best, absl::string_view all,
                 const std::optional<FoundEmail>& email, Gap gap,
                 json::Writer& out) {
  if (!email.has_value()) {
    WriteGap(best, all, gap, out);
    return;
  }
  if (IsCharged(email)) WriteEmail(*email, out.Key(best));
  out.Key(all).StartArray();
  WriteEmail(*email, out);
  out.EndArray();
}

// ---- Phones -----------------------------------------------------------------

void WritePhone(const FoundPhone& phone, absl::string_view line_type,
                json::Writer& out) {
  out.StartObject().Member("number", phone.number);
  out.Member("region", phone.region).MemberIfSet("line_type", line_type);
  out.EndObject();
}

void WritePhones(const Person& person, bool with_line_type, Gap gap,
                 json::Writer& out) {
  constexpr absl::string_view kBest = "most_probable_phone", kAll = "phones";
  if (!person.mobile.has_value() && !person.landline.has_value()) {
    WriteGap(kBest, kAll, gap, out);
    return;
  }
  const absl::string_view mobile = with_line_type ? "MOBILE" : "";
  if (person.mobile) WritePhone(*person.mobile, mobile, out.Key(kBest));
  out.Key(kAll).StartArray();
  if (person.mobile) WritePhone(*person.mobile, mobile, out);
  // Without its type a landline would look like something to pay for.
  if (person.landline) WritePhone(*person.landline, "LANDLINE", out);
  out.EndArray();
}

// ---- Records ----------------------------------------------------------------

// What was asked for and is known; empty for a skipped contact.
Person Find(const PersonOracle& oracle, const FullEnrichContact& contact) {
  if (contact.skipped) return {.exists = false};
  Person person = oracle.Find(Provider::kFullEnrich, contact.person);
  if (!contact.fields.Has(ContactField::kWorkEmail)) person.work_email.reset();
  if (!contact.fields.Has(ContactField::kPersonalEmail)) {
    person.personal_email.reset();
  }
  if (!contact.fields.Has(ContactField::kPhone)) {
    person.mobile.reset();
    person.landline.reset();
  }
  return person;
}

void WriteInput(const FullEnrichContact& contact, json::Writer& out) {
  const PersonQuery& person = contact.person;
  out.Key("input").StartObject();
  out.MemberIfSet("first_name", person.first_name);
  out.MemberIfSet("last_name", person.last_name);
  out.MemberIfSet("company_domain", person.domain);
  out.MemberIfSet("company_name", person.company_name);
  out.MemberIfSet("professional_network_url", person.linkedin_url);
  out.MemberIfSet("email", contact.email);
  out.EndObject();
}

void WriteContactInfo(const PersonOracle& oracle,
                      const FullEnrichContact& contact, const Person& person,
                      json::Writer& out) {
  const Gap gap = GapOf(oracle, contact);
  const bool empty = !person.work_email && !person.personal_email &&
                     !person.mobile && !person.landline;
  out.Key("contact_info");
  if (empty && gap == Gap::kNoInfo) {
    out.Null();
    return;
  }
  out.StartObject();
  WriteEmails("most_probable_work_email", "work_emails", person.work_email, gap,
              out);
  WriteEmails("most_probable_personal_email", "personal_emails",
              person.personal_email, gap, out);
  WritePhones(person, gap == Gap::kEmptyList, gap, out);
  out.EndObject();
}

void WritePosition(const Person& person, json::Writer& out) {
  out.StartObject().Member("title", person.job_title);
  out.Key("is_current").Bool(true).Key("company").StartObject();
  out.Member("name", person.company_name).Member("domain", person.domain);
  out.EndObject().EndObject();
}

void WriteProfile(const PersonOracle& oracle, const Person& person,
                  absl::string_view key, absl::string_view url,
                  json::Writer& out) {
  out.Key("profile").StartObject();
  out.Member("id", absl::StrCat(oracle.Draw(key, "profile", 1000000000)));
  out.Member("full_name", absl::StrCat(person.first_name,
                                       person.last_name.empty() ? "" : " ",
                                       person.last_name));
  out.Member("first_name", person.first_name);
  out.Member("last_name", person.last_name);
  if (!url.empty()) {
    out.Key("social_profiles").StartObject();
    out.Key("professional_network").StartObject().Member("url", url);
    out.EndObject().EndObject();
  }
  out.Key("employment").StartObject();
  WritePosition(person, out.Key("current"));
  out.Key("all").StartArray();
  WritePosition(person, out);
  out.EndArray().EndObject().EndObject();
}

void WriteRecord(const PersonOracle& oracle, const FullEnrichJob& job,
                 const FullEnrichContact& contact, json::Writer& out) {
  out.StartObject();
  WriteInput(contact, out);
  WriteJson("custom", contact.custom, out);
  if (job.request.kind == FullEnrichJobKind::kReverseEmail) {
    const std::optional<Person> owner =
        contact.skipped ? std::nullopt : oracle.FindByEmail(contact.email);
    if (owner) WriteProfile(oracle, *owner, contact.email, "", out);
  } else {
    const Person person = Find(oracle, contact);
    WriteContactInfo(oracle, contact, person, out);
    const std::string& url = contact.person.linkedin_url;
    if (person.exists && !url.empty()) {
      WriteProfile(oracle, person, url, url, out);
    }
  }
  out.EndObject();
}

void WriteEnvelope(const FullEnrichJob& job, FullEnrichStatus status,
                   json::Writer& out) {
  out.StartObject().Member("id", job.id).Member("name", job.request.name);
  out.Member("status", StatusName(status));
  out.Key("cost").StartObject().Key("credits");
  WriteCredits(job.cost, out);
  out.EndObject();
}

}  // namespace

Credits FullEnrichPrice(const PersonOracle& oracle,
                        const FullEnrichContact& contact, FieldSet free,
                        FullEnrichJobKind kind) {
  if (contact.skipped) return {};
  if (kind == FullEnrichJobKind::kReverseEmail) {
    return Credits::Whole(oracle.FindByEmail(contact.email) ? 1 : 0);
  }
  if (IsFreeOfCharge(contact.person)) return {};
  const Person person = Find(oracle, contact);
  int64_t price = 0;
  if (IsCharged(person.work_email) && !free.Has(ContactField::kWorkEmail)) {
    price += 1;
  }
  if (person.mobile && !free.Has(ContactField::kPhone)) price += 10;
  if (person.personal_email && !free.Has(ContactField::kPersonalEmail)) {
    price += 3;
  }
  return Credits::Whole(price);
}

std::string InputKey(const FullEnrichContact& contact) {
  const PersonQuery& person = contact.person;
  json::Writer out;
  out.StartArray().String(person.first_name).String(person.last_name);
  out.String(person.domain).String(person.company_name);
  out.String(person.linkedin_url).String(contact.email).EndArray();
  return out.Take();
}

std::string RenderFullEnrichJob(const PersonOracle& oracle,
                                const FullEnrichJob& job) {
  json::Writer out;
  WriteEnvelope(job, job.status, out);
  out.Key("data").StartArray();
  for (size_t i = 0; i < job.done.size(); ++i) {
    if (job.done[i]) WriteRecord(oracle, job, job.request.contacts[i], out);
  }
  out.EndArray().EndObject();
  return out.Take();
}

std::string RenderFullEnrichRunning(const FullEnrichJob& job) {
  json::Writer out;
  WriteEnvelope(job, FullEnrichStatus::kInProgress, out);
  out.EndObject();
  return out.Take();
}

std::string RenderFullEnrichContact(const PersonOracle& oracle,
                                    const FullEnrichJob& job, size_t index) {
  json::Writer out;
  WriteEnvelope(job, FullEnrichStatus::kInProgress, out);
  out.Key("data").StartArray();
  WriteRecord(oracle, job, job.request.contacts[index], out);
  out.EndArray().EndObject();
  return out.Take();
}

}  // namespace enrich::simulator
