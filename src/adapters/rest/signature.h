#ifndef ENRICH_ADAPTERS_REST_SIGNATURE_H_
#define ENRICH_ADAPTERS_REST_SIGNATURE_H_

#include <vector>

#include "adapters/rest/plan.h"
#include "base/crypto.h"
#include "http/http_message.h"

namespace enrich::rest {

// Verifies pushes by one file's `verify`. Thread-safe. Compares in time that
// depends on lengths only.
class SignatureVerifier {
 public:
  // `plan` must outlive this.
  explicit SignatureVerifier(const SignaturePlan& plan);

  bool Verify(const HttpRequest& request) const;

 private:
  bool VerifyHmac(const HttpRequest& request, absl::string_view given) const;

  const SignaturePlan& plan_;
  std::vector<Hmac> signers_;
};

}  // namespace enrich::rest

#endif  // ENRICH_ADAPTERS_REST_SIGNATURE_H_
