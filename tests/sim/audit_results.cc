// What a result says of a contact, against what the providers know.

#include <string>
#include <vector>

#include "absl/algorithm/container.h"
#include "absl/strings/str_cat.h"
#include "fakes/text_event_encoder.h"
#include "sim/audit.h"

namespace enrich::sim {
namespace {

using simulator::Person;
using simulator::PersonQuery;
using simulator::Provider;

const SimAccount* FindAccount(absl::string_view name) {
  for (const SimAccount& account : Providers::Accounts()) {
    if (account.name == name) return &account;
  }
  return nullptr;
}

Provider ProviderOf(const SimAccount& account) {
  if (account.provider == "enrow") return Provider::kEnrow;
  return account.provider == "quiet" ? Provider::kPronto
                                     : Provider::kFullEnrich;
}

// What a provider may have been told of the contact: all, or what suffices.
std::vector<PersonQuery> QueriesFor(const Contact& contact) {
  const auto [first_name, last_name] = contact.SplitName();
  const PersonQuery all = {.first_name = first_name,
                           .last_name = last_name,
                           .domain = contact.company_domain,
                           .company_name = contact.company_name,
                           .linkedin_url = contact.linkedin_url};
  PersonQuery named = all;
  named.linkedin_url.clear();
  const PersonQuery full = {.full_name = contact.DisplayName(),
                            .domain = contact.company_domain,
                            .company_name = contact.company_name};
  return {all, named, full, {.linkedin_url = contact.linkedin_url}};
}

// What the provider has for the field.
std::vector<std::string> ValuesOf(const Person& person,
                                  absl::string_view field) {
  std::vector<std::string> values;
  if (field == "work_email" && person.work_email.has_value()) {
    values.push_back(person.work_email->address);
  }
  if (field == "personal_email" && person.personal_email.has_value()) {
    values.push_back(person.personal_email->address);
  }
  if (field != "phone") return values;
  for (const auto& phone : {person.mobile, person.landline}) {
    if (phone.has_value()) values.push_back(phone->E164());
  }
  return values;
}

// An address the provider itself calls invalid is no find.
bool IsUsable(const Person& person, absl::string_view field) {
  if (field == "work_email" && person.work_email.has_value()) {
    return person.work_email->status != "INVALID";
  }
  return !ValuesOf(person, field).empty();
}

bool MayChange(const SeenField& field) {
  return field.outcome == "failed" || field.outcome == "unknown";
}

}  // namespace

void Audit::CheckContact(const Order& order, const Batch& batch, size_t index,
                         const ContactEvents& events) {
  const Contact& contact = order.contacts[index].contact;
  const std::string who = absl::StrCat(order.request_id, "/", index);
  const Subject subject = {
      .who = who,
      .contact = contact,
      .contact_key = batch.first_contact_key + static_cast<int64_t>(index),
      .identity = IdentityOf(order.tenant, contact)};
  if (events.empty()) {
    return world_.Violate("I3", absl::StrCat(who, " has no result"));
  }
  int64_t last_sequence = 0;
  const SeenEvent* before = nullptr;
  for (const auto& [sequence, event] : events) {
    if (event.supersedes != last_sequence) {
      world_.Violate(
          "I9", absl::StrCat(who, ": event ", sequence, " supersedes ",
                             event.supersedes, " instead of ", last_sequence));
    }
    if (event.contact_ref != contact.contact_ref) {
      world_.Violate("I7", absl::StrCat(who, " has another's result"));
    }
    if (before != nullptr) {
      world_.Count("result corrected");
      CheckChange(who, *before, event);
    }
    before = &event;
    last_sequence = sequence;
    for (const SeenField& field : event.fields) CheckField(subject, field);
  }
  CheckTold(who, batch.first_contact_key + static_cast<int64_t>(index),
            *before);
  for (const SeenField& field : before->fields) {
    world_.Count(absl::StrCat("outcome ", field.outcome));
    for (const SeenAttempt& attempt : field.attempts) {
      if (attempt.reason.empty()) continue;
      world_.Count(absl::StrCat("attempt ", attempt.reason));
    }
  }
}

void Audit::CheckTold(const std::string& who, int64_t contact_key,
                      const SeenEvent& latest) {
  const auto stored = store_.ReadContacts({contact_key});
  if (!stored.ok() || stored->size() != 1) {
    return world_.Violate("I3", absl::StrCat(who, " is gone"));
  }
  // Empty where nothing can change any more.
  const std::vector<FieldProgress>& fields = stored->front().progress.fields;
  for (size_t i = 0; i < fields.size(); ++i) {
    if (TextEventEncoder::Word(fields[i].outcome) !=
        latest.fields.at(i).outcome) {
      world_.Violate(
          "I3", absl::StrCat(who, " ", latest.fields[i].name, " was told as ",
                             latest.fields[i].outcome));
    }
  }
}

void Audit::CheckChange(const std::string& who, const SeenEvent& before,
                        const SeenEvent& after) {
  for (size_t i = 0; i < after.fields.size(); ++i) {
    const SeenField& old_field = before.fields.at(i);
    const SeenField& new_field = after.fields[i];
    const bool same = old_field.outcome == new_field.outcome;
    if (!same && !MayChange(old_field)) {
      world_.Violate("I9", absl::StrCat(who, " ", new_field.name, " was ",
                                        old_field.outcome, " and became ",
                                        new_field.outcome));
    }
    for (const std::string& value : old_field.values) {
      if (!absl::c_linear_search(new_field.values, value)) {
        world_.Violate("I9", absl::StrCat(who, " lost a value"));
      }
    }
  }
}

void Audit::CheckField(const Subject& subject, const SeenField& field) {
  const std::string& who = subject.who;
  const auto has = [&](absl::string_view outcome) {
    return absl::c_any_of(field.attempts, [&](const SeenAttempt& attempt) {
      return attempt.outcome == outcome;
    });
  };
  if (field.outcome == "open") {
    world_.Violate("I3", absl::StrCat(who, " has an open field in its result"));
  }
  // Nobody may read an outage, or a doubt, for "not found".
  if (field.outcome == "not_found" && (has("failed") || has("unknown") ||
                                       !(has("not_found") || has("found")))) {
    world_.Violate("I6", absl::StrCat(who, " ", field.name,
                                      " is not found without an answer"));
  }
  for (const SeenAttempt& attempt : field.attempts) {
    CheckAttempt(subject, field, attempt);
    if (attempt.reason == "RESULT_EXPIRED") {
      CheckExpired(who, subject.contact_key, attempt);
    }
  }
  for (const std::string& value : field.values) {
    const bool sent =
        absl::c_any_of(field.attempts, [&](const SeenAttempt& attempt) {
          const SimAccount* account = FindAccount(attempt.provider);
          if (attempt.outcome != "found" || account == nullptr) return false;
          return absl::c_any_of(
              QueriesFor(subject.contact), [&](const PersonQuery& query) {
                return absl::c_linear_search(
                    ValuesOf(
                        providers_.oracle().Find(ProviderOf(*account), query),
                        field.name),
                    value);
              });
        });
    if (!sent) {
      world_.Violate(
          "I6", absl::StrCat(who, " ", field.name, " has a value nobody sent"));
    }
  }
}

void Audit::CheckExpired(const std::string& who, int64_t contact_key,
                         const SeenAttempt& attempt) {
  const auto job = taken_on_.find({attempt.provider, contact_key});
  const bool failed = job != taken_on_.end() && job->second;
  if (!failed && !providers_.forgets_soon()) {
    world_.Violate("I3",
                   absl::StrCat(who, " was not read at ", attempt.provider));
  }
}

bool Audit::WasAsked(const Subject& subject, const SeenAttempt& attempt) const {
  return taken_on_.contains({attempt.provider, subject.contact_key}) ||
         (attempt.cached &&
          asked_about_.contains({attempt.provider, subject.identity}));
}

void Audit::CheckAttempt(const Subject& subject, const SeenField& field,
                         const SeenAttempt& attempt) {
  if (attempt.outcome != "found" && attempt.outcome != "not_found") return;
  const std::string& who = subject.who;
  const SimAccount* account = FindAccount(attempt.provider);
  if (account == nullptr || !WasAsked(subject, attempt)) {
    return world_.Violate(
        "I6", absl::StrCat(who, " ", field.name, " is ", attempt.outcome,
                           " by ", attempt.provider, ", which was not asked"));
  }
  const bool found = attempt.outcome == "found";
  const bool honest = absl::c_any_of(
      QueriesFor(subject.contact), [&](const PersonQuery& query) {
        const Person person =
            providers_.oracle().Find(ProviderOf(*account), query);
        return found ? !ValuesOf(person, field.name).empty()
                     : !IsUsable(person, field.name);
      });
  if (!honest) {
    world_.Violate(
        "I6", absl::StrCat(who, " ", field.name, " is not ", attempt.outcome,
                           " at ", attempt.provider));
  }
}

}  // namespace enrich::sim
