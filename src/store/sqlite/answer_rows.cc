#include "store/sqlite/answer_rows.h"

#include <algorithm>
#include <memory>
#include <utility>

#include "absl/algorithm/container.h"
#include "absl/container/btree_map.h"
#include "absl/container/flat_hash_map.h"
#include "absl/container/flat_hash_set.h"
#include "base/status_macros.h"
#include "store/record.h"

namespace enrich {
namespace {

constexpr char kInsert[] =
    "INSERT INTO answer_blocks VALUES (?1, ?2, ?3, ?4, ?5, ?6)";
constexpr char kSelectPlaces[] =
    "SELECT slot, block_key FROM answer_index WHERE identity_high = ?1";
constexpr char kSelect[] =
    "SELECT account, ask_time_us, answer_time_us, found, block "
    "FROM answer_blocks WHERE key = ?1";
constexpr char kSelectOld[] =
    "SELECT key, account, block FROM answer_blocks "
    "WHERE found = ?1 AND answer_time_us < ?2 ORDER BY answer_time_us";
constexpr char kIsIndexed[] = "SELECT ?1 <= indexed_answers FROM store";
// A newer answer has its place, unless this is the latest.
constexpr char kDeletePlace[] =
    "DELETE FROM answer_index "
    "WHERE identity_high = ?1 AND slot = ?2 AND block_key = ?3";
constexpr char kDelete[] = "DELETE FROM answer_blocks WHERE key = ?1";

// One is read with all others of its block.
constexpr size_t kAnswersPerBlock = 64;

// Places that a transaction moves for each that it adds: the memory stays
// bounded, and nobody waits for long.
constexpr size_t kMovedForEach = 2;

// By block, the slots of those of its answers that are the latest; sorted.
using Latest = absl::btree_map<int64_t, std::vector<AnswerSlot>>;

absl::StatusOr<Latest> FindLatest(Connection& db,
                                  absl::Span<const Identity> identities,
                                  absl::Span<const AnswerPlace> recent) {
  absl::btree_map<AnswerSlot, int64_t> blocks;
  const auto add = [&](const AnswerPlace& place) {
    int64_t& block_key = blocks[place.slot];
    block_key = std::max(block_key, place.block_key);
  };
  absl::c_for_each(recent, add);
  Statement query = db.Use(kSelectPlaces);
  for (const Identity& identity : identities) {
    query.Bind(static_cast<int64_t>(identity.high));
    while (true) {
      ASSIGN_OR_RETURN(const bool row, query.Step());
      if (!row) break;
      add({.slot = {.identity_high = identity.high,
                    .rest = static_cast<uint32_t>(query.Int(0))},
           .block_key = query.Int(1)});
    }
  }
  Latest latest;
  for (const auto& [slot, block_key] : blocks) {
    latest[block_key].push_back(slot);
  }
  return latest;
}

// Adds those answers of a row of kSelect that are asked for and have one of the
// slots.
absl::Status AddAnswers(const Statement& row,
                        const std::vector<AnswerSlot>& slots,
                        const absl::flat_hash_set<Identity>& asked,
                        std::vector<BoughtAnswer>& answers) {
  const size_t first = answers.size();
  RETURN_IF_ERROR(DecodeAnswerBlock(
      row.Blob(4),
      [&](const Identity& identity, ContactField field) {
        return asked.contains(identity) &&
               absl::c_binary_search(slots,
                                     SlotOf(identity, field, row.Text(0)));
      },
      answers));
  for (BoughtAnswer& answer : absl::MakeSpan(answers).subspan(first)) {
    answer.account = row.String(0);
    answer.ask_time = row.Time(1);
    answer.answer_time = row.Time(2);
    answer.answer.outcome =
        row.Int(3) != 0 ? Outcome::kFound : Outcome::kNotFound;
  }
  return absl::OkStatus();
}

class DeleteAnswersBefore final : public OperationOf<int64_t> {
 public:
  DeleteAnswersBefore(absl::Time found, absl::Time not_found, int max_answers,
                      StoreCallback<int64_t> done)
      : OperationOf(std::move(done)),
        found_(found),
        not_found_(not_found),
        max_answers_(max_answers) {}

 private:
  struct OldBlock {
    int64_t key = 0;
    std::vector<AnswerSlot> slots = {};
  };

  absl::StatusOr<int64_t> Execute(Transaction& tx) override {
    std::vector<OldBlock> old;
    int64_t answers = 0;
    for (const bool found : {true, false}) {
      RETURN_IF_ERROR(Find(tx.db, found, old, answers));
    }
    for (const OldBlock& block : old) RETURN_IF_ERROR(Delete(tx, block));
    return answers;
  }

  // Adds what is too old to `old`, up to the number that is asked for.
  absl::Status Find(Connection& db, bool found, std::vector<OldBlock>& old,
                    int64_t& answers) const {
    Statement query = db.Use(kSelectOld);
    query.Bind(found ? 1 : 0, found ? found_ : not_found_);
    while (answers < max_answers_) {
      ASSIGN_OR_RETURN(const bool row, query.Step());
      if (!row) break;
      OldBlock& block = old.emplace_back(OldBlock{.key = query.Int(0)});
      ASSIGN_OR_RETURN(block.slots, SlotsOf(query.Blob(2), query.Text(1)));
      answers += static_cast<int64_t>(block.slots.size());
    }
    return absl::OkStatus();
  }

