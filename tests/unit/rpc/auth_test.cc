#include "rpc/auth.h"

#include <gtest/gtest.h>

#include "base/crypto.h"
#include "model/errors.h"
#include "support/status_matchers.h"

namespace enrich {
namespace {

Authenticator TwoTenants() {
  return Authenticator(
      {{.tenant = "acme", .token_sha256 = Sha256("token-of-acme")},
       {.tenant = "acme", .token_sha256 = Sha256("second-of-acme")},
       {.tenant = "globex",
        .token_sha256 = Sha256("token-of-globex"),
        .is_operator = true}});
}

TEST(Authenticator, MapsATokenToItsTenant) {
  const struct {
    const char* authorization;
    const char* tenant;
  } kCases[] = {
      {"Bearer token-of-acme", "acme"},
      {"Bearer second-of-acme", "acme"},
      {"bearer token-of-globex", "globex"},
      {"BEARER  token-of-globex ", "globex"},
  };
  const Authenticator authenticator = TwoTenants();
  for (const auto& c : kCases) {
    ASSERT_OK_AND_ASSIGN(const std::string tenant,
                         authenticator.TenantOf(c.authorization));
    EXPECT_EQ(tenant, c.tenant) << c.authorization;
  }
}

TEST(Authenticator, TellsAMissingCredentialFromAWrongOne) {
  const struct {
    const char* authorization;
    const char* reason;
  } kCases[] = {
      {"", "CREDENTIAL_MISSING"},
      {"Basic dG9rZW4=", "CREDENTIAL_MISSING"},
      {"token-of-acme", "CREDENTIAL_MISSING"},
      {"Bearer ", "CREDENTIAL_INVALID"},
      {"Bearer token-of-nobody", "CREDENTIAL_INVALID"},
      {"Bearer token-of-acm", "CREDENTIAL_INVALID"},
  };
  const Authenticator authenticator = TwoTenants();
  for (const auto& c : kCases) {
    const auto tenant = authenticator.TenantOf(c.authorization);
    ASSERT_THAT(tenant, StatusIs(absl::StatusCode::kUnauthenticated));
    EXPECT_EQ(DetailsOf(tenant.status())->reason, c.reason) << c.authorization;
  }
}

TEST(Authenticator, KnowsOperatorsFromOthers) {
  const Authenticator authenticator = TwoTenants();
  ASSERT_OK_AND_ASSIGN(const std::string tenant,
                       authenticator.OperatorOf("Bearer token-of-globex"));
  EXPECT_EQ(tenant, "globex");
  const auto refused = authenticator.OperatorOf("Bearer token-of-acme");
  ASSERT_THAT(refused, StatusIs(absl::StatusCode::kPermissionDenied));
  EXPECT_EQ(DetailsOf(refused.status())->reason, "NOT_OPERATOR");
  EXPECT_THAT(authenticator.OperatorOf("Bearer token-of-nobody"),
              StatusIs(absl::StatusCode::kUnauthenticated));
}

TEST(Authenticator, WithoutTokensEverybodyIsOneTenantAndAnOperator) {
  const Authenticator authenticator({});
  ASSERT_OK_AND_ASSIGN(const std::string tenant, authenticator.TenantOf(""));
  EXPECT_EQ(tenant, "default");
  ASSERT_OK_AND_ASSIGN(const std::string operator_tenant,
                       authenticator.OperatorOf(""));
  EXPECT_EQ(operator_tenant, "default");
}

}  // namespace
}  // namespace enrich
