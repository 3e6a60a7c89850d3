#include <optional>
#include <string>
#include <utility>

#include "base/crypto.h"
#include "base/status_macros.h"
#include "store/sqlite/operation.h"

namespace enrich {
namespace {

constexpr char kSelectChunk[] = "SELECT chunk_key FROM attempts WHERE key = ?1";
constexpr char kInsert[] =
    "INSERT INTO inbox VALUES (?1, ?2, ?3, ?4, 0, ?5) ON CONFLICT DO NOTHING";

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
                        .chunk_key = query.Int(0)};
    RETURN_IF_ERROR(tx.db.Use(kInsert).Run(
        added.key, added.attempt_key, SqlBlob{body_hash_}, event_.receive_time,
        SqlBlob{event_.body}));
    if (tx.db.Changes() == 0) return std::optional<InboxEvent>();
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
