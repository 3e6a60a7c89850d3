#ifndef ENRICH_TESTS_BENCH_NGINX_H_
#define ENRICH_TESTS_BENCH_NGINX_H_

#include <string>

#include "absl/status/statusor.h"
#include "bench/process.h"

namespace enrich::bench {

// nginx as Debian has it, with one process.
struct Nginx {
  Process process;
  int port = 0;
};

// Whether nginx and its echo module are installed.
bool NginxIsInstalled();

// Runs nginx with everything of its own in `folder`. It reads the body of a
// request in full and answers 200.
absl::StatusOr<Nginx> StartNginx(const std::string& folder);

}  // namespace enrich::bench

#endif  // ENRICH_TESTS_BENCH_NGINX_H_
