#include "sim/audit.h"

#include <optional>

#include "absl/algorithm/container.h"
#include "absl/strings/match.h"
#include "absl/strings/numbers.h"
#include "absl/strings/str_split.h"
#include "fakes/text_event_encoder.h"

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

Audit::Audit(World& world, const Journal& journal, const Providers& providers,
             Store& store)
    : world_(world),
      journal_(journal),
      providers_(providers),
      store_(store),
      invoice_(providers.ledger().submissions()) {
  for (const simulator::Submission& entry : invoice_) {
    if (!entry.accepted) continue;
    for (const std::string& key : entry.keys) {
      const std::pair<std::string, std::string> parts =
          absl::StrSplit(key, '.');
      const auto attempt = journal.attempts().find(parts.first);
      size_t index = 0;
      if (attempt == journal.attempts().end() ||
          !absl::SimpleAtoi(parts.second, &index) ||
          index >= attempt->second.items.size()) {
        world_.Violate("I2", absl::StrCat("a job for no intent: ", key));
        continue;
      }
      taken_on_[{attempt->second.lane.account,
                 attempt->second.items[index].contact_key}] |=
          absl::StartsWith(entry.fault, "job_");
    }
  }
}

// ---- Orders -----------------------------------------------------------------

void Audit::CheckOrder(const Order& order, const SeenLog& seen) {
  if (!order.acknowledged()) {
    return world_.Violate(
        "I3", absl::StrCat(order.request_id, " was never acknowledged"));
  }
  const auto batch = store_.ReadBatch(order.tenant, order.batch_id);
  if (!batch.ok()) {
    return world_.Violate("I3", absl::StrCat(order.request_id, " is gone: ",
                                             batch.status().ToString()));
  }
  const std::string other = order.tenant == "acme" ? "globex" : "acme";
  if (!absl::IsNotFound(store_.ReadBatch(other, order.batch_id).status())) {
    world_.Violate("I7", absl::StrCat(other, " can read ", order.request_id));
  }
  const auto contacts = static_cast<int64_t>(order.contacts.size());
  const bool ended =
      batch->state == BatchState::kFinished ||
      (batch->state == BatchState::kCancelled && order.cancel_asked);
  if (!ended || batch->counters.contacts != contacts ||
      batch->counters.contacts_done != contacts) {
    world_.Violate(
        "I3", absl::StrCat(order.request_id, " has not ended: ",
                           batch->counters.contacts_done, " of ", contacts));
  }
  std::vector<ContactEvents> by_contact(order.contacts.size());
  int64_t sequence = 0;
  for (SeenEvent& event : ReadEvents(order, *batch, seen)) {
    ++sequence;
    if (event.finished) continue;
    const auto index = static_cast<size_t>(event.index);
    if (index >= by_contact.size()) {
      world_.Violate("I3", "an event of a contact nobody asked for");
      continue;
    }
    by_contact[index].emplace_back(sequence, std::move(event));
  }
  for (size_t i = 0; i < by_contact.size(); ++i) {
    CheckContact(order, *batch, i, by_contact[i]);
  }
  CheckCounters(order, *batch, by_contact);
}

void Audit::CheckCounters(const Order& order, const Batch& batch,
                          const std::vector<ContactEvents>& by_contact) {
  std::map<std::string, int64_t> lookups;
  std::map<std::string, int64_t> credits;
  for (const ContactEvents& events : by_contact) {
    if (events.empty()) continue;
    for (const SeenField& field : events.back().second.fields) {
      ++lookups[field.outcome];
      for (const SeenAttempt& attempt : field.attempts) {
        credits[attempt.provider] += attempt.millicredits;
      }
    }
  }
  for (size_t i = 0; i < batch.counters.lookups.size(); ++i) {
    const std::string outcome(TextEventEncoder::Word(static_cast<Outcome>(i)));
    if (batch.counters.lookups[i] != lookups[outcome]) {
      world_.Violate("I3", absl::StrCat(order.request_id, " counts ",
                                        batch.counters.lookups[i], " ", outcome,
                                        ", not ", lookups[outcome]));
    }
  }
  for (const auto& [account, spent] : batch.counters.credits) {
    if (spent.milli != credits[account]) {
      world_.Violate("I5", absl::StrCat(order.request_id, " counts ",
                                        spent.milli, " spent at ", account,
                                        ", not ", credits[account]));
    }
  }
}

std::vector<SeenEvent> Audit::ReadEvents(const Order& order, const Batch& batch,
                                         const SeenLog& seen) {
  std::vector<SeenEvent> events;
  int ends = 0;
  int64_t sequence = 0;
  const auto segments = store_.ReadBatchLog(batch.key, 0, 64 << 20);
  if (!segments.ok()) {
    world_.Violate("I4", segments.status().ToString());
    return events;
  }
  for (const LogSegmentPtr& segment : *segments) {
    absl::string_view frames = segment->frames;
    while (const auto frame = NextEventFrame(frames)) {
      if (frame->position.sequence != ++sequence) {
        world_.Violate("I4", absl::StrCat(order.request_id, ": event ",
                                          frame->position.sequence, " where ",
                                          sequence, " should be"));
      }
      const auto row = seen.find({batch.key, sequence});
      if (row == seen.end() || row->second.entry != frame->entry) {
        world_.Violate("I4", absl::StrCat(order.request_id, ": event ",
                                          sequence, " was streamed otherwise"));
      }
      auto event = SimEventEncoder::Parse(BodyOf(*frame));
      if (!event.has_value() || event->batch_id != batch.id) {
        world_.Violate("I4", "an event that does not read");
        return events;
      }
      if (event->finished ? ++ends > 1 : (ends > 0 && !event->supersedes)) {
        world_.Violate("I4", absl::StrCat(order.request_id, ": event ",
                                          sequence, " after the end"));
      }
      events.push_back(*std::move(event));
    }
  }
  if (ends != 1 || sequence != batch.last_sequence) {
    world_.Violate(
        "I4", absl::StrCat(order.request_id, ": ", ends, " ends in ", sequence,
                           " of ", batch.last_sequence, " events"));
  }
  return events;
}

