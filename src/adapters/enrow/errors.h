#ifndef ENRICH_ADAPTERS_ENROW_ERRORS_H_
#define ENRICH_ADAPTERS_ENROW_ERRORS_H_

#include <string>

#include "http/http_message.h"
#include "provider/adapter.h"

// Enrow's error answers (https://docs.enrow.io/error-handling, and the older
// generations of that page) as what they mean.
namespace enrich::enrow {

// A submission that was not taken. Only documented refusals are Rejected or
// RateLimited; anything else may have been enqueued. `item_count` is what was
// submitted. REQUIRES: the status is not 2xx.
SubmitReply ReadSubmitError(const HttpResponse& response, int item_count);

// A fetch that brought no result. REQUIRES: the status is not 2xx.
FetchReply ReadFetchError(const HttpResponse& response);

// The status and, where it is one of Enrow's documented texts, the message.
// Other texts may quote what was sent and are left out.
std::string Describe(const HttpResponse& response);

}  // namespace enrich::enrow

#endif  // ENRICH_ADAPTERS_ENROW_ERRORS_H_
