#include "sim/audit.h"

#include <optional>

#include "absl/algorithm/container.h"
#include "absl/strings/match.h"
#include "absl/strings/numbers.h"
#include "absl/strings/str_split.h"
#include "fakes/text_event_encoder.h"

namespace enrich::sim {

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
      // Another installation's.
      if (attempt == journal.attempts().end()) continue;
      size_t index = 0;
      if (!absl::SimpleAtoi(parts.second, &index) ||
          index >= attempt->second.items.size()) {
        world_.Violate("I2", absl::StrCat("a job for no intent: ", key));
        continue;
      }
      const LaneKey& lane = attempt->second.lane;
      const int64_t contact_key = attempt->second.items[index].contact_key;
      taken_on_[{lane.account, contact_key}] |=
          absl::StartsWith(entry.fault, "job_");
      const auto stored = store.ReadContacts({contact_key});
      if (stored.ok() && !stored->empty()) {
        asked_about_.emplace(lane.account,
                             IdentityOf(lane.tenant, stored->front().contact));
      }
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
        journal_.HasEvidence(row.attempt.key)) {
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
