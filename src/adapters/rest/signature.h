#ifndef ENRICH_ADAPTERS_REST_SIGNATURE_H_
#define ENRICH_ADAPTERS_REST_SIGNATURE_H_

#include <string>
#include <vector>

#include "absl/time/time.h"
#include "adapters/rest/plan.h"
#include "base/crypto.h"
#include "http/http_message.h"

namespace enrich::rest {

// A part of a push as text; empty for what is not there.
std::string ReadPart(const SignaturePlan::Source& part,
                     const HttpRequest& request);

// Verifies pushes by one file's `verify`. Thread-safe. Compares in time that
// depends on lengths only.
class SignatureVerifier {
 public:
  // `plan` must outlive this.
  explicit SignatureVerifier(const SignaturePlan& plan);

  bool Verify(const HttpRequest& request, absl::Time now) const;

 private:
  bool VerifyHmac(const HttpRequest& request, absl::string_view given,
                  absl::Time now) const;

  const SignaturePlan& plan_;
  std::vector<Hmac> signers_;
};

}  // namespace enrich::rest

#endif  // ENRICH_ADAPTERS_REST_SIGNATURE_H_
