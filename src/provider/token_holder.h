#ifndef ENRICH_PROVIDER_TOKEN_HOLDER_H_
#define ENRICH_PROVIDER_TOKEN_HOLDER_H_

#include <cstdint>

#include "absl/time/time.h"
#include "base/secret.h"
#include "provider/adapter.h"

namespace enrich {

// The access token of an account whose provider issues them for a while
// (OAuth2): says when to ask for one, and whether one may be used. Pure
// bookkeeping: time is passed in, of the steady clock. Not thread-safe.
class TokenHolder {
 public:
  // Which token a request went out with.
  struct Use {
    int64_t serial = 0;
    // How old it was.
    absl::Duration age = absl::ZeroDuration();
  };

  // `needed`: false for the many accounts that have none.
  explicit TokenHolder(bool needed) : needed_(needed) {}

  bool needed() const { return needed_; }
  // Whether requests may be sent: there is a good token, or none is needed.
  bool Usable(absl::Time now) const;
  // When to ask for a token; InfiniteFuture while that is under way, or when
  // none is needed. Early enough for the one at hand to live until it is here.
  absl::Time NextRequest() const;
  // Whether the last request failed, and the next one repeats it.
  bool failed() const { return failures_in_row_ > 0; }
  // Since when asking has failed without a token at hand; InfiniteFuture while
  // it has not.
  absl::Time missing_since() const { return missing_since_; }

  void OnRequest() { asking_ = true; }
  void OnIssued(absl::Time now, AccessToken token);
  // Pauses grow from failure to failure.
  void OnFailed(absl::Time now);

  const Secret& token() const { return token_.token; }
  Use UseAt(absl::Time now) const {
    return {.serial = serial_, .age = now - issue_time_};
  }
  // A request that went out with a token was refused for it. True when the
  // token may have died, which is then dropped, and a new one may help; false
  // when it was so new that the account must be at fault.
  bool OnRefused(const Use& use);

 private:
  const bool needed_;
  AccessToken token_ = {};
  // Of the token at hand; 0 before the first.
  int64_t serial_ = 0;
  absl::Time issue_time_ = absl::InfinitePast();
  bool refused_ = false;
  bool asking_ = false;
  int failures_in_row_ = 0;
  absl::Time next_request_ = absl::InfinitePast();
  absl::Time missing_since_ = absl::InfiniteFuture();
};

}  // namespace enrich

#endif  // ENRICH_PROVIDER_TOKEN_HOLDER_H_
