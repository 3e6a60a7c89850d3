#ifndef ENRICH_STORE_SQLITE_GATHERING_VFS_H_
#define ENRICH_STORE_SQLITE_GATHERING_VFS_H_

namespace enrich {

// The name of SQLite's access to files with one difference: what is written to
// the end of a write-ahead log, page after page and a header before each, goes
// to the file when it is synced or read, in one piece. Of a commit of fifteen
// pages that saves thirty calls, a fifth of what it costs. Others see frames of
// the log once they are committed, which is after the sync; so this is for
// connections that sync each commit (`synchronous = FULL`).
//
// Registered with the first call. Thread-safe.
const char* GatheringVfs();

}  // namespace enrich

#endif  // ENRICH_STORE_SQLITE_GATHERING_VFS_H_
