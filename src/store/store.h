#ifndef ENRICH_STORE_STORE_H_
#define ENRICH_STORE_STORE_H_

#include <cstdint>
#include <functional>
#include <map>
#include <memory>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "absl/functional/any_invocable.h"
#include "absl/functional/function_ref.h"
#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "absl/strings/string_view.h"
#include "absl/time/time.h"
#include "absl/types/span.h"
#include "model/audit.h"
#include "model/batch.h"
#include "model/bought_answer.h"
#include "model/chunk.h"
#include "model/contact.h"
#include "model/inbox.h"
#include "model/result.h"

namespace enrich {

template <typename T>
using StoreCallback = absl::AnyInvocable<void(absl::StatusOr<T>)>;

// ---- What is written --------------------------------------------------------

// An event to append to the result log.
struct NewEvent {
  int64_t batch_key = 0;
  // A serialised enrich.v1.ResultEvent without revision and sequence.
  std::string body = {};
  // Added to the batch's counters. `contacts` stays 0.
  BatchCounters delta = {};
};

// Lookups of one batch that wait for a lane. One row, whatever their number.
struct NewWork {
  LaneKey lane = {};
  std::vector<WorkItem> items = {};
  // Orders the lane; survives a restart.
  absl::Time enqueue_time = absl::UnixEpoch();
};

// How much of a work row was taken: its first `consumed` items, ever.
struct WorkConsumption {
  int64_t work_key = 0;
  int64_t consumed = 0;
  // All of it: the row is deleted.
  bool exhausted = false;
};

// New state of a contact with open lookups, or none once its result is out and
// can no longer be corrected from it.
struct ProgressChange {
  int64_t contact_key = 0;
  ContactProgress progress = {};
  // Index into the events of the same write of the contact's event: the store
  // puts the sequence it allocates for it into `progress.sequence`.
  std::optional<size_t> event_index = {};
};

// A webhook body that came in.
struct NewInboxEvent {
  int64_t attempt_key = 0;
  absl::Time receive_time = absl::UnixEpoch();
  std::string body = {};
  // SHA-256 of `body`.
  std::string body_hash = {};
};

// What became of a webhook body, as of `Write::now`.
struct InboxChange {
  // The row, or ...
  int64_t key = 0;
  // ... a body to keep. One that the attempt has already stays as it is.
  std::shared_ptr<const NewInboxEvent> added = {};
  InboxState state = InboxState::kApplied;
  QuarantineReason reason = QuarantineReason::kNone;
  // See InboxRow.
  std::string reading = {};
};

// What a change does to the money of a tenant at a provider account.
struct LedgerChange {
  std::string tenant = {};
  std::string account = {};
  // Added to what the batches have; each batch once.
  std::vector<std::pair<int64_t, Funds>> batches = {};

