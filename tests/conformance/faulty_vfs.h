#ifndef ENRICH_TESTS_CONFORMANCE_FAULTY_VFS_H_
#define ENRICH_TESTS_CONFORMANCE_FAULTY_VFS_H_

namespace enrich {

// While it lives, SQLite's access to write-ahead logs fails on demand. One at a
// time.
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
  // Calls that have written.
  int writes() const;
};

}  // namespace enrich

#endif  // ENRICH_TESTS_CONFORMANCE_FAULTY_VFS_H_
