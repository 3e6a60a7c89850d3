#ifndef ENRICH_RPC_WATCH_HUB_H_
#define ENRICH_RPC_WATCH_HUB_H_

#include <atomic>
#include <cstdint>
#include <memory>
#include <string>

#include "absl/container/flat_hash_map.h"
#include "absl/status/status.h"
#include "absl/strings/string_view.h"
#include "absl/time/time.h"
#include "base/executor.h"
#include "base/mutex.h"
#include "base/random.h"
#include "engine/engine.h"
#include "engine/result_feed.h"
#include "enrich/v1/enrichment_service.pb.h"
#include "grpcpp/server_context.h"
#include "grpcpp/support/byte_buffer.h"
#include "grpcpp/support/server_callback.h"
#include "store/store.h"

namespace enrich {

struct WatchOptions {
  // A stream that said nothing for this long says that it lives.
  absl::Duration heartbeat = absl::Seconds(15);
  // A stream whose reader accepts nothing for this long is ended.
  absl::Duration write_stall = absl::Seconds(30);
  // A stream is handed over at this age, give or take a tenth, so that a load
  // balancer gets a say and streams do not all move at once.
  absl::Duration max_age = absl::Minutes(15);
  // How often the three above are looked at; they are rounded up to it.
  absl::Duration sweep = absl::Seconds(1);
  int64_t max_streams_per_tenant = 1000;
  // What a reader may lag behind before it is sent back to the log.
  size_t max_buffer_bytes = 1024 * 1024;
};

// What streams are served from. All must outlive the hub, its streams, and the
// tasks they left on `executor` and `pool`.
struct WatchSources {
  Store& store;
  ResultFeed& feed;
  const Engine& engine;
  Random& random;
  // Timers and what the feed wakes. Does not block.
  Executor& executor;
  // Reads of the store.
  ThreadPool& pool;
};

class WatchStream;

// Opens, counts, times and ends the streams of WatchResults. Thread-safe.
class WatchHub : public std::enable_shared_from_this<WatchHub> {
 public:
  using Reactor = grpc::ServerWriteReactor<grpc::ByteBuffer>;

  WatchHub(WatchOptions options, WatchSources sources);

  // Serves one call, which must be authenticated: checks the request, then
  // streams until the end. Always returns a reactor.
  Reactor* Watch(grpc::CallbackServerContext* context, std::string tenant,
                 const v1::WatchResultsRequest& request);

  // A reactor that ends its call with an error.
  static Reactor* Refuse(const absl::Status& status);

  // Ends every stream with a message whose `handover` is set, and refuses new
  // ones with error::ShuttingDown. Does not wait.
  void Drain(absl::string_view reason);

  // For streams.
  const WatchOptions& options() const { return options_; }
  const WatchSources& sources() const { return sources_; }
  // Sweeps so far: a coarse clock that nothing sets back.
  int64_t now() const { return sweeps_.load(std::memory_order_relaxed); }
  int64_t Sweeps(absl::Duration duration) const;
  void Remove(const WatchStream& stream) ABSL_LOCKS_EXCLUDED(mu_);

 private:
  absl::Status Add(const std::shared_ptr<WatchStream>& stream)
      ABSL_LOCKS_EXCLUDED(mu_);
  void ScheduleSweep();
  void Sweep();
  std::vector<std::shared_ptr<WatchStream>> LiveStreams() const
      ABSL_LOCKS_EXCLUDED(mu_);

  const WatchOptions options_;
  const WatchSources sources_;
  std::atomic<int64_t> sweeps_{0};

  mutable Mutex mu_;
  absl::flat_hash_map<const WatchStream*, std::weak_ptr<WatchStream>> streams_
      ABSL_GUARDED_BY(mu_);
  absl::flat_hash_map<std::string, int64_t> streams_of_tenant_
      ABSL_GUARDED_BY(mu_);
  bool draining_ ABSL_GUARDED_BY(mu_) = false;
  bool sweeping_ ABSL_GUARDED_BY(mu_) = false;
};

}  // namespace enrich

#endif  // ENRICH_RPC_WATCH_HUB_H_
