#ifndef ENRICH_SIMULATOR_PUSH_SIGNER_H_
#define ENRICH_SIMULATOR_PUSH_SIGNER_H_

#include "adapters/rest/plan.h"
#include "http/http_message.h"

namespace enrich::simulator {

// Puts the signature that a file's `verify` asks for into a push, in place of
// the recorded one. A forged one is none that it accepts.
void SignPush(const rest::SignaturePlan& plan, HttpRequest& request,
              bool forged);

}  // namespace enrich::simulator

#endif  // ENRICH_SIMULATOR_PUSH_SIGNER_H_
