#include "store/sqlite/inbox_rows.h"

#include "base/status_macros.h"

namespace enrich {
namespace {

constexpr char kSelectLane[] =
    "SELECT tenant, account FROM attempts "
    "JOIN chunks ON chunks.key = attempts.chunk_key WHERE attempts.key = ?1";
constexpr char kInsert[] =
    "INSERT INTO inbox VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9, ?10, ?11) "
    "ON CONFLICT DO NOTHING";
constexpr char kInsertBody[] = "INSERT INTO inbox_bodies VALUES (?1, ?2)";
constexpr char kUpdate[] =
    "UPDATE inbox SET state = ?2, reason = ?3, state_time_us = ?4, "
    "reading = ?5 WHERE key = ?1";

absl::Status Insert(Transaction& tx, const InboxChange& change,
                    absl::Time now) {
  const NewInboxEvent& event = *change.added;
  Statement lane = tx.db.Use(kSelectLane);
  lane.Bind(event.attempt_key);
  ASSIGN_OR_RETURN(const bool found, lane.Step());
  if (!found) return absl::NotFoundError("store: no such attempt");
  const int64_t key = tx.NewKey();
  RETURN_IF_ERROR(tx.db.Use(kInsert).Run(
      key, event.attempt_key, lane.Text(0), lane.Text(1),
      SqlBlob{event.body_hash}, static_cast<int64_t>(event.body.size()),
      event.receive_time, static_cast<int>(change.state),
      static_cast<int>(change.reason), now, SqlBlob{change.reading}));
  if (tx.db.Changes() == 0) return absl::OkStatus();
  return tx.db.Use(kInsertBody).Run(key, SqlBlob{event.body});
}

}  // namespace

absl::Status WriteInbox(Transaction& tx, const InboxChange& change,
                        absl::Time now) {
  if (change.added != nullptr) return Insert(tx, change, now);
  return tx.db.Use(kUpdate).Run(change.key, static_cast<int>(change.state),
                                static_cast<int>(change.reason), now,
                                SqlBlob{change.reading});
}

}  // namespace enrich
