#ifndef ENRICH_HTTP_RESPONSE_HEAD_H_
#define ENRICH_HTTP_RESPONSE_HEAD_H_

#include <string>

#include "http/http_message.h"

namespace enrich {

// Whether a response with this status has a body by the rules of HTTP.
bool StatusHasBody(int status);

// Status line and headers as sent, up to and including the empty line. Framing
// is decided here: the response's own framing headers and any header that could
// break the message are left out.
std::string FormatResponseHead(const HttpResponse& response, bool keep_alive);

}  // namespace enrich

#endif  // ENRICH_HTTP_RESPONSE_HEAD_H_
