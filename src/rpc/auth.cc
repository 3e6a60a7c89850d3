#include "rpc/auth.h"

#include <utility>

#include "absl/strings/ascii.h"
#include "absl/strings/match.h"
#include "absl/strings/strip.h"
#include "base/crypto.h"
#include "base/status_macros.h"
#include "model/errors.h"

namespace enrich {
namespace {

constexpr absl::string_view kScheme = "Bearer ";

// The header's value, empty without one.
absl::string_view AuthorizationOf(const grpc::ServerContextBase& context) {
  const auto& metadata = context.client_metadata();
  const auto header = metadata.find("authorization");
  if (header == metadata.end()) return "";
  return {header->second.data(), header->second.size()};
}

}  // namespace

Authenticator::Authenticator(std::vector<TenantToken> tokens)
    : tokens_(std::move(tokens)) {}

absl::StatusOr<std::string> Authenticator::Authenticate(
    const grpc::ServerContextBase& context) const {
  return TenantOf(AuthorizationOf(context));
}

absl::StatusOr<std::string> Authenticator::AuthenticateOperator(
    const grpc::ServerContextBase& context) const {
  return OperatorOf(AuthorizationOf(context));
}

absl::StatusOr<std::string> Authenticator::TenantOf(
    absl::string_view authorization) const {
  ASSIGN_OR_RETURN(TenantToken token, Find(authorization));
  return std::move(token.tenant);
}

absl::StatusOr<std::string> Authenticator::OperatorOf(
    absl::string_view authorization) const {
  ASSIGN_OR_RETURN(TenantToken token, Find(authorization));
  if (!token.is_operator) return error::NotOperator();
  return std::move(token.tenant);
}

absl::StatusOr<TenantToken> Authenticator::Find(
    absl::string_view authorization) const {
  if (tokens_.empty()) {
    return TenantToken{.tenant = "default", .is_operator = true};
  }
  if (!absl::StartsWithIgnoreCase(authorization, kScheme)) {
    return error::CredentialMissing();
  }
  const std::string hash =
      Sha256(absl::StripAsciiWhitespace(authorization.substr(kScheme.size())));
  // Looks at every token, so that the time does not tell which one was near.
  const TenantToken* found = nullptr;
  for (const TenantToken& token : tokens_) {
    if (ConstantTimeEquals(hash, token.token_sha256)) found = &token;
  }
  if (found == nullptr) return error::CredentialInvalid();
  return *found;
}

}  // namespace enrich
