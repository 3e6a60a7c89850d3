#include "store/sqlite/audit_rows.h"

#include <limits>
#include <optional>
#include <utility>
#include <vector>

#include "absl/strings/str_cat.h"
#include "base/status_macros.h"
#include "store/sqlite/store_impl.h"

namespace enrich {
namespace {

constexpr char kLastHash[] = "SELECT hash FROM audit ORDER BY key DESC LIMIT 1";
constexpr char kInsert[] =
    "INSERT INTO audit VALUES "
    "(?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9, ?10, ?11, ?12)";
constexpr char kList[] =
    "SELECT " ENRICH_AUDIT_COLUMNS
    " FROM audit WHERE tenant = ?1 AND key < ?2 ORDER BY key DESC LIMIT ?3";
constexpr char kSelectAll[] =
    "SELECT " ENRICH_AUDIT_COLUMNS " FROM audit ORDER BY key";

}  // namespace

AuditEntry ReadAuditRow(const Statement& row) {
  return {.key = row.Int(0),
          .time = row.Time(1),
          .tenant = row.String(2),
          .actor = row.String(3),
          .action = static_cast<AuditAction>(row.Int(4)),
          .chunk_key = row.Int(5),
          .resend_key = row.IsNull(6) ? 0 : row.Int(6),
          .account = row.String(7),
          .contacts = row.Int(8),
          .exposure = Credits{row.Int(9)},
          .note = row.String(10),
          .hash = std::string(row.Blob(11))};
}

absl::Status AppendAudit(Transaction& tx, AuditEntry entry) {
  std::string previous;
  {
    Statement query = tx.db.Use(kLastHash);
    query.Bind();
    ASSIGN_OR_RETURN(const bool found, query.Step());
    if (found) previous = std::string(query.Blob(0));
  }
  entry.key = tx.NewKey();
  std::optional<int64_t> resend;
  if (entry.resend_key != 0) resend = entry.resend_key;
  const std::string hash = AuditHash(previous, entry);
  return tx.db.Use(kInsert).Run(
      entry.key, entry.time, entry.tenant, entry.actor,
      static_cast<int>(entry.action), entry.chunk_key, resend, entry.account,
      entry.contacts, entry.exposure.milli, entry.note, SqlBlob{hash});
}

absl::StatusOr<std::vector<AuditEntry>> SqliteStore::ListAudit(
    absl::string_view tenant, int64_t before_key, int limit) {
  ASSIGN_OR_RETURN(const ReaderPool::Snapshot db, readers_->Begin());
  Statement query = db->Use(kList);
  query.Bind(tenant,
             before_key == 0 ? std::numeric_limits<int64_t>::max() : before_key,
             limit);
  std::vector<AuditEntry> entries;
  while (true) {
    ASSIGN_OR_RETURN(const bool row, query.Step());
    if (!row) return entries;
    entries.push_back(ReadAuditRow(query));
  }
}

absl::Status SqliteStore::VerifyAudit() {
  ASSIGN_OR_RETURN(const ReaderPool::Snapshot db, readers_->Begin());
  Statement query = db->Use(kSelectAll);
  std::string previous;
  while (true) {
    ASSIGN_OR_RETURN(const bool row, query.Step());
    if (!row) return absl::OkStatus();
    AuditEntry entry = ReadAuditRow(query);
    if (AuditHash(previous, entry) != entry.hash) {
      return absl::DataLossError(
          absl::StrCat("store: line ", entry.key,
                       " of the audit log does not follow from the one before "
                       "it"));
    }
    previous = std::move(entry.hash);
  }
}

}  // namespace enrich
