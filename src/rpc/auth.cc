#include "rpc/auth.h"

#include <utility>

#include "absl/strings/ascii.h"
#include "absl/strings/match.h"
#include "absl/strings/strip.h"
#include "base/crypto.h"
#include "model/errors.h"

namespace enrich {
namespace {

constexpr absl::string_view kScheme = "Bearer ";

}  // namespace

Authenticator::Authenticator(std::vector<TenantToken> tokens)
    : tokens_(std::move(tokens)) {}

absl::StatusOr<std::string> Authenticator::Authenticate(
    const grpc::ServerContextBase& context) const {
  const auto& metadata = context.client_metadata();
  const auto header = metadata.find("authorization");
  if (header == metadata.end()) return TenantOf("");
  return TenantOf({header->second.data(), header->second.size()});
}

absl::StatusOr<std::string> Authenticator::TenantOf(
    absl::string_view authorization) const {
  if (tokens_.empty()) return "default";
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
  return found->tenant;
}

}  // namespace enrich
