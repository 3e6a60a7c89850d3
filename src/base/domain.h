#ifndef ENRICH_BASE_DOMAIN_H_
#define ENRICH_BASE_DOMAIN_H_

#include <string>

#include "absl/status/statusor.h"
#include "absl/strings/string_view.h"

namespace enrich {

// Reduces a host name or URL to its lower-case ASCII host without "www.":
// "https://www.Acme.com/about" -> "acme.com", "münchen.de" ->
// "xn--mnchen-3ya.de". INVALID_ARGUMENT when no registrable domain is left, for
// an IP address, a bare public suffix, or over 253 bytes.
absl::StatusOr<std::string> NormalizeDomain(absl::string_view text);

// Checks that `text` is a LinkedIn profile URL and returns it as
// "https://www.linkedin.com/in/<id>" without query or fragment; the country
// host is folded into www. INVALID_ARGUMENT otherwise.
absl::StatusOr<std::string> NormalizeLinkedinUrl(absl::string_view text);

// Checks the shape local@domain and returns it with a lower-case domain.
absl::StatusOr<std::string> NormalizeEmail(absl::string_view text);

}  // namespace enrich

#endif  // ENRICH_BASE_DOMAIN_H_
