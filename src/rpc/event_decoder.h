#ifndef ENRICH_RPC_EVENT_DECODER_H_
#define ENRICH_RPC_EVENT_DECODER_H_

#include <cstdint>
#include <optional>

#include "absl/strings/string_view.h"
#include "enrich/v1/result.pb.h"
#include "model/result.h"

// From the API's events back to the model. Pure.
namespace enrich {

// `contact_result.contact_index` of a serialised enrich.v1.ResultEvent, without
// parsing more than the way there; empty for an event of another kind, or for
// bytes that are none.
std::optional<int64_t> ContactIndexIn(absl::string_view event);

// What a result says. Its sequence is not part of it.
ContactProgress FromProto(const v1::ContactResult& result);

}  // namespace enrich

#endif  // ENRICH_RPC_EVENT_DECODER_H_
