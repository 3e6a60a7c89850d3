#ifndef ENRICH_TESTS_CONFORMANCE_FAULTY_VFS_H_
#define ENRICH_TESTS_CONFORMANCE_FAULTY_VFS_H_

namespace enrich {

// While it lives, SQLite's access to files fails on demand: to write-ahead
// logs, unless it says otherwise. One at a time.
class FaultyVfs {
 public:
  FaultyVfs();
  ~FaultyVfs();
  FaultyVfs(const FaultyVfs&) = delete;
  FaultyVfs& operator=(const FaultyVfs&) = delete;

  // The disk fails to sync: an I/O error.
  void FailSyncs(bool fail);
  // The disk is full after `bytes` more bytes, in the middle of a write if need
  // be; -1 for never.
  void FillAfter(int bytes);
  // What is copied from the log to the database fails: an I/O error.
  void FailCopies(bool fail);
  // Calls that have written.
  int writes() const;
};

}  // namespace enrich

#endif  // ENRICH_TESTS_CONFORMANCE_FAULTY_VFS_H_