  static absl::Status Delete(Transaction& tx, const OldBlock& block) {
    ASSIGN_OR_RETURN(const bool indexed, IsIndexed(tx.db, block.key));
    if (!indexed) {
      RETURN_IF_ERROR(tx.answer_index.MoveAll(tx.db, tx.answers));
    }
    for (const AnswerSlot& slot : block.slots) {
      RETURN_IF_ERROR(tx.db.Use(kDeletePlace)
                          .Run(static_cast<int64_t>(slot.identity_high),
                               int64_t{slot.rest}, block.key));
    }
    return tx.db.Use(kDelete).Run(block.key);
  }

  static absl::StatusOr<bool> IsIndexed(Connection& db, int64_t block_key) {
    Statement query = db.Use(kIsIndexed);
    query.Bind(block_key);
    RETURN_IF_ERROR(query.Step().status());
    return query.Int(0) != 0;
  }

  const absl::Time found_;
  const absl::Time not_found_;
  const int max_answers_;
};

// ---- SQL functions, for rows that were kept one by one ----------------------

absl::string_view BytesOf(sqlite3_value* value) {
  const void* data = sqlite3_value_blob(value);
  const int size = sqlite3_value_bytes(value);
  return {static_cast<const char*>(data), static_cast<size_t>(size)};
}

Identity IdentityIn(sqlite3_value** high_and_low) {
  return {.high = static_cast<uint64_t>(sqlite3_value_int64(high_and_low[0])),
          .low = static_cast<uint64_t>(sqlite3_value_int64(high_and_low[1]))};
}

void AnswerBlockFunction(sqlite3_context* context, int, sqlite3_value** args) {
  const auto field = static_cast<ContactField>(sqlite3_value_int(args[2]));
  const std::string block =
      AnswerBlockOf(IdentityIn(args), field, BytesOf(args[3]));
  sqlite3_result_blob64(context, block.data(), block.size(), SQLITE_TRANSIENT);
}

void AnswerSlotFunction(sqlite3_context* context, int, sqlite3_value** args) {
  const auto field = static_cast<ContactField>(sqlite3_value_int(args[2]));
  sqlite3_result_int64(context,
                       SlotOf(IdentityIn(args), field, BytesOf(args[3])).rest);
}

}  // namespace

std::vector<AnswerBlock> MakeAnswerBlocks(
    absl::Span<const BoughtAnswer> answers) {
  std::vector<AnswerBlock> blocks;
  std::vector<std::vector<const BoughtAnswer*>> answers_of;
  for (const BoughtAnswer& answer : answers) {
    const bool found = answer.answer.outcome == Outcome::kFound;
    // Nearly always of few kinds.
    auto block = absl::c_find_if(blocks, [&](const AnswerBlock& other) {
      return other.slots.size() < kAnswersPerBlock && other.found == found &&
             other.account == answer.account &&
             other.ask_time == answer.ask_time &&
             other.answer_time == answer.answer_time;
    });
    if (block == blocks.end()) {
      block = blocks.insert(block, {.account = answer.account,
                                    .ask_time = answer.ask_time,
                                    .answer_time = answer.answer_time,
                                    .found = found});
      answers_of.emplace_back();
    }
    block->slots.push_back(
        SlotOf(answer.identity, answer.answer.field, answer.account));
    answers_of[static_cast<size_t>(block - blocks.begin())].push_back(&answer);
  }
  for (size_t i = 0; i < blocks.size(); ++i) {
    blocks[i].block = EncodeAnswerBlock(answers_of[i]);
  }
  return blocks;
}

absl::Status WriteAnswerBlock(Transaction& tx, const AnswerBlock& block) {
  const int64_t key = tx.NewKey();
  RETURN_IF_ERROR(tx.db.Use(kInsert).Run(key, block.account, block.ask_time,
                                         block.answer_time, block.found ? 1 : 0,
                                         SqlBlob{block.block}));
  for (const AnswerSlot& slot : block.slots) {
    tx.answers.added.push_back({.slot = slot, .block_key = key});
  }
  return tx.answer_index.Move(tx.db, kMovedForEach * block.slots.size(),
                              tx.answers);
}

absl::StatusOr<std::vector<BoughtAnswer>> ReadAnswerRows(
    Connection& db, absl::Span<const Identity> identities,
    absl::Span<const AnswerPlace> recent) {
  ASSIGN_OR_RETURN(const Latest latest, FindLatest(db, identities, recent));
  const absl::flat_hash_set<Identity> asked(identities.begin(),
                                            identities.end());
  std::vector<BoughtAnswer> answers;
  Statement query = db.Use(kSelect);
  for (const auto& [block_key, slots] : latest) {
    query.Bind(block_key);
    ASSIGN_OR_RETURN(const bool found, query.Step());
    // Retention has been here.
    if (!found) continue;
    RETURN_IF_ERROR(AddAnswers(query, slots, asked, answers));
  }
  return answers;
}

absl::Status DefineAnswerFunctions(Connection& db) {
  constexpr int kArguments = 4;
  RETURN_IF_ERROR(
      db.DefineFunction("answer_block", kArguments, AnswerBlockFunction));
  return db.DefineFunction("answer_slot", kArguments, AnswerSlotFunction);
}

std::unique_ptr<Operation> NewDeleteAnswersBefore(absl::Time found,
                                                  absl::Time not_found,
                                                  int max_answers,
                                                  StoreCallback<int64_t> done) {
  return std::make_unique<DeleteAnswersBefore>(found, not_found, max_answers,
                                               std::move(done));
}

}  // namespace enrich
