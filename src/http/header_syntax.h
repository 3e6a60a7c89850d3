#ifndef ENRICH_HTTP_HEADER_SYNTAX_H_
#define ENRICH_HTTP_HEADER_SYNTAX_H_

#include "absl/strings/string_view.h"

namespace enrich {

// Whether `text` is a token (RFC 9110, 5.6.2): what a method or a header's name
// may be.
bool IsHttpToken(absl::string_view text);

// Whether `text` can stand as a header's value: no control character but tab.
// Anything else could end the header and begin another.
bool IsHeaderValue(absl::string_view text);

// Whether the header says how a message is framed or what becomes of its
// connection: the business of client and server, never of their callers.
bool IsFramingHeader(absl::string_view name);

}  // namespace enrich

#endif  // ENRICH_HTTP_HEADER_SYNTAX_H_
