#ifndef ENRICH_TESTS_FAULT_BOOKS_H_
#define ENRICH_TESTS_FAULT_BOOKS_H_

#include <map>
#include <set>
#include <string>

#include "base/mutex.h"
#include "grpcpp/support/status.h"

namespace enrich {

// What was asked for, and what the gateway said.
struct Asked {
  // Marks of the contacts, by reference.
  std::map<std::string, std::string> marks = {};
  // What names the contacts and must not be in a log.
  std::set<std::string> personal = {};
  // Empty until acknowledged.
  std::string batch_id = {};
};

// The client's books: on disk before anything is done about them. Thread-safe.
class Books {
 public:
  explicit Books(const std::string& path);
  ~Books();

  void Tried(const std::string& request_id, Asked asked);
  void Acknowledged(const std::string& request_id, const std::string& batch_id);
  std::map<std::string, Asked> asked() const;

 private:
  void WriteLine(const std::string& text) ABSL_EXCLUSIVE_LOCKS_REQUIRED(mu_);

  const int fd_;
  mutable Mutex mu_;
  std::map<std::string, Asked> asked_ ABSL_GUARDED_BY(mu_);
};

// Calls that are refused because the gateway cannot use its store.
// Thread-safe.
class Refusals {
 public:
  // What came of any call that submits.
  void Take(const grpc::Status& status);

  int count() const;
  // Those that do not say when to try again.
  int without_delay() const;
  // Calls that went well after the last of them.
  int accepted_after() const;

 private:
  mutable Mutex mu_;
  int count_ ABSL_GUARDED_BY(mu_) = 0;
  int without_delay_ ABSL_GUARDED_BY(mu_) = 0;
  int accepted_after_ ABSL_GUARDED_BY(mu_) = 0;
};

}  // namespace enrich

#endif  // ENRICH_TESTS_FAULT_BOOKS_H_
