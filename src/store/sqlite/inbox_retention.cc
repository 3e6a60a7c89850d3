#include <memory>
#include <utility>

#include "base/status_macros.h"
#include "store/sqlite/operation.h"

namespace enrich {
namespace {

// Keys are in the order in which bodies came, as good as: the first ones are
// the oldest. Pending ones are few, and on their way to be applied.
#define OLD_BODIES                                                \
  "(SELECT key FROM (SELECT inbox_bodies.key, receive_time_us "   \
  "FROM inbox_bodies JOIN inbox ON inbox.key = inbox_bodies.key " \
  "WHERE inbox.state <> 0 ORDER BY inbox_bodies.key LIMIT ?2) "   \
  "WHERE receive_time_us < ?1)"
constexpr char kExpire[] =
    "UPDATE inbox SET state = 3 WHERE state = 2 AND key IN " OLD_BODIES;
constexpr char kDelete[] = "DELETE FROM inbox_bodies WHERE key IN " OLD_BODIES;
#undef OLD_BODIES

class DeleteInboxBodies final : public OperationOf<int64_t> {
 public:
  DeleteInboxBodies(absl::Time before, int max_bodies,
                    StoreCallback<int64_t> done)
      : OperationOf(std::move(done)),
        before_(before),
        max_bodies_(max_bodies) {}

 private:
  absl::StatusOr<int64_t> Execute(Transaction& tx) override {
    RETURN_IF_ERROR(tx.db.Use(kExpire).Run(before_, max_bodies_));
    RETURN_IF_ERROR(tx.db.Use(kDelete).Run(before_, max_bodies_));
    return tx.db.Changes();
  }

  const absl::Time before_;
  const int max_bodies_;
};

}  // namespace

std::unique_ptr<Operation> NewDeleteInboxBodies(absl::Time before,
                                                int max_bodies,
                                                StoreCallback<int64_t> done) {
  return std::make_unique<DeleteInboxBodies>(before, max_bodies,
                                             std::move(done));
}

}  // namespace enrich
