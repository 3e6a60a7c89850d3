#ifndef ENRICH_WEBHOOK_WEBHOOK_HANDLER_H_
#define ENRICH_WEBHOOK_WEBHOOK_HANDLER_H_

#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "absl/container/flat_hash_map.h"
#include "absl/strings/string_view.h"
#include "base/clock.h"
#include "base/executor.h"
#include "base/mutex.h"
#include "base/recent_map.h"
#include "engine/engine.h"
#include "http/http_message.h"
#include "http/http_server.h"
#include "store/store.h"

namespace enrich {

// What may be held in memory at once; past it pushes are answered 503.
struct WebhookLimits {
  int max_pending = 1024;
  size_t max_pending_bytes = 256 << 20;
};

// The end of the URL that is registered with an account whose provider pushes
// everything there.
struct RegisteredCallback {
  // SHA-256.
  std::string token_hash = {};
  std::string account = {};
};

// Takes what providers push to POST /v1/webhooks/<provider>/<token>: finds the
// attempt by the token, verifies the push, and gives it to the engine, which
// keeps it with what it comes to.
//
// Answers 200 only once the push is durable (again for one that is already
// kept); 503 when it could not be kept, so that the provider tries again; 404,
// always the same, for an unknown path, method or token and for a push that
// does not verify; 400 for a body that is no JSON object or array. Such a body
// is kept like any other unless it is blank, for the engine to put aside; the
// provider may still send it whole. Of a push with a good token that is refused
// and not kept, or was over the server's limit, the engine is told. What comes
// to a registered URL and is about no job of ours is answered 200 and dropped.
//
// Thread-safe. The path, which holds the token, is never logged.
class WebhookHandler {
 public:
  // `pool` runs what blocks on the store, or takes long. The destructor waits
  // for the pushes under way: each ends when `pool` and `engine` have run its
  // work or were themselves destroyed.
  WebhookHandler(Engine& engine, Store& store, ThreadPool& pool,
                 const Clock& clock,
                 const std::vector<RegisteredCallback>& registered = {},
                 const WebhookLimits& limits = {});
  ~WebhookHandler();
  WebhookHandler(const WebhookHandler&) = delete;
  WebhookHandler& operator=(const WebhookHandler&) = delete;

  // For a server that is destroyed before this.
  HttpHandler handler();

  // Answers every push that is not under way yet with 503.
  void Stop();

 private:
  // Counts one push against the limits.
  class Slot;
  struct Push;

  void OnRequest(HttpRequest request, HttpResponder respond);
  void OnOversize(absl::string_view method, absl::string_view target);
  // Waits for the store.
  void LookUp(Push push);
  void Check(Push push, AttemptRef attempt);
  void CheckRegistered(Push push, const std::string& account);
  void Keep(Push push, AttemptRef attempt);
  std::optional<AttemptRef> FindRecent(const std::string& token_hash)
      ABSL_LOCKS_EXCLUDED(mu_);
  bool Admit(size_t bytes);
  void Release(size_t bytes);

  Engine& engine_;
  Store& store_;
  ThreadPool& pool_;
  const Clock& clock_;
  // Accounts by the hash of their token.
  const absl::flat_hash_map<std::string, std::string> registered_;
  const WebhookLimits limits_;

  Mutex mu_;
  CondVar released_;
  bool stopping_ ABSL_GUARDED_BY(mu_) = false;
  int pending_ ABSL_GUARDED_BY(mu_) = 0;
  size_t pending_bytes_ ABSL_GUARDED_BY(mu_) = 0;
  // By their token's hash, attempts that were looked up. Most jobs push more
  // than once.
  RecentMap<std::string, AttemptRef> recent_ ABSL_GUARDED_BY(mu_){8192};
};

}  // namespace enrich

#endif  // ENRICH_WEBHOOK_WEBHOOK_HANDLER_H_
