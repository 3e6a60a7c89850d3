#ifndef ENRICH_SIMULATOR_PUSH_SIGNER_H_
#define ENRICH_SIMULATOR_PUSH_SIGNER_H_

#include "absl/time/time.h"
#include "adapters/rest/plan.h"
#include "http/http_message.h"

namespace enrich::simulator {

// Puts the signature that a file's `verify` asks for into a push, in place of
// the recorded one, and the time it is made at. A forged one is none that it
// accepts.
void SignPush(const rest::SignaturePlan& plan, absl::Time now, bool forged,
              HttpRequest& request);

}  // namespace enrich::simulator

#endif  // ENRICH_SIMULATOR_PUSH_SIGNER_H_
