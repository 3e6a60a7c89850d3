#include <string>
#include <utility>
#include <vector>

#include "base/status_macros.h"
#include "model/errors.h"
#include "store/record.h"
#include "store/sqlite/event_log.h"
#include "store/sqlite/operation.h"
#include "store/sqlite/rows.h"
#include "store/sqlite/work_rows.h"

namespace enrich {
namespace {

constexpr char kSelectByRequest[] =
    "SELECT key, content_hash FROM batches "
    "WHERE tenant = ?1 AND request_id = ?2";
constexpr char kInsertBatch[] =
    "INSERT INTO batches (key, tenant, id, request_id, content_hash, "
    "display_name, state, create_time_us, first_contact_key, contacts, "
    "contacts_done, last_sequence, counters, plan) "
    "VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9, ?10, 0, 0, ?11, ?12)";
constexpr char kInsertContacts[] = "INSERT INTO contacts VALUES (?1, ?2)";

class CreateBatch final : public OperationOf<CreatedBatch> {
 public:
  CreateBatch(NewBatch batch, StoreCallback<CreatedBatch> done)
      : OperationOf(std::move(done)),
        blocks_(EncodeContactBlocks(batch.contacts)),
        plan_(EncodePlan(batch.plan)),
        counters_(EncodeCounters(batch.batch.counters)) {
    batch.batch.counters.contacts = static_cast<int64_t>(batch.contacts.size());
    batch.batch.create_time = ToStored(batch.batch.create_time);
    for (const ProgressChange& change : batch.progress) {
      progress_.push_back(EncodeProgressChange(change));
    }
    // In blocks by now.
    batch.contacts.clear();
    new_ = std::move(batch);
  }

 private:
  absl::StatusOr<CreatedBatch> Execute(Transaction& tx) override {
    ASSIGN_OR_RETURN(std::optional<CreatedBatch> existing, FindExisting(tx));
    if (existing.has_value()) return *std::move(existing);

    CreatedBatch created = {.batch = new_.batch};
    Batch& batch = created.batch;
    batch.key = tx.NewKey();
    batch.first_contact_key = tx.NewKeys(batch.counters.contacts);
    RETURN_IF_ERROR(InsertBatch(tx, batch));
    RETURN_IF_ERROR(InsertContacts(tx, batch));
    RETURN_IF_ERROR(InsertWork(tx, created));
    ASSIGN_OR_RETURN(const std::vector<int64_t> sequences,
                     AppendFirstEvents(tx, new_.events, new_.now, batch));
    RETURN_IF_ERROR(InsertProgress(tx, batch, sequences));
    return created;
  }

  absl::StatusOr<std::optional<CreatedBatch>> FindExisting(Transaction& tx) {
    Statement query = tx.db.Use(kSelectByRequest);
    query.Bind(new_.batch.tenant, new_.batch.request_id);
    ASSIGN_OR_RETURN(const bool found, query.Step());
    if (!found) return std::optional<CreatedBatch>();
    if (query.Blob(1) != new_.content_hash) {
      return error::RequestIdReused(new_.batch.request_id);
    }
    ASSIGN_OR_RETURN(const Batch* const batch, tx.batches.Find(query.Int(0)));
    return std::optional<CreatedBatch>({.batch = *batch, .existed = true});
  }

  absl::Status InsertBatch(Transaction& tx, const Batch& batch) {
    return tx.db.Use(kInsertBatch)
        .Run(batch.key, batch.tenant, batch.id, batch.request_id,
             SqlBlob{new_.content_hash}, batch.display_name,
             static_cast<int>(batch.state), batch.create_time,
             batch.first_contact_key, batch.counters.contacts,
             SqlBlob{counters_}, SqlBlob{plan_});
  }

  absl::Status InsertContacts(Transaction& tx, const Batch& batch) {
    Statement insert = tx.db.Use(kInsertContacts);
    int64_t key = batch.first_contact_key;
    for (const std::string& block : blocks_) {
      RETURN_IF_ERROR(insert.Run(key, SqlBlob{block}));
      key += kContactsPerBlock;
    }
    return absl::OkStatus();
  }

  absl::Status InsertWork(Transaction& tx, CreatedBatch& created) {
    std::vector<WorkItem> items;
    for (const NewWork& work : new_.work) {
      items = work.items;
      for (WorkItem& item : items) {
        item.contact_key += created.batch.first_contact_key;
        item.batch_key = created.batch.key;
      }
      created.work_keys.push_back(tx.NewKey());
      RETURN_IF_ERROR(enrich::InsertWork(tx, created.work_keys.back(), work,
                                         EncodeWorkItems(items)));
    }
    return absl::OkStatus();
  }

  absl::Status InsertProgress(Transaction& tx, const Batch& batch,
                              const std::vector<int64_t>& sequences) {
    for (size_t i = 0; i < progress_.size(); ++i) {
      const ProgressChange& change = new_.progress[i];
      RETURN_IF_ERROR(WriteProgress(
          tx, batch.first_contact_key + change.contact_key, progress_[i],
          change.event_index.has_value() ? sequences.at(*change.event_index)
                                         : 0));
    }
    return absl::OkStatus();
  }

  // Without contacts.
  NewBatch new_;
  const std::vector<std::string> blocks_;
  const std::string plan_;
  const std::string counters_;
  // Encoded, in the order of `new_.progress`.
  std::vector<std::string> progress_;
};

}  // namespace

std::unique_ptr<Operation> NewCreateBatch(NewBatch batch,
                                          StoreCallback<CreatedBatch> done) {
  return std::make_unique<CreateBatch>(std::move(batch), std::move(done));
}

}  // namespace enrich