void Audit::CheckContact(const Order& order, const Batch& batch, size_t index,
                         const ContactEvents& events) {
  const Contact& contact = order.contacts[index].contact;
  const std::string who = absl::StrCat(order.request_id, "/", index);
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
    for (const SeenField& field : event.fields) {
      CheckField(who, contact,
                 batch.first_contact_key + static_cast<int64_t>(index), field);
    }
  }
  for (const SeenField& field : before->fields) {
    world_.Count(absl::StrCat("outcome ", field.outcome));
    for (const SeenAttempt& attempt : field.attempts) {
      if (attempt.reason.empty()) continue;
      world_.Count(absl::StrCat("attempt ", attempt.reason));
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

void Audit::CheckField(const std::string& who, const Contact& contact,
                       int64_t contact_key, const SeenField& field) {
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
    CheckAttempt(who, contact, contact_key, field, attempt);
    if (attempt.reason == "RESULT_EXPIRED") {
      CheckExpired(who, contact_key, attempt);
    }
  }
  for (const std::string& value : field.values) {
    const bool sent =
        absl::c_any_of(field.attempts, [&](const SeenAttempt& attempt) {
          const SimAccount* account = FindAccount(attempt.provider);
          if (attempt.outcome != "found" || account == nullptr) return false;
          return absl::c_any_of(
              QueriesFor(contact), [&](const PersonQuery& query) {
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

void Audit::CheckAttempt(const std::string& who, const Contact& contact,
                         int64_t contact_key, const SeenField& field,
                         const SeenAttempt& attempt) {
  if (attempt.outcome != "found" && attempt.outcome != "not_found") return;
  const SimAccount* account = FindAccount(attempt.provider);
  if (account == nullptr ||
      !taken_on_.contains({attempt.provider, contact_key})) {
    return world_.Violate(
        "I6", absl::StrCat(who, " ", field.name, " is ", attempt.outcome,
                           " by ", attempt.provider, ", which was not asked"));
  }
  const bool found = attempt.outcome == "found";
  const bool honest =
      absl::c_any_of(QueriesFor(contact), [&](const PersonQuery& query) {
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

// ---- The rest ---------------------------------------------------------------

void Audit::CheckBatches() {
  std::set<std::pair<std::string, std::string>> requests;
  for (const auto& [key, batch] : journal_.batches()) {
    if (!requests.emplace(batch.tenant, batch.request_id).second) {
      world_.Violate("I1", absl::StrCat(batch.request_id, " was taken twice"));
    }
  }
}

void Audit::CheckMoney() {
  for (const simulator::Submission& entry : invoice_) {
    if (!entry.accepted || entry.keys.empty()) continue;
    const std::string reference =
        entry.keys[0].substr(0, entry.keys[0].find('.'));
    const auto found = journal_.attempts().find(reference);
    if (found == journal_.attempts().end()) continue;
    const ChunkAttempt& attempt = found->second.attempt;
    const bool known = attempt.state == AttemptState::kAccepted ||
                       attempt.state == AttemptState::kUnknown;
    const Credits most =
        known ? attempt.spent.value_or(attempt.max_cost) : Credits();
    if (entry.charged > most) {
      world_.Violate(
          "I5", absl::StrCat(entry.provider, " charges ", entry.charged.milli,
                             " thousandths for an attempt that is ",
                             static_cast<int>(attempt.state), " and at most ",
                             most.milli));
    }
  }
}

void Audit::CheckDoubt() {
  for (const auto& [reference, row] : journal_.attempts()) {
    const int64_t chunk_key = row.attempt.chunk_key;
    if (row.attempt.state == AttemptState::kUnknown &&
        journal_.HasInbox(row.attempt.key)) {
      world_.Violate("I3", absl::StrCat("a push for chunk ", chunk_key,
                                        " did not end its doubt"));
    }
  }
}

void Audit::CheckRest() {
  const auto inbox = store_.ReadUnappliedInbox();
  if (!inbox.ok() || !inbox->empty()) {
    world_.Violate("I8", "pushes stay in the inbox");
  }
  int64_t waiting = 0;
  const absl::Status read =
      store_.ReadOpenWork([&](const OpenWork&) { ++waiting; });
  if (!read.ok() || waiting > 0) {
    world_.Violate("I8", absl::StrCat(waiting, " rows of work stay"));
  }
}

void Audit::CheckWatcher(const Watcher& watcher) {
  const auto last = store_.LastRevision(watcher.tenant());
  if (!last.ok() || *last != watcher.position()) {
    world_.Violate("I4",
                   absl::StrCat("a stream of ", watcher.tenant(), " stays at ",
                                watcher.position(), " of ", last.value_or(-1)));
  }
}

}  // namespace enrich::sim
