#include "engine/contact_changes.h"

#include <iterator>
#include <optional>
#include <utility>

#include "absl/algorithm/container.h"
#include "absl/container/btree_map.h"
#include "base/status_macros.h"
#include "engine/next_step.h"
#include "engine/recorded_results.h"

namespace enrich {
namespace {

// Whether a result that is out reads differently now.
bool NewsFor(const ContactProgress& before, const ContactProgress& after) {
  for (size_t i = 0; i < after.fields.size(); ++i) {
    const FieldProgress& a = before.fields[i];
    const FieldProgress& b = after.fields[i];
    if (a.outcome != b.outcome || a.emails.size() != b.emails.size() ||
        a.phones.size() != b.phones.size()) {
      return true;
    }
  }
  const BatchCounters delta = CountersDelta(before, after, false);
  return absl::c_any_of(delta.credits,
                        [](const auto& entry) { return entry.second.milli; });
}

}  // namespace

bool ContactChanges::Lock(OperationQueue::Locks& locks,
                          absl::Span<const WorkItem> items) {
  return absl::c_all_of(items, [&](const WorkItem& item) {
    return locks.Acquire({RowKey::Kind::kContact, item.contact_key});
  });
}

absl::Status ContactChanges::Load(absl::Span<const WorkItem> items) {
  RETURN_IF_ERROR(context_.batches.Load(items));
  contacts_.reserve(contacts_.size() + items.size());
  changed_.reserve(changed_.size() + items.size());
  std::vector<int64_t> unknown;
  for (const WorkItem& item : items) {
    const int64_t key = item.contact_key;
    if (contacts_.contains(key)) continue;
    if (std::optional<Contact> contact = context_.contacts.Find(key)) {
      contacts_.emplace(
          key, StoredContact{.key = key, .contact = *std::move(contact)});
    } else {
      unknown.push_back(key);
    }
  }
  if (unknown.empty()) return absl::OkStatus();
  ASSIGN_OR_RETURN(std::vector<StoredContact> stored,
                   context_.store.ReadContacts(unknown));
  for (StoredContact& contact : stored) {
    const int64_t key = contact.key;
    contacts_.emplace(key, std::move(contact));
  }
  return absl::OkStatus();
}

void ContactChanges::Remember(absl::Span<const WorkItem> items) {
  for (const WorkItem& item : items) {
    const auto it = contacts_.find(item.contact_key);
    if (it == contacts_.end() || !it->second.progress.fields.empty()) continue;
    context_.contacts.Add(item.contact_key, it->second.contact);
  }
}

const Contact* ContactChanges::FindContact(const WorkItem& item) const {
  const auto it = contacts_.find(item.contact_key);
  return it == contacts_.end() ? nullptr : &it->second.contact;
}

std::vector<Identity> ContactChanges::IdentitiesOf(
    absl::string_view tenant, absl::Span<const WorkItem> items) const {
  std::vector<Identity> identities;
  identities.reserve(items.size());
  for (const WorkItem& item : items) {
    const Contact* contact = FindContact(item);
    identities.push_back(contact == nullptr ? Identity()
                                            : IdentityOf(tenant, *contact));
  }
  return identities;
}

FieldSet ContactChanges::OpenFields(const WorkItem& item) const {
  FieldSet open = item.fields;
  const auto it = contacts_.find(item.contact_key);
  if (it == contacts_.end()) return {};
  for (const FieldProgress& field : it->second.progress.fields) {
    if (field.outcome != Outcome::kOpen) open -= field.field;
  }
  return open;
}

FieldSet ContactChanges::FieldsInDoubt(const WorkItem& item,
                                       absl::string_view account) const {
  FieldSet in_doubt;
  const auto it = contacts_.find(item.contact_key);
  if (it == contacts_.end()) return in_doubt;
  for (const FieldProgress& field : it->second.progress.fields) {
    if (!item.fields.Has(field.field) || field.outcome != Outcome::kUnknown) {
      continue;
    }
    const bool ours = absl::c_any_of(field.attempts, [&](const Attempt& a) {
      return a.provider == account && a.outcome == Outcome::kUnknown;
    });
    if (ours) in_doubt |= field.field;
  }
  return in_doubt;
}

bool ContactChanges::IsCancelled(const WorkItem& item) const {
  const auto batch = FindBatch(item);
  return batch == nullptr || batch->cancelled;
}

void ContactChanges::Apply(const WorkItem& item, Change change,
                           FieldSet moved_on) {
  const FieldSet open = Note(item, change) - moved_on;
  if (open.empty()) return;
  const auto batch = context_.batches.Find(item.batch_key);
  StoredContact& stored = contacts_.at(item.contact_key);
  if (batch->cancelled) {
    Close(open, Outcome::kCancelled, "the batch was cancelled",
          stored.progress);
  } else {
    AddFollowUps(item, *batch, stored.contact, open, stored.progress);
  }
}

absl::Status ContactChanges::LoadResults(absl::Span<const WorkItem> items) {
  absl::btree_map<int64_t, absl::flat_hash_set<int64_t>> wanted;
  for (const WorkItem& item : items) {
    const auto it = contacts_.find(item.contact_key);
    const auto batch = context_.batches.Find(item.batch_key);
    if (it == contacts_.end() || batch == nullptr) continue;
    if (!it->second.progress.fields.empty()) continue;
    wanted[item.batch_key].insert(item.contact_key - batch->first_contact_key);
  }
  for (const auto& [batch_key, positions] : wanted) {
    const int64_t first = context_.batches.Find(batch_key)->first_contact_key;
    ASSIGN_OR_RETURN(auto results,
                     ReadRecordedResults(context_.store, context_.encoder,
                                         batch_key, positions));
    for (auto& [position, progress] : results) {
      contacts_.at(first + position).progress = std::move(progress);
      from_log_.insert(first + position);
    }
  }
  return absl::OkStatus();
}

void ContactChanges::Correct(const WorkItem& item, Change change) {
  const auto it = contacts_.find(item.contact_key);
  if (it == contacts_.end() || it->second.progress.fields.empty()) return;
  if (!Note(item, change).empty()) corrected_.insert(item.contact_key);
}

FieldSet ContactChanges::Note(const WorkItem& item, Change change) {
  const auto it = contacts_.find(item.contact_key);
  const auto batch = context_.batches.Find(item.batch_key);
  if (it == contacts_.end() || batch == nullptr) return {};
  StoredContact& stored = it->second;
  Changed changed = {.key = item.contact_key,
                     .batch = batch,
                     .known = !stored.progress.fields.empty() &&
                              !from_log_.contains(item.contact_key)};
  if (stored.progress.fields.empty()) {
    stored.progress = StartProgress(stored.contact);
  }
  const bool first = !changed_keys_.contains(item.contact_key);
  if (first) changed.before = stored.progress;

  const FieldSet noted = change(batch->plan, stored.progress);
  if (!noted.empty() && first) {
    changed_keys_.insert(item.contact_key);
    changed_.push_back(std::move(changed));
  }
  return noted;
}

void ContactChanges::AddFollowUps(const WorkItem& item, const BatchInfo& batch,
                                  const Contact& contact, FieldSet fields,
                                  ContactProgress& progress) {
  for (const Ask& ask :
       Advance(contact, batch.plan, context_.accounts, fields, progress)) {
    const auto [row, added] =
        work_rows_.try_emplace({batch.key, ask.operation}, work_.size());
    if (added) {
      work_.push_back(
          {.lane = {batch.tenant, ask.account->name, ask.operation->name},
           .enqueue_time = context_.now});
    }
    work_[row->second].items.push_back({.contact_key = item.contact_key,
                                        .batch_key = item.batch_key,
                                        .fields = ask.fields});
  }
}

void ContactChanges::Conclude(const Changed& changed, Write& write) {
  context_.contacts.Forget(changed.key);
  const StoredContact& stored = contacts_.at(changed.key);
  ProgressChange row = {.contact_key = changed.key};
  const bool done = stored.progress.Done();
  const bool newly_done = done && !changed.before.Done();
  const bool news = corrected_.contains(changed.key) ||
                    NewsFor(changed.before, stored.progress);
  if (newly_done || (done && news)) {
    AddEvent(*changed.batch, stored, changed.before, newly_done, row, write);
  }
  // A contact answered in one go, with nothing left in doubt, needs no row.
  if (!done || changed.known || MayBeCorrected(stored.progress)) {
    row.progress = stored.progress;
    write.progress.push_back(std::move(row));
  }
}

void ContactChanges::AddEvent(const BatchInfo& batch,
                              const StoredContact& stored,
                              const ContactProgress& before, bool newly_done,
                              ProgressChange& change, Write& write) {
  const int64_t supersedes = newly_done ? 0 : stored.progress.sequence;
  change.event_index = write.events.size();
  write.events.push_back(
      {.batch_key = batch.key,
       .body = context_.encoder.EncodeContactResult(
           batch.id, context_.now, stored.key - batch.first_contact_key,
           stored.contact, stored.progress, supersedes),
       .delta = CountersDelta(before, stored.progress, newly_done)});
}

void ContactChanges::MoveTo(Write& write) {
  write.events.reserve(changed_.size());
  for (const Changed& changed : changed_) Conclude(changed, write);
  std::move(work_.begin(), work_.end(), std::back_inserter(write.work));
  changed_.clear();
  changed_keys_.clear();
  corrected_.clear();
  work_.clear();
  work_rows_.clear();
}

}  // namespace enrich
