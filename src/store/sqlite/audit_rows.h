#ifndef ENRICH_STORE_SQLITE_AUDIT_ROWS_H_
#define ENRICH_STORE_SQLITE_AUDIT_ROWS_H_

#include <string>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "model/audit.h"
#include "store/sqlite/connection.h"
#include "store/sqlite/operation.h"

namespace enrich {

// Lines of the audit log as the model.
#define ENRICH_AUDIT_COLUMNS                                              \
  "key, time_us, tenant, actor, action, chunk_key, resend_key, account, " \
  "contacts, exposure_millicredits, note, hash"
AuditEntry ReadAuditRow(const Statement& row);

// Appends a line, tied to the last one.
absl::Status AppendAudit(Transaction& tx, AuditEntry entry);

}  // namespace enrich

#endif  // ENRICH_STORE_SQLITE_AUDIT_ROWS_H_
