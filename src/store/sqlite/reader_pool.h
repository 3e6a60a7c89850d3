#ifndef ENRICH_STORE_SQLITE_READER_POOL_H_
#define ENRICH_STORE_SQLITE_READER_POOL_H_

#include <memory>
#include <string>
#include <utility>
#include <vector>

#include "absl/status/statusor.h"
#include "base/mutex.h"
#include "store/sqlite/connection.h"

namespace enrich {

// Connections for reads, each for one reader at a time. Thread-safe.
class ReaderPool {
 public:
  // A connection that sees one state of the database, the latest when it was
  // begun. Given back on destruction.
  class Snapshot {
   public:
    Snapshot(ReaderPool* pool, std::unique_ptr<Connection> db)
        : pool_(pool), db_(std::move(db)) {}
    ~Snapshot();
    Snapshot(Snapshot&&) noexcept = default;
    Snapshot& operator=(Snapshot&&) = delete;

    Connection& operator*() const { return *db_; }
    Connection* operator->() const { return db_.get(); }

   private:
    ReaderPool* pool_;
    std::unique_ptr<Connection> db_;
  };

  explicit ReaderPool(std::vector<std::unique_ptr<Connection>> connections)
      : idle_(std::move(connections)) {}

  // Waits for a connection.
  absl::StatusOr<Snapshot> Begin() ABSL_LOCKS_EXCLUDED(mu_);

 private:
  Mutex mu_;
  CondVar returned_;
  std::vector<std::unique_ptr<Connection>> idle_ ABSL_GUARDED_BY(mu_);
};

}  // namespace enrich

#endif  // ENRICH_STORE_SQLITE_READER_POOL_H_
