#ifndef ENRICH_STORE_SQLITE_ANSWER_ROWS_H_
#define ENRICH_STORE_SQLITE_ANSWER_ROWS_H_

#include <vector>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "absl/strings/string_view.h"
#include "absl/types/span.h"
#include "model/bought_answer.h"
#include "store/sqlite/connection.h"

namespace enrich {

// Keeps an answer, whose EncodeAnswer is `record`, in place of an older one.
absl::Status WriteAnswer(Connection& db, const BoughtAnswer& answer,
                         absl::string_view record);

absl::StatusOr<std::vector<BoughtAnswer>> ReadAnswerRows(
    Connection& db, absl::Span<const Identity> identities);

}  // namespace enrich

#endif  // ENRICH_STORE_SQLITE_ANSWER_ROWS_H_
