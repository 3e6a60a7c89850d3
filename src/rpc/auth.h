#ifndef ENRICH_RPC_AUTH_H_
#define ENRICH_RPC_AUTH_H_

#include <string>
#include <vector>

#include "absl/status/statusor.h"
#include "absl/strings/string_view.h"
#include "grpcpp/server_context.h"

namespace enrich {

// A token and whom it belongs to. A tenant may have several.
struct TenantToken {
  std::string tenant = {};
  // The 32 raw bytes of the token's SHA-256.
  std::string token_sha256 = {};
  // Whether its bearer may decide about jobs in doubt.
  bool is_operator = false;
};

// Says who calls. Thread-safe; does no I/O.
class Authenticator {
 public:
  // Without tokens everybody is the tenant "default", and an operator.
  explicit Authenticator(std::vector<TenantToken> tokens);

  // Returns the tenant of a call by its `authorization: Bearer <token>`.
  // UNAUTHENTICATED: error::CredentialMissing, error::CredentialInvalid.
  absl::StatusOr<std::string> Authenticate(
      const grpc::ServerContextBase& context) const;

  // Likewise for calls that need an operator. PERMISSION_DENIED
  // (error::NotOperator) for everybody else.
  absl::StatusOr<std::string> AuthenticateOperator(
      const grpc::ServerContextBase& context) const;

  // The same, given the header's value; an absent header is empty.
  absl::StatusOr<std::string> TenantOf(absl::string_view authorization) const;
  absl::StatusOr<std::string> OperatorOf(absl::string_view authorization) const;

 private:
  absl::StatusOr<TenantToken> Find(absl::string_view authorization) const;

  const std::vector<TenantToken> tokens_;
};

}  // namespace enrich

#endif  // ENRICH_RPC_AUTH_H_
