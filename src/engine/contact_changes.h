#ifndef ENRICH_ENGINE_CONTACT_CHANGES_H_
#define ENRICH_ENGINE_CONTACT_CHANGES_H_

#include <memory>
#include <utility>
#include <vector>

#include "absl/container/flat_hash_map.h"
#include "absl/container/flat_hash_set.h"
#include "absl/functional/function_ref.h"
#include "absl/status/status.h"
#include "absl/time/time.h"
#include "absl/types/span.h"
#include "engine/account.h"
#include "engine/batch_cache.h"
#include "engine/contact_cache.h"
#include "engine/event_encoder.h"
#include "engine/operation_queue.h"
#include "store/store.h"

namespace enrich {

// The contacts one decision is about: reads them, lets the caller change their
// progress, and derives what follows: results, further lookups, counters. Lives
// for one decision.
class ContactChanges {
 public:
  struct Context {
    Store& store;
    BatchCache& batches;
    ContactCache& contacts;
    const Accounts& accounts;
    const EventEncoder& encoder;
    absl::Time now;
  };

  explicit ContactChanges(const Context& context) : context_(context) {}

  // Locks the contacts of `items`; false when one of them is taken.
  static bool Lock(OperationQueue::Locks& locks,
                   absl::Span<const WorkItem> items);

  // Reads contacts and batches; those read before are kept as they were
  // changed.
  absl::Status Load(absl::Span<const WorkItem> items);
  // The contacts will be needed again, when there is an answer. REQUIRES:
  // loaded and locked.
  void Remember(absl::Span<const WorkItem> items);

  // Null when the contact is gone (deleted by retention). REQUIRES: loaded.
  const Contact* FindContact(const WorkItem& item) const;
  // Whom each item is about; nobody for a contact that is gone. REQUIRES:
  // loaded.
  std::vector<Identity> IdentitiesOf(absl::string_view tenant,
                                     absl::Span<const WorkItem> items) const;
  // The fields of the item that no answer has closed. REQUIRES: loaded.
  FieldSet OpenFields(const WorkItem& item) const;
  // The fields of the item that were closed as unknown because nobody knows
  // what became of a request to `account`. REQUIRES: loaded.
  FieldSet FieldsInDoubt(const WorkItem& item, absl::string_view account) const;
  // Null when the batch is gone. REQUIRES: loaded.
  std::shared_ptr<const BatchInfo> FindBatch(const WorkItem& item) const {
    return context_.batches.Find(item.batch_key);
  }
  // Whether the caller cancelled the batch, or it is gone.
  bool IsCancelled(const WorkItem& item) const;

  // Calls `change` with the contact's progress; it returns the fields it noted
  // something about. Those left open go to their next provider, or are closed
  // when there is none or the batch was cancelled. Nothing happens for a
  // contact that is gone. However often a contact is changed, it has one result
  // in the end.
  // `moved_on`: fields for which the next provider is being asked already.
  using Change = absl::FunctionRef<FieldSet(const BatchPlan& plan,
                                            ContactProgress& progress)>;
  void Apply(const WorkItem& item, Change change, FieldSet moved_on = {});

  // Reads from the log what is known of those of `items` whose result is out
  // and of which nothing else is kept. REQUIRES: loaded.
  absl::Status LoadResults(absl::Span<const WorkItem> items);

  // Likewise for lookups that were answered before: nobody is asked, whatever
  // is left open, and a result that is out is superseded if `change` noted
  // anything. Nothing happens for a contact of which nothing is known.
  // REQUIRES: LoadResults.
  void Correct(const WorkItem& item, Change change);

  // Hands over what was gathered; to be called once, at the end.
  void MoveTo(Write& write);

 private:
  // A contact that was changed.
  struct Changed {
    int64_t key = 0;
    std::shared_ptr<const BatchInfo> batch = {};
    // Whether something was stored of it.
    bool known = false;
    ContactProgress before = {};
  };

  // Lets `change` note something; returns what it noted.
  FieldSet Note(const WorkItem& item, Change change);
  void AddFollowUps(const WorkItem& item, const BatchInfo& batch,
                    const Contact& contact, FieldSet fields,
                    ContactProgress& progress);
  void Conclude(const Changed& changed, Write& write);
  void AddEvent(const BatchInfo& batch, const StoredContact& stored,
                const ContactProgress& before, bool newly_done,
                ProgressChange& change, Write& write);

  const Context context_;
  absl::flat_hash_map<int64_t, StoredContact> contacts_;
  // In the order they were first changed.
  std::vector<Changed> changed_;
  absl::flat_hash_set<int64_t> changed_keys_;
  // Contacts of which nothing but their result was stored, and those of which
  // what was known is corrected.
  absl::flat_hash_set<int64_t> from_log_;
  absl::flat_hash_set<int64_t> corrected_;
  // A row for each batch and lane, and which of them it is.
  std::vector<NewWork> work_;
  absl::flat_hash_map<std::pair<int64_t, const OperationSpec*>, size_t>
      work_rows_;
};

}  // namespace enrich

#endif  // ENRICH_ENGINE_CONTACT_CHANGES_H_
