#include "store/sqlite/reader_pool.h"

#include "base/failpoint.h"
#include "base/status_macros.h"

namespace enrich {

absl::StatusOr<ReaderPool::Snapshot> ReaderPool::Begin() {
  std::unique_ptr<Connection> db;
  {
    MutexLock lock(&mu_);
    while (idle_.empty()) returned_.Wait(&mu_);
    db = std::move(idle_.back());
    idle_.pop_back();
  }
  Snapshot snapshot(this, std::move(db));
  RETURN_IF_ERROR(ENRICH_FAILPOINT("store.before_read"));
  RETURN_IF_ERROR(snapshot->BeginRead());
  return snapshot;
}

ReaderPool::Snapshot::~Snapshot() {
  if (db_ == nullptr) return;
  if (db_->InTransaction()) db_->EndRead();
  MutexLock lock(&pool_->mu_);
  pool_->idle_.push_back(std::move(db_));
  pool_->returned_.Signal();
}

}  // namespace enrich
