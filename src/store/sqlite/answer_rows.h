#ifndef ENRICH_STORE_SQLITE_ANSWER_ROWS_H_
#define ENRICH_STORE_SQLITE_ANSWER_ROWS_H_

#include <string>
#include <vector>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "absl/types/span.h"
#include "model/bought_answer.h"
#include "store/sqlite/answer_index.h"
#include "store/sqlite/connection.h"
#include "store/sqlite/operation.h"

namespace enrich {

// Answers as they are kept: of one account, asked for at one time, given at one
// time, all found or none.
struct AnswerBlock {
  std::string account = {};
  absl::Time ask_time = absl::UnixEpoch();
  absl::Time answer_time = absl::UnixEpoch();
  bool found = false;
  // EncodeAnswerBlock.
  std::string block = {};
  std::vector<AnswerSlot> slots = {};
};

std::vector<AnswerBlock> MakeAnswerBlocks(
    absl::Span<const BoughtAnswer> answers);

// Keeps answers in place of older ones.
absl::Status WriteAnswerBlock(Transaction& tx, const AnswerBlock& block);

// The latest answers about these. `recent` are those of them that the index has
// in memory.
absl::StatusOr<std::vector<BoughtAnswer>> ReadAnswerRows(
    Connection& db, absl::Span<const Identity> identities,
    absl::Span<const AnswerPlace> recent);

// Defines what a schema file makes blocks of older rows with:
// answer_block(identity_high, identity_low, field, record) and
// answer_slot(identity_high, identity_low, field, account).
absl::Status DefineAnswerFunctions(Connection& db);

}  // namespace enrich

#endif  // ENRICH_STORE_SQLITE_ANSWER_ROWS_H_
