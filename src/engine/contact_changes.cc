#include "engine/contact_changes.h"

#include <iterator>
#include <utility>

#include "absl/algorithm/container.h"
#include "base/status_macros.h"
#include "engine/next_step.h"

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
  std::vector<int64_t> keys;
  keys.reserve(items.size());
  for (const WorkItem& item : items) {
    if (!contacts_.contains(item.contact_key)) keys.push_back(item.contact_key);
  }
  ASSIGN_OR_RETURN(std::vector<StoredContact> stored,
                   context_.store.ReadContacts(keys));
  contacts_.reserve(contacts_.size() + stored.size());
  for (StoredContact& contact : stored) {
    const int64_t key = contact.key;
    contacts_.emplace(key, std::move(contact));
  }
  return absl::OkStatus();
}

const Contact* ContactChanges::FindContact(const WorkItem& item) const {
  const auto it = contacts_.find(item.contact_key);
  return it == contacts_.end() ? nullptr : &it->second.contact;
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

bool ContactChanges::IsCancelled(const WorkItem& item) const {
  const auto batch = context_.batches.Find(item.batch_key);
  return batch == nullptr || batch->cancelled;
}

void ContactChanges::Apply(const WorkItem& item, Change change,
                           FieldSet moved_on) {
  const auto it = contacts_.find(item.contact_key);
  const auto batch = context_.batches.Find(item.batch_key);
  if (it == contacts_.end() || batch == nullptr) return;
  StoredContact& stored = it->second;
  Changed changed = {.key = item.contact_key,
                     .batch = batch,
                     .known = !stored.progress.fields.empty()};
  if (!changed.known) stored.progress = StartProgress(stored.contact);
  const bool first = !changed_keys_.contains(item.contact_key);
  if (first) changed.before = stored.progress;

  const FieldSet noted = change(batch->plan, stored.progress);
  if (noted.empty()) return;
  if (first) {
    changed_keys_.insert(item.contact_key);
    changed_.push_back(std::move(changed));
  }
  if (batch->cancelled) {
    Close(noted - moved_on, Outcome::kCancelled, "the batch was cancelled",
          stored.progress);
  } else {
    AddFollowUps(item, *batch, stored.contact, noted - moved_on,
                 stored.progress);
  }
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
  const StoredContact& stored = contacts_.at(changed.key);
  ProgressChange row = {.contact_key = changed.key};
  const bool done = stored.progress.Done();
  const bool newly_done = done && !changed.before.Done();
  if (newly_done || (done && NewsFor(changed.before, stored.progress))) {
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
  for (const Changed& changed : changed_) Conclude(changed, write);
  std::move(work_.begin(), work_.end(), std::back_inserter(write.work));
  changed_.clear();
  changed_keys_.clear();
  work_.clear();
  work_rows_.clear();
}

}  // namespace enrich
