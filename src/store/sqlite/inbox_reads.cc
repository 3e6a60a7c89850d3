#include <algorithm>
#include <string>
#include <utility>
#include <vector>

#include "absl/algorithm/container.h"
#include "base/status_macros.h"
#include "store/sqlite/store_impl.h"

namespace enrich {
namespace {

// Rows that one page looks at: some milliseconds.
constexpr int kMaxRowsPerPage = 5000;

constexpr char kSelectPending[] =
    "SELECT inbox.key, inbox.attempt_key, attempts.chunk_key, inbox.account, "
    "inbox_bodies.body FROM inbox "
    "JOIN attempts ON attempts.key = inbox.attempt_key "
    "JOIN inbox_bodies ON inbox_bodies.key = inbox.key "
    "WHERE inbox.state = 0 ORDER BY inbox.key";
constexpr char kHasBody[] =
    "SELECT 1 FROM inbox WHERE attempt_key = ?1 AND body_hash = ?2";
constexpr char kSelectBody[] = "SELECT body FROM inbox_bodies WHERE key = ?1";
constexpr char kCountQuarantined[] =
    "SELECT account, count(*) FROM inbox WHERE state = 2 GROUP BY account";

#define ROW_QUERY                                                            \
  "SELECT inbox.key, inbox.attempt_key, attempts.chunk_key, inbox.account, " \
  "attempts.provider_job_id, chunks.state, inbox.body_hash, "                \
  "inbox.body_bytes, inbox.receive_time_us, inbox.state, inbox.reason, "     \
  "inbox.state_time_us, inbox.reading, inbox.tenant, EXISTS "                \
  "(SELECT 1 FROM inbox_bodies WHERE inbox_bodies.key = inbox.key) "         \
  "FROM inbox JOIN attempts ON attempts.key = inbox.attempt_key "            \
  "JOIN chunks ON chunks.key = attempts.chunk_key "
constexpr char kSelectRow[] = ROW_QUERY "WHERE inbox.key = ?1";
constexpr char kSelectRows[] =
    ROW_QUERY "WHERE inbox.key > ?1 ORDER BY inbox.key LIMIT ?2";
constexpr char kSelectQuarantined[] = ROW_QUERY
    "WHERE inbox.state = 2 AND inbox.tenant = ?3 AND inbox.key > ?1 "
    "ORDER BY inbox.key LIMIT ?2";
#undef ROW_QUERY
constexpr int kTenantColumn = 13;

InboxRow ReadRow(const Statement& row) {
  return {.key = row.Int(0),
          .attempt_key = row.Int(1),
          .chunk_key = row.Int(2),
          .account = row.String(3),
          .provider_job_id = row.String(4),
          .chunk_state = static_cast<ChunkState>(row.Int(5)),
          .body_hash = std::string(row.Blob(6)),
          .body_bytes = row.Int(7),
          .has_body = row.Int(14) != 0,
          .receive_time = row.Time(8),
          .state = static_cast<InboxState>(row.Int(9)),
          .reason = static_cast<QuarantineReason>(row.Int(10)),
          .state_time = row.Time(11),
          .reading = std::string(row.Blob(12))};
}

bool Matches(const InboxFilter& filter, const InboxRow& row) {
  return (filter.states.empty() ||
          absl::c_linear_search(filter.states, row.state)) &&
         (filter.account.empty() || filter.account == row.account) &&
         (filter.provider_job_id.empty() ||
          filter.provider_job_id == row.provider_job_id) &&
         (row.has_body || !filter.with_body) &&
         filter.since <= row.receive_time && row.receive_time < filter.until;
}

// Takes the row that `query` stands on, if it is one of those meant.
void TakeRow(const InboxFilter& filter, const Statement& query,
             InboxPage& page) {
  if (query.Text(kTenantColumn) != filter.tenant) return;
  InboxRow row = ReadRow(query);
  if (Matches(filter, row)) page.rows.push_back(std::move(row));
}

absl::StatusOr<InboxPage> ReadNamed(Connection& db, const InboxFilter& filter,
                                    int64_t after_key, int limit) {
  std::vector<int64_t> keys = filter.keys;
  absl::c_sort(keys);
  keys.erase(std::unique(keys.begin(), keys.end()), keys.end());
  InboxPage page;
  Statement query = db.Use(kSelectRow);
  for (const int64_t key : keys) {
    if (key <= after_key) continue;
    if (page.rows.size() == static_cast<size_t>(limit)) {
      page.next_after = page.rows.back().key;
      return page;
    }
    query.Bind(key);
    ASSIGN_OR_RETURN(const bool found, query.Step());
    if (found) TakeRow(filter, query, page);
  }
  return page;
}

}  // namespace

absl::StatusOr<std::vector<InboxEvent>> SqliteStore::ReadUnappliedInbox() {
  ASSIGN_OR_RETURN(const ReaderPool::Snapshot db, readers_->Begin());
  Statement query = db->Use(kSelectPending);
  std::vector<InboxEvent> events;
  while (true) {
    ASSIGN_OR_RETURN(const bool row, query.Step());
    if (!row) return events;
    events.push_back({.key = query.Int(0),
                      .attempt_key = query.Int(1),
                      .chunk_key = query.Int(2),
                      .account = query.String(3),
                      .body = std::string(query.Blob(4))});
  }
}

absl::StatusOr<InboxPage> SqliteStore::ReadInbox(const InboxFilter& filter,
                                                 int64_t after_key, int limit) {
  ASSIGN_OR_RETURN(const ReaderPool::Snapshot db, readers_->Begin());
  if (!filter.keys.empty()) return ReadNamed(*db, filter, after_key, limit);
  const bool quarantined =
      filter.states == std::vector<InboxState>{InboxState::kQuarantined};
  Statement query = db->Use(quarantined ? kSelectQuarantined : kSelectRows);
  if (quarantined) {
    query.Bind(after_key, kMaxRowsPerPage, filter.tenant);
  } else {
    query.Bind(after_key, kMaxRowsPerPage);
  }
  InboxPage page;
  for (int looked_at = 0; looked_at < kMaxRowsPerPage; ++looked_at) {
    ASSIGN_OR_RETURN(const bool row, query.Step());
    if (!row) return page;
    // There is one more: the page before it is full.
    if (page.rows.size() == static_cast<size_t>(limit)) {
      page.next_after = page.rows.back().key;
      return page;
    }
    after_key = query.Int(0);
    TakeRow(filter, query, page);
  }
  page.next_after = after_key;
  return page;
}

absl::StatusOr<bool> SqliteStore::HasInboxBody(int64_t attempt_key,
                                               absl::string_view body_hash) {
  ASSIGN_OR_RETURN(const ReaderPool::Snapshot db, readers_->Begin());
  Statement query = db->Use(kHasBody);
  query.Bind(attempt_key, SqlBlob{body_hash});
  return query.Step();
}

absl::StatusOr<std::string> SqliteStore::ReadInboxBody(int64_t key) {
  ASSIGN_OR_RETURN(const ReaderPool::Snapshot db, readers_->Begin());
  Statement query = db->Use(kSelectBody);
  query.Bind(key);
  ASSIGN_OR_RETURN(const bool found, query.Step());
  if (!found) return absl::NotFoundError("store: no such webhook body");
  return std::string(query.Blob(0));
}

absl::StatusOr<std::vector<std::pair<std::string, int64_t>>>
SqliteStore::CountQuarantined() {
  ASSIGN_OR_RETURN(const ReaderPool::Snapshot db, readers_->Begin());
  Statement query = db->Use(kCountQuarantined);
  std::vector<std::pair<std::string, int64_t>> counts;
  while (true) {
    ASSIGN_OR_RETURN(const bool row, query.Step());
    if (!row) return counts;
    counts.emplace_back(query.String(0), query.Int(1));
  }
}

}  // namespace enrich
