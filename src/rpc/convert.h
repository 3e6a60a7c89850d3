#ifndef ENRICH_RPC_CONVERT_H_
#define ENRICH_RPC_CONVERT_H_

#include <cstdint>
#include <string>

#include "absl/status/statusor.h"
#include "absl/strings/string_view.h"
#include "engine/engine.h"
#include "enrich/v1/enrichment_service.pb.h"

// From the API's messages to the model. Pure.
namespace enrich {

// Checks a request and takes it over: the strings are moved out of `message`.
// Contacts come out normalised, each with what is wrong with it, and with the
// fields wanted of it.
//
// INVALID_ARGUMENT as EnrichBatch documents it, except for what only the engine
// knows (providers). REQUIRES: the strings of `message` are valid UTF-8.
absl::StatusOr<BatchRequest> BatchRequestFromProto(
    absl::string_view tenant, int64_t max_contacts,
    v1::EnrichBatchRequest& message);

// SHA-256 over everything in the request that says what to do: all but its id
// and whether it is a rehearsal. Does not depend on the order of map entries.
// `message` is as before when the call returns.
std::string ContentHash(v1::EnrichBatchRequest& message);

}  // namespace enrich

#endif  // ENRICH_RPC_CONVERT_H_
