#include "provider/token_holder.h"

#include <algorithm>
#include <utility>

namespace enrich {
namespace {

// Of the life of a token, the end in which the next one is asked for.
constexpr absl::Duration kRenewBefore = absl::Minutes(1);
// What a provider says of the life of its tokens is not believed below this: a
// new one for every request would be the end of the account.
constexpr absl::Duration kShortestLife = absl::Seconds(10);
// A token refused at this age has not died of it.
constexpr absl::Duration kYoung = absl::Seconds(30);
constexpr absl::Duration kFirstPause = absl::Seconds(1);
constexpr absl::Duration kLongestPause = absl::Minutes(1);

}  // namespace

bool TokenHolder::Usable(absl::Time now) const {
  if (!needed_) return true;
  return serial_ > 0 && !refused_ && now < issue_time_ + token_.lifetime;
}

absl::Time TokenHolder::NextRequest() const {
  if (!needed_ || asking_) return absl::InfiniteFuture();
  return next_request_;
}

void TokenHolder::OnIssued(absl::Time now, AccessToken token) {
  token_ = std::move(token);
  token_.lifetime = std::max(token_.lifetime, kShortestLife);
  ++serial_;
  issue_time_ = now;
  refused_ = false;
  asking_ = false;
  failures_in_row_ = 0;
  missing_since_ = absl::InfiniteFuture();
  next_request_ =
      now + token_.lifetime - std::min(kRenewBefore, token_.lifetime / 10);
}

void TokenHolder::OnFailed(absl::Time now) {
  asking_ = false;
  const int doublings = std::min(failures_in_row_++, 6);
  next_request_ = now + std::min(kFirstPause * (1 << doublings), kLongestPause);
  if (!Usable(now)) missing_since_ = std::min(missing_since_, now);
}

bool TokenHolder::OnRefused(const Use& use) {
  if (!needed_) return false;
  if (use.serial != serial_ || refused_) return true;
  if (use.age < kYoung) return false;
  refused_ = true;
  next_request_ = absl::InfinitePast();
  return true;
}

}  // namespace enrich
