#ifndef ENRICH_TESTS_BENCH_FAKE_PROVIDER_H_
#define ENRICH_TESTS_BENCH_FAKE_PROVIDER_H_

#include <cstdint>
#include <memory>
#include <string>
#include <vector>

#include "absl/status/statusor.h"
#include "base/mutex.h"
#include "http/http_server.h"

namespace enrich::bench {

// A job that the gateway has started.
struct StartedJob {
  std::string id = {};
  // Where results are to be pushed.
  std::string webhook_path = {};
  // Our keys, in the order sent.
  std::vector<std::string> keys = {};
  // The index that MakeContact was given for the first; the others follow.
  int64_t first_contact = 0;
};

// FullEnrich as far as starting jobs goes: accepts every one and never answers
// by itself. Thread-safe.
class FakeProvider {
 public:
  static absl::StatusOr<std::unique_ptr<FakeProvider>> Start();

  int port() const { return server_->port(); }

  // Waits for jobs of so many contacts since the last call, and returns them.
  absl::StatusOr<std::vector<StartedJob>> TakeJobs(size_t contacts);

 private:
  FakeProvider() = default;
  HttpResponse Answer(const HttpRequest& request);

  Mutex mu_;
  CondVar started_;
  std::vector<StartedJob> jobs_ ABSL_GUARDED_BY(mu_);
  // Of all of them.
  size_t contacts_ ABSL_GUARDED_BY(mu_) = 0;
  int64_t next_id_ ABSL_GUARDED_BY(mu_) = 0;
  // Last: its handler uses the rest.
  std::unique_ptr<HttpServer> server_;
};

}  // namespace enrich::bench

#endif  // ENRICH_TESTS_BENCH_FAKE_PROVIDER_H_