  bool empty() const { return batches.empty(); }
  Funds Total() const;
};

// A change made in one transaction: everything or nothing.
struct Write {
  // The time of the change: a batch that ends is given it.
  absl::Time now = absl::UnixEpoch();
  // A chunk to insert (key 0; its attempt, if any, has key 0 too), ...
  std::optional<Chunk> new_chunk = {};
  // ... or a chunk to overwrite. Its `version` is the one it was read at; the
  // store increments it. An attempt with key 0 is inserted, any other updated.
  std::optional<Chunk> chunk = {};
  // A chunk to insert besides, without an attempt: it asks again for items of
  // `chunk`, which its `resend_of` names. The store notes it in `resent_as`
  // there, and in `audit`.
  std::optional<Chunk> resend = {};
  // A line to append to the audit log; the store fills in key and hash.
  std::optional<AuditEntry> audit = {};
  std::vector<WorkConsumption> consumed = {};
  std::vector<NewWork> work = {};
  std::vector<NewEvent> events = {};
  std::vector<ProgressChange> progress = {};
  std::vector<InboxChange> inbox = {};
  // Each takes the place of an older one of the same identity, field and
  // account.
  std::vector<BoughtAnswer> answers = {};
  // Batch whose state becomes kCancelling, if it is running.
  std::optional<int64_t> cancel_batch = {};
  // A batch that is gone loses its part; the tenant's sum takes it up.
  LedgerChange ledger = {};
};

// Keys the store allocated for a Write.
struct Written {
  // Of the chunk written, if any, with version and keys filled in.
  int64_t chunk_key = 0;
  int64_t chunk_version = 0;
  int64_t attempt_key = 0;
  // Of Write::resend, if any; its version is 1.
  int64_t resend_key = 0;
  // In the order of Write::work.
  std::vector<int64_t> work_keys = {};
  // Of the batches with events in the write, those that have ended.
  std::vector<int64_t> ended_batches = {};
};

struct NewBatch {
  // Finish time of a batch that ends as it is accepted.
  absl::Time now = absl::UnixEpoch();
  // `key`, `first_contact_key` and `last_sequence` are allocated by the store;
  // counters.contacts is the number of contacts.
  Batch batch = {};
  BatchPlan plan = {};
  // SHA-256 over the request's content.
  std::string content_hash = {};
  std::vector<Contact> contacts = {};
  // Item keys are indexes into `contacts`; batch keys are 0.
  std::vector<NewWork> work = {};
  // Results known at once (invalid, skipped); batch keys are 0.
  std::vector<NewEvent> events = {};
  // Of contacts whose answer may still change; keys are indexes.
  std::vector<ProgressChange> progress = {};
};

struct CreatedBatch {
  Batch batch = {};
  // Whether the same request had been accepted before; then nothing was
  // written.
  bool existed = false;
  // In the order of NewBatch::work.
  std::vector<int64_t> work_keys = {};
};

// A webhook body that is kept.
struct InboxEvent {
  int64_t key = 0;
  int64_t attempt_key = 0;
  int64_t chunk_key = 0;
  // Of the chunk's lane.
  std::string account = {};
  std::string body = {};
};

// ---- What is read -----------------------------------------------------------

// A contact with what is known of it.
struct StoredContact {
  int64_t key = 0;
  Contact contact = {};
  // Empty `fields` when nothing is known yet.
  ContactProgress progress = {};
};

// What a running batch is worked with.
struct BatchInfo {
  int64_t key = 0;
  std::string tenant = {};
  std::string id = {};
  int64_t first_contact_key = 0;
  absl::Time create_time = absl::UnixEpoch();
  bool cancelled = false;
  BatchPlan plan = {};
  // Of a batch with ceilings, by account: as it was when this was read.
  std::map<std::string, Funds> funds = {};
};

// What the tenant's requests to an account came to, as far as that is over:
// what is set aside follows from the open chunks.
struct LedgerRow {
  std::string tenant = {};
  std::string account = {};
  Credits authorised = {};
  Credits spent = {};
  Credits released = {};
};

// Where a callback token leads.
struct AttemptRef {
  int64_t attempt_key = 0;
  int64_t chunk_key = 0;
  std::string account = {};
};

// Which webhook bodies are meant. Every condition holds.
struct InboxFilter {
  std::string tenant = {};
  // Any of these; empty for all.
  std::vector<InboxState> states = {};
  // Empty for all.
  std::string account = {};
  std::string provider_job_id = {};
  // When they came: from `since` on, and before `until`.
  absl::Time since = absl::InfinitePast();
  absl::Time until = absl::InfiniteFuture();
  // Only these; empty for all.
  std::vector<int64_t> keys = {};
  // Only those whose body is still kept.
  bool with_body = false;
};

// A webhook body without the body.
struct InboxRow {
  int64_t key = 0;
  int64_t attempt_key = 0;
  int64_t chunk_key = 0;
  std::string account = {};
  // As the attempt knows it; may be empty.
  std::string provider_job_id = {};
  // Of the chunk: whether it is over.
  ChunkState chunk_state = ChunkState::kPlanned;
  // SHA-256.
  std::string body_hash = {};
  int64_t body_bytes = 0;
  // False once retention has deleted it.
  bool has_body = false;
  absl::Time receive_time = absl::UnixEpoch();
  InboxState state = InboxState::kPending;
  QuarantineReason reason = QuarantineReason::kNone;
  // When the state was last set.
  absl::Time state_time = absl::UnixEpoch();
  // Fingerprint of what the body was read as when it was last run; empty when
  // it was not read.
  std::string reading = {};
};

struct InboxPage {
  // In the order they came.
  std::vector<InboxRow> rows = {};
  // Where to read on: after this key. Unset at the end.
  std::optional<int64_t> next_after = {};
};

// A run of events of one batch, as stored and sent.
struct LogSegment {
  std::string tenant = {};
  int64_t batch_key = 0;
  int64_t first_revision = 0;
  int64_t last_revision = 0;
  int64_t first_sequence = 0;
  int64_t last_sequence = 0;
  // model/event_frame.h
  std::string frames = {};
};
using LogSegmentPtr = std::shared_ptr<const LogSegment>;

// Everything that is open, for a start.
struct OpenWork {
  int64_t work_key = 0;
  LaneKey lane = {};
  // Without those consumed.
  std::vector<WorkItem> items = {};
  int64_t consumed = 0;
  absl::Time enqueue_time = absl::UnixEpoch();
};

// Which jobs to list. Those that are over are not listed.
struct JobFilter {
  std::string tenant = {};
  // Of any account when empty.
  std::string account = {};
  // Only UNKNOWN and PARKED ones.
  bool in_doubt = true;
};

// What a store must be given to fill in what only it knows.
struct StoreHooks {
  // Serialises the body of the terminal event of a batch, given as it ended.
  std::function<std::string(const Batch&)> encode_batch_finished = {};
  // Called after each commit with the segments it appended, in revision order,
  // on the store's thread, before the completions. Must not block.
  std::function<void(std::vector<LogSegmentPtr>)> on_commit = {};
  // Called when the outcome of a COMMIT is not known. The store must not be
  // used afterwards; the process is expected to exit, reopen and re-read.
  std::function<void(const absl::Status&)> on_fatal = {};
};

// The durable state of the gateway.
//
// Writes are queued, applied in order, committed in groups, and completed after
// the commit on the store's thread; a completion must not block. The queue has
// no bound of its own: callers admit no more than they can hold. A write that
// fails changed nothing. Statuses: ABORTED when a chunk's version is not the
// one given; NOT_FOUND when there is no such chunk (any more);
// RESOURCE_EXHAUSTED when the disk is full; DATA_LOSS when what is stored is
// damaged; UNAVAILABLE otherwise.
// An error from COMMIT itself is indeterminate: `on_fatal` is called and
// completions may never be.
//
// Reads block on disk: never call them from a gRPC or HTTP thread. They see at
// least what was completed before the call. All methods are thread-safe.
class Store {
 public:
  virtual ~Store() = default;

