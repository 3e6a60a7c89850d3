#include "bench/row_writer.h"

#include <cstdlib>
#include <iostream>
#include <utility>

#include "base/status_macros.h"

namespace enrich::bench {
namespace {

absl::Status WriteGroup(RowTable& table,
                        absl::Span<const RowWriter::Job> jobs) {
  RETURN_IF_ERROR(table.Begin());
  for (const RowWriter::Job& job : jobs) {
    for (const std::string& row : job.rows) RETURN_IF_ERROR(table.Insert(row));
  }
  return table.Commit();
}

}  // namespace

absl::StatusOr<std::unique_ptr<RowTable>> RowTable::Open(
    const std::string& path) {
  ASSIGN_OR_RETURN(
      std::unique_ptr<Connection> db,
      Connection::Open(path, SQLITE_OPEN_READWRITE | SQLITE_OPEN_CREATE));
  RETURN_IF_ERROR(
      db->Execute("PRAGMA page_size = 8192; PRAGMA journal_mode = WAL;"
                  "PRAGMA synchronous = FULL; PRAGMA cache_size = -16384;"
                  "PRAGMA wal_autocheckpoint = 2000;"
                  "CREATE TABLE rows (key INTEGER PRIMARY KEY, row BLOB)"));
  return std::unique_ptr<RowTable>(new RowTable(std::move(db)));
}

absl::Status RowTable::Insert(const std::string& row) {
  return db_->Use("INSERT INTO rows (row) VALUES (?1)").Run(SqlBlob{row});
}

RowWriter::RowWriter(std::unique_ptr<RowTable> table, OnCommit on_commit)
    : table_(std::move(table)),
      on_commit_(std::move(on_commit)),
      thread_([this] { Loop(); }) {}

RowWriter::~RowWriter() {
  {
    MutexLock lock(&mu_);
    stopping_ = true;
    wake_.Signal();
  }
  thread_.join();
}

void RowWriter::Write(Job job) {
  MutexLock lock(&mu_);
  queue_.push_back(std::move(job));
  if (queue_.size() == 1) wake_.Signal();
}

std::vector<RowWriter::Job> RowWriter::TakeQueued() {
  MutexLock lock(&mu_);
  while (queue_.empty() && !stopping_) wake_.Wait(&mu_);
  return std::exchange(queue_, {});
}

void RowWriter::Loop() {
  for (std::vector<Job> jobs = TakeQueued(); !jobs.empty();
       jobs = TakeQueued()) {
    if (const absl::Status status = WriteGroup(*table_, jobs); !status.ok()) {
      std::cerr << status << "\n";
      std::_Exit(1);
    }
    on_commit_(jobs);
    for (Job& job : jobs) job.done();
  }
}

}  // namespace enrich::bench
