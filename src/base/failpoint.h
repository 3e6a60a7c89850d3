#ifndef ENRICH_BASE_FAILPOINT_H_
#define ENRICH_BASE_FAILPOINT_H_

#include "absl/status/status.h"
#include "absl/strings/string_view.h"

// Places at the edges to disk and network where a test makes the process fail.
// Nothing at all in builds without ENRICH_FAILPOINTS, as releases are.
//
// The environment says what happens where:
//
//   ENRICH_FAILPOINTS="store.before_commit=error@3,http.before_send=crash"
//
//   crash   the process ends at once, like one that was killed
//   error   the place reports UNAVAILABLE
//   delay   the thread stops for a moment
//
// With `@N` only the N-th time, else every time. Each time is logged.
namespace enrich::failpoint {

// OK, unless the place is to report an error. INVALID_ARGUMENT settings end the
// process: a test that fails nowhere would prove nothing.
absl::Status Reach(absl::string_view place);

}  // namespace enrich::failpoint

#ifdef ENRICH_FAILPOINTS
#define ENRICH_FAILPOINT(place) ::enrich::failpoint::Reach(place)
#else
#define ENRICH_FAILPOINT(place) ::absl::OkStatus()
#endif

#endif  // ENRICH_BASE_FAILPOINT_H_
