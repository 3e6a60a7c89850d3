#include "store/sqlite/answer_rows.h"

#include <memory>
#include <utility>

#include "base/status_macros.h"
#include "store/record.h"
#include "store/sqlite/operation.h"

namespace enrich {
namespace {

constexpr char kDelete[] =
    "DELETE FROM answers WHERE identity_high = ?1 AND identity_low = ?2 "
    "AND field = ?3 AND account = ?4";
constexpr char kInsert[] =
    "INSERT INTO answers VALUES (NULL, ?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8)";
constexpr char kSelect[] =
    "SELECT field, account, ask_time_us, answer_time_us, found, record "
    "FROM answers WHERE identity_high = ?1 AND identity_low = ?2";
constexpr char kDeleteBefore[] =
    "DELETE FROM answers WHERE key IN (SELECT key FROM answers "
    "WHERE found = ?1 AND answer_time_us < ?2 LIMIT ?3)";

int64_t High(const Identity& identity) {
  return static_cast<int64_t>(identity.high);
}
int64_t Low(const Identity& identity) {
  return static_cast<int64_t>(identity.low);
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
  absl::StatusOr<int64_t> Execute(Transaction& tx) override {
    int64_t deleted = 0;
    for (const bool found : {true, false}) {
      RETURN_IF_ERROR(tx.db.Use(kDeleteBefore)
                          .Run(found ? 1 : 0, found ? found_ : not_found_,
                               max_answers_ - deleted));
      deleted += tx.db.Changes();
    }
    return deleted;
  }

  const absl::Time found_;
  const absl::Time not_found_;
  const int max_answers_;
};

}  // namespace

absl::Status WriteAnswer(Connection& db, const BoughtAnswer& answer,
                         absl::string_view record) {
  const int64_t high = High(answer.identity);
  const int64_t low = Low(answer.identity);
  const int field = static_cast<int>(answer.answer.field);
  const int found = answer.answer.outcome == Outcome::kFound ? 1 : 0;
  RETURN_IF_ERROR(db.Use(kDelete).Run(high, low, field, answer.account));
  return db.Use(kInsert).Run(high, low, field, answer.account, answer.ask_time,
                             answer.answer_time, found, SqlBlob{record});
}

absl::StatusOr<std::vector<BoughtAnswer>> ReadAnswerRows(
    Connection& db, absl::Span<const Identity> identities) {
  std::vector<BoughtAnswer> answers;
  Statement query = db.Use(kSelect);
  for (const Identity& identity : identities) {
    query.Bind(High(identity), Low(identity));
    while (true) {
      ASSIGN_OR_RETURN(const bool row, query.Step());
      if (!row) break;
      BoughtAnswer& answer = answers.emplace_back(BoughtAnswer{
          .identity = identity,
          .account = query.String(1),
          .ask_time = query.Time(2),
          .answer_time = query.Time(3),
          .answer = {.field = static_cast<ContactField>(query.Int(0)),
                     .outcome = query.Int(4) != 0 ? Outcome::kFound
                                                  : Outcome::kNotFound}});
      RETURN_IF_ERROR(DecodeAnswer(query.Blob(5), answer));
    }
  }
  return answers;
}

std::unique_ptr<Operation> NewDeleteAnswersBefore(absl::Time found,
                                                  absl::Time not_found,
                                                  int max_answers,
                                                  StoreCallback<int64_t> done) {
  return std::make_unique<DeleteAnswersBefore>(found, not_found, max_answers,
                                               std::move(done));
}

}  // namespace enrich