  // Random, made with the store; part of resume tokens.
  virtual const std::string& store_id() const = 0;

  // Accepts a batch. ALREADY_EXISTS (error::RequestIdReused) when the tenant
  // used the request id with another content hash.
  virtual void CreateBatch(NewBatch batch,
                           StoreCallback<CreatedBatch> done) = 0;

  // Applies a change. Appends the terminal event of every batch whose last
  // contact it closes.
  virtual void Apply(Write write, StoreCallback<Written> done) = 0;

  // Deletes finished batches whose finish time is before `before`, with all
  // that belongs to them, and ended chunks made before it with their attempts
  // and inbox; a bounded number per call. Completes with the number of batches
  // and chunks deleted: 0 when there are no more.
  virtual void DeleteFinishedBefore(absl::Time before, int max_batches,
                                    StoreCallback<int64_t> done) = 0;

  // Deletes the bodies of webhooks that came before `before` and are not
  // pending, oldest first: looks at `max_bodies` per call. Their rows stay, and
  // know a repeated push. Completes with the number of bodies deleted.
  virtual void DeleteInboxBodies(absl::Time before, int max_bodies,
                                 StoreCallback<int64_t> done) = 0;
  // Deletes answers that were given before these times, by what was said: in
  // each call `max_answers`, and what came together with the last of them.
  // Completes with the number deleted.
  virtual void DeleteAnswersBefore(absl::Time found, absl::Time not_found,
                                   int max_answers,
                                   StoreCallback<int64_t> done) = 0;

  // NOT_FOUND (error::BatchNotFound) when the tenant has no such batch.
  virtual absl::StatusOr<Batch> ReadBatch(absl::string_view tenant,
                                          absl::string_view batch_id) = 0;
  // Newest first, those with a key below `before_key` (0 for all).
  virtual absl::StatusOr<std::vector<Batch>> ListBatches(
      absl::string_view tenant, int64_t before_key, int limit) = 0;
  virtual absl::StatusOr<std::vector<BatchInfo>> ReadBatchInfos(
      absl::Span<const int64_t> batch_keys) = 0;
  // In the order of `contact_keys`; those that are gone are left out.
  virtual absl::StatusOr<std::vector<StoredContact>> ReadContacts(
      absl::Span<const int64_t> contact_keys) = 0;

