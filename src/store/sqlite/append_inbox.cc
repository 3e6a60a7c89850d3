#include <optional>
#include <string>
#include <utility>

#include "base/crypto.h"
#include "base/status_macros.h"
#include "store/sqlite/operation.h"

namespace enrich {
namespace {

constexpr char kSelectChunk[] =
    "SELECT chunks.key, tenant, account FROM attempts "
    "JOIN chunks ON chunks.key = attempts.chunk_key WHERE attempts.key = ?1";
// Pending, and never run.
constexpr char kInsert[] =
    "INSERT INTO inbox VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, 0, 0, ?7, x'') "
    "ON CONFLICT DO NOTHING";
constexpr char kInsertBody[] = "INSERT INTO inbox_bodies VALUES (?1, ?2)";

class AppendInbox final : public OperationOf<std::optional<InboxEvent>> {
 public:
  AppendInbox(NewInboxEvent event,
              StoreCallback<std::optional<InboxEvent>> done)
      : OperationOf(std::move(done)),
        event_(std::move(event)),
        body_hash_(Sha256(event_.body)) {}

 private:
  absl::StatusOr<std::optional<InboxEvent>> Execute(Transaction& tx) override {
    Statement query = tx.db.Use(kSelectChunk);
    query.Bind(event_.attempt_key);
    ASSIGN_OR_RETURN(const bool found, query.Step());
    if (!found) return absl::NotFoundError("store: no such attempt");
    InboxEvent added = {.key = tx.NewKey(),
                        .attempt_key = event_.attempt_key,
                        .chunk_key = query.Int(0),
                        .account = query.String(2)};
    RETURN_IF_ERROR(tx.db.Use(kInsert).Run(
        added.key, added.attempt_key, query.Text(1), added.account,
        SqlBlob{body_hash_}, static_cast<int64_t>(event_.body.size()),
        event_.receive_time));
    if (tx.db.Changes() == 0) return std::optional<InboxEvent>();
    RETURN_IF_ERROR(
        tx.db.Use(kInsertBody).Run(added.key, SqlBlob{event_.body}));
    return std::optional<InboxEvent>(std::move(added));
  }

  void Finish(std::optional<InboxEvent>& added) override {
    if (added.has_value()) added->body = std::move(event_.body);
  }

  NewInboxEvent event_;
  const std::string body_hash_;
};

}  // namespace

std::unique_ptr<Operation> NewAppendInbox(
    NewInboxEvent event, StoreCallback<std::optional<InboxEvent>> done) {
  return std::make_unique<AppendInbox>(std::move(event), std::move(done));
}

}  // namespace enrich
