#ifndef ENRICH_TESTS_BENCH_HTTP_LOAD_H_
#define ENRICH_TESTS_BENCH_HTTP_LOAD_H_

#include <cstddef>
#include <cstdint>
#include <string>

#include "absl/status/statusor.h"
#include "absl/strings/string_view.h"
#include "absl/time/time.h"

namespace enrich::bench {

struct HttpLoad {
  // All of them.
  std::string request = {};
  int64_t requests = 1;
  // Kept, each with one request under way.
  int connections = 1;
};

// How long the requests take. One thread with epoll, so that the load costs
// little beside the server. An error when one is not answered 200, or nothing
// is for a minute.
absl::StatusOr<absl::Duration> RunHttpLoad(int port, const HttpLoad& load);

// The bytes of the HTTP/1.1 message that `bytes` begins with, whose length its
// header tells; 0 while they are not all there.
size_t CompleteMessage(absl::string_view bytes);

}  // namespace enrich::bench

#endif  // ENRICH_TESTS_BENCH_HTTP_LOAD_H_