  // All answers about these, in any order.
  virtual absl::StatusOr<std::vector<BoughtAnswer>> ReadAnswers(
      absl::Span<const Identity> identities) = 0;

  // NOT_FOUND for an unknown hash.
  virtual absl::StatusOr<AttemptRef> FindAttempt(
      absl::string_view token_hash) = 0;
  // The latest attempt of the account that the provider gave this id. NOT_FOUND
  // when there is none.
  virtual absl::StatusOr<AttemptRef> FindAttemptByJob(
      absl::string_view account, absl::string_view provider_job_id) = 0;
  // Whether the attempt has a webhook body with this hash.
  virtual absl::StatusOr<bool> HasInboxBody(int64_t attempt_key,
                                            absl::string_view body_hash) = 0;
  // NOT_FOUND for an unknown key.
  virtual absl::StatusOr<Chunk> ReadChunk(int64_t chunk_key) = 0;
  // Newest first, those with a key below `before_key` (0 for all).
  virtual absl::StatusOr<std::vector<Chunk>> ListJobs(const JobFilter& filter,
                                                      int64_t before_key,
                                                      int limit) = 0;
  // All attempts of a chunk, oldest first.
  virtual absl::StatusOr<std::vector<ChunkAttempt>> ReadAttempts(
      int64_t chunk_key) = 0;

  // The tenant's lines of the audit log, newest first, those with a key below
  // `before_key` (0 for all). Retention leaves them alone.
  virtual absl::StatusOr<std::vector<AuditEntry>> ListAudit(
      absl::string_view tenant, int64_t before_key, int limit) = 0;
  // Whether the audit log, of all tenants, adds up. DATA_LOSS names the first
  // line that does not follow from the one before it.
  virtual absl::Status VerifyAudit() = 0;

  // Segments with events after `revision`, in order, about `max_bytes` of them
  // (at least one if there is any). With a batch key, only that batch's. The
  // first may begin before `revision + 1`.
  virtual absl::StatusOr<std::vector<LogSegmentPtr>> ReadLog(
      absl::string_view tenant, std::optional<int64_t> batch_key,
      int64_t revision, size_t max_bytes) = 0;
  // Segments of a batch with events after `sequence`.
  virtual absl::StatusOr<std::vector<LogSegmentPtr>> ReadBatchLog(
      int64_t batch_key, int64_t sequence, size_t max_bytes) = 0;
  // The newest revision of the tenant, 0 for none.
  virtual absl::StatusOr<int64_t> LastRevision(absl::string_view tenant) = 0;
  // The newest revision of the tenant that retention has deleted, 0 for none:
  // a reader at or past it misses nothing.
  virtual absl::StatusOr<int64_t> CompactedRevision(
      absl::string_view tenant) = 0;

  // What is open, oldest first. Rows are handed over one by one; `visit` must
  // not read from the store.
  virtual absl::Status ReadOpenWork(
      absl::FunctionRef<void(OpenWork)> visit) = 0;
  virtual absl::Status ReadOpenChunks(absl::FunctionRef<void(Chunk)> visit) = 0;
  virtual absl::StatusOr<std::vector<InboxEvent>> ReadUnappliedInbox() = 0;

  // Rows with a key above `after_key`, at most `limit`. Looks at a bounded
  // number of rows: a page may hold fewer, even none, and yet not be the last.
  virtual absl::StatusOr<InboxPage> ReadInbox(const InboxFilter& filter,
                                              int64_t after_key, int limit) = 0;
  // NOT_FOUND when there is no such row, or its body was deleted.
  virtual absl::StatusOr<std::string> ReadInboxBody(int64_t key) = 0;
  // The bodies that can be run again, of all tenants, by account.
  virtual absl::StatusOr<std::vector<std::pair<std::string, int64_t>>>
  CountQuarantined() = 0;
  // All of it. It is never deleted.
  virtual absl::StatusOr<std::vector<LedgerRow>> ReadLedger() = 0;
};

}  // namespace enrich

#endif  // ENRICH_STORE_STORE_H_
