#ifndef ENRICH_STORE_SQLITE_CHECKPOINTER_H_
#define ENRICH_STORE_SQLITE_CHECKPOINTER_H_

#include <memory>
#include <thread>

#include "absl/base/thread_annotations.h"
#include "base/mutex.h"
#include "store/sqlite/connection.h"

namespace enrich {

// Copies the write-ahead log into the database on a thread of its own, so that
// commits do not wait for it, unless they are so many that the log would grow
// without end. The writer then copies the little that came meanwhile, and
// begins the log anew.
class Checkpointer {
 public:
  // Takes over from the checkpoints that SQLite does by itself. `writer` must
  // outlive this; `db` is another connection to the same file.
  Checkpointer(Connection& writer, std::unique_ptr<Connection> db);
  ~Checkpointer();
  Checkpointer(const Checkpointer&) = delete;
  Checkpointer& operator=(const Checkpointer&) = delete;

 private:
  enum class State { kIdle, kWanted, kCopied, kStopping };

  // On the writer's thread, with the number of frames in the log.
  void OnCommit(int frames) ABSL_LOCKS_EXCLUDED(mu_);
  // Copies what there is and hands over to the writer.
  void Loop() ABSL_LOCKS_EXCLUDED(mu_);
  bool WaitForWork() ABSL_LOCKS_EXCLUDED(mu_);
  void CopyMost();

  Connection& writer_;
  const std::unique_ptr<Connection> db_;
  // Only the writer's thread touches it.
  int next_at_;

  Mutex mu_;
  CondVar wake_;
  CondVar copied_;
  State state_ ABSL_GUARDED_BY(mu_) = State::kIdle;

  // Last: it uses all of the above.
  std::thread thread_;
};

}  // namespace enrich

#endif  // ENRICH_STORE_SQLITE_CHECKPOINTER_H_
