#include "base/crypto.h"

#include <gtest/gtest.h>

#include <utility>

#include "absl/strings/ascii.h"
#include "absl/strings/escaping.h"

namespace enrich {
namespace {

TEST(Sha256, GivesTheBytesOfTheStandard) {
  EXPECT_EQ(absl::BytesToHexString(Sha256("abc")),
            "ba7816bf8f01cfea414140de5dae2223"
            "b00361a396177a9cb410ff61f20015ad");
  EXPECT_EQ(absl::BytesToHexString(Sha256("")),
            "e3b0c44298fc1c149afbf4c8996fb924"
            "27ae41e4649b934ca495991b7852b855");
}

TEST(ConstantTimeEquals, ComparesAllBytes) {
  EXPECT_TRUE(ConstantTimeEquals("", ""));
  EXPECT_TRUE(ConstantTimeEquals("token", "token"));
  EXPECT_FALSE(ConstantTimeEquals("token", "tokem"));
  EXPECT_FALSE(ConstantTimeEquals("token", "toke"));
  EXPECT_FALSE(ConstantTimeEquals(absl::string_view("a\0b", 3),
                                  absl::string_view("a\0c", 3)));
}

TEST(HmacSha1, SignsAsRfc2202) {
  EXPECT_EQ(absl::BytesToHexString(
                HmacSha1(Secret("Jefe")).Sign("what do ya want for nothing?")),
            "effcdf6ae5eb2fa2d27416d5f184df9c259a7c79");
  EXPECT_EQ(absl::BytesToHexString(
                HmacSha1(Secret(std::string(20, '\x0b'))).Sign("Hi There")),
            "b617318655057264e28bc0b6fb378c8ef146be00");
}

TEST(HmacSha1, TakesAnEmptyKeyAndBody) {
  EXPECT_EQ(absl::BytesToHexString(HmacSha1(Secret()).Sign("")),
            "fbdb1d1b18aa6c08324b7d64b71fb76370690e1d");
}

TEST(HmacSha1, SignsManyBodiesWithOneKey) {
  const HmacSha1 hmac(Secret("Jefe"));
  const std::string first = hmac.Sign("one");
  hmac.Sign("two");
  EXPECT_EQ(hmac.Sign("one"), first);
}

TEST(HmacSha1, VerifiesEitherCaseOfHex) {
  HmacSha1 made(Secret("Jefe"));
  const HmacSha1 hmac = std::move(made);
  const std::string hex = absl::BytesToHexString(hmac.Sign("body"));
  EXPECT_TRUE(hmac.VerifyHex("body", hex));
  EXPECT_TRUE(hmac.VerifyHex("body", absl::AsciiStrToUpper(hex)));
  EXPECT_FALSE(hmac.VerifyHex("other body", hex));
  EXPECT_FALSE(HmacSha1(Secret("other key")).VerifyHex("body", hex));
}

TEST(HmacSha1, RefusesMalformedSignatures) {
  const HmacSha1 hmac(Secret("Jefe"));
  const std::string hex = absl::BytesToHexString(hmac.Sign("body"));
  EXPECT_FALSE(hmac.VerifyHex("body", ""));
  EXPECT_FALSE(hmac.VerifyHex("body", hex.substr(0, 38)));
  EXPECT_FALSE(hmac.VerifyHex("body", hex + "00"));
  EXPECT_FALSE(hmac.VerifyHex("body", "g" + hex.substr(1)));
  EXPECT_FALSE(hmac.VerifyHex("body", std::string(40, '\0')));
}

}  // namespace
}  // namespace enrich
